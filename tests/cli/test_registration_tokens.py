"""`idp client registration-token`: whom an operator lets register, and for how long."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.installation import Installation

ADD = ("client", "registration-token", "add", "vendor_api")


@pytest.fixture
def open_at(at: Installation) -> Installation:
    """An installation at which applications may register themselves."""
    at.more["oauth"] = {"registration": True}
    return at


@pytest.mark.row("S34")
def test_a_token_is_shown_once_and_kept_nowhere(open_at: Installation) -> None:
    """S34: whoever gets hold of a backup could register applications."""
    made = open_at.idp(*ADD, "--json").json
    (row,) = open_at.idp("client", "registration-token", "list", "--json").json
    assert row | {"since": None} == {
        "id": made["id"],
        "connector": "vendor_api",
        "since": None,
        "until": made["until"],
        "uses": 1,
        "used": 0,
        "good": True,
    }
    assert datetime.fromisoformat(row["until"]) - datetime.fromisoformat(row["since"]) == timedelta(days=7)
    kept = b"".join(path.read_bytes() for path in open_at.state.iterdir())
    assert made["registration_token"].encode() not in kept
    assert made["registration_token"] not in open_at.done("audit", "list")


def test_how_many_and_how_long_is_said(open_at: Installation) -> None:
    """A token for one would let in many, or be dead before its mail was read."""
    made = open_at.idp(*ADD, "--uses", "20", "--days", "0.5", "--json").json
    (row,) = open_at.idp("client", "registration-token", "list", "--json").json
    assert (made["uses"], row["uses"]) == (20, 20)
    assert datetime.fromisoformat(row["until"]) - datetime.fromisoformat(row["since"]) == timedelta(hours=12)
    for wrong in (("--uses", "0"), ("--days", "0"), ("--days", "400")):
        assert open_at.idp(*ADD, *wrong).code == 2


def test_a_token_is_ended_once(open_at: Installation) -> None:
    """One that went to the wrong address would be good all the same."""
    made = open_at.idp(*ADD, "--json").json
    end = ("client", "registration-token", "end", made["id"])
    assert open_at.done(*end) == f"{made['id']} is ended\n"
    assert open_at.idp("client", "registration-token", "list", "--json").json[0]["good"] is False
    assert open_at.idp(*end).sentence == "There is no such registration token, or it was ended already."
    records = open_at.idp("audit", "list", "--subject", made["id"], "--json").json
    assert [record["action"] for record in records] == ["registration-token.made", "registration-token.ended"]
    assert all(record["actor"].startswith("operator:") for record in records)


def test_where_nobody_may_register_no_token_is_made(at: Installation) -> None:
    """An operator would send out what opens no door, and never learn why."""
    assert at.idp(*ADD).sentence.startswith("applications can't register themselves here: set registration = true in [oauth]")
    assert at.idp("client", "registration-token", "list", "--json").json == []
