"""The sample data: five enterprises, 1,200 customers, and who may see them. The same in every run.

The people and places are made up; the towns are real, so that the coordinates and postal codes make sense.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple, TypeVar

from msgspec import json

from .people import CULTURES, TAGS, Culture, Town
from .places import find_country, find_region

CUSTOMERS = 1200
HIDDEN_ONE_IN = 40

DEMO_TOKEN = "demo-token"  # noqa: S105 - opens made-up data only
TOKENS = {
    DEMO_TOKEN: (1, 2, 3, 4, 5),
    "garden-manager": (1,),
    "farm-manager": (2,),
    "ferme-manager": (3,),
    "valley-manager": (4,),
    "prairie-manager": (5,),
    "two-shop-manager": (1, 3),
    "shopless-user": (),
}
SESSIONS = {"demo-session": (1, 2, 3, 4, 5), "farm-session": (2,)}

T = TypeVar("T")
Row = dict[str, Any]


class Enterprise(NamedTuple):
    """An enterprise, how many of a hundred customers it has, and its clock's offset from UTC in hours."""

    name: str
    share: int
    country: str
    utc_offset: int


ENTERPRISES = (
    Enterprise("Riverbend Community Garden", 14, "AU", 11),
    Enterprise("The Farm", 34, "AU", 10),
    Enterprise("La Ferme des Trois Chênes", 22, "FR", 2),
    Enterprise("Valley Veg Box", 20, "GB", 0),
    Enterprise("Prairie Basket Co-op", 10, "CA", -6),
)


class SampleData(NamedTuple):
    """Rows for the tables of the same names."""

    enterprises: list[Row]
    customers: list[Row]


class _Dice:
    """Chances, from the one method of `random` whose numbers never change between Python versions."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random  # noqa: S311 - sample data needs no secrecy

    def number(self, low: int, high: int) -> int:
        """A number from low to high, both included."""
        return low + int(self._random() * (high - low + 1))

    def chance(self, percent: int) -> bool:
        """True this many times in a hundred."""
        return self._random() * 100 < percent

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.number(0, len(items) - 1)]


def sample_data() -> SampleData:
    """Makes all rows. Customer 1 is the one of the API reference's example."""
    dice = _Dice(20220312)
    numbers = [number for number, shop in enumerate(ENTERPRISES, 1) for _ in range(shop.share)]
    customers = [_alice(), *(_customer(dice, number, dice.pick(numbers)) for number in range(2, CUSTOMERS + 1))]
    return SampleData([{"id": n, "name": shop.name} for n, shop in enumerate(ENTERPRISES, 1)], customers)


def _alice() -> Row:
    address = {
        "phone": "0404 333 222 111",
        "latitude": -37.8173751,
        "longitude": 144.964803195704,
        "first_name": "Alice",
        "last_name": "Springs",
        "street_address_1": "1 Flinders Street",
        "street_address_2": "",
        "postal_code": "1234",
        "locality": "Melbourne",
        "region": {"code": "Vic", "name": "Victoria"},
        "country": {"code": "AU", "name": "Australia"},
    }
    return {
        "id": 1,
        "enterprise_id": 2,
        "first_name": "Alice",
        "last_name": "Springs",
        "code": "BUYER1",
        "email": "alice@example.com",
        "allow_charges": False,
        "tags": _json(["staff", "discount"]),
        "terms_and_conditions_accepted_at": "2022-03-12T15:55:00.000+11:00",
        "billing_address": "null",
        "shipping_address": _json(address),
        "balance_cents": 1250,
        "subscriptions": 0,
        "visible": True,
    }


def _customer(dice: _Dice, number: int, enterprise_id: int) -> Row:
    shop = ENTERPRISES[enterprise_id - 1]
    culture = _culture(dice, shop)
    first = dice.pick(culture.first_names) if dice.chance(94) else None
    last = dice.pick(culture.last_names) if dice.chance(96) else None
    shipping = _address(dice, culture, first, last) if dice.chance(82) else None
    billing = shipping if dice.chance(35) else _address(dice, culture, first, last) if dice.chance(25) else None
    return {
        "id": number,
        "enterprise_id": enterprise_id,
        "first_name": first,
        "last_name": last,
        "code": f"{shop.name[0]}{number:04d}" if dice.chance(55) else None,
        "email": _email(dice, number, first, last),
        "allow_charges": dice.chance(20),
        "tags": _json(sorted({dice.pick(TAGS) for _ in range(dice.number(-2, 4))})),
        "terms_and_conditions_accepted_at": _accepted_at(dice, shop) if dice.chance(60) else None,
        "billing_address": _json(billing),
        "shipping_address": _json(shipping),
        "balance_cents": _balance_cents(dice),
        "subscriptions": dice.number(1, 3) if dice.chance(4) else 0,
        "visible": number % HIDDEN_ONE_IN != 0,
    }


def _culture(dice: _Dice, shop: Enterprise) -> Culture:
    at_home = [culture for culture in CULTURES if culture.country == shop.country]
    return dice.pick(at_home) if dice.chance(70) else dice.pick(CULTURES)


def _email(dice: _Dice, number: int, first: str | None, last: str | None) -> str:
    name = ".".join(filter(None, (_ascii(first), _ascii(last)))) or "guest"
    return f"{name}{number}@{dice.pick(('example.com', 'example.org', 'mail.example.net'))}"


def _ascii(name: str | None) -> str:
    plain = unicodedata.normalize("NFKD", name or "")
    return "".join(letter for letter in plain.lower() if letter.isascii() and letter.isalnum())


def _accepted_at(dice: _Dice, shop: Enterprise) -> str:
    zone = timezone(timedelta(hours=shop.utc_offset))
    accepted = datetime(2021, 1, 4, 6, tzinfo=zone) + timedelta(minutes=dice.number(0, 2_500_000))
    return accepted.isoformat(timespec="milliseconds")


def _balance_cents(dice: _Dice) -> int:
    if dice.chance(70):
        return 0
    return dice.number(1, 20_000) if dice.chance(30) else -dice.number(1, 20_000)


def _address(dice: _Dice, culture: Culture, first: str | None, last: str | None) -> Row:
    town = dice.pick(culture.towns)
    latitude, longitude = _position(dice, town)
    country = find_country({"code": culture.country})
    region = find_region(country, {"code": town.region}) if country else None
    street = f"{dice.number(1, 240)} {dice.pick(culture.streets)}"
    return {
        "phone": "".join(str(dice.number(0, 9)) if sign == "#" else sign for sign in culture.phone),
        "latitude": latitude,
        "longitude": longitude,
        "first_name": first,
        "last_name": last,
        "street_address_1": street,
        "street_address_2": dice.pick(("", "", None, "Unit 3", "2nd floor", "c/o The Corner Café")),
        "postal_code": town.postal_code,
        "locality": town.name,
        # Addresses from before regions and countries were asked for have neither.
        "region": region._asdict() if region and dice.chance(94) else None,
        "country": country.place._asdict() if country and dice.chance(97) else None,
    }


def _position(dice: _Dice, town: Town) -> tuple[float | str | None, float | str | None]:
    """Degrees near the town: as numbers, as numeric texts, or unknown."""
    latitude = round(town.latitude + dice.number(-9000, 9000) / 250_000, 6)
    longitude = round(town.longitude + dice.number(-9000, 9000) / 250_000, 6)
    form = dice.number(1, 4)
    if form == 1:
        return f"{latitude:.6f}", f"{longitude:.6f}"
    return (None, None) if form == 2 else (latitude, longitude)


def _json(value: object) -> str:
    return json.encode(value).decode()
