"""An assertion works once, whoever is asked, until it is over anyway (S20)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from idp.adapters.sql import SqlStore
from idp.errors import InvalidCredentials, StoreUnavailable
from idp.oauth.http import RawRequest
from idp.outside import DATABASE_NAME
from idp.services.assertions import Assertions
from idp.services.used_once import UsedOnce
from idp.settings import LimitSettings
from idp.upkeep import Upkeep
from tests.client_signers import Signer, asserted
from tests.oauth.keyed import WITH_KEYS, Keyed, refused
from tests.oauth.test_client_authentication import ENDPOINTS
from tests.oauth.test_token_request import FORM, RIGHT, assert_refused

if TYPE_CHECKING:
    from tests.oauth.world import NewWorld, World

HOUR = 3600


@pytest.mark.row("S20")
def test_it_works_once_wherever_it_is_sent(each_bank: Keyed) -> None:
    """S20: whoever reads it on its way, or in a log, can do nothing with it; not even signed anew with the same identifier."""
    bank, asking = each_bank, f"{each_bank.prefix}/introspect"
    assertion = bank.assertion(jti="one")
    assert bank.ask(assertion, asking).status_code == 200
    for endpoint in ENDPOINTS:
        path = endpoint.replace("/oauth", bank.prefix)
        assert refused(bank.ask(assertion, path))
        assert refused(bank.ask(bank.assertion(jti="one"), path))
    assert bank.ask(bank.assertion(jti="two"), asking).status_code == 200


@pytest.mark.row("S20")
def test_two_clients_may_use_the_same_identifier(keyed_world: World, bank: Keyed) -> None:
    """S20: one bank can't use up what another one is about to send."""
    other = Keyed(keyed_world, Signer(which="another bank's"), client_id="ing-2").register()
    assert [each.status(jti="1") for each in (bank, other)] == [200, 200]
    assert [each.status(jti="1") for each in (bank, other)] == [401, 401]


@pytest.mark.row("S20")
def test_of_thirty_two_uses_at_once_one_lets_in(new_world: NewWorld) -> None:
    """S20: a thief who is fast enough would be let in beside the bank."""
    world = new_world(LimitSettings(client_failures="1000 per minute"), WITH_KEYS)
    body = urlencode({**RIGHT, **asserted(Keyed(world).register().assertion())}).encode()
    request = RawRequest("POST", "", FORM, body, None, "192.0.2.7", "192.0.2.7")
    together = Barrier(32)

    def use(_: int) -> int:
        together.wait()
        return world.oauth.token(request).status

    with ThreadPoolExecutor(32) as pool:
        assert sorted(pool.map(use, range(32))) == [200] + [401] * 31


@pytest.mark.row("S20")
def test_another_process_and_a_restart_know_it_too(keyed_world: World, bank: Keyed) -> None:
    """S20: a service that was started again, or a second one beside it, would let a thief in."""
    assertion = bank.assertion(jti="one")
    end = keyed_world.clock.now() + timedelta(minutes=1)
    assert bank.ask(assertion).status_code == 200
    keyed_world.close()
    parts = keyed_world.parts
    another = SqlStore(f"sqlite:///{keyed_world.state / DATABASE_NAME}", parts.digests)
    elsewhere = Assertions(UsedOnce(another, parts.digests, keyed_world.clock))
    assert elsewhere.signer(bank.client_id, "one") is None
    with pytest.raises(InvalidCredentials):
        elsewhere.use(bank.client_id, "one", end)
    elsewhere.use(bank.client_id, "two", end)
    assert refused(bank.ask(bank.assertion(jti="two")))
    another.close()


@pytest.mark.row("S20")
def test_what_is_over_is_forgotten_and_nothing_else(keyed_world: World, bank: Keyed) -> None:
    """S20: the database would grow with each request for ever, or forget what could still be played again."""
    upkeep = Upkeep(keyed_world.database, keyed_world.clock)
    keyed_world.clock.go(timedelta(seconds=1))
    kept = bank.assertion(jti="kept", exp=int(keyed_world.clock.now().timestamp()) + HOUR)
    assert bank.ask(kept).status_code == 200
    keyed_world.clock.go(timedelta(minutes=59))
    upkeep.step()
    assert refused(bank.ask(kept))
    assert keyed_world.parts.assertions.signer(bank.client_id, "kept") is None
    keyed_world.clock.go(timedelta(days=1, minutes=11))
    upkeep.step()
    assert keyed_world.parts.assertions.signer(bank.client_id, "kept") is not None
    assert refused(bank.ask(kept))


def test_what_could_not_be_remembered_lets_nobody_in(keyed_world: World, bank: Keyed) -> None:
    """A store that fails: come back later, and nothing was issued."""
    keyed_world.store.fault = StoreUnavailable()
    assertion = bank.assertion()
    assert_refused(bank.ask(assertion), "temporarily_unavailable", 503)
    keyed_world.store.fault = None
    assert bank.ask(assertion).status_code == 200
