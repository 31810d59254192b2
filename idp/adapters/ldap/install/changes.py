"""What is added to a directory: shown as LDIF, or sent. Nothing is replaced, and nothing taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ldap3 import MODIFY_ADD
from ldap3.core.results import RESULT_SUCCESS

from idp.domain.ldif import Record, line_of
from idp.errors import Forbidden

if TYPE_CHECKING:
    from idp.adapters.ldap.writing import Result, Writer

UNUSABLE_HASH = "{SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
"""Stands in LDIF that is shown: a digest of zeros, which no password has."""


@dataclass(frozen=True, slots=True)
class AddEntry:
    """A new entry."""

    record: Record

    @property
    def dn(self) -> str:
        """Which one."""
        return self.record.dn

    def ldif(self) -> str:
        """Write it, with no password in it."""
        shown = self.record
        if shown.all("userPassword"):
            shown = shown.replaced("userPassword", UNUSABLE_HASH)
        lines = [line_of("dn", shown.dn), "changetype: add", *(line_of(*pair) for pair in shown.values)]
        return "\n".join(lines) + "\n"

    def send(self, writer: Writer) -> None:
        """Add it. Raises `Forbidden`."""
        attributes: dict[str, list[str]] = {}
        for name, value in self.record.without("objectClass").values:
            attributes.setdefault(name, []).append(value)
        _assert_done(self.dn, writer.add_entry(self.dn, self.record.all("objectClass"), attributes))


@dataclass(frozen=True, slots=True)
class AddValues:
    """More values of one attribute of an entry that is there."""

    dn: str
    attribute: str
    values: tuple[str, ...]

    def ldif(self) -> str:
        """Write it."""
        lines = [f"add: {self.attribute}", *(line_of(self.attribute, value) for value in self.values)]
        return "\n".join([line_of("dn", self.dn), "changetype: modify", *lines]) + "\n"

    def send(self, writer: Writer) -> None:
        """Add them. Raises `Forbidden`."""
        changes = {self.attribute: [(MODIFY_ADD, [value.encode() for value in self.values])]}
        _assert_done(self.dn, writer.modify(self.dn, changes))


Change: TypeAlias = AddEntry | AddValues


def _assert_done(dn: str, result: Result) -> None:
    if result["result"] != RESULT_SUCCESS:
        words = ": ".join(filter(None, (result["description"], result["message"])))
        message = f"the directory does not take {dn} ({words}); what came before it was added, and a next run goes on from there"
        raise Forbidden(message)
