"""The controls of a password change: an assertion about the entry, and the password policy's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ldap3.operation.search import compile_filter, parse_filter
from ldap3.protocol.controls import build_control
from pyasn1.codec.ber.decoder import decode
from pyasn1.codec.ber.encoder import encode
from pyasn1.error import PyAsn1Error
from pyasn1.type import namedtype, tag, univ

from idp.adapters.ldap.spelling import at_least, at_most, equals, every, negated, present
from idp.domain.directory_time import format_generalized_time
from idp.errors import PasswordRejected, PasswordTooShort, PasswordTooYoung, PasswordUsedBefore

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from idp.domain.people import Seen

POLICY_CONTROL = ("1.3.6.1.4.1.42.2.27.8.5.1", False, None)
"""Asks the server to say which rule was broken: draft-behera-ldap-password-policy section 6."""

_ASSERTION = "1.3.6.1.1.12"

_RULES: dict[int | None, type[PasswordRejected | PasswordTooYoung]] = {
    6: PasswordTooShort,
    7: PasswordTooYoung,
    8: PasswordUsedBefore,
}
"""passwordTooShort, passwordTooYoung and passwordInHistory of its section 6.2; all others are one to us."""


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


def broken_rule(result: Mapping[str, Any]) -> PasswordRejected | PasswordTooYoung:
    """Tell which rule of the policy a refused password broke."""
    control = result.get("controls", {}).get(POLICY_CONTROL[0])
    number = _error(control["value"]) if control else None
    return _RULES.get(number, PasswordRejected)()


def _error(value: bytes) -> int | None:
    try:
        response, _ = decode(value, asn1Spec=_PolicyResponse())
    except PyAsn1Error:
        return None
    return int(response["error"]) if response["error"].hasValue() else None
