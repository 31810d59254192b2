"""How long, and how often, an initial access token is good for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from idp.domain.registration_token import RegistrationToken
from tests.domain.test_lifetimes import NOW

A_MOMENT = timedelta(microseconds=1)
TOKEN = RegistrationToken("id", "digest", "ing", NOW - timedelta(days=1), NOW, uses=2, used=1)


def test_it_is_good_until_its_end_and_its_last_use() -> None:
    """Somebody could register an application by what an operator believes to be over; or could not, by what they were given."""
    assert TOKEN.good_at(NOW - A_MOMENT)
    assert not TOKEN.good_at(NOW)
    assert not replace(TOKEN, used=2).good_at(NOW - A_MOMENT)
    assert not replace(TOKEN, ended_at=NOW - A_MOMENT).good_at(NOW - A_MOMENT)
