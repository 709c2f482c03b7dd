"""A change of the schema that breaks clients or composers fails here, unless the changelog declares it."""

from __future__ import annotations

import pytest

from support.breaking_changes import DECLARED_UNDER, breaking_changes, undeclared
from support.gateways import ROOT

SCHEMA = (ROOT / "schema.graphql").read_text()
RELEASED = (ROOT / "tests" / "composition" / "released.graphql").read_text()


def test_breaking_changes_since_the_last_release_are_declared() -> None:
    changes = undeclared(breaking_changes(RELEASED, SCHEMA), (ROOT / "CHANGELOG.md").read_text())
    assert not changes, (
        f"schema.graphql breaks what was released. Undo it, or declare it in CHANGELOG.md under [Unreleased], "
        f"`{DECLARED_UNDER}`, with an item that begins with the change as it is named here:\n- " + "\n- ".join(changes)
    )


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("  email: String!\n", "  mail: String!\n", "Customer.email was removed."),
        ("  email: String!\n", "  email: String\n", "Customer.email changed type from String! to String."),
        ("  INVALID\n", "  WRONG\n", "Enum value CustomerErrorCode.INVALID was removed."),
        ('type Customer implements Node @key(fields: "id")', "type Customer implements Node", '@key(fields: "id")'),
        ("type PageInfo @shareable", "type PageInfo", "@shareable was removed from PageInfo."),
    ],
)
def test_a_break_is_named_until_it_is_declared(old: str, new: str, change: str) -> None:
    assert old in RELEASED
    found = breaking_changes(RELEASED, RELEASED.replace(old, new, 1))
    assert change in " ".join(found)
    changelog = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Nothing.\n"
    assert undeclared(found, changelog) == found
    declared = "".join(f"- {text} Say\n  why.\n" for text in found)
    assert undeclared(found, f"{changelog}\n### Breaking\n\n{declared}\n## [0.1.0]\n") == []
    assert undeclared(found, f"{changelog}\n## [0.1.0]\n\n### Breaking\n\n{declared}") == found


def test_an_addition_breaks_nothing() -> None:
    added = RELEASED.replace("  email: String!\n", "  email: String!\n  nickname: String\n")
    assert breaking_changes(RELEASED, added) == []
