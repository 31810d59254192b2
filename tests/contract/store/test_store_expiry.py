"""What is deleted in the end, and what never is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent
from idp.domain.capability import Capability, Purpose
from idp.domain.client import Client
from idp.domain.grant import Grant, Token
from idp.domain.mail import Letter, OutboxRow, OutboxState
from idp.domain.people import Seen
from idp.domain.reset_request import Binding, ResetRequest

if TYPE_CHECKING:
    from idp.ports.store import Store

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
NOTHING = dict.fromkeys(("capabilities", "tokens", "grants", "registration_tokens", "resets", "outbox", "changes", "audit"), 0)
BINDING = Binding(Seen("uuid", None), "U4BBGA0008", "uid=jan", "jan@example.nl")


def reset(name: str, at: datetime) -> ResetRequest:
    """Make a queued request of a moment."""
    return ResetRequest(name, name, "U4BBGA0008", with_ticket=False, created_at=at)


def grant(name: str, at: datetime) -> Grant:
    """Make a grant last used at a moment."""
    return Grant(name, "ing", "U4BBGA0008", Seen("uuid", None), at, at, "192.0.2.1")


def token(name: str, of: str, until: datetime) -> Token:
    """Make a token with an end."""
    return Token(name, "access", of, "ing", "", "", until - DAY, until)


def test_nothing_is_deleted_from_an_empty_store(store: Store) -> None:
    """The worker would stumble over its first round."""
    assert store.expire(NOW, 100) == NOTHING


def test_capabilities_go_a_day_after_their_end_used_or_not(store: Store) -> None:
    """A used captcha solution would work again, or the table would grow for ever."""
    old = Capability("old", Purpose.CAPTCHA, {}, NOW - 3 * DAY, NOW - DAY - SECOND, used_at=NOW - 2 * DAY)
    with store.transaction() as work:
        work.capabilities.add(old)
        work.capabilities.add(replace(old, digest="fresh", expires_at=NOW - DAY + SECOND))
    assert store.expire(NOW, 100) == NOTHING | {"capabilities": 1}
    with store.reading() as work:
        assert work.capabilities.get(Purpose.CAPTCHA, "old") is None
        assert work.capabilities.get(Purpose.CAPTCHA, "fresh") is not None


def test_resets_go_after_thirty_days_but_no_claim_and_no_living_link(store: Store) -> None:
    """A claim whose outcome is open would be forgotten, password written or not."""
    old = NOW - 31 * DAY
    with store.transaction() as work:
        work.resets.add(reset("queued", old))
        work.resets.add(reset("spent", old).link_made(BINDING, old).claimed(old).spent())
        work.resets.add(reset("claimed", old).link_made(BINDING, old).claimed(old))
        work.resets.add(reset("mailed late", old).link_made(BINDING, NOW))
        work.resets.add(reset("recent", NOW - 29 * DAY).dropped())
    assert store.expire(NOW, 100) == NOTHING | {"resets": 2}
    with store.reading() as work:
        kept = [name for name in ("queued", "spent", "claimed", "mailed late", "recent") if work.resets.get(name)]
    assert kept == ["claimed", "mailed late", "recent"]


def test_letters_go_thirty_days_after_they_were_finished_and_never_while_they_wait(store: Store) -> None:
    """A letter would be lost without a word, or a mailbox's limit forgotten."""
    old = NOW - 60 * DAY
    waiting = OutboxRow("waiting", Letter.RESET, {}, old, old)
    names = {"long ago": NOW - 30 * DAY - SECOND, "recent": NOW - 30 * DAY + SECOND}
    with store.transaction() as work:
        work.outbox.add(waiting)
        for name, at in names.items():
            work.outbox.add(replace(waiting, id=name))
            work.outbox.finish(replace(waiting, id=name, state=OutboxState.SENT, mailbox="m", finished_at=at))
    assert store.expire(NOW, 100) == NOTHING | {"outbox": 1}
    with store.reading() as work:
        assert work.outbox.waiting() == (1, old)
        assert work.outbox.sent_to("m", Letter.RESET, with_ticket=False, since=old) == 1


def test_tokens_go_a_day_after_their_end_and_grants_a_year_after_theirs(store: Store) -> None:
    """A grant that an owner sees, or under which a token lives, would be gone; or all would be kept for ever."""
    long_ago = NOW - 366 * DAY
    with store.transaction() as work:
        for name in ("revoked", "forgotten", "with a token", "with a dead token", "revoked lately"):
            work.grants.add(grant(name, long_ago))
        work.grants.add(grant("in use", NOW - 364 * DAY))
        work.grants.revoke("revoked", long_ago)
        work.grants.revoke("revoked lately", NOW - DAY)
        work.grants.add_token(token("living", "with a token", NOW + DAY))
        work.grants.add_token(token("dead", "with a dead token", NOW - DAY - SECOND))
        work.grants.add_token(token("just dead", "in use", NOW - DAY + SECOND))
    assert store.expire(NOW, 100) == NOTHING | {"tokens": 1, "grants": 3}
    with store.reading() as work:
        assert work.grants.token("access", "dead") is None
        assert work.grants.token("access", "just dead") is not None
        names = ("revoked", "forgotten", "with a token", "with a dead token", "revoked lately", "in use")
        assert [name for name in names if work.grants.get(name)] == ["with a token", "revoked lately", "in use"]


def test_no_step_is_longer_than_asked_for(store: Store) -> None:
    """A worker that comes back from a holiday would hold all others up."""
    with store.transaction() as work:
        for number in range(5):
            work.capabilities.add(Capability(str(number), Purpose.TICKET, {}, NOW - 9 * DAY, NOW - 8 * DAY))
            work.resets.add(reset(str(number), NOW - 40 * DAY))
    assert store.expire(NOW, 3) == NOTHING | {"capabilities": 3, "resets": 3}
    assert store.expire(NOW, 3) == NOTHING | {"capabilities": 2, "resets": 2}
    assert store.expire(NOW, 3) == NOTHING


def test_what_was_not_sealed_and_clients_are_kept_for_ever(store: Store) -> None:
    """The trail would lose what nobody could prove any more, and a bank its registration."""
    with store.transaction() as work:
        work.audit.append(AuditEvent(NOW - 9999 * DAY, "a.thing", "service"))
        work.clients.add(Client("ing", "ing", "ING", enabled=False, created_at=NOW - 9999 * DAY))
    assert store.expire(NOW, 100) == NOTHING
    with store.reading() as work:
        assert len(work.audit.read()) == 1
        assert work.audit.verify() == []
        assert work.clients.get("ing") is not None
