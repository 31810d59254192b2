"""The recipes that give a colleague of support their rights, and take them away: tried as that colleague."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.office import COLLEAGUES_PASSWORD
from tests.docs.recipe import recipes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.docs.office import Office
    from tests.system.two_ways import Customer

RECIPES = recipes()
FORBIDDEN = [
    "Invite",
    "Set a password",
    "Set a password with ldappasswd",
    "Delete",
    "Give a colleague of support their rights",
    "Take the rights away again",
    "Turn the logs up",
]


@pytest.mark.parametrize("title", FORBIDDEN)
def test_what_support_may_not_is_refused_by_the_directory(office: Office, customer: Customer, tmp_path: Path, title: str) -> None:
    """Whoever answers the telephone could set a password, and be any customer; or make another one like themselves."""
    colleague = office.supporter(tmp_path).about(customer.user.uid)
    colleague.write("new-password.txt", "een wachtzin van een ander")
    another = "jan" if title.startswith("Give") else "els"
    before = office.everything()
    refused = colleague.attempt(RECIPES[title].block.replace("COLLEAGUE=els", f"COLLEAGUE={another}"))
    assert refused.returncode != 0
    assert "Insufficient access (50)" in refused.stdout + refused.stderr
    assert office.everything() == before


def test_what_support_may_not_is_refused_with_our_own_commands_too(office: Office, tmp_path: Path) -> None:
    """The commands would be a way around the directory's rules."""
    refused = office.supporter(tmp_path).idp(RECIPES["Invite"].shorter)
    assert (refused.code, refused.out, refused.err.count("\n")) == (1, "", 1)


def test_a_colleague_can_not_change_their_own_password_nor_see_any(office: Office, customer: Customer, tmp_path: Path) -> None:
    """The document says so; and a hash that is seen is a hash that is guessed at."""
    colleague = office.supporter(tmp_path)
    new = colleague.write("mine.txt", "een wachtzin die ik zelf koos")
    assert "Insufficient access (50)" in colleague.attempt(f"ldappasswd $AS -T {new}").stdout
    assert "dn: " in colleague.paste('ldapsearch $AS -LLL -b "$BASE" "(uid=els)"')
    seen = colleague.paste('ldapsearch $AS -LLL -z none -b "$BASE" "(objectClass=*)" "*" +')
    assert customer.user.entry_uuid in seen
    assert "userPassword:" not in seen
    assert "pwdHistory:" not in seen
    for hidden in ("cn=config", "cn=accesslog"):
        assert colleague.attempt(f'ldapsearch $AS -LLL -b "{hidden}"').stdout == ""


@pytest.mark.parametrize("way", ["on_the_server", "admin"])
def test_who_is_taken_away_is_out(office: Office, customer: Customer, tmp_path: Path, way: str) -> None:
    """Who left the company yesterday would block customers today."""
    colleague = office.supporter(tmp_path)
    admin = getattr(office, way)(tmp_path)
    assert colleague.paste("ldapwhoami $AS").strip() == f"dn:{colleague.dn}"
    admin.paste(RECIPES["Take the rights away again"].block)
    refused = colleague.about(customer.user.uid).attempt(RECIPES["Block"].block)
    assert refused.returncode != 0
    assert "Invalid credentials (49)" in refused.stderr
    assert customer.ways()["token"]


@pytest.mark.parametrize("way", ["on_the_server", "admin"])
def test_a_colleagues_password_is_in_no_argument(office: Office, tmp_path: Path, way: str) -> None:
    """Everybody on the machine reads what a command was given."""
    admin = getattr(office, way)(tmp_path)
    admin.write("els-password.txt", COLLEAGUES_PASSWORD)
    told = admin.attempt(f"set -x\n{RECIPES['Give a colleague of support their rights'].block}")
    assert told.returncode == 0
    assert COLLEAGUES_PASSWORD not in told.stderr + told.stdout
