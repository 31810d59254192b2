"""When a key signs and how long it verifies, to the second (S22): the rules alone, whoever holds the keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwk

from idp.errors import ConfigurationError
from idp.oauth.key_life import PUBLISH_AHEAD, RETIRE_AFTER, lives, with_fresh, with_own
from idp.oauth.signing_key import SigningKey, new_key

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(days=3)
SOON = NOW + PUBLISH_AHEAD
DAY_AFTER = SOON + RETIRE_AFTER


def made(alg: str = "ES256", *, is_own: bool = False, retire_at: datetime | None = None) -> SigningKey:
    """A key of some days ago."""
    return replace(new_key(alg, EARLIER, EARLIER), is_own=is_own, retire_at=retire_at)


def laid_down(alg: str = "ES256") -> SigningKey:
    """A key that lies in the operator's folder since now."""
    return replace(new_key(alg, NOW, NOW), is_own=True)


@pytest.mark.row("S22")
def test_a_fresh_key_ends_the_one_before_a_day_after_its_last_signature() -> None:
    """S22: no token is without its key, and no key stays for ever."""
    former, fresh = made(), new_key("ES256", NOW, SOON)
    assert with_fresh([former], fresh) == [replace(former, retire_at=DAY_AFTER), fresh]


@pytest.mark.row("S22")
def test_a_fresh_key_leaves_all_others_as_they_were() -> None:
    """S22: other algorithms, what ends already, and what is not ours to end."""
    others = [made("EdDSA"), made(retire_at=NOW), made(is_own=True), made(is_own=True, retire_at=NOW)]
    fresh = new_key("ES256", NOW, SOON)
    assert with_fresh(others, fresh) == [*others, fresh]


@pytest.mark.row("S22")
def test_a_key_of_the_operators_waits_until_it_is_known() -> None:
    """S22: it is published at once, signs later, and ends the one that was made here."""
    former, own = made(), laid_down()
    assert with_own([former], [own], NOW) == [replace(former, retire_at=DAY_AFTER), replace(own, sign_from=SOON)]


@pytest.mark.row("S22")
def test_where_nothing_else_signs_there_is_nothing_to_wait_for() -> None:
    """S22: whatever signs with other algorithms."""
    other, first, second = made("EdDSA"), laid_down(), laid_down()
    assert with_own([other], [first, second], NOW) == [other, first, second]


@pytest.mark.row("S22")
def test_what_lies_there_is_left_as_it_is() -> None:
    """S22: a second key puts off nothing of the first one's, nor ends it."""
    first, second = made(is_own=True), laid_down()
    assert with_own([first], [first, second], NOW) == [first, replace(second, sign_from=SOON)]


@pytest.mark.row("S22")
def test_what_was_taken_away_verifies_for_a_day() -> None:
    """S22: from now on, since it may have signed until now; a second start does not make it a day more."""
    gone, other = made(is_own=True), made("EdDSA")
    ended = replace(gone, retire_at=NOW + RETIRE_AFTER)
    assert with_own([gone, other], [], NOW) == [ended, other]
    assert with_own([ended, other], [], NOW + timedelta(hours=1)) == [ended, other]
    assert with_own([ended, other], [], NOW + RETIRE_AFTER) == [other]


@pytest.mark.row("S22")
def test_what_comes_back_signs_from_now_on() -> None:
    """S22: everybody knows it already."""
    ended, ours = made(is_own=True, retire_at=DAY_AFTER), made()
    back = replace(ended, created_at=NOW, sign_from=NOW, retire_at=None)
    assert with_own([ended, ours], [back], NOW) == [replace(ours, retire_at=NOW + RETIRE_AFTER), back]


@pytest.mark.row("S22")
def test_a_key_that_was_made_here_and_copied_out_is_the_operators() -> None:
    """S22: its private part need not stay here as well."""
    copied = made()
    own = replace(copied, created_at=NOW, sign_from=NOW, is_own=True)
    assert with_own([copied], [own], NOW) == [own]


@pytest.mark.row("S22")
def test_where_the_operators_are_gone_the_newest_of_ours_signs_on() -> None:
    """S22: and only that one, and only where nothing else lives."""
    older, newer = made(retire_at=NOW + RETIRE_AFTER), replace(made(retire_at=DAY_AFTER), sign_from=EARLIER + PUBLISH_AHEAD)
    other = made("EdDSA", retire_at=DAY_AFTER)
    living = made("EdDSA")
    kept = with_own([newer, older, other, living, made(is_own=True)], [], NOW)
    assert [key for key in kept if key.alg == "EdDSA"] == [other, living]
    assert [key for key in kept if lives(key)] == [replace(newer, retire_at=None), living]


@pytest.mark.row("S22")
def test_a_key_is_of_one_algorithm_for_life() -> None:
    """S22: its tokens say which."""
    members = jwk.RSAKey.generate_key(2048).as_dict(private=True)
    for is_own in (False, True):
        first = SigningKey("RS256", members, EARLIER, EARLIER, is_own=is_own)
        with pytest.raises(ConfigurationError, match=f"the key {first.kid} is for RS256; .* make another one for PS256"):
            with_own([first], [replace(first, alg="PS256")], NOW)
