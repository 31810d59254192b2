"""The admin's recipes, run from the document."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.installation import Installation

DOCUMENT = Path(__file__).parents[2] / "docs" / "admin.md"
NAME = "U4BBGA0008"
DN = f"uid={NAME},ou=koppelgebruikers,dc=u4bsw,dc=nl"
ACCEPTED = {"Find": None, "Set a password": True, "Block": False, "Unblock": True}
"""Whether the password counts after each recipe; None where nothing is changed."""

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_each_recipe_does_what_it_promises(at: Installation, tmp_path: Path) -> None:
    """An admin who pastes a recipe would get something else than it says."""
    password = tmp_path / "new-password.txt"
    password.write_text("Paard-Accu-Nietje-7", encoding="utf-8")
    at.invite(NAME)
    ldap = at.slapd.embedded.ldapi_url
    variables = {**os.environ, "LDAP": ldap, "BASE": "dc=u4bsw,dc=nl", "NAME": NAME, "NEW": str(password)}
    sections = DOCUMENT.read_text("utf-8").split("\n## ")[1:]
    recipes = [(section.partition("\n")[0], block) for section in sections for block in _BLOCK.findall(section)]
    assert [title for title, _ in recipes] == list(ACCEPTED)
    for title, block in recipes:
        ran = subprocess.run(["/bin/sh", "-eu", "-c", block], env=variables, capture_output=True, text=True, check=False)  # noqa: S603  # our own words
        assert ran.returncode == 0, (title, ran.stderr)
        if ACCEPTED[title] is None:
            assert f"uid: {NAME}" in ran.stdout
            continue
        bind = ["/usr/bin/ldapwhoami", "-x", "-H", ldap, "-D", DN, "-y", str(password)]
        bound = subprocess.run(bind, capture_output=True, text=True, check=False)  # noqa: S603  # our own words
        assert (bound.returncode == 0) is ACCEPTED[title], (title, bound.stderr)
