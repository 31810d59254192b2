"""The border to ldap3: requests go out, answers come in, and foreign errors become ours."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ldap3.core.exceptions import (
    LDAPException,
    LDAPSessionTerminatedByServerError,
    LDAPSocketReceiveError,
    LDAPSocketSendError,
)
from ldap3.core.results import (
    RESULT_ADMIN_LIMIT_EXCEEDED,
    RESULT_CODES,
    RESULT_INSUFFICIENT_ACCESS_RIGHTS,
    RESULT_INVALID_CREDENTIALS,
    RESULT_OTHER,
    RESULT_REFERRAL,
    RESULT_UNWILLING_TO_PERFORM,
)

from idp.errors import DirectoryRefuses, DirectoryUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOST = (LDAPSessionTerminatedByServerError, LDAPSocketReceiveError, LDAPSocketSendError)

_HINTS = {
    RESULT_REFERRAL: "it is a replica; directory.url must name the server that takes changes",
    RESULT_INVALID_CREDENTIALS: "it does not know this identity, or its password",
    RESULT_INSUFFICIENT_ACCESS_RIGHTS: "its access rules don't allow it",
    RESULT_UNWILLING_TO_PERFORM: "it may be read-only",
    RESULT_OTHER: "its log says why; a full disk or database is the usual reason",
}
"""What slapd means by these, as seen on 2.5."""

_FOREIGN = (LDAPException, OSError, AttributeError, LookupError, TypeError, ValueError)
"""ldap3 takes answers apart by indexing; what speaks no LDAP makes it raise the last four."""


_INVALID = re.compile(r"certificate verify failed: (.+?)\.? \(_ssl")
"""Python's words, which are all that ldap3 keeps of what its socket raised."""


class ConnectionLost(DirectoryUnavailable):
    """The connection was closed from the other side, as a restart does; a new one may do."""


class NoAnswerInTime(DirectoryUnavailable):
    """The time-out passed."""


@contextmanager
def border() -> Iterator[None]:
    """Translate what ldap3 raises; only calls of ldap3 belong inside.

    Raises:
        ConnectionLost: closed from the other side.
        DirectoryUnavailable: all the rest.
    """
    try:
        yield
    except _FOREIGN as exc:
        raise _translated(exc) from exc


class TooMuchToRead(DirectoryRefuses):
    """The server refuses to read that many entries for one question (`size.unchecked`: slapd-config(5), olcLimits)."""

    description = "The directory refuses to read so many entries for one question."


def result_name(code: int) -> str:
    """Give a result's name as RFC 4511 section 4.1.9 has it."""
    return str(RESULT_CODES.get(code, code))


def refusal(code: int) -> DirectoryRefuses:
    """Make the error for a result that makes no sense here, or that says `busy`, `unavailable` or the like.

    Args:
        code: RFC 4511 section 4.1.9.
    """
    if code == RESULT_ADMIN_LIMIT_EXCEEDED:
        return TooMuchToRead()
    hint = _HINTS.get(code)
    return DirectoryRefuses(f"The directory answers {result_name(code)}{f' ({hint})' if hint else ''}.")


def _translated(exc: Exception) -> DirectoryUnavailable:
    # ldap3 makes a class on the spot that is both its own error and the socket's.
    if isinstance(exc, TimeoutError):
        return NoAnswerInTime("The directory gives no answer in time.")
    if isinstance(exc, _LOST):
        return ConnectionLost()
    invalid = _INVALID.search(str(exc))
    if invalid is not None:
        return DirectoryUnavailable(f"The directory's certificate is not valid here: {invalid[1]}.")
    return DirectoryUnavailable(f"The directory can't be asked: {type(exc).__name__}.")
