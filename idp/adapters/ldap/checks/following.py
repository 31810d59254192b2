"""Whether the worker can follow what others change, and by what."""

from __future__ import annotations

from contextlib import closing
from enum import StrEnum
from typing import TYPE_CHECKING

from idp.adapters.ldap.change_log import LdapChangeLog
from idp.adapters.ldap.change_record import RecordReader
from idp.adapters.ldap.checks.findings import Finding
from idp.adapters.ldap.content_sync import LdapContent
from idp.adapters.ldap.lane import Lane
from idp.errors import ChangesNotLogged, ChangesNotSynchronised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.adapters.ldap.checks.site import Site


NOT_FOLLOWED = Finding(
    "following",
    "owners are not told of changes by others: the server shows the service no log of them, and does not synchronise",
    "run `idp directory install`, with --log-folder if you can; or load syncprov: docs/directory.md",
)


class Way(StrEnum):
    """How changes by others are followed."""

    LOG = "the log of changes"
    CONTENT = "content synchronisation"
    NONE = "nothing"


def way(site: Site) -> Way:
    """Find out as the service, as the worker does. Raises `DirectoryUnavailable`."""
    with closing(Lane(site.as_service.connect)) as lane:
        log = LdapChangeLog(lane, RecordReader(site.tree, site.service.dn), site.clock)
        try:
            log.read(log.end(), 1)
        except ChangesNotLogged:
            pass
        else:
            return Way.LOG
        try:
            LdapContent(lane, site.as_service.connect, site.tree, site.service.dn).now()
        except ChangesNotSynchronised:
            return Way.NONE
        return Way.CONTENT


def followed(site: Site) -> Iterator[Finding]:
    """An owner is told of what an admin changes."""
    if way(site) is Way.NONE:
        yield NOT_FOLLOWED
