"""A database that the first revision left, with rows in every table: brought up to date, and all of it is read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from idp.adapters.sql import migrations
from idp.domain.capability import Capability, Purpose
from idp.domain.client import Client, ClientSecret
from idp.domain.grant import Grant, Token
from idp.domain.mail import Letter, OutboxRow, OutboxState
from idp.domain.reset_request import ResetState
from tests.contract.store.test_store_contract import BINDING, MINUTE, NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.adapters.sql import SqlStore

LEFT = Path(__file__).with_name("first_revision.sql")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The database, before anything of the present has seen it."""
    path = tmp_path / "koppel.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(LEFT.read_text(encoding="utf-8"))
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        empty = [name for name in tables if not database.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0]]  # noqa: S608
        assert empty == []
    return path


@pytest.fixture
def upgraded(file: Path, open_store: Callable[..., SqlStore]) -> SqlStore:
    """The same, opened as at any start."""
    return open_store(f"sqlite:///{file}")


def test_it_is_brought_up_to_date_at_the_first_use(file: Path, upgraded: SqlStore) -> None:
    """The service would not start after an upgrade, or start beside a database that it can't use."""
    upgraded.ping()
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [(migrations.HEAD,)]
        assert database.execute("SELECT beats FROM pulse").fetchall() == [(2,)]


def test_resets_go_on(upgraded: SqlStore) -> None:
    """A mailed link would be dead, and what a crash left never be settled."""
    with upgraded.transaction() as work:
        queued, live = work.resets.get("id-queued"), work.resets.by_digest("digest-live")
        (claimed,) = work.resets.claimed()
        assert queued is not None
        assert live is not None
        assert (queued.state, queued.bare, queued.binding) == (ResetState.QUEUED, None, None)
        assert (live.state, live.binding, live.created_at) == (ResetState.LIVE, BINDING, NOW)
        assert (claimed.id, claimed.claimed_at, claimed.version) == ("id-claimed", NOW + MINUTE, 2)
        assert work.resets.advance(live, live.claimed(NOW + MINUTE))


def test_letters_are_sent_and_counted(upgraded: SqlStore) -> None:
    """Mail that waited would be lost, and a full mailbox be filled once more."""
    waiting = OutboxRow("waiting", Letter.INVITATION, {"owner": "uuid-2"}, NOW, NOW + MINUTE)
    with upgraded.transaction() as work:
        assert work.outbox.about_owner(Letter.INVITATION, "uuid-2", NOW) == [waiting]
        assert work.outbox.sent_to("m", Letter.RESET, with_ticket=True, since=NOW) == 1
        taken = work.outbox.take_due(NOW + MINUTE, NOW + 2 * MINUTE)
        assert taken == replace(waiting, attempts=1, next_attempt_at=NOW + 2 * MINUTE, outcome="sending")
        work.outbox.finish(replace(taken, state=OutboxState.SENT, finished_at=NOW + MINUTE))
        assert work.outbox.waiting() == (0, None)


def test_sessions_and_links_live_or_stay_used(upgraded: SqlStore) -> None:
    """Everybody would be logged out by an upgrade, or a used link open the door again."""
    end = NOW + 10 * MINUTE
    session = Capability("digest", Purpose.PORTAL_SESSION, {"owner": "uuid-2", "naam": "é\u2028\0"}, NOW, end)
    spent = Capability("spent", Purpose.PORTAL_PASSWORD, {"owner": "uuid-2", "changed": "", "mail": "jan@example.nl"}, NOW, end)
    with upgraded.transaction() as work:
        assert work.capabilities.get(Purpose.PORTAL_SESSION, "digest") == session
        assert work.capabilities.get(Purpose.PORTAL_PASSWORD, "spent") == replace(spent, used_at=NOW + MINUTE)
        assert not work.capabilities.use(spent, NOW + 2 * MINUTE)


def test_couplings_live_or_stay_ended(upgraded: SqlStore) -> None:
    """Every bank would have to be coupled anew, or a thief's tokens live again."""
    secrets = (ClientSecret("first", NOW + MINUTE), ClientSecret("second"))
    client = Client("ing-1", "ing", "ING", enabled=True, created_at=NOW, secrets=secrets)
    live = Grant("grant-live", "ing-1", "U4BBGA0008", BINDING.seen, NOW, NOW, "192.0.2.7")
    with upgraded.transaction() as work:
        assert work.clients.all() == [client]
        assert work.grants.of_user("uuid-1") == [live]
        assert work.grants.get("grant-ended") == replace(live, id="grant-ended", revoked_at=NOW + MINUTE)
        for name in ("live", "ended"):
            issued = (f"token-{name}", "refresh", f"grant-{name}", "ing-1", "administratie:read", "https://api.example/")
            assert work.grants.token("refresh", f"token-{name}") == Token(*issued, NOW, NOW + timedelta(minutes=10))
        assert work.grants.revoke_all("uuid-1", NOW + MINUTE) == 1


def test_the_audit_holds_and_changes_begin_to_be_followed(upgraded: SqlStore) -> None:
    """An upgrade would forget who did what, or tell everybody of what happened long ago."""
    with upgraded.transaction() as work:
        invited, sent = work.audit.read()[:2]
        assert [invited.event.action, sent.event.action] == ["user.invited", "letter.sent"]
        assert [invited.event.at, sent.event.at] == [NOW, NOW + MINUTE]
        assert (invited.event.subject, str(invited.event.detail["uid"])) == ("uuid-1", "U4BBGA0008")
        assert work.audit.verify() == []
        assert work.changes.bookmark() is None
