"""A directory of somebody's own: a slapd as Debian's installer leaves it, with one database, which has never heard of us."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from idp.adapters.directory_templates import MODULES
from idp.adapters.ldap import LdapServer
from idp.adapters.ldap.server import hang_up
from idp.adapters.slapd import stop
from idp.adapters.slapd_files import SLAPD
from idp.errors import DirectoryUnavailable
from tests.free_ports import free_port
from tests.slapd import BASE_DN

if TYPE_CHECKING:
    from pathlib import Path

ADMIN_DN = f"cn=admin,{BASE_DN}"
CONFIG_ADMIN_DN = "cn=admin,cn=config"
PASSWORD = "het wachtwoord van de beheerder"

_LOG_LEVEL = "olcLogLevel: none\n"
_CONFIG = f"""dn: cn=config
objectClass: olcGlobal
cn: config
{_LOG_LEVEL}
dn: cn=module{{0}},cn=config
objectClass: olcModuleList
cn: module{{0}}
olcModulePath: {MODULES}
olcModuleLoad: back_mdb

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

include: file:///etc/ldap/schema/core.ldif

include: file:///etc/ldap/schema/cosine.ldif

include: file:///etc/ldap/schema/nis.ldif

include: file:///etc/ldap/schema/inetorgperson.ldif

dn: olcDatabase={{0}}config,cn=config
objectClass: olcDatabaseConfig
olcDatabase: {{0}}config
olcRootDN: {CONFIG_ADMIN_DN}
olcRootPW: {PASSWORD}

dn: olcDatabase={{1}}mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {{1}}mdb
olcSuffix: {BASE_DN}
olcRootDN: {ADMIN_DN}
olcRootPW: {PASSWORD}
olcDbDirectory: data
olcDbNoSync: TRUE
olcDbIndex: objectClass eq
olcDbIndex: cn,uid eq
olcAccess: {{0}}to attrs=userPassword by self write by anonymous auth by * none
olcAccess: {{1}}to attrs=shadowLastChange by self write by * read
olcAccess: {{2}}to * by * read
"""


@dataclass
class PlainSlapd:
    """The server, and its admin's tools.

    Args:
        folder: holds all of it.
        port: of LDAP on loopback.
        process: the server.
        tls_port: of LDAPS, where it has a certificate.
    """

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    tls_port: int | None = None

    @classmethod
    def start_in(cls, folder: Path, certificate: tuple[Path, Path] | None = None) -> PlainSlapd:
        """Make a directory and start its server.

        Args:
            folder: for all of it.
            certificate: with its key, for LDAPS; without, it speaks in the clear only.
        """
        for name in ("config", "data", "log"):
            (folder / name).mkdir(parents=True)
        (folder / "config.ldif").write_text(_CONFIG.replace(_LOG_LEVEL, _LOG_LEVEL + _tls(certificate)))
        (folder / "admin.password").write_text(PASSWORD)
        command = [str(SLAPD), "-T", "add", "-n", "0", "-F", "config", "-l", "config.ldif"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603  # our own words
        port, tls_port = free_port(), free_port() if certificate else None
        plain = cls(folder, port, _start(folder, port, tls_port), tls_port)
        plain.wait()
        return plain

    @property
    def url(self) -> str:
        """LDAP on loopback."""
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def password_file(self) -> Path:
        """The admin's password, without a line's end."""
        return self.folder / "admin.password"

    def wait(self) -> None:
        """Wait until it answers."""
        server = LdapServer("ldapi://" + quote(str(self.folder / "ldapi"), safe=""), timeout_s=1)
        while self.process.poll() is None:
            try:
                hang_up(server.connect()[0])
            except DirectoryUnavailable:
                continue
            return

    def restart(self) -> None:
        """End it, and start it with what it has written down."""
        self.stop()
        self.process = _start(self.folder, self.port, self.tls_port)
        self.wait()

    def stop(self) -> None:
        """End it."""
        stop(self.process)

    def modify(self, ldif: str, dn: str = ADMIN_DN, *arguments: str) -> None:
        """Apply LDIF as an admin."""
        command = ["ldapmodify", "-x", "-H", self.url, "-D", dn, "-y", str(self.password_file), *arguments]
        done = subprocess.run(command, input=ldif, check=False, capture_output=True, text=True)  # noqa: S603  # our own words
        assert done.returncode == 0 or "-c" in arguments, done.stderr

    def everything(self) -> str:
        """Give all entries and the whole configuration."""
        return self._search(ADMIN_DN, BASE_DN) + self._search(CONFIG_ADMIN_DN, "cn=config")

    def log(self) -> str:
        """Give the log of changes."""
        return self._search(ADMIN_DN, "cn=accesslog")

    def _search(self, dn: str, base: str) -> str:
        options = ("-LLL", "-o", "ldif-wrap=no", "-b", base, "*", "+")
        command = ["ldapsearch", "-x", "-H", self.url, "-D", dn, "-y", str(self.password_file), *options]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603  # our own words


def _tls(certificate: tuple[Path, Path] | None) -> str:
    if certificate is None:
        return ""
    return f"olcTLSCertificateFile: {certificate[0]}\nolcTLSCertificateKeyFile: {certificate[1]}\n"


def _start(folder: Path, port: int, tls_port: int | None) -> subprocess.Popen[bytes]:
    urls = f"ldap://127.0.0.1:{port} ldapi://ldapi" + (f" ldaps://127.0.0.1:{tls_port}" if tls_port else "")
    command = ["/usr/bin/env", "-C", str(folder), str(SLAPD), "-F", "config", "-h", urls, "-d", "none"]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  # our own words
