"""One record of OpenLDAP's accesslog, and what it means (slapo-accesslog(5), draft-chu-ldap-logschema)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.adapters.ldap.spelling import parent_dn
from idp.adapters.ldap.tree import first_value, is_same_dn
from idp.domain.directory_change import KNOWN, DirectoryChange, Kind, Values, What
from idp.domain.directory_time import parse_generalized_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from idp.adapters.ldap.entries import Entry
    from idp.adapters.ldap.tree import Tree

_WHAT = {"add": What.ADDED, "modify": What.MODIFIED, "modrdn": What.RENAMED, "delete": What.DELETED}
_KNOWN = {name.lower(): name for name in KNOWN}
_OF_EVERY_CHANGE = ("entryCSN", "modifiersName", "modifyTimestamp")

RECORD_ATTRIBUTES = (
    "entryCSN",
    "reqType",
    "reqAuthzID",
    "reqDN",
    "reqEntryUUID",
    "reqMod",
    "reqOld",
    "reqNewRDN",
    "reqNewSuperior",
)


@dataclass(frozen=True, slots=True)
class RecordReader:
    """Reads records.

    Args:
        tree: where entries are.
        service_dn: the service's own identity.
    """

    tree: Tree
    service_dn: str

    def read(self, record: Entry) -> DirectoryChange | None:
        """Give the change; None for a record that tells of none (such as the log's own root)."""
        position, dn = record.one("entryCSN"), record.one("reqDN")
        what = _WHAT.get(record.one("reqType") or "")
        at = parse_generalized_time((position or "").partition("#")[0])
        if position is None or dn is None or what is None or at is None:
            return None
        new_dn = _new_dn(record, dn)
        what, kind = self._place(what, dn, new_dn)
        modifications = [_Modification.read(value) for value in record.values.get("reqmod", [])]
        former = _former(record.values.get("reqold", []))
        uid, new_uid = first_value(dn, "uid"), first_value(new_dn, "uid")
        after = _after(former, modifications) | ({"uid": (new_uid,)} if new_uid and what is not What.DELETED else {})
        who = record.one("reqAuthzID") or ""
        return DirectoryChange(
            position=position,
            at=at,
            who=who,
            by_service=is_same_dn(who, self.service_dn),
            what=what,
            kind=kind,
            dn=dn,
            entry_uuid=record.one("reqEntryUUID") or "",
            uid=uid,
            changed=_names(modifications),
            before=former | ({"uid": (uid,)} if uid and what is not What.ADDED else {}),
            after=after,
        )

    def _place(self, what: What, dn: str, new_dn: str) -> tuple[What, Kind]:
        kind, new_kind = self.tree.kind_of(dn), self.tree.kind_of(new_dn)
        if what is not What.RENAMED or kind is new_kind:
            return what, kind
        return (What.DELETED, kind) if kind is not Kind.OTHER else (What.ADDED, new_kind)


@dataclass(frozen=True, slots=True)
class _Modification:
    """One value of `reqMod`: an attribute, a sign, and a value, such as ``mail:= anna@example.nl``.

    A colon alone parts two modifications of one attribute.
    """

    attribute: str
    sign: str
    value: str | None

    @classmethod
    def read(cls, text: str) -> _Modification:
        """Take one apart; the sign is one of ``+ - = #``."""
        attribute, _, rest = text.partition(":")
        return cls(attribute, rest[:1], rest[2:] if len(rest) > 1 else None)


def _new_dn(record: Entry, dn: str) -> str:
    rdn = record.one("reqNewRDN")
    if rdn is None:
        return dn
    parent = record.one("reqNewSuperior")
    return f"{rdn},{parent}" if parent else f"{rdn},{parent_dn(dn)}"


def _names(modifications: Iterable[_Modification]) -> tuple[str, ...]:
    names = dict.fromkeys(each.attribute for each in modifications if each.attribute)
    return tuple(name for name in names if name not in _OF_EVERY_CHANGE)


def _former(lines: Iterable[str]) -> dict[str, Values]:
    former: dict[str, Values] = {}
    for line in lines:
        attribute, _, value = line.partition(": ")
        name = _KNOWN.get(attribute.lower())
        if name is not None:
            former[name] = (*former.get(name, ()), value)
    return former


def _after(former: Mapping[str, Values], modifications: Iterable[_Modification]) -> dict[str, Values]:
    after: dict[str, Values] = {}
    replacing = ""
    for each in modifications:
        name = _KNOWN.get(each.attribute.lower())
        if name is not None:
            begun = name == replacing if each.sign == "=" else True
            after[name] = _applied(each, after.get(name, former.get(name, ())) if begun else ())
        replacing = name or "" if each.sign == "=" else ""
    return {name: values for name, values in after.items() if values}


def _applied(each: _Modification, values: Values) -> Values:
    if each.sign in ("+", "="):
        return values if each.value is None else (*values, each.value)
    if each.value is None:
        return ()
    gone = each.value.casefold()
    return tuple(value for value in values if value.casefold() != gone)
