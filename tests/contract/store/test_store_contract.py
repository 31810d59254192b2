"""What every store does, whatever database is below it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Capability, Purpose
from idp.domain.people import Seen
from idp.domain.reset_request import Binding, ResetRequest, ResetState
from idp.errors import ClientDisabled, StoreUnavailable

if TYPE_CHECKING:
    from idp.ports.store import Store

NOW = datetime(2026, 3, 4, 10, 11, 12, 345678, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BINDING = Binding(Seen("uuid-1", "20260101000000Z"), "U4BBGA0008", "uid=jan,ou=people", "jan@example.nl")


def reset(name: str = "one", at: datetime = NOW) -> ResetRequest:
    """Make a queued request."""
    return ResetRequest(f"id-{name}", f"digest-{name}", "U4BBGA0008", with_ticket=True, created_at=at)


def capability(digest: str = "digest", purpose: Purpose = Purpose.TICKET) -> Capability:
    """Make a live capability, with facts that are not easy to store."""
    return Capability(digest, purpose, {"owner": "uuid-1", "naam": "é\u2028\0"}, NOW, NOW + 10 * MINUTE)


def write_and_raise(store: Store, error: Exception) -> None:
    """Fail in the middle of a unit of work."""
    with store.transaction() as work:
        work.resets.add(reset())
        work.capabilities.add(capability())
        raise error


# -- units of work ----------------------------------------------------------------------------------------------------


def test_an_exception_inside_leaves_nothing_and_passes_unchanged(store: Store) -> None:
    """Half of a reset would be kept: a spent link, say, without the confirmation mail."""
    error = ClientDisabled()
    with pytest.raises(ClientDisabled) as caught:
        write_and_raise(store, error)
    assert caught.value is error
    with store.reading() as work:
        assert work.resets.get("id-one") is None
        assert work.capabilities.get(Purpose.TICKET, "digest") is None


def test_an_error_of_the_operating_system_raised_inside_is_not_taken_for_the_stores(store: Store) -> None:
    """An operator would look at the database for a fault that lies elsewhere."""
    with pytest.raises(FileNotFoundError):
        write_and_raise(store, FileNotFoundError())
    with store.reading() as work:
        assert work.resets.get("id-one") is None


def test_what_is_written_inside_is_seen_inside_and_by_others_only_afterwards(store: Store) -> None:
    """A link would work before the transaction that makes it is kept."""
    with store.transaction() as work:
        work.resets.add(reset())
        assert work.resets.get("id-one") == reset()
        with store.reading() as other:
            assert other.resets.get("id-one") is None
    with store.reading() as work:
        assert work.resets.get("id-one") == reset()


def test_a_reading_sees_one_snapshot_and_waits_for_no_writer(store: Store) -> None:
    """A token's row and its grant's would be of different moments, and readers would queue behind writers."""
    with store.reading() as reading:
        assert reading.resets.get("id-one") is None
        with store.transaction() as work:
            work.resets.add(reset())
        assert reading.resets.get("id-one") is None
    with store.reading() as reading:
        assert reading.resets.get("id-one") == reset()


def test_a_reading_writes_nothing(store: Store) -> None:
    """What is written there would be written without waiting for a turn, and could undo what others write."""
    store.ping()
    with store.reading() as work, pytest.raises(StoreUnavailable):
        work.resets.add(reset())
    with store.reading() as work:
        assert work.resets.get("id-one") is None


def test_moments_keep_their_microseconds_and_come_back_in_utc(store: Store) -> None:
    """A link would end an hour early or late on a machine that is not on UTC."""
    amsterdam = NOW.astimezone(timezone(timedelta(hours=1)))
    with store.transaction() as work:
        work.resets.add(reset(at=amsterdam))
    with store.reading() as work:
        found = work.resets.get("id-one")
    assert found is not None
    assert found.created_at == NOW
    assert found.created_at.utcoffset() == timedelta(0)


def test_ping_reads_and_writes(store: Store) -> None:
    """`/readyz` would tell of a dead store that it is well, or the other way round."""
    store.ping()
    store.ping()


# -- resets -----------------------------------------------------------------------------------------------------------


def test_a_reset_request_is_kept_whole_and_found_by_id_and_digest(store: Store) -> None:
    """A mailed link would not be recognised."""
    live = reset().link_made(BINDING, NOW)
    nameless = replace(reset("two"), bare=None, with_ticket=False)
    with store.transaction() as work:
        work.resets.add(live)
        work.resets.add(nameless)
    with store.reading() as work:
        assert work.resets.get("id-one") == live
        assert work.resets.by_digest("digest-one") == live
        assert work.resets.by_digest("digest-two") == nameless
        assert work.resets.get("digest-one") is None
        assert work.resets.by_digest("id-one") is None


@pytest.mark.row("R19")
def test_a_reset_request_advances_only_from_the_version_seen(store: Store) -> None:
    """R19: a link could be claimed twice, and set two passwords."""
    live = reset().link_made(BINDING, NOW)
    with store.transaction() as work:
        work.resets.add(live)
    with store.transaction() as work:
        assert work.resets.advance(live, live.claimed(NOW))
        assert not work.resets.advance(live, live.claimed(NOW + MINUTE))
        assert not work.resets.advance(reset("unknown"), reset("unknown").dropped())
    with store.reading() as work:
        assert work.resets.get("id-one") == live.claimed(NOW)


def test_claims_under_way_are_listed_oldest_first(store: Store) -> None:
    """After a crash recovery would overlook a claim, and its link would be dead for ever."""
    live = {name: reset(name).link_made(BINDING, NOW) for name in ("a", "b", "c", "d")}
    with store.transaction() as work:
        work.resets.add(live["a"].claimed(NOW + MINUTE))
        work.resets.add(live["b"].claimed(NOW))
        work.resets.add(live["c"].claimed(NOW).spent())
        work.resets.add(live["d"])
    with store.reading() as work:
        assert [(found.id, found.state) for found in work.resets.claimed()] == [
            ("id-b", ResetState.CLAIMED),
            ("id-a", ResetState.CLAIMED),
        ]


# -- capabilities -----------------------------------------------------------------------------------------------------


def test_a_capability_is_found_by_its_purpose_and_digest_only(store: Store) -> None:
    """One purpose's secret would open another's door."""
    with store.transaction() as work:
        assert work.capabilities.add(capability())
    with store.reading() as work:
        assert work.capabilities.get(Purpose.TICKET, "digest") == capability()
        assert work.capabilities.get(Purpose.PORTAL_SESSION, "digest") is None
        assert work.capabilities.get(Purpose.TICKET, "another") is None


@pytest.mark.row("R15")
def test_a_capability_is_added_once(store: Store) -> None:
    """R15: a captcha's solution could be handed in twice."""
    with store.transaction() as work:
        assert work.capabilities.add(capability())
        assert not work.capabilities.add(replace(capability(), facts={}))
        assert work.capabilities.add(capability(purpose=Purpose.CAPTCHA))
    with store.reading() as work:
        assert work.capabilities.get(Purpose.TICKET, "digest") == capability()


@pytest.mark.row("R1")
def test_a_capability_is_renewed_until_it_is_used(store: Store) -> None:
    """R1: a mail that comes at last would hold a link that ran out; or one that was used would work again."""
    later = replace(capability(), facts={"owner": "uuid-2"}, created_at=NOW + MINUTE, expires_at=NOW + 99 * MINUTE)
    with store.transaction() as work:
        assert work.capabilities.renew(capability())
        work.capabilities.add(capability("another"))
        assert work.capabilities.get(Purpose.TICKET, "digest") == capability()
        assert work.capabilities.renew(later)
        assert work.capabilities.get(Purpose.TICKET, "digest") == later
        assert work.capabilities.get(Purpose.TICKET, "another") == capability("another")
        work.capabilities.use(later, NOW)
        assert not work.capabilities.renew(capability())
    with store.reading() as work:
        assert work.capabilities.get(Purpose.TICKET, "digest") == replace(later, used_at=NOW)


@pytest.mark.row("R15")
def test_a_capability_is_used_once(store: Store) -> None:
    """R15: a step could be replayed."""
    with store.transaction() as work:
        work.capabilities.add(capability())
        assert work.capabilities.use(capability(), NOW)
        assert not work.capabilities.use(capability(), NOW + MINUTE)
        assert not work.capabilities.use(capability("another"), NOW)
    with store.reading() as work:
        assert work.capabilities.get(Purpose.TICKET, "digest") == replace(capability(), used_at=NOW)


@pytest.mark.row("S42", "S46")
def test_what_nobody_has_used_is_withdrawn_by_its_subject(store: Store) -> None:
    """S42: an application that was shut out would come back; or another one, or another owner's, be shut out with it."""
    purpose = Purpose.AUTHORIZATION_CODE

    def code(name: str, subject: str, client: str) -> Capability:
        facts = {"client": client, "scope": "é"}
        return replace(capability(name, purpose), facts=facts, subject=subject)

    kept = [code("used", "uuid-1", "ing"), code("another user's", "uuid-2", "ing"), capability("nobody's", purpose)]
    other = replace(code("of another kind", "uuid-1", "ing"), purpose=Purpose.TICKET)
    gone = [code("one", "uuid-1", "ing"), code("two", "uuid-1", "ing"), code("another's", "uuid-1", "triodos")]
    with store.transaction() as work:
        for each in (*kept, other, *gone):
            work.capabilities.add(each)
        work.capabilities.use(kept[0], NOW)
        assert work.capabilities.withdraw(purpose, "uuid-1", {"client": "basecone"}) == 0
        assert work.capabilities.withdraw(purpose, "uuid-1", {"client": "ing"}) == 2
        assert [work.capabilities.get(purpose, each.digest) for each in gone] == [None, None, gone[2]]
        assert work.capabilities.withdraw(purpose, "uuid-1") == 1
        assert work.capabilities.withdraw(purpose, "uuid-1") == 0
    with store.reading() as work:
        assert work.capabilities.get(purpose, "another's") is None
        assert [work.capabilities.get(purpose, each.digest) for each in kept] == [replace(kept[0], used_at=NOW), *kept[1:]]
        assert work.capabilities.get(Purpose.TICKET, other.digest) == other


def test_what_nobody_has_used_is_withdrawn_as_a_kind(store: Store) -> None:
    """A session that had ended would live on after a restore in doubt; or what was used be forgotten, and work once more."""
    kept = [capability("used"), capability("of another kind", Purpose.NOT_ME)]
    gone = [capability("one"), replace(capability("two"), subject="uuid-1")]
    with store.transaction() as work:
        for each in (*kept, *gone):
            work.capabilities.add(each)
        work.capabilities.use(kept[0], NOW)
        assert work.capabilities.withdraw_all(Purpose.TICKET) == 2
        assert [work.capabilities.get(each.purpose, each.digest) for each in gone] == [None, None]
        assert [work.capabilities.get(each.purpose, each.digest) for each in kept] == [replace(kept[0], used_at=NOW), kept[1]]
