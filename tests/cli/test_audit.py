"""`idp audit`: who did what, and whether anybody has changed that."""

from __future__ import annotations

import json
import os
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from idp.cli.root import account
from idp.domain.audit import AuditEvent
from tests.docs.document import blocks_of
from tests.slapd import USERS_DN

if TYPE_CHECKING:
    from tests.cli.installation import Installation

UID = "U4BBGA0008"
OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
WHOLE = "the audit trail is whole, up to command/4 web/4, and holds all 2 segments of the log\n"


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
    assert at.done("audit", "verify") == "the audit trail is whole, and empty\n"
    at.invite(UID)
    assert at.done("audit", "verify") == "the audit trail is whole, up to command/1\n"


def test_how_far_the_trail_goes_is_said(busy: Installation) -> None:
    """A chain that was taken away before it was sealed leaves no trace: only by what is not named any more it shows."""
    with closing(busy.store()) as store, store.transaction() as work:
        work.audit.append(AuditEvent(datetime.now(UTC), "a.thing", "service"))
    busy.sent()
    before = busy.done("audit", "verify")
    assert before == "the audit trail is whole, up to command/5 web/2\n"
    for table in ("audit", "audit_heads", "audit_personal"):
        tamper(busy, f"DELETE FROM {table} WHERE writer = 'command'")  # noqa: S608  # names of ours
    assert busy.done("audit", "verify") == "the audit trail is whole, up to web/2\n"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit SET actor = 'owner' WHERE number = 2", "2 was changed, or put in"),
        ("UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE number = 3", "3 was changed, or put in"),
        ("DELETE FROM audit WHERE number = 2", "2 is missing"),
        ("DELETE FROM audit WHERE number = 4", "4 is missing, or the chain's end was changed"),
    ],
    ids=["another actor", "another time", "a missing record", "a missing end"],
)
def test_a_changed_trail_is_told_with_the_first_wrong_record(busy: Installation, statement: str, said: str) -> None:
    """An operator who blames another one in the database is found out."""
    tamper(busy, statement)
    assert busy.idp("audit", "verify").sentence == f"the audit trail does not hold: command/{said}"


def test_records_are_listed_page_by_page(busy: Installation) -> None:
    """A long trail is read on where the last look ended."""
    everything = busy.idp("audit", "list", "--json").json
    assert [record["action"] for record in everything] == ["user.invited", "user.released", "user.blocked", "user.unblocked"]
    assert [record["record"] for record in everything] == [f"command/{number}" for number in range(1, 5)]
    assert busy.idp("audit", "list", "--after", "command/1", "--limit", "2", "--json").json == everything[1:3]
    assert busy.idp("audit", "list", "--since", "1d", "--limit", "2", "--json").json == everything[:2]
    assert busy.idp("audit", "list", "--user", UID, "--after", "command/1", "--limit", "2", "--json").json == everything[1:3]
    table = busy.done("audit", "list").splitlines()
    assert table[0].split() == ["RECORD", "AT", "ACTION", "ACTOR", "WHAT"]
    assert len(table) == 5


def test_without_a_beginning_the_newest_are_listed(busy: Installation) -> None:
    """Whoever looks what went wrong would be shown how it all began, a year ago."""
    found = busy.idp("audit", "list", "--limit", "2", "--json").json
    assert [record["action"] for record in found] == ["user.blocked", "user.unblocked"]


def test_records_are_chosen_by_moment_and_by_action(busy: Installation) -> None:
    """The morning after, somebody would page through a year for last night's refusals."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for since, found in (("24h", 4), ("1d", 4), ("2020-01-01", 4), (tomorrow, 0)):
        assert len(busy.idp("audit", "list", "--since", since, "--json").json) == found
    for action, wanted in (("user.", 4), ("user.blocked", 1), ("user.block", 0), ("user", 0), ("login.", 0)):
        assert len(busy.idp("audit", "list", "--action", action, "--json").json) == wanted
    for typed in ("yesterday", "7w", "-1h", "999999d", ""):
        assert busy.idp("audit", "list", "--since", typed).code == 2


def test_tokens_of_all_day_hide_nothing_else(busy: Installation) -> None:
    """An application refreshes every few minutes: support would see that a hundred times, and neither block nor invitation."""
    entry_uuid = busy.idp("user", "show", UID, "--json").json["entryUUID"]
    before = busy.idp("audit", "list", "--user", UID, "--json").json
    begun = datetime.now(UTC)
    with closing(busy.store()) as store, store.transaction() as work:
        for number in range(200):
            client = "client:ing" if number % 4 else "client:basecone"
            work.audit.append(AuditEvent(begun + timedelta(minutes=number), "token.refreshed", client, entry_uuid))
    found = busy.idp("audit", "list", "--user", UID, "--json").json
    assert found[:-2] == before
    assert "user.blocked" in {record["action"] for record in before}
    summed = [(each["action"], each["actor"], each["subject"], each["detail"]["records"]) for each in found[-2:]]
    assert summed == [("token.*", "client:basecone", entry_uuid, "50"), ("token.*", "client:ing", entry_uuid, "150")]
    first, last = (datetime.fromisoformat(found[-1]["detail"][name]) for name in ("first", "last"))
    assert (first, last) == (begun + timedelta(minutes=1), begun + timedelta(minutes=199))
    lines = busy.done("audit", "list", "--user", UID).splitlines()
    assert lines[-1].endswith(f"150 records since {first:%Y-%m-%d %H:%M:%SZ}")
    assert len(busy.idp("audit", "list", "--user", UID, "--all", "--limit", "999", "--json").json) == len(before) + 200
    assert len(busy.idp("audit", "list", "--user", UID, "--action", "token.", "--limit", "999", "--json").json) == 200


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
        "user.invited", "user.released", "user.blocked", "user.unblocked", "user.blocked", "owner.mail-changed",
    ]  # fmt: skip
    found = busy.idp("audit", "list", "--user", UID, "--json").json
    assert [record["action"] for record in found if not record["action"].startswith("letter.")] == told
    for name in (UID.lower(), f"{UID}@u4bsw.nl"):
        assert busy.idp("audit", "list", "--user", name, "--json").json == found
    block, mail = (record for record in found[-6:] if record["action"] in ("user.blocked", "owner.mail-changed"))
    assert block["actor"] == "operator:dn:cn=admin,dc=u4bsw,dc=nl"
    assert block["changes"] == {"pwdEndTime": {"before": None, "after": "19700101000000Z"}}
    assert mail["changes"] == {"mail": {"before": "anna@example.nl", "after": "anna@nieuw.example"}}
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
    assert busy.idp("audit", "list", "--user", UID, "--subject", "uuid").code == 2


def test_the_screen_says_who_did_what_from_what_to_what(busy: Installation) -> None:
    """Support would read JSON to a customer."""
    busy.done("user", "mail", UID, "anna@nieuw.example")
    lines = busy.done("audit", "list", "--user", UID).splitlines()
    assert len(lines) == 6
    assert lines[2].split()[3:] == ["user.released", "operator:dn:cn=admin,dc=u4bsw,dc=nl", "pwdReset:", "-", "→", "TRUE"]
    assert lines[3].endswith("pwdEndTime: - → 19700101000000Z grants=0")
    assert lines[-1].endswith("mail: anna@example.nl → anna@nieuw.example")


def test_a_command_has_an_identifier_of_its_own(busy: Installation) -> None:
    """What was done by one command, and which lines of the log are of it, could not be told."""
    found = busy.idp("audit", "list", "--json").json
    assert len({record["request_id"] for record in found}) == len(found) == 4
    assert all(len(record["request_id"]) == 16 for record in found)


def test_a_place_that_is_none_is_said(busy: Installation) -> None:
    """Whoever reads on behind what has expired, or was mistyped, would be told that nothing happened since."""
    assert "no such record" in busy.idp("audit", "list", "--after", "web/9").sentence
    for typed in ("9", "web/", "web"):
        assert busy.idp("audit", "list", "--after", typed).code == 2


# -- the log -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def log(busy: Installation, tmp_path: Path) -> Path:
    """What the worker logged when it sealed, a day having passed; shipped elsewhere, with a time and a host on each line."""
    tamper(busy, "UPDATE audit_heads SET opened_at = '2020-01-01 00:00:00.000000'")
    with capture_logs() as lines:
        busy.sent()
    file = tmp_path / "shipped.log"
    heads = [line for line in lines if line["event"] == "audit.segment-sealed"]
    assert [(line["writer"], line["segment"], line["records"]) for line in heads] == [("command", 1, 4), ("web", 1, 2)]
    written = ["not of ours", json.dumps({"event": "letter"}), *(json.dumps(line) for line in heads)]
    file.write_text("\n".join(f"2026-11-25T03:00:00Z host {line}" for line in written), encoding="utf-8")
    return file


def test_the_log_proves_that_nothing_sealed_was_cut(busy: Installation, log: Path) -> None:
    """Whoever has database and key could begin the trail anew."""
    assert busy.done("audit", "verify", "--log", str(log)) == WHOLE
    for table in ("audit", "audit_heads", "audit_segments"):
        tamper(busy, f"DELETE FROM {table}")  # noqa: S608  # names of ours
    assert busy.done("audit", "verify") == "the audit trail is whole, and empty\n"
    assert busy.idp("audit", "verify", "--log", str(log)).sentence.startswith(
        "the audit trail does not hold: command/1 begins a segment that is not there as it was sealed"
    )


def test_the_journal_is_held_against_the_trail_as_the_document_says(busy: Installation, log: Path, tmp_path: Path) -> None:
    """The one proof that nobody began the trail anew would be made by nobody, or by a line that doesn't run."""
    (block,) = blocks_of(OPERATIONS)["Who did what"]
    commands = tmp_path / "commands"
    commands.mkdir()
    journal = f'[ "$*" = "-u koppel-idp-worker -o cat" ] && exec cat {shlex.quote(str(log))}'
    idp = f'exec {shlex.quote(sys.executable)} -m idp.cli "$@"'
    for name, body in (("journalctl", journal), ("idp", idp)):
        (commands / name).write_text(f"#!/bin/sh\n{body}\n")
        (commands / name).chmod(0o700)
    environment = os.environ | {"PATH": f"{commands}:{os.environ['PATH']}", "IDP_CONFIG": str(busy.config)}
    ran = subprocess.run(["/bin/sh", "-ec", block], check=True, capture_output=True, text=True, env=environment)  # noqa: S603  # ours
    assert ran.stdout == WHOLE


def test_a_log_that_says_nothing_proves_nothing(busy: Installation, tmp_path: Path) -> None:
    """Whoever names the wrong file would be reassured."""
    file = tmp_path / "another.log"
    file.write_text(
        '{"event": "request"}\nno "audit.segment-sealed" either\n{"event": "audit.segment-sealed"}\n', encoding="utf-8"
    )
    assert "tells of no sealed segment" in busy.idp("audit", "verify", "--log", str(file)).sentence


# -- erasing -----------------------------------------------------------------------------------------------------------


def test_a_customer_who_asks_to_be_forgotten_is(busy: Installation) -> None:
    """R1: name, administration and address would be kept for more than a year; or the proof of all else would break."""
    busy.done("user", "mail", UID, "anna@nieuw.example")
    assert busy.done("audit", "erase", "--user", UID, "--yes") == "5 values were erased\n"
    shown = busy.done("audit", "list")
    assert "anna@" not in shown
    assert UID not in shown
    assert "mail: (erased) → (erased)" in shown
    assert busy.done("audit", "verify").startswith("the audit trail is whole, up to command/")
    erased = [record for record in busy.idp("audit", "list", "--json").json if record["action"] == "audit.erased"]
    assert [record["actor"] for record in erased] == [account()] * 3
    assert "nothing that identifies them" in busy.idp("audit", "erase", "--user", UID, "--yes").sentence


def test_a_customer_who_is_gone_already_can_still_be_forgotten(busy: Installation) -> None:
    """Whoever deletes the entry first would have nothing left to name them by."""
    busy.sent()
    busy.slapd.tool("ldapdelete", f"uid={UID},{USERS_DN}")
    busy.sent()
    assert busy.done("audit", "erase", "--user", UID, "--yes").endswith("values were erased\n")
    assert UID not in busy.done("audit", "list")
    assert busy.idp("audit", "list", "--user", UID).sentence == "There is no such user."
    assert busy.done("audit", "verify").startswith("the audit trail is whole, up to command/")


def test_an_owner_who_is_gone_as_well_is_found_and_forgotten_by_the_users_name(busy: Installation) -> None:
    """The mail address of a customer who left would stay for more than a year, and nobody know under which identifier."""
    busy.sent()
    owner = busy.idp("audit", "list", "--action", "user.invited", "--json").json[0]["changes"]["owner"]["after"]
    busy.slapd.tool("ldapdelete", f"uid={UID},{USERS_DN}")
    busy.slapd.tool("ldapdelete", owner)
    busy.sent()
    found = busy.idp("audit", "list", "--user", UID, "--json").json
    (deleted,) = [record for record in found if record["action"] == "owner.deleted"]
    assert deleted["changes"]["mail"] == {"before": "anna@example.nl", "after": None}
    busy.done("audit", "erase", "--user", UID, "--yes")
    shown = busy.done("audit", "list")
    assert "anna@" not in shown
    assert owner not in shown
    assert busy.done("audit", "verify").startswith("the audit trail is whole")


def test_an_operator_is_forgotten_by_what_the_list_shows_of_them(busy: Installation) -> None:
    """Who worked here, and left, would stand there by name."""
    assert busy.done("audit", "erase", "--who", "dn:cn=admin,dc=u4bsw,dc=nl", "--yes") == "4 values were erased\n"
    assert "cn=admin" not in busy.done("audit", "list")


def test_nothing_is_erased_without_a_word(busy: Installation) -> None:
    """A slip of the hand can't be taken back."""
    entry_uuid = busy.idp("user", "show", UID, "--json").json["entryUUID"]
    assert busy.idp("audit", "erase", entry_uuid, stdin="n\n").code == 1
    assert busy.idp("audit", "erase").code == 2
    assert UID in busy.done("audit", "list")
    asked = busy.idp("audit", "erase", "--user", UID, stdin="n\n")
    assert f"{entry_uuid}  bears the name" in asked.err
    assert "the owner" in asked.err
    assert "That is 2. Nobody can bring back" in asked.err
    assert busy.idp("audit", "erase", entry_uuid, stdin="y\n").code == 0
    assert UID not in busy.done("audit", "list")
