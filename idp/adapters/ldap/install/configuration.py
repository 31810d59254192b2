"""What `cn=config` lacks: modules, schema, hashing, indexes, limits, access rules, overlays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.adapters.directory_templates import MODULES
from idp.adapters.ldap.entries import Entry
from idp.adapters.ldap.install.changes import AddEntry, AddValues
from idp.adapters.ldap.install.order import put_in_front, put_rules, spelling
from idp.adapters.ldap.install.plan import Plan
from idp.adapters.ldap.server_config import CONFIG_DN, UNCHECKED, ServerConfig, indexes_of, unnumbered
from idp.domain.ldif import Record

if TYPE_CHECKING:
    from idp.adapters.ldap.install.others import Others
    from idp.adapters.ldap.install.plan import Templates

_NO_DEFAULT = (
    "olcPPolicyDefault is not set, since there are others with passwords: with it they could not change their own any more; "
    "koppelgebruikers get their policy by pwdPolicySubentry"
)

_ADDABLE = ("olcAccessLogOld",)
"""What an overlay that is there may get: it makes the log say more. (Others change what is kept, or what is allowed.)"""

_LOADED = ("ppolicy", "accesslog", "unique", "constraint", "argon2", "syncprov")


def bare_config(base_dn: str) -> ServerConfig:
    """Make up a server that has nothing yet, so that advice can be given for one whose configuration is hidden."""
    database = {"objectclass": ["olcDatabaseConfig"], "olcdatabase": ["{1}mdb"], "olcsuffix": [base_dn]}
    frontend = {"objectclass": ["olcFrontendConfig"]}
    modules = {"objectclass": ["olcModuleList"]}
    entries = [
        Entry("cn=module{0},cn=config", modules),
        Entry("olcDatabase={-1}frontend,cn=config", frontend),
        Entry("olcDatabase={1}mdb,cn=config", database),
    ]
    return ServerConfig(entries, base_dn)


@dataclass(frozen=True, slots=True)
class ConfigurationPlanner:
    """Compares a server's configuration with the templates.

    Args:
        templates: what it should be.
        config: what it is.
        log_folder: an empty folder on the server for the log of changes; None: there is to be none.
        others: who was there before us.
    """

    templates: Templates
    config: ServerConfig
    log_folder: str | None
    others: Others

    def plan(self) -> Plan:
        """Say what is missing."""
        plan = Plan()
        if self.config.database is None:
            plan.remarks.append(f"no database of the server holds {self.templates.naming.base_dn}; make one (mdb) first")
            return plan
        self._modules(plan)
        self._schema(plan)
        self._hashing(plan)
        self._values(plan, self.config.database)
        self._log_database(plan)
        self._overlays(plan, self.config.database)
        return plan

    def _modules(self, plan: Plan) -> None:
        wanted = self.templates.configured("cn=module").all("olcModuleLoad")
        if not self._logs and self.config.overlay("syncprov") is None:
            wanted = [*wanted, "syncprov"]
        loaded = self.config.modules()
        missing = tuple(value for value in wanted if _module(value) in _LOADED and _module(value) not in loaded)
        if not missing:
            return
        lists = [entry for entry in self.config.entries if "olcModuleList" in entry.values["objectclass"]]
        if lists:
            plan.changes.append(AddValues(lists[0].dn, "olcModuleLoad", missing))
            return
        first = (("objectClass", "olcModuleList"), ("cn", "module"), ("olcModulePath", MODULES))
        record = Record(f"cn=module,{CONFIG_DN}", first).replaced("olcModuleLoad", *missing)
        plan.changes.append(AddEntry(record))

    def _schema(self, plan: Plan) -> None:
        if "NAME 'koppelgebruiker'" not in self.config.classes():
            plan.changes.append(AddEntry(self.templates.schema()))

    def _hashing(self, plan: Plan) -> None:
        frontend = self.config.frontend
        if frontend is None:
            return
        scheme = frontend.first("olcPasswordHash")
        if scheme is None:
            plan.changes.append(AddValues(frontend.dn, "olcPasswordHash", ("{ARGON2}",)))
        elif scheme.upper() != "{ARGON2}":
            plan.remarks.append(f"olcPasswordHash is {scheme} and was left so; it should be {{ARGON2}}")

    def _indexes(self, plan: Plan, database: Entry, wanted: Record) -> None:
        present = indexes_of(database)
        for value in wanted.all("olcDbIndex"):
            names, kinds = value.split()
            for name in names.split(","):
                if name.lower() not in present:
                    plan.changes.append(AddValues(database.dn, "olcDbIndex", (f"{name} {kinds}",)))
                elif "eq" not in present[name.lower()]:
                    plan.remarks.append(f"{name} is indexed, but not for equality, and was left so; it should have eq")

    def _values(self, plan: Plan, database: Entry) -> None:
        self._indexes(plan, database, self.templates.database)
        limits = self.templates.database.all("olcLimits")
        if self.config.log_database is None and self.log_folder is None:
            # To follow changes without a log, the service reads everybody once (RFC 4533).
            limits = [limit.replace(f" {UNCHECKED}", "") for limit in limits]
        put_in_front(plan, database, "olcLimits", limits)
        put_rules(plan, database, self.templates.database, self.others)

    def _log_database(self, plan: Plan) -> None:
        wanted, present = self.templates.log_database, self.config.log_database
        if present is not None:
            self._indexes(plan, present, wanted)
            put_in_front(plan, present, "olcLimits", wanted.all("olcLimits"))
            put_rules(plan, present, wanted, self.others)
        elif self.log_folder is not None:
            record = wanted.replaced("olcDbDirectory", self.log_folder).replaced("olcDatabase", "mdb")
            plan.changes.append(AddEntry(Record(f"olcDatabase=mdb,{CONFIG_DN}", record.values)))

    def _overlays(self, plan: Plan, database: Entry) -> None:
        for wanted in self.templates.overlays:
            name = unnumbered(wanted.all("olcOverlay")[0])
            present = self.config.overlay(name)
            if present is not None:
                missing = _missing(present, wanted)
                plan.changes += missing
                added = [change.attribute for change in missing]
                plan.remarks += _differences(present, wanted.without("olcPPolicyDefault", *added))
            elif name == "accesslog" and not self._logs:
                self._synchronisation(plan, database)
            else:
                record = self._for_ours_alone(plan, database, wanted.replaced("olcOverlay", name))
                plan.changes.append(AddEntry(Record(f"olcOverlay={name},{database.dn}", record.values)))

    def _for_ours_alone(self, plan: Plan, database: Entry, overlay: Record) -> Record:
        suffix = database.first("olcSuffix") or ""
        if not overlay.all("olcPPolicyDefault") or not self.others.with_passwords(suffix, database.first("olcRootDN")):
            return overlay
        plan.remarks.append(_NO_DEFAULT)
        return overlay.without("olcPPolicyDefault")

    @property
    def _logs(self) -> bool:
        return self.config.log_database is not None or self.log_folder is not None

    def _synchronisation(self, plan: Plan, database: Entry) -> None:
        plan.remarks.append("the server keeps no log of changes; name an empty folder on it with --log-folder to have one")
        present = self.config.overlay("syncprov")
        if present is None:
            plan.changes.append(AddEntry(self.templates.synchronisation(database.dn)))
        elif present.first("olcSpSessionlog") is None:
            plan.remarks.append(
                f"{present.dn} was left as it is; with olcSpSessionlog it need not name all entries at each change"
            )


def _missing(present: Entry, wanted: Record) -> list[AddValues]:
    lacking = [name for name in _ADDABLE if wanted.all(name) and present.first(name) is None]
    return [AddValues(present.dn, name, tuple(wanted.all(name))) for name in lacking]


def _differences(present: Entry, wanted: Record) -> list[str]:
    remarks = []
    for attribute in dict.fromkeys(name for name, _ in wanted.without("objectClass", "olcOverlay").values):
        stands = {spelling(value) for value in present.values.get(attribute.lower(), [])}
        remarks += [
            f"{present.dn} was left as it is; {attribute} should be: {value}"
            for value in wanted.all(attribute)
            if spelling(value) not in stands
        ]
    return remarks


def _module(value: str) -> str:
    return unnumbered(value).split()[0].partition(".")[0].lower()
