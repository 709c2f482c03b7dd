"""The error documents: what went wrong in a request, and how the API says it.

```
ApiError                       its status, its `errors[0].detail`
├ UnknownKey          401      repeats the key, as the real service does
├ NotAuthorized       401
├ RecordNotFound      404
├ BadPage             422
├ UnsupportedFields   422      with `title`, `source`, `status` and `code`
├ ParameterMissing    422
├ ParametersForbidden 422
└ InvalidResource     422      with `meta.validation_errors`
```
Anything else that is raised is a crash, which this API reports as a 422 as well.
"""

from __future__ import annotations

from collections.abc import Sequence


class ApiError(Exception):
    """What the API answers instead of data."""

    status = 422

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def document(self) -> dict[str, object]:
        """The answer's body."""
        return {"errors": [{"detail": self.detail}]}


class UnknownKey(ApiError):
    """The API key is nobody's."""

    status = 401

    def __init__(self, key: str) -> None:
        super().__init__(f"Invalid API key ({key}) specified.")


class NotAuthorized(ApiError):
    """The record exists, and the caller may not touch it."""

    status = 401

    def __init__(self) -> None:
        super().__init__("You are not authorized to perform that action.")


class RecordNotFound(ApiError):
    """No such record, or no such path."""

    status = 404

    def __init__(self) -> None:
        super().__init__("The resource you were looking for could not be found.")


class BadPage(ApiError):
    """The page number is below 1."""

    def __init__(self, page: int) -> None:
        super().__init__(f"expected :page >= 1; got {page}")


class UnsupportedFields(ApiError):
    """`extra_fields` names something else than `balance`."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"Unsupported fields: {', '.join(names)}")

    def document(self) -> dict[str, object]:
        """The answer's body, which points at the parameter."""
        return {
            "errors": [
                {
                    "title": "Invalid query parameter",
                    "detail": self.detail,
                    "source": {"parameter": "extra_fields[customer]"},
                    "status": "unprocessable_entity",
                    "code": 422,
                }
            ]
        }


class ParameterMissing(ApiError):
    """The body is empty, or lacks a member."""

    def __init__(self, name: str = "customer") -> None:
        super().__init__(f"A required parameter is missing or empty: {name}")


class ParametersForbidden(ApiError):
    """The body has members that cannot be written, or of another shape."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"Parameters not allowed in this request: {', '.join(names)}")


class InvalidResource(ApiError):
    """The record would break rules; `sentences` say which."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__("Invalid resource. Please fix errors and try again.")
        self.sentences = list(sentences)

    def document(self) -> dict[str, object]:
        """The answer's body, with the sentences."""
        return {**super().document(), "meta": {"validation_errors": self.sentences}}


class Crash(ApiError):
    """A fault of the service itself."""

    def __init__(self) -> None:
        super().__init__("Something went wrong. Our team has been notified.")
