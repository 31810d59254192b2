"""A request for a new password as a state machine: every way through it, and none beside it (R14, R19)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from idp.domain.people import Koppelgebruiker, Locks, Owner, Seen
from idp.domain.reset_request import Binding, ResetRequest, ResetState
from idp.errors import LinkBusy, LinkExpired, LinkSpent, LinkUsed

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(minutes=60)
BINDING = Binding(Seen("uuid-8", None), "U4BBGA0008", "uid=anna,ou=people", "anna@example.nl")
QUEUED = ResetRequest("r1", "digest", "U4BBGA0008", with_ticket=False, created_at=NOW)
ENDED = ("spent", "dropped", "dropped at once")

pytestmark = pytest.mark.row("R19")


@pytest.fixture
def live() -> ResetRequest:
    """A request whose link was made just now."""
    return QUEUED.link_made(BINDING, NOW)


@pytest.fixture
def claimed(live: ResetRequest) -> ResetRequest:
    """A request whose link is being used just now."""
    return live.claimed(NOW)


@pytest.fixture
def by_name(live: ResetRequest, claimed: ResetRequest) -> dict[str, ResetRequest]:
    """A request in each place where it can stand."""
    return {
        "queued": QUEUED,
        "live": live,
        "claimed": claimed,
        "given back": claimed.given_back(),
        "spent": claimed.spent(),
        "dropped": live.dropped(),
        "dropped at once": QUEUED.dropped(),
    }


def test_a_request_begins_without_a_link() -> None:
    """A link would work before its mail was ever written."""
    assert (QUEUED.state, QUEUED.version, QUEUED.binding, QUEUED.expires_at) == (ResetState.QUEUED, 0, None, None)
    with pytest.raises(LinkSpent):
        QUEUED.assert_open(NOW)


def test_a_link_works_for_an_hour_to_the_second(live: ResetRequest) -> None:
    """People would have less time than the mail says, or a mailbox read later would open the door."""
    assert live.assert_open(NOW) == BINDING
    assert live.assert_open(NOW + HOUR - SECOND) == BINDING
    with pytest.raises(LinkExpired):
        live.assert_open(NOW + HOUR)


def test_the_hour_counts_from_the_latest_mail(live: ResetRequest) -> None:
    """A mail that was held up for fifty minutes would hold a link of ten."""
    again = live.link_made(BINDING, NOW + timedelta(minutes=50))
    assert again.state is ResetState.LIVE
    assert again.assert_open(NOW + timedelta(minutes=109)) == BINDING


def test_a_clock_set_back_does_not_lengthen_a_link(live: ResetRequest) -> None:
    """Yesterday's link would work once more."""
    assert live.assert_open(NOW - timedelta(minutes=5)) == BINDING
    with pytest.raises(LinkExpired):
        live.assert_open(NOW - timedelta(minutes=5) - SECOND)


def test_a_claim_shuts_out_every_other_submission(claimed: ResetRequest) -> None:
    """Two submissions at once would both write a password."""
    assert (claimed.state, claimed.claimed_at, claimed.binding) == (ResetState.CLAIMED, NOW, BINDING)
    with pytest.raises(LinkBusy):
        claimed.assert_open(NOW)
    with pytest.raises(LinkBusy):
        claimed.claimed(NOW)


@pytest.mark.parametrize("name", ["queued", *ENDED])
def test_only_a_live_link_can_be_claimed(by_name: dict[str, ResetRequest], name: str) -> None:
    """A used link would set a second password."""
    with pytest.raises(LinkSpent):
        by_name[name].claimed(NOW)


def test_an_expired_link_can_not_be_claimed(live: ResetRequest) -> None:
    """A form opened in time and submitted a day later would still write."""
    with pytest.raises(LinkExpired):
        live.claimed(NOW + HOUR)


def test_a_claim_given_back_is_a_live_link_with_its_old_end(live: ResetRequest, claimed: ResetRequest) -> None:
    """A refused password would cost the link, or lengthen it."""
    back = claimed.given_back()
    assert back == replace(live, version=claimed.version + 1)
    assert back.assert_open(NOW + HOUR - SECOND) == BINDING
    with pytest.raises(LinkExpired):
        back.assert_open(NOW + HOUR)


@pytest.mark.parametrize("name", ENDED)
def test_an_end_is_an_end(by_name: dict[str, ResetRequest], name: str) -> None:
    """A link would work twice."""
    with pytest.raises(LinkSpent):
        by_name[name].assert_open(NOW)


def test_the_two_ends_are_told_apart(live: ResetRequest, claimed: ResetRequest) -> None:
    """Support could not say whether a link was used or died; nor could the page, to who has lost the answer."""
    assert claimed.spent().state is ResetState.SPENT
    with pytest.raises(LinkUsed):
        claimed.spent().assert_open(NOW)
    assert live.dropped().state is ResetState.DROPPED
    with pytest.raises(LinkSpent) as raised:
        live.dropped().assert_open(NOW)
    assert not isinstance(raised.value, LinkUsed)


def test_a_live_row_that_lacks_its_binding_or_its_end_opens_nothing(live: ResetRequest) -> None:
    """A damaged row would be a link that is bound to nobody, or never ends."""
    for damaged in (replace(live, binding=None), replace(live, expires_at=None)):
        with pytest.raises(LinkSpent):
            damaged.assert_open(NOW)


def test_each_transition_raises_the_version_by_one(live: ResetRequest, claimed: ResetRequest) -> None:
    """Compare-and-swap would let two through."""
    walk = [QUEUED, live, claimed, claimed.given_back(), claimed.given_back().claimed(NOW).spent()]
    assert [request.version for request in walk] == [0, 1, 2, 3, 5]
    assert QUEUED.dropped().version == 1


def test_what_a_request_is_stays_the_same_on_its_way(by_name: dict[str, ResetRequest]) -> None:
    """A link would lead to another user."""
    for request in by_name.values():
        facts = (request.id, request.digest, request.bare, request.with_ticket, request.created_at)
        assert facts == ("r1", "digest", "U4BBGA0008", False, NOW)


def test_a_claim_is_stale_after_a_minute(claimed: ResetRequest) -> None:
    """A submission under way would be settled under its hands, or one that died never."""
    assert not claimed.claim_is_stale(NOW)
    assert not claimed.claim_is_stale(NOW + 60 * SECOND - timedelta(microseconds=1))
    assert claimed.claim_is_stale(NOW + 60 * SECOND)


def test_a_claim_from_the_future_is_stale(claimed: ResetRequest) -> None:
    """After the clock was set back a link would be busy for as long."""
    assert claimed.claim_is_stale(NOW - timedelta(microseconds=1))


@pytest.mark.parametrize("name", ["queued", "live", "given back", *ENDED])
def test_only_a_claim_can_be_stale(by_name: dict[str, ResetRequest], name: str) -> None:
    """Recovery would bring a used link back to life."""
    assert not by_name[name].claim_is_stale(NOW + timedelta(days=1))


def test_a_damaged_claim_without_its_moment_is_left_alone(claimed: ResetRequest) -> None:
    """Recovery would break on it, and settle no other claim."""
    assert not replace(claimed, claimed_at=None).claim_is_stale(NOW + timedelta(days=1))


def test_a_link_is_bound_to_entry_password_name_owner_and_address() -> None:
    """A difference in any of them must show, or the link outlives what it was made for."""
    user = Koppelgebruiker("U4BBGA0008", "uuid-8", "A8", "uid=anna,ou=people", None, Locks(), released=False, revision="1")
    owner = Owner("uid=anna,ou=people", "uuid-a", "Anna", "anna@example.nl", "nl", None, Locks())
    assert Binding.of(user, owner) == BINDING
    others = [
        Binding.of(replace(user, entry_uuid="uuid-9"), owner),
        Binding.of(replace(user, password_changed="20261124115900Z"), owner),
        Binding.of(replace(user, uid="U4BBGA0009"), owner),
        Binding.of(user, replace(owner, dn="uid=bob,ou=people")),
        Binding.of(user, replace(owner, mail="bob@example.nl")),
        Binding.of(user, replace(owner, mail=None)),
    ]
    assert BINDING not in others
    assert others[-1].mail == ""


def test_what_has_no_part_in_the_binding_kills_no_link() -> None:
    """A note that support makes on the entry would kill a link under way."""
    user = Koppelgebruiker("U4BBGA0008", "uuid-8", "A8", "uid=anna,ou=people", None, Locks(), released=True, revision="77")
    owner = Owner("uid=anna,ou=people", "uuid-a", "Anna B.", "anna@example.nl", "en", "20261124115900Z", Locks())
    assert Binding.of(user, owner) == BINDING
