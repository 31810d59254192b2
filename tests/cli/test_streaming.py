"""Lists and exports flow: the directory is read on as the output is taken, in memory that doesn't grow with it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.slapd import PEOPLE_DN, USERS_DN

if TYPE_CHECKING:
    from tests.cli.installation import Installation

USERS = 1000
LATE = "ZZLATE"
SMALLEST_PIPE = 4096  # bytes: with Python's own 8 KiB it holds less than a quarter of the output

OWNER = f"dn: uid=anna,{PEOPLE_DN}\nobjectClass: inetOrgPerson\ncn: Anna\nsn: Anna\nmail: anna@example.nl\n"


def entry(uid: str) -> str:
    """Write a user down."""
    facts = f"administratie: Lunchroom De Ooievaar, {uid}\nowner: uid=anna,{PEOPLE_DN}\n"
    return f"dn: uid={uid},{USERS_DN}\nobjectClass: account\nobjectClass: koppelgebruiker\n{facts}"


@pytest.mark.parametrize("words", [("list",), ("list", "--json"), ("export",)], ids=" ".join)
def test_the_directory_is_read_while_the_output_is_taken(at: Installation, words: tuple[str, ...]) -> None:
    """A million users would fill the memory of the machine that runs everything; and nothing be seen for minutes.

    Whoever is added after the first line was written is in the output all the same: by then, the last page was not read.
    """
    at.slapd.tool("ldapadd", ldif="\n".join([OWNER, *(entry(f"U{number:04}") for number in range(USERS))]))
    command = [sys.executable, "-m", "idp.cli", "--config", str(at.config), "user", *words]
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, SMALLEST_PIPE)
    with subprocess.Popen(command, stdout=writing) as process:  # noqa: S603  # our own words
        os.close(writing)
        with os.fdopen(reading, "rb", buffering=0) as output:
            begin = output.read(1)
            at.slapd.tool("ldapadd", ldif=entry(LATE))
            lines = (begin + b"".join(iter(lambda: output.read(65536), b""))).decode().splitlines()
    assert process.returncode == 0
    assert sum("Ooievaar" in line for line in lines) == USERS + 1
    assert LATE in lines[-1 if words != ("list", "--json") else -2]
