"""A proof shows a key once, whoever is asked, until it is too old anyway (RFC 9449 section 11.1, S16)."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from idp.adapters.sql import SqlStore
from idp.errors import StoreUnavailable
from idp.oauth.http import RawRequest
from idp.oauth.server import OAuthServer
from idp.outside import DATABASE_NAME
from idp.services.used_once import UsedOnce
from idp.upkeep import Upkeep
from tests.client_signers import Signer
from tests.oauth.place import Place, hash_of
from tests.oauth.proving import classic, refused, turned_away
from tests.oauth.test_token_request import FORM, assert_refused

if TYPE_CHECKING:
    from tests.oauth.world import World

MINUTES = timedelta(minutes=5)


@pytest.mark.row("S16")
def test_it_works_once_wherever_it_is_sent(place: Place) -> None:
    """S16: whoever reads it on its way, or in a log, has a token for the key's owner with it, or all that a token is worth."""
    proof = place.proof()
    assert place.ask(proof).status_code == 200
    assert refused(place.ask(proof))
    token = place.bound()
    shown = place.proof("userinfo", ath=hash_of(token))
    assert place.userinfo(token, shown).status_code == 200
    assert turned_away(place.userinfo(token, shown), "invalid_dpop_proof")
    again = place.proof("userinfo", ath=hash_of(token), jti=place.claims()["jti"])
    assert place.userinfo(token, again).status_code == 200


@pytest.mark.row("S16")
def test_an_identifier_works_once_for_its_key(world: World) -> None:
    """S16: signed anew it is the same proof; and nobody can use up what another application is about to send."""
    application = classic(world)
    other = Signer(which="another's")
    assert application.ask(application.proof(jti="1")).status_code == 200
    assert refused(application.ask(application.proof(jti="1", iat=application.claims()["iat"])))
    assert application.ask(application.proof("token", other, jti="1")).status_code == 200
    assert refused(application.ask(application.proof("token", other, jti="1")))


@pytest.mark.row("S16")
def test_what_was_refused_was_not_used(world: World) -> None:
    """S16: a stranger who has no token of ours, or none for that key, has nothing kept here, and uses up nobody's proof."""
    application = classic(world)
    token = application.bound()
    proof = application.proof("userinfo", ath=hash_of(token))
    assert turned_away(application.userinfo("x" + token, proof))
    wrong = {**application.form(), "client_secret": "wrong"}
    asked = application.proof()
    assert world.post("/oauth/token", None, wrong, headers={"DPoP": asked}).status_code == 401
    foreign = application.proof("userinfo", Signer(which="a thief's"), ath=hash_of(token))
    before = _rows(world)
    assert turned_away(application.userinfo(token, foreign))
    assert _rows(world) == before
    assert application.userinfo(token, proof).status_code == 200
    assert application.ask(asked).status_code == 200


@pytest.mark.row("S16")
def test_of_thirty_two_uses_at_once_one_shows_the_key(world: World) -> None:
    """S16: a thief who is fast enough would be given a token beside the application."""
    application = classic(world)
    body = urlencode(application.form()).encode()
    request = RawRequest("POST", "", FORM, body, None, "192.0.2.7", "192.0.2.7", dpop=(application.proof(),))
    together = Barrier(32)

    def use(_: int) -> int:
        together.wait()
        return world.oauth.token(request).status

    with ThreadPoolExecutor(32) as pool:
        assert sorted(pool.map(use, range(32))) == [200] + [400] * 31


@pytest.mark.row("S16")
def test_another_process_and_a_restart_know_it_too(world: World) -> None:
    """S16: a service that was started again, or a second one beside it, would take it once more."""
    application = classic(world)
    first, second = application.proof(), application.proof()
    assert application.ask(first).status_code == 200
    world.close()
    another = SqlStore(f"sqlite:///{world.state / DATABASE_NAME}", world.parts.digests)
    parts = replace(world.parts, used_once=UsedOnce(another, world.parts.digests, world.clock))
    elsewhere = OAuthServer(parts)

    def sent(proof: str) -> RawRequest:
        body = urlencode(application.form()).encode()
        return RawRequest("POST", "", FORM, body, None, "192.0.2.7", "192.0.2.7", dpop=(proof,))

    assert elsewhere.token(sent(first)).body["error"] == "invalid_dpop_proof"
    assert elsewhere.token(sent(second)).status == 200
    assert refused(application.ask(second))
    another.close()


@pytest.mark.row("S16")
def test_it_is_remembered_until_it_is_too_old(world: World) -> None:
    """S16: the database would grow with each request for ever, or forget what could still be played again."""
    application, upkeep = classic(world), Upkeep(world.database, world.clock)
    ahead = int((world.clock.now() + timedelta(seconds=10)).timestamp())
    proof = application.proof(iat=ahead, nonce=None)
    assert application.ask(proof).status_code == 200
    world.clock.go(MINUTES + timedelta(seconds=9))
    upkeep.step()
    assert application.ask(proof).json["error_description"] == "The DPoP proof was used before."
    kept = _rows(world)
    world.clock.go(timedelta(days=1, minutes=11))
    upkeep.step()
    assert _rows(world) < kept


def test_what_could_not_be_remembered_shows_nothing(world: World) -> None:
    """A store that fails: come back later, and nothing was issued."""
    application = classic(world)
    world.store.fault = StoreUnavailable()
    proof = application.proof()
    assert_refused(application.ask(proof), "temporarily_unavailable", 503)
    world.store.fault = None
    assert application.ask(proof).status_code == 200


def _rows(world: World) -> int:
    with closing(sqlite3.connect(world.state / DATABASE_NAME)) as database:
        return int(database.execute("SELECT count(*) FROM capabilities WHERE purpose = 'dpop-proof'").fetchone()[0])
