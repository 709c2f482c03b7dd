"""The countries and regions that an address can name, found by code or by name in any case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Place(NamedTuple):
    """A country or a region."""

    code: str
    name: str


class Country(NamedTuple):
    """A country, and its regions. Where `needs_region`, an address without a region is not complete."""

    place: Place
    regions: tuple[Place, ...] = ()
    needs_region: bool = False


def _places(text: str) -> tuple[Place, ...]:
    return tuple(Place(*item.split(" ", 1)) for item in text.split("|"))


COUNTRIES = (
    Country(
        Place("AU", "Australia"),
        _places(
            "ACT Australian Capital Territory|NSW New South Wales|NT Northern Territory|QLD Queensland|"
            "SA South Australia|Tas Tasmania|Vic Victoria|WA Western Australia"
        ),
        needs_region=True,
    ),
    Country(
        Place("CA", "Canada"),
        _places(
            "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|"
            "NS Nova Scotia|NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Québec|"
            "SK Saskatchewan|YT Yukon"
        ),
        needs_region=True,
    ),
    Country(Place("GB", "United Kingdom"), _places("ENG England|NIR Northern Ireland|SCT Scotland|WLS Wales")),
    Country(
        Place("FR", "France"),
        _places(
            "ARA Auvergne-Rhône-Alpes|BFC Bourgogne-Franche-Comté|BRE Bretagne|CVL Centre-Val de Loire|20R Corse|"
            "GES Grand Est|HDF Hauts-de-France|IDF Île-de-France|NOR Normandie|NAQ Nouvelle-Aquitaine|OCC Occitanie|"
            "PDL Pays de la Loire|PAC Provence-Alpes-Côte d'Azur"
        ),
    ),
    Country(
        Place("DE", "Germany"),
        _places(
            "BW Baden-Württemberg|BY Bayern|BE Berlin|BB Brandenburg|HB Bremen|HH Hamburg|HE Hessen|"
            "MV Mecklenburg-Vorpommern|NI Niedersachsen|NW Nordrhein-Westfalen|RP Rheinland-Pfalz|SL Saarland|"
            "SN Sachsen|ST Sachsen-Anhalt|SH Schleswig-Holstein|TH Thüringen"
        ),
    ),
    Country(Place("IE", "Ireland"), _places("C Connacht|L Leinster|M Munster|U Ulster")),
    Country(Place("NZ", "New Zealand")),
    Country(Place("BE", "Belgium"), _places("BRU Brussels|VLG Flanders|WAL Wallonia")),
    Country(Place("ES", "Spain")),
    Country(Place("IT", "Italy")),
    Country(Place("NO", "Norway")),
    Country(Place("JP", "Japan")),
    Country(Place("IN", "India")),
    Country(
        Place("US", "United States"),
        _places(
            "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|"
            "DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|"
            "KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|"
            "MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|"
            "NM New Mexico|NY New York|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|"
            "PA Pennsylvania|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|"
            "VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming"
        ),
        needs_region=True,
    ),
)


def find_country(named: Mapping[str, str | None]) -> Country | None:
    """The country whose `code` or `name` is given."""
    return next((country for country in COUNTRIES if _is_named(country.place, named)), None)


def find_region(country: Country, named: Mapping[str, str | None]) -> Place | None:
    """The country's region whose `code` or `name` is given."""
    return next((region for region in country.regions if _is_named(region, named)), None)


def _is_named(place: Place, named: Mapping[str, str | None]) -> bool:
    code, name = named.get("code"), named.get("name")
    return (code or "").lower() == place.code.lower() or (name or "").lower() == place.name.lower()
