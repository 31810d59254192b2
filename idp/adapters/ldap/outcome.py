"""What the directory's answer to an operator's change means."""

from __future__ import annotations

from ldap3.core.results import (
    RESULT_ASSERTION_FAILED,
    RESULT_CONSTRAINT_VIOLATION,
    RESULT_ENTRY_ALREADY_EXISTS,
    RESULT_INSUFFICIENT_ACCESS_RIGHTS,
    RESULT_INVALID_ATTRIBUTE_SYNTAX,
    RESULT_INVALID_DN_SYNTAX,
    RESULT_NAMING_VIOLATION,
    RESULT_NO_SUCH_OBJECT,
    RESULT_OBJECT_CLASS_VIOLATION,
    RESULT_SUCCESS,
    RESULT_UNDEFINED_ATTRIBUTE_TYPE,
)

from idp.adapters.ldap.border import refusal
from idp.errors import AlreadyExists, Forbidden, UnknownUser, ValueRefused

_NOT_THERE = (RESULT_NO_SUCH_OBJECT, RESULT_ASSERTION_FAILED)
_TAKEN = (RESULT_ENTRY_ALREADY_EXISTS, RESULT_CONSTRAINT_VIOLATION)  # the latter: by another entry (overlay unique)
_MALFORMED = (
    RESULT_INVALID_ATTRIBUTE_SYNTAX,
    RESULT_INVALID_DN_SYNTAX,
    RESULT_NAMING_VIOLATION,
    RESULT_OBJECT_CLASS_VIOLATION,
    RESULT_UNDEFINED_ATTRIBUTE_TYPE,
)


def assert_done(code: int) -> None:
    """Go on when a change was made.

    Raises:
        UnknownUser: the entry is not there, or is another one by now.
        AlreadyExists: an entry of this name, or with a value that only one may have.
        ValueRefused: a value of a form that the directory doesn't take.
        Forbidden: not to this identity.
        DirectoryUnavailable: all the rest.
    """
    if code == RESULT_SUCCESS:
        return
    if code in _NOT_THERE:
        raise UnknownUser
    if code in _TAKEN:
        raise AlreadyExists
    if code in _MALFORMED:
        raise ValueRefused
    if code == RESULT_INSUFFICIENT_ACCESS_RIGHTS:
        raise Forbidden
    raise refusal(code)
