"""Making the embedded directory: cn=config and the first entries by slapadd, wholly or not at all."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from idp.adapters.directory_templates import MODULES, Naming, filled_in, salted_sha, template_folder
from idp.adapters.slapd_certificate import make_certificate
from idp.adapters.system_clock import SystemClock
from idp.errors import ConfigurationError

ARGON2_COST = "m=19456 t=2 p=1"
"""OWASP's cost for passwords (KiB of memory, passes, lanes). Debian 12's module writes argon2i, and verifies argon2id too."""

SLAPD = Path("/usr/sbin/slapd")

_COOLDOWN = timedelta(hours=24)
"""Its own admin may change the policy afterwards, and directory.cooldown_h with it."""

_BASE_DN = re.compile(r"dc=[a-z0-9-]+(,dc=[a-z0-9-]+)*", re.IGNORECASE)


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
    make_certificate(folder, SystemClock().now())
    names = {
        **naming.words(_COOLDOWN),
        "admin_hash": salted_sha(admin),
        "service_hash": salted_sha(service),
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
    _write_private(folder / template, filled_in(template, names))


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


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
