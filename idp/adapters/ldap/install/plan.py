"""What a directory lacks, and what is there but otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp.adapters.directory_templates import Naming, filled_in, schema
from idp.adapters.ldap.install.changes import UNUSABLE_HASH
from idp.domain.ldif import Record, blocks, record_of

if TYPE_CHECKING:
    from datetime import timedelta

    from idp.adapters.ldap.install.changes import Change


@dataclass(slots=True)
class Plan:
    """What is to be done.

    Args:
        changes: additions, in order.
        remarks: sentences about what is left to people.
    """

    changes: list[Change] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Templates:
    """The embedded directory's templates, filled in for a directory of one's own.

    Args:
        naming: the names in it.
        cooldown: between two changes of a password.
        argon2_cost: arguments of slapd's argon2 module.
    """

    naming: Naming
    cooldown: timedelta
    argon2_cost: str

    def entries(self) -> list[Record]:
        """Give the first entries, in order; with a hash that no password has."""
        return _records(filled_in("base.ldif", self._words()))

    def schema(self) -> Record:
        """Give the schema."""
        return _records(schema())[0]

    def configured(self, beginning: str) -> Record:
        """Give the server's configuration entry whose DN begins so."""
        return next(record for record in self._server() if record.dn.startswith(beginning))

    @property
    def log_database(self) -> Record:
        """Where changes are logged."""
        return self.configured("olcDatabase={1}mdb")

    @property
    def database(self) -> Record:
        """Where our entries are."""
        return self.configured("olcDatabase={2}mdb")

    @property
    def overlays(self) -> list[Record]:
        """In the order in which they must be declared."""
        return [record for record in self._server() if record.dn.startswith("olcOverlay=")]

    def synchronisation(self, database_dn: str) -> Record:
        """Give the overlay by which a database without a log of changes can be asked what has changed."""
        return _records(filled_in("syncprov.ldif", {"database_dn": database_dn}))[0]

    def _server(self) -> list[Record]:
        return _records(filled_in("server.ldif", self._words()))

    def _words(self) -> dict[str, str]:
        hashes = dict.fromkeys(("admin_hash", "service_hash", "decoy_hash"), UNUSABLE_HASH)
        rest = {"argon2_cost": self.argon2_cost, "modules": "", "uid": "", "gid": "", "templates": ""}
        return self.naming.words(self.cooldown) | hashes | rest


def _records(text: str) -> list[Record]:
    """Read a template. What it includes (schemas that a server of one's own has) is left out."""
    lines = [line for line in text.encode().splitlines(keepends=True) if not line.startswith(b"include:")]
    return [record_of(block) for block in blocks(lines)]
