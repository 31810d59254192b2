"""The controls of a password change: an assertion about the entry, and the password policy's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import structlog
from ldap3.core.results import RESULT_CONSTRAINT_VIOLATION, RESULT_INSUFFICIENT_ACCESS_RIGHTS
from ldap3.operation.search import compile_filter, parse_filter
from ldap3.protocol.controls import build_control
from pyasn1.codec.ber.decoder import decode
from pyasn1.codec.ber.encoder import encode
from pyasn1.error import PyAsn1Error
from pyasn1.type import namedtype, tag, univ

from idp.adapters.ldap.border import refusal, result_name
from idp.adapters.ldap.spelling import at_least, at_most, equals, every, negated, present
from idp.domain.directory_time import format_generalized_time
from idp.errors import (
    DirectoryRefuses,
    PasswordAbovePolicy,
    PasswordBelowPolicy,
    PasswordNotWritable,
    PasswordRejected,
    PasswordTooWeak,
    PasswordTooYoung,
    PasswordUsedBefore,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from idp.domain.people import Seen

POLICY_CONTROL = ("1.3.6.1.4.1.42.2.27.8.5.1", False, None)
"""Asks the server to say which rule was broken: draft-behera-ldap-password-policy section 6."""

_ASSERTION = "1.3.6.1.1.12"

Refusal: TypeAlias = PasswordRejected | PasswordTooYoung | DirectoryRefuses

_RULES: dict[int | None, type[Refusal]] = {
    2: PasswordNotWritable,  # changeAfterReset: of the service's own password
    3: PasswordNotWritable,  # passwordModNotAllowed
    4: PasswordNotWritable,  # mustSupplyOldPassword; slapd's result is insufficientAccessRights
    5: PasswordTooWeak,  # insufficientPasswordQuality
    6: PasswordBelowPolicy,  # passwordTooShort
    7: PasswordTooYoung,  # passwordTooYoung
    8: PasswordUsedBefore,  # passwordInHistory
    9: PasswordAbovePolicy,  # passwordTooLong, which OpenLDAP 2.5 has added
}
"""By the number in its section 6.2. What is missing here, or has no number, goes by the result alone."""

_RESULTS: dict[int, type[Refusal]] = {
    RESULT_CONSTRAINT_VIOLATION: PasswordRejected,  # of the overlay constraint, say, or of a check that we have never heard of
    RESULT_INSUFFICIENT_ACCESS_RIGHTS: PasswordNotWritable,
}

_log = structlog.get_logger("idp.directory")


class _Warning(univ.Any):
    tagSet = tag.TagSet((), tag.Tag(tag.tagClassContext, tag.tagFormatConstructed, 0))  # noqa: N815  # pyasn1's


class _Error(univ.Enumerated):
    tagSet = tag.TagSet(univ.Enumerated.tagSet.baseTag, tag.Tag(tag.tagClassContext, tag.tagFormatSimple, 1))  # noqa: N815  # likewise


class _PolicyResponse(univ.Sequence):
    componentType = namedtype.NamedTypes(  # noqa: N815  # likewise
        namedtype.OptionalNamedType("warning", _Warning()),
        namedtype.OptionalNamedType("error", _Error()),
    )


def assertion(condition: str) -> object:
    """Make the control by which a Modify is done only while a filter matches the entry (RFC 4528); ldap3 has none.

    Args:
        condition: an LDAP filter; all its attributes must be readable to whoever sends it.
    """
    parsed = parse_filter(condition, schema=None, auto_escape=True, auto_encode=True, validator=None, check_names=False)  # type: ignore[no-untyped-call]  # no stub
    value = encode(compile_filter(parsed.elements[0]))  # type: ignore[no-untyped-call]  # no stub
    return build_control(_ASSERTION, criticality=True, value=value, encode_control_value=False)


def is_entry(entry_uuid: str) -> str:
    """Write the filter that matches one entry, whatever its name."""
    return equals("entryUUID", entry_uuid)


def is_as_seen(seen: Seen, now: datetime) -> str:
    """Write the filter that matches while `seen` holds and nothing shuts the entry out."""
    moment = format_generalized_time(now)
    changed = seen.password_changed
    password = negated(present("pwdChangedTime")) if changed is None else equals("pwdChangedTime", changed)
    shut = present("pwdAccountLockedTime"), at_most("pwdEndTime", moment), at_least("pwdStartTime", moment)
    return every(is_entry(seen.entry_uuid), password, *map(negated, shut))


def refused_password(result: Mapping[str, Any], entry_uuid: str) -> Refusal:
    """Tell why a password was not written: its user by the class, and operators in the log.

    The server's own words are not passed on: a check of quality may put names into them.

    Args:
        result: of the Modify; its policy control says which rule was broken.
        entry_uuid: whose password it is.
    """
    control = result.get("controls", {}).get(POLICY_CONTROL[0])
    number = _error(control["value"]) if control else None
    code = result["result"]
    kind = _RULES.get(number) or _RESULTS.get(code)
    is_about_the_password = number in _RULES and kind is not PasswordNotWritable
    log = _log.info if is_about_the_password else _log.warning
    log("password_refused", entry_uuid=entry_uuid, result=result_name(code), code=code, policy_error=number)
    return kind() if kind else refusal(code)


def _error(value: bytes) -> int | None:
    try:
        response, _ = decode(value, asn1Spec=_PolicyResponse())
    except PyAsn1Error:
        return None
    return int(response["error"]) if response["error"].hasValue() else None
