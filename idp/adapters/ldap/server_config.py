"""The configuration of an OpenLDAP server, as it stands in `cn=config`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ldap3 import SUBTREE

from idp.adapters.ldap.people import Search
from idp.adapters.ldap.spelling import ANYTHING
from idp.adapters.ldap.tree import is_at_or_below, is_same_dn

if TYPE_CHECKING:
    from idp.adapters.ldap.entries import Entry
    from idp.adapters.ldap.view import View

CONFIG_DN = "cn=config"
LOG_DN = "cn=accesslog"

UNCHECKED = "size.unchecked=10000"
"""The limit on what a look-up may have slapd read: slapd-config(5), olcLimits."""

_NUMBER = re.compile(r"^\{-?\d+\}")
_SMALLEST = "500"
"""slapd's own size limit where none is configured: slapd-config(5), olcSizeLimit."""


def unnumbered(value: str) -> str:
    """Take the position off a value that has one: `{2}to *` is `to *`."""
    return _NUMBER.sub("", value)


def indexes_of(database: Entry) -> dict[str, set[str]]:
    """Give the kinds of index of a database by attribute, in lower case."""
    found: dict[str, set[str]] = {}
    usual: set[str] = set()
    for value in database.values.get("olcdbindex", []):
        names, *kinds = value.lower().split()
        wanted = set(kinds[0].split(",")) if kinds else usual
        if names == "default":
            usual = wanted
        found |= dict.fromkeys(names.split(","), wanted)
    return found


@dataclass(frozen=True)
class ServerConfig:
    """The parts that matter to us.

    Args:
        entries: all of `cn=config`.
        base_dn: of our part of the directory.
    """

    entries: list[Entry]
    base_dn: str

    @classmethod
    def read(cls, view: View, base_dn: str) -> ServerConfig | None:
        """Read it; None when it is hidden from whoever looks."""
        entries = list(view.all(Search(CONFIG_DN, SUBTREE, ANYTHING, ("*",))))
        return cls(entries, base_dn) if entries else None

    @cached_property
    def database(self) -> Entry | None:
        """The database that holds our base DN: the nearest above it."""
        found = [entry for entry in self._having("olcDatabase") if self._holds(entry)]
        return max(found, key=lambda entry: len(entry.first("olcSuffix") or ""), default=None)

    @cached_property
    def log_database(self) -> Entry | None:
        """The database of the accesslog."""
        suffixed = (entry for entry in self._having("olcDatabase") if is_same_dn(entry.first("olcSuffix") or "", LOG_DN))
        return next(suffixed, None)

    @cached_property
    def frontend(self) -> Entry | None:
        """What holds for all databases."""
        return next(iter(self._of_class("olcFrontendConfig")), None)

    def overlay(self, name: str) -> Entry | None:
        """Find an overlay of our database."""
        if self.database is None:
            return None
        ending = f",{self.database.dn}".lower()
        for entry in self._having("olcOverlay"):
            if entry.dn.lower().endswith(ending) and unnumbered(entry.first("olcOverlay") or "").lower() == name:
                return entry
        return None

    def modules(self) -> dict[str, list[str]]:
        """Give the loaded modules, without folder and ending, and their arguments."""
        loaded = [
            unnumbered(value).split()
            for entry in self._of_class("olcModuleList")
            for value in entry.values.get("olcmoduleload", [])
        ]
        return {words[0].rpartition("/")[2].partition(".")[0].lower(): words[1:] for words in loaded}

    def classes(self) -> str:
        """Give all object classes of the schema, in one text."""
        return "\n".join(value for entry in self.entries for value in entry.values.get("olcobjectclasses", []))

    def indexes(self) -> dict[str, set[str]]:
        """Give the kinds of index by attribute, in lower case."""
        return indexes_of(self.database) if self.database else {}

    def limits_of(self, dn: str) -> str:
        """Give the limits that hold for an identity, as slapd writes them."""
        if self.database is None:
            return _SMALLEST
        for value in self.database.values.get("olclimits", []):
            who, _, limits = unnumbered(value).partition(" ")
            if who.strip('"') in ("*", "users") or dn.lower() in who.lower().replace('"', ""):
                return limits
        everywhere = next((entry.first("olcSizeLimit") for entry in self._of_class("olcGlobal")), None)
        return self.database.first("olcSizeLimit") or everywhere or _SMALLEST

    def _having(self, attribute: str) -> list[Entry]:
        # Not by the class that all of a kind share: slapd takes an entry of `olcMdbConfig` that doesn't name it.
        return [entry for entry in self.entries if entry.first(attribute) is not None]

    def _of_class(self, name: str) -> list[Entry]:
        return [entry for entry in self.entries if name.lower() in (value.lower() for value in entry.values["objectclass"])]

    def _holds(self, entry: Entry) -> bool:
        suffix = entry.first("olcSuffix")
        return bool(suffix) and is_at_or_below(self.base_dn, suffix or "")
