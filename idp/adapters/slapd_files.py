"""Making the embedded directory: cn=config and the first entries by slapadd, wholly or not at all."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from string import Template
from urllib.parse import quote

from idp.errors import ConfigurationError

ARGON2_COST = "m=19456 t=2 p=1"
"""OWASP's cost for passwords (KiB of memory, passes, lanes). Debian 12's module writes argon2i, and verifies argon2id too."""

SLAPD = Path("/usr/sbin/slapd")
MODULES = "/usr/lib/ldap"

_BASE_DN = re.compile(r"dc=[a-z0-9-]+(,dc=[a-z0-9-]+)*", re.IGNORECASE)


def template_folder() -> Path:
    """Find config/ldap: inside the package once installed from a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "config" / "ldap"
    return installed if installed.is_dir() else package.parent / "config" / "ldap"


@dataclass(frozen=True, slots=True)
class Naming:
    """The names in an embedded directory.

    Args:
        base_dn: of `dc` components only.
    """

    base_dn: str

    @property
    def admin_dn(self) -> str:
        """The administrator, whom access rules don't bind."""
        return f"cn=admin,{self.base_dn}"

    @property
    def service_dn(self) -> str:
        """The service's own identity."""
        return f"cn=idp,ou=services,{self.base_dn}"

    @property
    def decoy_dn(self) -> str:
        """The entry that unknown names bind to."""
        return f"cn=decoy,ou=services,{self.base_dn}"


def make_directory(state: Path, naming: Naming, argon2_cost: str, program: Path = SLAPD) -> None:
    """Make a directory in `state`, unless it is there.

    It is made beside its place and then renamed, so that what a kill leaves half-made is never taken for a directory.
    No path in it names the place: it may be moved while the server stands still.

    Args:
        state: the folder to make; its parents are made too.
        naming: the names in it.
        argon2_cost: arguments of slapd's argon2 module.
        program: slapd.

    Raises:
        ConfigurationError: slapd is missing, the base DN is not of `dc` components, or the folder can't be made.
    """
    unfinished = state.with_name(state.name + ".unfinished")
    try:
        if state.exists():
            return
        assert_installed(program)
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        _fill(unfinished, naming, argon2_cost, program)
        unfinished.rename(state)
    except OSError as exc:
        message = f"the embedded directory can't be made in {state}: {exc.strerror or type(exc).__name__}"
        raise ConfigurationError(message) from exc


def assert_installed(program: Path) -> None:
    """Raise `ConfigurationError` if slapd is missing."""
    if not program.exists():
        message = f"{program} is missing; install Debian's package slapd"
        raise ConfigurationError(message)


def _fill(folder: Path, naming: Naming, argon2_cost: str, program: Path) -> None:
    if not _BASE_DN.fullmatch(naming.base_dn):
        message = "the embedded directory's base DN is of dc components only, such as dc=u4bsw,dc=nl"
        raise ConfigurationError(message)
    folder.mkdir(mode=0o700)
    for database in ("config", "data", "log"):
        (folder / database).mkdir(mode=0o700)
    admin, service = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    # Without a line's end, which `ldapsearch -y` would take for a part of the password.
    _write_private(folder / "admin.password", admin)
    _write_private(folder / "service.password", service)
    names = {
        "base_dn": naming.base_dn,
        "dc": naming.base_dn.split(",", 1)[0].partition("=")[2],
        "admin_dn": naming.admin_dn,
        "service_dn": naming.service_dn,
        "decoy_dn": naming.decoy_dn,
        "admin_hash": _salted_sha(admin),
        "service_hash": _salted_sha(service),
        "decoy_hash": _hash_of_nothing_known(program, folder, argon2_cost),
        "argon2_cost": argon2_cost,
        "modules": MODULES,
        "uid": str(os.getuid()),
        "gid": str(os.getgid()),
        "templates": quote(str(template_folder())),  # in a URL
    }
    for number, template in (("0", "server.ldif"), ("2", "base.ldif")):
        _write_template(folder, template, names)
        _run(program, folder, ["add", "-n", number, "-F", "config", "-l", template])
        (folder / template).unlink()


def _write_template(folder: Path, template: str, names: dict[str, str]) -> None:
    text = Template((template_folder() / template).read_text(encoding="utf-8")).substitute(names)
    _write_private(folder / template, text)


def _hash_of_nothing_known(program: Path, folder: Path, argon2_cost: str) -> str:
    secret = folder / "decoy.secret"
    _write_private(secret, secrets.token_urlsafe(32))
    module = ["-o", f"module-path={MODULES}", "-o", f"module-load=argon2.so {argon2_cost}"]
    try:
        return _run(program, folder, ["passwd", *module, "-h", "{ARGON2}", "-n", "-T", secret.name])
    finally:
        secret.unlink()


def _run(program: Path, folder: Path, arguments: list[str]) -> str:
    command = [str(program), "-T", *arguments]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # noqa: S603  # our own words
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        message = f"slap{arguments[0]} of the embedded directory failed: {lines[-1] if lines else done.returncode}"
        raise ConfigurationError(message)
    return done.stdout.strip()


def _salted_sha(secret: str) -> str:
    # Enough for 256 random bits, which nobody can guess however fast; what people choose is hashed by slapd, with Argon2.
    salt = secrets.token_bytes(8)
    digest = hashlib.sha1(secret.encode() + salt, usedforsecurity=False).digest()
    return "{SSHA}" + base64.b64encode(digest + salt).decode()


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
