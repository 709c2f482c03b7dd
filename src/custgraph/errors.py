"""Everything that can go wrong, as one tree of exceptions, each with its stable `extensions.code`.

```
CustgraphError                 INTERNAL_SERVER_ERROR
├ InvalidArgument              BAD_USER_INPUT             a value that the caller can correct
├ QueryTooComplex              QUERY_TOO_COMPLEX          over a limit; names it
├ Unauthenticated              UNAUTHENTICATED            no credential, or a bad one
├ Forbidden                    FORBIDDEN                  a good credential without the right
├ Overloaded                   OVERLOADED                 shed here; try again
├ ShuttingDown                 SHUTTING_DOWN              this process is draining
├ NotFound                     (null on reads, NOT_FOUND in userErrors on writes)
├ Refused                      (userErrors: the upstream's own words on what to correct)
├ OutcomeUnknown               MUTATION_OUTCOME_UNKNOWN   a write that may have been applied
└ UpstreamError                UPSTREAM_ERROR             the upstream's own fault
  ├ UpstreamUnavailable        UPSTREAM_UNAVAILABLE       no connection, 502/503/504, circuit open
  ├ UpstreamTimeout            UPSTREAM_TIMEOUT           no answer in time
  ├ UpstreamRateLimited        UPSTREAM_RATE_LIMITED      429; says when to come back
  ├ UpstreamBadResponse        UPSTREAM_BAD_RESPONSE      an answer that breaks the contract
  └ UpstreamCannotSearch       UPSTREAM_ERROR             it ignores search conditions, so no filter can be trusted
```

A message is written here, for the caller: it never repeats what the upstream said, nor a URL or a token.
"""

from __future__ import annotations

from typing import ClassVar, Self


class CustgraphError(Exception):
    """The root of the tree. `message` is for the caller; `extensions` travel beside `code`."""

    code: ClassVar[str] = "INTERNAL_SERVER_ERROR"
    default_message: ClassVar[str] = "Something went wrong in the gateway."

    def __init__(self, message: str | None = None, **extensions: object) -> None:
        super().__init__(message or self.default_message)
        self.message = message or self.default_message
        self.extensions = extensions

    def anew(self) -> Self:
        """Gives the same error, raised nowhere yet: to be kept without the frames that a traceback holds."""
        same = type(self).__new__(type(self), *self.args)
        same.__dict__.update(self.__dict__)
        return same


class InvalidArgument(CustgraphError):
    """A value breaks a rule of this API."""

    code = "BAD_USER_INPUT"
    default_message = "An argument is not valid."


class QueryTooComplex(CustgraphError):
    """The operation is over a limit. Extensions: `limit`, `measured`, `setting`."""

    code = "QUERY_TOO_COMPLEX"
    default_message = "The operation is too complex."


class Unauthenticated(CustgraphError):
    """No credential came, or the upstream does not know it."""

    code = "UNAUTHENTICATED"
    default_message = "Send an API key in the X-Api-Token header."


class Forbidden(CustgraphError):
    """The upstream knows the caller and says no."""

    code = "FORBIDDEN"
    default_message = "You are not authorized to perform that action."


class Overloaded(CustgraphError):
    """Too much is under way; nothing was done. Extensions: `retryAfter` in seconds."""

    code = "OVERLOADED"
    default_message = "The gateway is overloaded; try again shortly."


class ShuttingDown(CustgraphError):
    """This process takes no new work."""

    code = "SHUTTING_DOWN"
    default_message = "The gateway is shutting down; try again."


class NotFound(CustgraphError):
    """The upstream has no such record. Reads answer null, writes a user error: it never leaves the schema."""

    default_message = "There is no such record."


class Refused(CustgraphError):
    """The upstream refused a write for reasons that the caller can correct; nothing was applied.

    Attributes:
        sentences: the upstream's validation sentences, such as `Email is invalid`; for people.
        not_allowed: REST names of members that the upstream does not let be written.
        missing: REST names of members that the upstream requires.
    """

    default_message = "The upstream refused the change."

    def __init__(
        self,
        sentences: tuple[str, ...] = (),
        not_allowed: tuple[str, ...] = (),
        missing: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self.sentences = sentences
        self.not_allowed = not_allowed
        self.missing = missing


class OutcomeUnknown(CustgraphError):
    """A write was sent and its result is not known. Extensions: `operation`, `safeToRetry`."""

    code = "MUTATION_OUTCOME_UNKNOWN"
    default_message = "The write was sent, but its result is not known. Read the record before trying again."


class UpstreamError(CustgraphError):
    """The upstream failed in a way of its own."""

    code = "UPSTREAM_ERROR"
    default_message = "The upstream service failed."


class UpstreamUnavailable(UpstreamError):
    """Nothing can be asked of the upstream now."""

    code = "UPSTREAM_UNAVAILABLE"
    default_message = "The upstream service is not available."


class UpstreamTimeout(UpstreamError):
    """The upstream did not answer within the deadline."""

    code = "UPSTREAM_TIMEOUT"
    default_message = "The upstream service did not answer in time."


class UpstreamRateLimited(UpstreamError):
    """The upstream wants this caller to wait. Extensions: `retryAfter` in seconds, when it is known."""

    code = "UPSTREAM_RATE_LIMITED"
    default_message = "The upstream service asks to wait."


class UpstreamBadResponse(UpstreamError):
    """The upstream's answer cannot be trusted, so none of it was used."""

    code = "UPSTREAM_BAD_RESPONSE"
    default_message = "The upstream service gave an answer that cannot be used."


class UpstreamCannotSearch(UpstreamError):
    """The upstream ignores search conditions: a filtered list would hold everybody, so none is given."""

    default_message = "The upstream service does not search."
