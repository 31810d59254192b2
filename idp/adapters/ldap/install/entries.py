"""Which of the first entries a directory lacks: containers, policies, the service's account, the decoy."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.adapters.directory_templates import salted_sha
from idp.adapters.ldap.install.changes import AddEntry
from idp.adapters.ldap.install.plan import Plan
from idp.adapters.ldap.tree import is_same_dn

if TYPE_CHECKING:
    from idp.adapters.ldap.entries import Entry
    from idp.adapters.ldap.install.plan import Templates
    from idp.adapters.ldap.view import View
    from idp.domain.ldif import Record


@dataclass(frozen=True, slots=True)
class EntryPlanner:
    """Compares a directory's entries with the templates.

    Args:
        templates: what should be there.
        view: what the operator sees.
        service_password: of the service's account, if that is to be made.
    """

    templates: Templates
    view: View
    service_password: str

    def plan(self) -> Plan:
        """Say what is missing."""
        plan = Plan()
        for record in self.templates.entries():
            present = self.view.read(record.dn)
            if present is None:
                plan.changes.append(AddEntry(self._with_password(record)))
            else:
                plan.remarks += _differences(present, record)
        return plan

    def _with_password(self, record: Record) -> Record:
        if is_same_dn(record.dn, self.templates.naming.service_dn):
            return record.replaced("userPassword", salted_sha(self.service_password))
        if record.all("userPassword"):
            # In the clear: the server makes of it what it makes of everybody's, at the same cost. Nobody keeps it.
            return record.replaced("userPassword", secrets.token_urlsafe(32))
        return record


def _differences(present: Entry, wanted: Record) -> list[str]:
    return [
        f"{wanted.dn} was left as it is; {attribute} should be: {value}"
        for attribute, value in wanted.without("objectClass", "userPassword", "o", "pwdPolicySubentry").values
        if value.lower() not in (there.lower() for there in present.values.get(attribute.lower(), []))
    ]
