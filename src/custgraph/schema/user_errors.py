"""What the caller of a write can correct, and which argument it is about."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

import msgspec
import strawberry
from strawberry.types.base import StrawberryContainer, get_object_definition
from strawberry.utils.str_converters import to_camel_case

from custgraph.errors import NotFound, Refused
from custgraph.schema.inputs import CreateCustomerInput

Path = tuple[str, ...]


@strawberry.enum(description="The kinds of `CustomerUserError`. New kinds may be added.")
class CustomerErrorCode(Enum):
    """Kinds of problems."""

    INVALID = strawberry.enum_value("INVALID", description="A value breaks one of the upstream's rules.")
    NOT_FOUND = strawberry.enum_value("NOT_FOUND", description="There is no such customer or enterprise.")
    NOT_WRITABLE = strawberry.enum_value("NOT_WRITABLE", description="The upstream does not let this field be written.")
    IN_USE = strawberry.enum_value("IN_USE", description="The customer may not be deleted yet.")


class UserError(msgspec.Struct, frozen=True, gc=False):
    """One problem.

    Attributes:
        code: what kind it is.
        message: what it is, for people.
        field: path to the argument at fault; None where it is not known.
    """

    code: CustomerErrorCode
    message: str
    field: Path | None = None


def of_save(error: Refused | NotFound, missing: Path) -> list[UserError]:
    """Tells what to correct in a create or an update.

    Args:
        error: why the upstream did not save.
        missing: path to the argument that names the record, for when there is none.
    """
    if isinstance(error, NotFound):
        return [UserError(CustomerErrorCode.NOT_FOUND, error.message, missing)]
    return [
        *(UserError(CustomerErrorCode.INVALID, text, path_of_sentence(text)) for text in error.sentences),
        *(_about(CustomerErrorCode.NOT_WRITABLE, name, "cannot be written") for name in error.not_allowed),
        *(_about(CustomerErrorCode.INVALID, name, "is missing") for name in error.missing),
    ] or [UserError(CustomerErrorCode.INVALID, error.message)]


def of_delete(error: Refused | NotFound) -> list[UserError]:
    """Tells why a customer was not deleted."""
    if isinstance(error, NotFound):
        return [UserError(CustomerErrorCode.NOT_FOUND, error.message, ("id",))]
    return [UserError(CustomerErrorCode.IN_USE, text, ("id",)) for text in error.sentences or (error.message,)]


def path_of_sentence(sentence: str) -> Path | None:
    """Finds the input field that a sentence of the upstream begins with, as Rails words attributes.

    `Shipping address street address 1 can't be blank` speaks of `input.shippingAddress.streetAddress1`.
    """
    return next((path for title, path in _TITLES if sentence.startswith(f"{title} ")), None)


def _about(code: CustomerErrorCode, name: str, fault: str) -> UserError:
    """Speaks of one member by its REST name; one that the input does not have is named in the message alone."""
    path = _PATHS.get(name)
    return UserError(code, f"{path[-1] if path else name} {fault}.", path)


def _attributes(input_type: type, words: str, path: Path) -> Iterator[tuple[str, Path]]:
    """Lists the attributes of an input type and of those within it, in words."""
    for field in get_object_definition(input_type, strict=True).fields:
        name = field.python_name.removesuffix("_id").replace("_", " ")
        here = (*path, to_camel_case(field.python_name))
        yield f"{words} {name}".strip().capitalize(), here
        kind = field.type
        while isinstance(kind, StrawberryContainer):
            kind = kind.of_type
        if isinstance(kind, type) and get_object_definition(kind):
            yield from _attributes(kind, f"{words} {name}", here)


# The longest first: `Shipping address` begins what `Shipping address region` is said of.
_TITLES = tuple(
    sorted(_attributes(CreateCustomerInput, "", ("input",)), key=lambda attribute: len(attribute[0]), reverse=True)
)
_PATHS: dict[str, Path] = {
    "customer": ("input",),  # how the upstream calls a whole body
    **{
        field.python_name: ("input", to_camel_case(field.python_name))
        for field in get_object_definition(CreateCustomerInput, strict=True).fields
    },
}
