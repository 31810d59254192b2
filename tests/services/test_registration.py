"""Initial access tokens: made by an operator, used by applications, ended (RFC 7591 section 1.2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from idp.domain.client import Narrowed
from idp.errors import RegistrationTokenRefused, UnknownRegistrationToken
from idp.services.change_client import ChangeClient, Changed
from idp.services.registration import Registered, Registration, Wish
from tests.services.composition import DIGESTS
from tests.services.world import BACK

if TYPE_CHECKING:
    from tests.services.world import World

OPERATOR = "operator:cn=jan"
WEEK = timedelta(days=7)
WISH = Wish("App", (BACK,), (), Narrowed("client_secret_basic", ("authorization_code",), ("a",)), with_secret=True)


@pytest.fixture
def registration(world: World) -> Registration:
    """The service."""
    return Registration(world.store, DIGESTS, world.clock)


@pytest.mark.row("S34")
def test_a_token_has_256_bits_and_is_kept_as_a_digest(registration: Registration) -> None:
    """S34: whoever reads the database could register applications."""
    kept, secret = registration.make_token("vendor_api", 1, WEEK, OPERATOR)
    assert len(secret) == 43
    assert secret not in repr(kept)
    assert registration.tokens() == [kept] == [registration.token(secret)]


@pytest.mark.row("S34")
def test_a_secret_is_kept_as_a_digest_and_lets_its_client_in(world: World, registration: Registration) -> None:
    """S34: nobody, and nothing that was stolen, knows it but the application."""
    token, _ = registration.make_token("vendor_api", 1, WEEK, OPERATOR)
    registered = registration.register(token, WISH)
    assert registered.secret is not None
    assert registered.secret not in repr(registered)
    assert world.clients.authenticate(registered.client.client_id, registered.secret) == registered.client
    assert (registered.client.self_named, registered.client.narrowed) == (True, WISH.narrowed)


def test_of_thirty_two_at_once_as_many_are_registered_as_it_is_good_for(world: World, registration: Registration) -> None:
    """Whoever has found it would be registered beside the one that it was made for."""
    token, secret = registration.make_token("vendor_api", 2, WEEK, OPERATOR)
    together = Barrier(32)

    def register(_: int) -> Registered | None:
        found = registration.token(secret)
        together.wait()
        try:
            return registration.register(found, WISH)
        except RegistrationTokenRefused:
            return None

    with ThreadPoolExecutor(32) as pool:
        got = [each.client for each in pool.map(register, range(32)) if each is not None]
    assert sorted(got, key=lambda client: client.client_id) == world.clients.list()
    assert len(got) == 2
    assert registration.tokens()[0].used == token.uses


def test_an_ended_token_is_good_for_nobody_and_its_clients_stay(world: World, registration: Registration) -> None:
    """An operator who ends one would shut out applications that owners use."""
    token, secret = registration.make_token("vendor_api", 9, WEEK, OPERATOR)
    client = registration.register(token, WISH).client
    registration.end_token(token.id, OPERATOR)
    with pytest.raises(RegistrationTokenRefused):
        registration.token(secret)
    with pytest.raises(RegistrationTokenRefused):
        registration.register(token, WISH)
    assert world.clients.list() == [client]
    for token_id in (token.id, "never made", "\0"):
        with pytest.raises(UnknownRegistrationToken):
            registration.end_token(token_id, OPERATOR)


def test_the_audit_says_who_opened_the_door_for_whom_and_who_shut_it(world: World, registration: Registration) -> None:
    """Nobody could say who had let strangers register."""
    token, secret = registration.make_token("vendor_api", 9, WEEK, OPERATOR)
    registration.end_token(token.id, OPERATOR)
    (made,), (ended,) = world.audit("registration-token.made"), world.audit("registration-token.ended")
    assert (made.actor, made.subject) == (ended.actor, ended.subject) == (OPERATOR, token.id)
    assert made.detail == {"connector": "vendor_api", "uses": "9", "until": token.expires_at.isoformat()}
    assert secret not in repr(world.audit())


def test_who_gives_it_another_name_vouches_for_that(world: World, registration: Registration) -> None:
    """An owner would be warned for ever of what an operator has looked at; or never, when only an address was changed."""
    client = registration.register(registration.make_token("vendor_api", 1, WEEK, OPERATOR)[0], WISH).client
    change = ChangeClient(world.store, world.clock).change
    assert change(client.client_id, Changed(redirect_uris=("https://b.example/",)), OPERATOR).self_named
    assert not change(client.client_id, Changed(name="App"), OPERATOR).self_named
    assert {name: (was.before, was.after) for name, was in world.audit("client.changed")[1].changes.items()} == {
        "self_named": ("yes", "no")
    }
