"""`idp audit`: who did what, and whether anybody has changed that."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.slapd import USERS_DN

if TYPE_CHECKING:
    from tests.cli.installation import Installation

UID = "U4BBGA0008"


def tamper(at: Installation, statement: str) -> None:
    """Change the database behind everybody's back."""
    with closing(sqlite3.connect(at.state / "idp.db")) as connection, connection:
        connection.execute(statement)


@pytest.fixture
def busy(at: Installation) -> Installation:
    """An installation where something has happened."""
    at.invite(UID)
    for command in ("release", "block", "unblock"):
        at.done("user", command, UID)
    return at


def test_an_untouched_trail_is_whole(at: Installation) -> None:
    """Whoever doubts it runs one command; on the first day there is nothing, and nothing is wrong."""
    assert at.done("audit", "verify") == "the audit trail is whole\n"
    at.invite(UID)
    assert at.done("audit", "verify") == "the audit trail is whole\n"


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("UPDATE audit SET actor = 'operator:somebody else' WHERE number = 2", 2),
        ("UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE number = 3", 3),
        ("DELETE FROM audit WHERE number = 2", 2),
    ],
    ids=["another actor", "another time", "a missing record"],
)
def test_a_changed_trail_is_told_with_the_first_wrong_record(busy: Installation, statement: str, number: int) -> None:
    """An operator who blames another one in the database is found out."""
    tamper(busy, statement)
    assert busy.idp("audit", "verify").sentence == f"the audit trail is broken at record {number}"


def test_records_are_listed_page_by_page(busy: Installation) -> None:
    """A long trail is read on where the last look ended."""
    everything = busy.idp("audit", "list", "--json").json
    assert [record["action"] for record in everything] == ["user.invited", "user.released", "user.blocked", "user.unblocked"]
    assert [record["number"] for record in everything] == [1, 2, 3, 4]
    assert busy.idp("audit", "list", "--after", "1", "--limit", "2", "--json").json == everything[1:3]
    table = busy.done("audit", "list").splitlines()
    assert table[0].split() == ["NUMBER", "AT", "ACTION", "ACTOR", "SUBJECT", "DETAIL"]
    assert len(table) == 5


def test_one_users_records_are_found_by_their_identifier(busy: Installation) -> None:
    """What happened to this user? A name that is used again would mix two of them up."""
    busy.invite("U4BBGA0009")
    entry_uuid = busy.idp("user", "show", UID, "--json").json["entryUUID"]
    found = busy.idp("audit", "list", "--subject", entry_uuid, "--json").json
    assert [record["action"] for record in found] == ["user.invited", "user.released", "user.blocked", "user.unblocked"]


def test_what_happened_to_this_customer_is_one_look(busy: Installation) -> None:
    """Support would search for identifiers while the customer waits on the phone."""
    busy.sent()  # the worker begins to follow
    busy.invite("U4BBGA0009", "bob@example.nl")
    busy.slapd.write(f"uid={UID},{USERS_DN}", "pwdEndTime", "19700101000000Z")
    busy.done("user", "mail", UID, "anna@nieuw.example")
    busy.sent()
    told = [
        "user.invited", "user.released", "user.blocked", "user.unblocked", "owner.mail-changed", "user.blocked",
    ]  # fmt: skip
    found = busy.idp("audit", "list", "--user", UID, "--json").json
    assert [record["action"] for record in found if not record["action"].startswith("letter.")] == told
    for name in (UID.lower(), f"{UID}@u4bsw.nl"):
        assert busy.idp("audit", "list", "--user", name, "--json").json == found
    assert found[-1]["actor"] == "operator:dn:cn=admin,dc=u4bsw,dc=nl"
    assert "pwdEndTime:after=19700101000000Z" in found[-1]["detail"]
    assert busy.idp("audit", "list", "--user", UID, "--limit", "1", "--json").json == found[-1:]


def test_a_customer_who_is_gone_still_has_a_history(busy: Installation) -> None:
    """Who deleted it? The directory can't say any more."""
    busy.sent()
    busy.slapd.tool("ldapmodrdn", "-r", f"uid={UID},{USERS_DN}", "uid=U4BBGA0077")
    busy.slapd.tool("ldapdelete", f"uid=U4BBGA0077,{USERS_DN}")
    busy.sent()
    for name in (UID, "U4BBGA0077"):
        found = busy.idp("audit", "list", "--user", name, "--json").json
        actions = [record["action"] for record in found if not record["action"].startswith("letter.")]
        assert actions == ["user.invited", "user.released", "user.blocked", "user.unblocked", "user.renamed", "user.deleted"]


def test_a_name_that_nobody_ever_had_is_said(busy: Installation) -> None:
    """An empty screen would look as if nothing had happened."""
    for name in ("U4BBGA9999", "geen naam!"):
        assert busy.idp("audit", "list", "--user", name).sentence == "There is no such user."
    assert busy.idp("audit", "list", "--user", UID, "--after", "1").code == 2
