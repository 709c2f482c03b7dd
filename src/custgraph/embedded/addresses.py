"""Addresses as they are written: which members may be there, and what makes one complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import ParametersForbidden
from .places import Place, find_country, find_region
from .values import is_number, text_of

_TEXTS = ("phone", "first_name", "last_name", "street_address_1", "street_address_2", "postal_code", "locality")
_DEGREES = ("latitude", "longitude")
_PLACES = ("region", "country")
# In the order in which a customer's complaints name them.
_NEEDED = ("street_address_1", "locality", "phone", "first_name", "last_name", "postal_code")

Address = dict[str, Any]


def permitted_address(name: str, value: object) -> Address | None:
    """The address as sent, once all its members are known ones of the right shape; None for null.

    Raises:
        ParametersForbidden: names the members that are not.
    """
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ParametersForbidden([name])
    forbidden = [key for key, member in value.items() if not _is_permitted(key, member)]
    if forbidden:
        raise ParametersForbidden(forbidden)
    return value


def _is_permitted(key: str, member: object) -> bool:
    if key in _PLACES:
        if not isinstance(member, dict):
            return member is None
        return all(part in ("code", "name") and not isinstance(item, dict | list) for part, item in member.items())
    return (key in _TEXTS or key in _DEGREES) and not isinstance(member, dict | list)


def complete_address(title: str, sent: Address) -> tuple[Address, list[str]]:
    """The whole address as the API shows it, and what is wrong with it, in sentences that begin with `title`.

    A member that was not sent is null: an address is replaced, never merged.
    """
    address: Address = {"phone": None, "latitude": None, "longitude": None}
    address |= {name: text_of(sent.get(name)) for name in _TEXTS}
    address |= {name: sent.get(name) for name in _DEGREES}
    region, country, sentences = _locate(title, sent)
    address |= {"region": _shown(region), "country": _shown(country)}
    sentences += [f"{title} {_human(name)} can't be blank" for name in _NEEDED if not (address[name] or "").strip()]
    sentences += [f"{title} {name} is not a number" for name in _DEGREES if not is_number(address[name])]
    return address, sentences


def _locate(title: str, sent: Address) -> tuple[Place | None, Place | None, list[str]]:
    country = find_country(_names(sent.get("country")))
    if country is None:
        return None, None, [f"{title} country must exist"]
    named = _names(sent.get("region"))
    region = find_region(country, named)
    if region is None and any(named.values()):
        return None, country.place, [f"{title} region is invalid"]
    if region is None and country.needs_region:
        return None, country.place, [f"{title} region can't be blank"]
    return region, country.place, []


def _names(sent: Mapping[str, object] | None) -> dict[str, str | None]:
    return {key: text_of(value) for key, value in (sent or {}).items()}


def _shown(place: Place | None) -> dict[str, str] | None:
    return None if place is None else {"code": place.code, "name": place.name}


def _human(name: str) -> str:
    return name.replace("_", " ")
