"""The recipes that add users: one or many, by tools or by ours, and each owner is led to the portal."""

from __future__ import annotations

import csv
import io
import itertools
import os
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.docs.recipe import recipes
from tests.web.page import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.docs.desk import Desk
    from tests.docs.office import Office

INVITE, IMPORT = recipes()["Invite"], recipes()["Import many users"]
COLUMNS = ("name", "administratie", "mail", "owner_name", "language")
COUNT = int(os.environ.get("RECIPE_USERS", "60"))
"""How many users are imported here; the recipe itself was tried with 5,000."""

_NUMBERS = itertools.count(1)

INVITATION = "Welkom: kies een wachtwoord voor je portaal"
WAYS = ["on_the_server", "admin"]


@pytest.fixture
def desk(request: pytest.FixtureRequest, office: Office, tmp_path: Path) -> Desk:
    """Who adds."""
    at: Callable[[Path], Desk] = getattr(office, request.param)
    return at(tmp_path)


@pytest.mark.row("R1")
@pytest.mark.parametrize("desk", WAYS, indirect=True)
@pytest.mark.parametrize("shorter", [False, True])
def test_who_is_invited_comes_into_the_portal_and_finds_the_user_there(office: Office, desk: Desk, *, shorter: bool) -> None:
    """R1: a customer would be in the books of whoever added them, and know nothing."""
    # A mailbox of its own: who holds an invitation that works gets no second one.
    mail = f"carla{next(_NUMBERS)}@fietsen.example"
    words = (INVITE.shorter if shorter else INVITE.block).replace("carla@fietsen.example", mail)
    desk.type(words) if shorter else desk.paste(words)
    ((to, subject, text),) = office.letters()
    assert (to, subject) == (mail, INVITATION)
    link = re.findall(r"http\S+(/login/password/\S+)", text)[0]
    carla = Visitor(office.service.app.test_client())
    carla.open(link)
    password = "een zin die van Carla zelf is"
    assert carla.submit("", {"password": password, "password_again": password}, at=link).status_code == 303
    carla.open("/login")
    assert carla.submit("/login", {"mail": to, "password": password}).status_code == 303
    portal = carla.open("/").text
    assert "U4BBGA0008" in portal
    assert 'value="U4BBGA0008"' in portal  # *Vraag aan* is offered


def lines(count: int) -> list[dict[str, str]]:
    """Give a file's lines: every fourth user has the owner of the one before, whose name is no ASCII."""
    mailboxes = next(_NUMBERS)
    owners = [number - number % 4 // 3 for number in range(count)]
    return [
        {
            "name": f"U4BBGB{number:06d}",
            "administratie": f"Administratie {number}",
            "mail": f"eigenaar{owner}@{mailboxes}.example.nl",
            "owner_name": f"Zoë van der Meer {owner}",
            "language": "nl",
        }
        for number, owner in enumerate(owners)
    ]


@pytest.mark.parametrize("desk", WAYS, indirect=True)
@pytest.mark.parametrize("block", range(2), ids=["idp", "ldapadd"])
def test_many_users_are_all_there_with_their_owners(office: Office, desk: Desk, block: int) -> None:
    """A migration would lose customers, or give one customer's user to another."""
    written, users = io.StringIO(), lines(COUNT)
    writer = csv.DictWriter(written, COLUMNS)
    writer.writeheader()
    writer.writerows(users)
    desk.write("users.csv", written.getvalue())
    desk.paste(IMPORT.blocks[block])
    exported = csv.DictReader(io.StringIO(desk.type("idp user export")))
    assert sorted(exported, key=lambda row: row["name"]) == users
    told = Counter(to for to, subject, _ in letters_of_all(office) if subject == INVITATION)
    assert told == Counter({row["mail"] for row in users})
    desk.type(f"idp user import {desk.folder}/users.csv")
    assert sorted(csv.DictReader(io.StringIO(desk.type("idp user export"))), key=lambda row: row["name"]) == users
    assert letters_of_all(office) == []


@pytest.mark.parametrize("desk", WAYS, indirect=True)
def test_the_disk_is_not_waited_for_and_is_again(office: Office, desk: Desk) -> None:
    """A load that takes a night; or, for ever after, a directory that a power cut takes away."""
    block = recipes()["Not wait for the disk"].block
    databases = [f"olcDatabase={{{number}}}mdb,cn=config" for number in (1, 2)]
    for value in ("FALSE", "TRUE"):  # which the tests' own directory has from the beginning
        desk.paste(block.replace("NOSYNC=TRUE", f"NOSYNC={value}"))
        assert [office.slapd.read(database, "olcDbNoSync") for database in databases] == [[value], [value]]


def letters_of_all(office: Office) -> list[tuple[str, str, str]]:
    """Let the worker follow until nothing is left to do."""
    found: list[tuple[str, str, str]] = []
    while letters := office.letters():
        found += letters
    return found
