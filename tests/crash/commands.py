"""`idp user …`, as its operator runs it, in a process that may be killed in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.errors import AlreadyExists
from idp.ports.directory import NewUser
from idp.services.operations import Operations

if TYPE_CHECKING:
    from idp.outside import Ports
    from idp.ports.directory import DirectoryOperator
    from tests.crash.watched import Journal

LIVE = "live grants"


@dataclass(frozen=True)
class Commands:
    """What an operator does, and what the audit has of it.

    Args:
        operator: the directory as they see it, watched.
        ports: the outside, watched.
        journal: where answers are written.
    """

    operator: DirectoryOperator
    ports: Ports
    journal: Journal

    def operate(self, command: str, bare: str, mail: str = "") -> None:
        """Run one of them.

        Args:
            command: its name.
            bare: whom it is about.
            mail: the address, for those that want one.
        """
        operations = Operations(self.operator, self.ports.store, self.ports.clock)
        match command:
            case "invite":
                try:
                    operations.invite(NewUser(bare, "Bakkerij", mail, "Bob Bakker"))
                except AlreadyExists:
                    self.journal.write("exists", bare)
            case "mail":
                owner = self.operator.find_owner(self.operator.find_user(bare).owner_dn)
                operations.change_mail(owner, mail)
            case _:
                getattr(operations, command)(self.operator.find_user(bare))

    def take_history(self, bare: str = "") -> None:
        """Count what stands in the audit, by its action; and the live grants of a koppelgebruiker."""
        user = self.operator.find_user(bare).entry_uuid if bare else ""
        with self.ports.store.reading() as work:
            told = Counter(record.event.action for record in work.audit.read(limit=1000))
            live = len(work.grants.of_user(user))
            assert work.audit.verify() == []
        self.journal.write("history", told | {LIVE: live})
