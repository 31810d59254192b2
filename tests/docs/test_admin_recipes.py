"""The admin's recipes, run from the document."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.installation import Installation

DOCUMENT = Path(__file__).parents[2] / "docs" / "admin.md"
NAME = "U4BBGA0008"
DN = f"uid={NAME},ou=koppelgebruikers,dc=u4bsw,dc=nl"
ADDRESS = "anna@bakkerij.example"

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Admin:
    """Who pastes recipes.

    Args:
        at: the installation.
        password: file of the new password.
    """

    at: Installation
    password: Path

    def paste(self, block: str) -> str:
        """Run one block; gives what it says."""
        named = {"LDAP": self.at.slapd.embedded.ldapi_url, "BASE": "dc=u4bsw,dc=nl", "NAME": NAME, "ADDRESS": ADDRESS}
        variables = {**os.environ, **named, "NEW": str(self.password)}
        ran = subprocess.run(["/bin/sh", "-eu", "-c", block], env=variables, capture_output=True, text=True, check=False)  # noqa: S603  # our own words
        assert (ran.returncode, ran.stderr) == (0, ""), block
        return ran.stdout

    def gets_in(self) -> bool:
        """Try the password."""
        bind = ["/usr/bin/ldapwhoami", "-x", "-H", self.at.slapd.embedded.ldapi_url, "-D", DN, "-y", str(self.password)]
        return subprocess.run(bind, capture_output=True, check=False).returncode == 0  # noqa: S603  # our own words

    def shown(self) -> dict[str, Any]:
        """Ask for the user's state."""
        return dict(self.at.idp("user", "show", NAME, "--json").json)


def found(admin: Admin, said: str) -> None:
    """The entry is shown."""
    assert f"uid: {NAME}" in said
    assert "entryUUID: " + admin.shown()["entryUUID"] in said


def password_set(admin: Admin, _said: str) -> None:
    """It works, and the owner isn't held (R27)."""
    assert admin.gets_in()
    assert admin.shown()["next reset"] is None


def blocked(admin: Admin, _said: str) -> None:
    """Nobody gets in."""
    assert not admin.gets_in()
    assert admin.shown()["blocked"] is True


def unblocked(admin: Admin, _said: str) -> None:
    """Also where the other attribute stood."""
    assert admin.gets_in()
    assert admin.shown()["blocked"] is False


def released(admin: Admin, _said: str) -> None:
    """The cooldown is waived."""
    assert admin.shown()["next reset"] is None


def moved(admin: Admin, _said: str) -> None:
    """Mail goes to the new address."""
    assert admin.shown()["mail"] == ADDRESS


def listed(admin: Admin, said: str) -> None:
    """With the moment."""
    assert f"uid: {NAME}\npwdChangedTime: {admin.shown()['password changed']}" in said


def gone(admin: Admin, _said: str) -> None:
    """There is no such user."""
    assert admin.at.idp("user", "show", NAME).sentence == "There is no such user."


def nothing_before(_admin: Admin) -> None:
    """Most recipes need nothing."""


def other_lock(admin: Admin) -> None:
    """Somebody locked the user with the other attribute as well."""
    admin.at.slapd.write(DN, "pwdAccountLockedTime", "000001010000Z")


def cooldown(admin: Admin) -> None:
    """Somebody took the release away; the password is fresh."""
    admin.at.slapd.write(DN, "pwdReset", None)
    assert admin.shown()["next reset"] is not None


RECIPES: dict[str, tuple[Callable[[Admin], None], Callable[[Admin, str], None]]] = {
    "Find": (nothing_before, found),
    "Set a password": (nothing_before, password_set),
    "Block": (nothing_before, blocked),
    "Unblock": (other_lock, unblocked),
    "Release within 24 hours": (cooldown, released),
    "Mend the mail address": (nothing_before, moved),
    "Who changed the password when": (nothing_before, listed),
    "Delete": (nothing_before, gone),
}
"""What goes before each recipe, and what it promises."""


@pytest.mark.row("R24", "R25", "R27")
def test_each_recipe_does_what_it_promises(at: Installation, tmp_path: Path) -> None:
    """An admin who pastes a recipe would get something else than it says."""
    password = tmp_path / "new-password.txt"
    password.write_text("een wachtzin voor de beheerder", encoding="utf-8")
    password.chmod(0o600)
    at.invite(NAME)
    admin = Admin(at, password)
    sections = DOCUMENT.read_text("utf-8").split("\n## ")[1:]
    recipes = [(section.partition("\n")[0], block) for section in sections for block in _BLOCK.findall(section)]
    assert [title for title, _ in recipes] == list(RECIPES)
    for title, block in recipes:
        before, promised = RECIPES[title]
        before(admin)
        promised(admin, admin.paste(block))
