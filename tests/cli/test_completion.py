"""`idp completion`: a real bash finishes commands, options, and names that are known here."""

from __future__ import annotations

import os
import pty
import select
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.installation import Installation

PROGRAM_FOLDER = Path(sys.executable).parent
BASH = ["/bin/bash", "--noprofile", "--norc"]
PATIENCE_S = 60


def environment(at: Installation) -> dict[str, str]:
    """What an operator's shell has."""
    return {"PATH": f"{PROGRAM_FOLDER}:/usr/bin:/bin", "IDP_CONFIG": str(at.config), "PS1": "$ ", "TERM": "dumb", "HOME": "/"}


def completed(at: Installation, *words: str) -> list[str]:
    """Ask bash what it would offer for the last word."""
    quoted = " ".join(map(shlex.quote, words))
    script = f'eval "$(idp completion bash)"; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _idp_completion idp; '
    script += r'printf "%s\n" "${COMPREPLY[@]}"'
    ran = subprocess.run([*BASH, "-c", script], env=environment(at), capture_output=True, text=True, check=True)  # noqa: S603  # our own words
    assert ran.stderr == ""
    return ran.stdout.split()


def test_a_real_bash_finishes_a_command_at_the_tab_key(at: Installation) -> None:
    """Who types a name of a command by half sees the rest."""
    terminal, inner = pty.openpty()
    with subprocess.Popen(  # noqa: S603  # our own words
        [*BASH, "-i"], stdin=inner, stdout=inner, stderr=inner, env=environment(at), start_new_session=True
    ) as bash:
        os.close(inner)
        os.write(terminal, b"eval \"$(idp completion bash)\"; echo re''ady\n")
        seen = until(terminal, "ready\r\n")
        os.write(terminal, b"idp user unb\t")
        seen += until(terminal, "unblock")
        os.write(terminal, b"\x15exit\n")  # after Ctrl-U, which clears the line
        bash.wait(PATIENCE_S)
    os.close(terminal)


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("idp", "dir"), ["directory"]),
        (("idp", "user", "list", "--co"), ["--cooldown"]),
        (("idp", "user", "export", "--format", ""), ["csv", "ldif"]),
        (("idp", "client", "add", "tr"), ["triodos"]),
        (("idp", "client", "disable", "our"), ["our-bank"]),
    ],
)
def test_what_can_follow_is_offered(at: Installation, words: tuple[str, ...], offered: list[str]) -> None:
    """Nobody has to know a client's identifier by heart."""
    at.done("client", "add", "triodos", "--name", "Bank", "--client-id", "our-bank")
    assert completed(at, *words) == offered


def test_nothing_is_offered_where_nothing_is_known(new: Installation) -> None:
    """A fault's text would be offered as names, one word after the other."""
    assert completed(new, "idp", "client", "disable", "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_is_told_in_its_own_words(at: Installation, shell: str) -> None:
    """What one shell takes is an error in another."""
    assert f"_IDP_COMPLETE={shell}_complete" in at.done("completion", shell)


def test_another_shell_is_wrong_use(at: Installation) -> None:
    """Whoever has it hears which ones there are."""
    ran = at.idp("completion", "csh")
    assert (ran.code, ran.out) == (2, "")


def until(terminal: int, text: str) -> str:
    """Read what a terminal shows until a text comes."""
    seen = b""
    while text.encode() not in seen:
        assert select.select([terminal], [], [], PATIENCE_S)[0], seen
        seen += os.read(terminal, 4096)
    return seen.decode()
