"""A directory of one's own, on which `idp directory install` is run."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from idp.cli import main
from tests.cli.installation import Ran
from tests.logging_state import logging_put_back
from tests.plain_slapd import ADMIN_DN, CONFIG_ADMIN_DN, PlainSlapd
from tests.slapd import CHEAP

if TYPE_CHECKING:
    from pathlib import Path


def run(config: Path, *arguments: str) -> Ran:
    """Run a command, here."""
    out, err = io.StringIO(), io.StringIO()
    with logging_put_back(), redirect_stdout(out), redirect_stderr(err):
        code = main(["--config", str(config), *arguments])
    return Ran(code, out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Own:
    """A directory of one's own, and a configuration that names it."""

    slapd: PlainSlapd
    config: Path
    kept: Path

    def idp(self, *arguments: str, configuring: bool = True, logging: bool = True) -> Ran:
        """Run `idp directory` as the directory's admin."""
        file = str(self.slapd.password_file)
        log = ("--log-folder", str(self.slapd.folder / "log")) if logging else ()
        more = ("--config-dn", CONFIG_ADMIN_DN, "--config-password-file", file, *log)
        who = ("--as", ADMIN_DN, "--password-file", file)
        cheap = ("--argon2", CHEAP)
        return run(self.config, "directory", "install", *who, *cheap, *(more if configuring else ()), *arguments)

    def check(self, *, with_operators: bool = True) -> list[Any]:
        """Look at it; gives what is found."""
        file = str(self.slapd.password_file)
        configurer = ("--config-dn", CONFIG_ADMIN_DN, "--config-password-file", file)
        who = ("--as", ADMIN_DN, "--password-file", file, *configurer) if with_operators else ()
        found: list[Any] = run(self.config, "directory", "check", *who, "--json").json
        return found
