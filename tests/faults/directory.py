"""A directory over TLS on a small disk, and what can befall it as a whole."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from idp.adapters.slapd import EmbeddedSlapd
from tests.contract.directory.certificates import Authority
from tests.contract.store.disks import MAY_MOUNT, SmallDisk, mount, unmount
from tests.free_ports import free_port
from tests.slapd import BASE_DN, CHEAP, PEOPLE_DN, USERS_DN, RunningSlapd, configure

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
DATABASE_DN = "olcDatabase={2}mdb,cn=config"
LARGE = "x" * 60_000
"""What makes an entry need many pages in a row, which a full database has not; a small one may still find room for a while."""

_IN_A_ROW = 3
_INDEX = "olcDbIndex: administratie eq"


@dataclass
class Place:
    """The server, who certifies it, and its disk.

    Args:
        slapd: the server.
        authority: whom the service trusts.
        folder: holds certificates.
        disk: which it lies on.
    """

    slapd: RunningSlapd
    authority: Authority
    folder: Path
    disk: SmallDisk

    @classmethod
    def make(cls, folder: Path, disk: SmallDisk) -> Place:
        """Make one, and start it."""
        embedded = EmbeddedSlapd(disk.folder / "slapd", BASE_DN, free_port(), CHEAP, tls_port=free_port())
        embedded.create()
        place = cls(RunningSlapd(embedded, embedded.start()), Authority.found(folder, "authority"), folder, disk)
        place.show(place.authority, HOST)
        return place

    @property
    def url(self) -> str:
        """Where the service finds it."""
        return f"ldaps://{HOST}:{self.slapd.embedded.tls_port}"

    def show(self, authority: Authority, host: str, lived: timedelta = timedelta()) -> None:
        """Show another certificate."""
        certificate, key = authority.issue(self.folder, host, lived=lived, days=90)
        lines = ["replace: olcTLSCertificateFile", f"olcTLSCertificateFile: {certificate}", "-"]
        lines += ["replace: olcTLSCertificateKeyFile", f"olcTLSCertificateKeyFile: {key}", "-"]
        self.standing_still("cn=config", *lines)

    def standing_still(self, dn: str, *lines: str) -> None:
        """Change the configuration, and start anew."""
        self.slapd.stop()
        configure(self.slapd.embedded, "\n".join((f"dn: {dn}", "changetype: modify", *lines, "")))
        self.slapd.start()

    def running(self, dn: str, *lines: str) -> None:
        """Change the configuration, or an entry."""
        self.slapd.modify("\n".join((f"dn: {dn}", "changetype: modify", *lines, "")))

    def crowd(self) -> None:
        """Add large entries until none is taken any more; a changed one would need as many pages in a row."""
        refused = 0
        while refused < _IN_A_ROW:
            refused = 0 if self._add_person() else refused + 1

    def disperse(self) -> None:
        """Delete those."""
        self.slapd.tool("ldapdelete", "-c", "-r", f"ou=crowd,{PEOPLE_DN}", check=False)

    def _add_person(self) -> bool:
        name = secrets.token_hex(8)
        crowd = f"dn: ou=crowd,{PEOPLE_DN}\nobjectClass: organizationalUnit\n\n"
        ldif = f"{crowd}dn: cn={name},ou=crowd,{PEOPLE_DN}\nobjectClass: device\ndescription: {LARGE}\n"
        done = self.slapd.tool("ldapadd", "-c", ldif=ldif, check=False)
        return f'adding new entry "cn={name}' in done.stdout and "Other" not in done.stderr


@contextmanager
def placed(folder: Path) -> Iterator[Place]:
    """Make one on a disk of its own, where this process may mount one.

    Args:
        folder: for certificates.
    """
    with tempfile.TemporaryDirectory() as name:
        if MAY_MOUNT:
            assert mount("-t", "tmpfs", "-o", "size=8m", "koppel-idp-test", name)
        try:
            made = Place.make(folder, SmallDisk(Path(name)))
            try:
                yield made
            finally:
                made.slapd.stop()
        finally:
            if MAY_MOUNT:
                unmount(Path(name))


Fault = Callable[[Place], AbstractContextManager[None]]


@contextmanager
def password_lost(place: Place) -> Iterator[None]:
    """Give the service's account another password, and forget to tell the service."""
    embedded = place.slapd.embedded
    place.slapd.write(embedded.service_dn, "userPassword", "een ander wachtwoord dan dat")
    _restart(place)
    try:
        yield
    finally:
        place.slapd.write(embedded.service_dn, "userPassword", embedded.service_password_file.read_text())


@contextmanager
def certificate_expired(place: Place) -> Iterator[None]:
    """Forget to renew it."""
    place.show(place.authority, HOST, lived=timedelta(days=1))
    try:
        yield
    finally:
        place.show(place.authority, HOST)


@contextmanager
def certificate_of_another_host(place: Place) -> Iterator[None]:
    """Install the printer's."""
    place.show(place.authority, "printer.example.nl")
    try:
        yield
    finally:
        place.show(place.authority, HOST)


@contextmanager
def certificate_by_another_authority(place: Place) -> Iterator[None]:
    """Let somebody else certify it."""
    place.show(Authority.found(place.folder, "stranger"), HOST)
    try:
        yield
    finally:
        place.show(place.authority, HOST)


@contextmanager
def schema_missing(place: Place) -> Iterator[None]:
    """Put the entries back from the backup, and not the schema."""
    config = place.slapd.embedded.state / "config" / "cn=config"
    (schema,) = (config / "cn=schema").glob("*koppelgebruiker.ldif")
    database = config / "olcDatabase={2}mdb.ldif"
    kept, away = database.read_text(), place.folder / schema.name
    place.slapd.stop()
    shutil.move(schema, away)
    database.write_text("".join(line for line in kept.splitlines(keepends=True) if line.strip() != _INDEX))
    place.slapd.start()
    try:
        yield
    finally:
        place.slapd.stop()
        shutil.move(away, schema)
        database.write_text(kept)
        place.slapd.start()


@contextmanager
def users_hidden(place: Place) -> Iterator[None]:
    """Put a rule before ours that lets nobody see users."""
    place.running(DATABASE_DN, "add: olcAccess", f'olcAccess: {{0}}to dn.subtree="{USERS_DN}" by * none')
    try:
        yield
    finally:
        place.running(DATABASE_DN, "delete: olcAccess", "olcAccess: {0}")


@contextmanager
def read_only(place: Place) -> Iterator[None]:
    """Let it take no changes."""
    place.running(DATABASE_DN, "replace: olcReadOnly", "olcReadOnly: TRUE")
    try:
        yield
    finally:
        place.running(DATABASE_DN, "replace: olcReadOnly", "olcReadOnly: FALSE")


@contextmanager
def replica(place: Place) -> Iterator[None]:
    """Let it follow another server, to which it refers whoever wants to change something."""
    provider = f"ldap://{HOST}:{free_port()}"
    follow = f'olcSyncrepl: rid=1 provider={provider} searchbase={BASE_DN} type=refreshOnly bindmethod=simple retry="60 +"'
    place.running(DATABASE_DN, "add: olcSyncrepl", follow, "-", "add: olcUpdateRef", f"olcUpdateRef: {provider}")
    try:
        yield
    finally:
        place.running(DATABASE_DN, "delete: olcUpdateRef", "-", "delete: olcSyncrepl")


@contextmanager
def database_full(place: Place) -> Iterator[None]:
    """Let it reach its configured size."""
    place.standing_still(DATABASE_DN, "replace: olcDbMaxSize", "olcDbMaxSize: 1000000")
    place.crowd()
    try:
        yield
    finally:
        place.standing_still(DATABASE_DN, "replace: olcDbMaxSize", "olcDbMaxSize: 4294967296")
        place.disperse()


@contextmanager
def disk_full(place: Place) -> Iterator[None]:
    """Let its disk be full."""
    place.disk.fill()
    place.crowd()
    try:
        yield
    finally:
        place.disk.clear()
        place.disperse()


@contextmanager
def without_policy(place: Place) -> Iterator[None]:
    """Lose the overlay by which policies hold."""
    (overlay,) = (place.slapd.embedded.state / "config" / "cn=config" / "olcDatabase={2}mdb").glob("*ppolicy*")
    away = place.folder / overlay.name
    place.slapd.stop()
    shutil.move(overlay, away)
    place.slapd.start()
    try:
        yield
    finally:
        place.slapd.stop()
        shutil.move(away, overlay)
        place.slapd.start()


UNREACHABLE: dict[Fault, str] = {
    password_lost: "invalidCredentials",
    certificate_expired: "certificate has expired",
    certificate_of_another_host: "IP address mismatch",
    certificate_by_another_authority: "unable to get local issuer certificate",
    schema_missing: "does not know their schema",
    users_hidden: "does not show the service ou=koppelgebruikers",
}
"""What keeps the service from asking at all, and what the log and `idp doctor` say of it."""

UNCHANGING: dict[Fault, str] = {
    read_only: "unwillingToPerform",
    replica: "referral",
    database_full: "other",
    **({disk_full: "other"} if MAY_MOUNT else {}),
}
"""What lets everybody in as before, and takes no change; and the result by which the server says so."""


def _restart(place: Place) -> None:
    place.slapd.stop()
    place.slapd.start()
