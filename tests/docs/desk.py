"""Who pastes recipes, where, and as whom."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import pytest

from tests.cli.installation import run_here
from tests.slapd import BASE_DN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.cli.installation import Ran
    from tests.docs.office import Office

SHELL = "/bin/sh"
SEARCHED = f"{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin"
"""Where a shell finds our command, and an admin's tools."""


def pasted(words: str, folder: Path, environment: Mapping[str, str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Give words to a shell.

    Args:
        words: as the document has them.
        folder: stands for the folders in which the document keeps files.
        environment: all variables.
        cwd: where it is done.
    """
    placed = words.replace("/root/", f"{folder}/").replace("/var/backups/", f"{folder}/")
    command = [SHELL, "-eu", "-c", placed]
    return subprocess.run(command, env=environment, cwd=cwd or folder, capture_output=True, text=True, check=False)  # noqa: S603  # ours


def done(ran: subprocess.CompletedProcess[str]) -> str:
    """Give what was said by what must have been done, without a word on stderr."""
    # slapcat and slapadd always say that the schema spells an attribute otherwise.
    said = [line for line in ran.stderr.splitlines() if not line.startswith("PROXIED attributeDescription")]
    assert (ran.returncode, said) == (0, []), ran
    return ran.stdout


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody at a terminal, who has set what the document says is set once.

    Args:
        office: where they work.
        way: how the tools say who they are: the document's line.
        url: what LDAP is set to.
        dn: what DN is set to, with its password in a file; nothing on the socket, which knows them.
        folder: where their files are; the document has them in /root and /var/backups.
        name: what NAME is set to.
    """

    office: Office
    way: str
    url: str
    folder: Path
    dn: str = ""
    password_file: Path | None = None
    name: str = "U4BBGA0008"

    def about(self, name: str) -> Desk:
        """Give the same person, busy with a koppelgebruiker."""
        return replace(self, name=name)

    def paste(self, words: str) -> str:
        """Run a block that must be done; gives what it says."""
        return done(self.attempt(words))

    def attempt(self, words: str) -> subprocess.CompletedProcess[str]:
        """Run a block that may be refused."""
        return pasted(f"{self.way}\n{words}", self.folder, self._environment())

    def type(self, words: str) -> str:
        """Run a command of ours that must be done; gives what it says."""
        ran = self.idp(words)
        assert (ran.code, ran.err) == (0, ""), (words, ran)
        return ran.out

    def idp(self, words: str) -> Ran:
        """Run a command of ours as the shell would hand it over; here, since a process for each takes its time."""
        environment = self._environment()
        program, *arguments = [Template(word).substitute(environment) for word in shlex.split(words)]
        assert program == "idp"
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            return run_here(*arguments)

    def write(self, name: str, text: str) -> Path:
        """Put a file where the document has it, for these eyes only and without a line's end."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path

    def _environment(self) -> dict[str, str]:
        named = {"LDAP": self.url, "BASE": BASE_DN, "NAME": self.name, "IDP_CONFIG": str(self.office.config_for(self.url))}
        if self.password_file is not None:
            file = str(self.password_file)
            named |= {"DN": self.dn, "FILE": file, "LDAPTLS_CACERT": str(self.office.authority)}
            named |= {"IDP_AS": self.dn, "IDP_PASSWORD_FILE": file}
        return {**os.environ, **named, "PATH": SEARCHED}
