"""Initial access tokens, and what is kept of the clients that were registered with one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.client import Client, Narrowed
from idp.domain.registration_token import RegistrationToken

if TYPE_CHECKING:
    from idp.ports.store import Store

NOW = datetime(2026, 3, 4, 10, 11, 12, 345678, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)


def token(name: str = "one", uses: int = 2) -> RegistrationToken:
    """Make one that is good for a day."""
    return RegistrationToken(name, f"digest of {name}", "vendor_api", NOW, NOW + DAY, uses)


def test_tokens_are_listed_oldest_first_and_found_by_their_digest(store: Store) -> None:
    """An operator could not see who may still register."""
    late = replace(token("a late one"), created_at=NOW + MOMENT)
    with store.transaction() as work:
        for each in (late, token(), token("two")):
            work.registration_tokens.add(each)
    with store.reading() as work:
        assert work.registration_tokens.all() == [token(), token("two"), late]
        assert work.registration_tokens.by_digest("digest of two") == token("two")
        assert work.registration_tokens.by_digest("digest of none") is None


@pytest.mark.parametrize("uses", [1, 2])
def test_a_token_is_used_as_often_as_it_is_good_for(store: Store, uses: int) -> None:
    """Whoever finds it in a mailbox would register as many as they like."""
    with store.transaction() as work:
        work.registration_tokens.add(token(uses=uses))
        work.registration_tokens.add(token("another"))
        assert [work.registration_tokens.use(token(), NOW) for _ in range(uses + 1)] == [True] * uses + [False]
        assert not work.registration_tokens.use(token("unknown"), NOW)
    with store.reading() as work:
        assert work.registration_tokens.all() == [token("another"), replace(token(uses=uses), used=uses)]


def test_a_token_is_used_before_its_end_and_not_after_it_was_ended(store: Store) -> None:
    """An operator who ends one would be too late all the same."""
    with store.transaction() as work:
        work.registration_tokens.add(token())
        work.registration_tokens.add(token("another"))
        assert work.registration_tokens.use(token(), NOW + DAY - MOMENT)
        assert not work.registration_tokens.use(token(), NOW + DAY)
        assert work.registration_tokens.end("one", NOW + MOMENT)
        assert not work.registration_tokens.end("one", NOW + DAY)
        assert not work.registration_tokens.use(token(), NOW)
        assert work.registration_tokens.use(token("another"), NOW)
    with store.reading() as work:
        assert work.registration_tokens.by_digest("digest of one") == replace(token(), used=1, ended_at=NOW + MOMENT)


@pytest.mark.row("S47")
@pytest.mark.parametrize("typed", ["", "\0", "one\0", "\ud800", "ONE", "%"])
def test_a_token_id_that_no_token_has_ends_none(store: Store, typed: str) -> None:
    """S47: a slip of the hand would end another one, or end in a traceback."""
    with store.transaction() as work:
        work.registration_tokens.add(token())
        assert not work.registration_tokens.end(typed, NOW)


def test_tokens_go_thirty_days_after_their_end(store: Store) -> None:
    """The list would grow for ever, or a token be gone while somebody asks why it is refused."""
    with store.transaction() as work:
        work.registration_tokens.add(token())
        work.registration_tokens.add(replace(token("later"), expires_at=NOW + DAY + MOMENT))
    assert store.expire(NOW + 31 * DAY, 100)["registration_tokens"] == 0
    assert store.expire(NOW + 31 * DAY + MOMENT, 100)["registration_tokens"] == 1
    with store.reading() as work:
        assert [each.id for each in work.registration_tokens.all()] == ["later"]


def test_what_a_client_asked_for_is_kept_and_a_name_may_be_vouched_for_later(store: Store) -> None:
    """It would get more than it has registered for, or its owner be told that somebody has looked at its name."""
    asked = Narrowed("client_secret_basic", ("authorization_code", "refresh_token"), ("a", "b"), dpop_bound=True)
    client = Client("ing-1", "ing", "ING", enabled=True, created_at=NOW, narrowed=asked, self_named=True)
    with store.transaction() as work:
        work.clients.add(client)
        assert work.clients.all() == [client]
        after = replace(client, self_named=False, narrowed=replace(asked, auth_method=None))
        work.clients.replace(after)
    with store.reading() as work:
        assert work.clients.get("ing-1") == after
