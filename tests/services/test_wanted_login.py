"""Which login an application wants, and whether this one will do; and its nonces (OpenID Connect Core section 3.1.2.1; S40)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from idp.errors import NonceUsed, UnknownUser
from idp.services.authorization import Asked, Presented
from idp.services.login_guard import Caller
from idp.services.wanted_login import WantedLogin
from tests.services.tokens import API, DAYS, HOUR, MOMENT, READ_WRITE
from tests.services.world import ANNA_MAIL, HOME, NAME, OTHERS_NAME, PORTAL_PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from idp.domain.client import Client
    from idp.domain.portal_session import PortalSession
    from tests.services.world import World

BACK = "https://app.example/back"
QUERY = "state=a"
MINUTE = timedelta(minutes=1)
ANY = WantedLogin(QUERY)


def log_in(world: World, query: str | None = None) -> PortalSession:
    """Log in, for a request or for none."""
    return world.owner_login.session_of(world.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, Caller(HOME), query))


def will_do(world: World, session: PortalSession, wish: WantedLogin) -> bool:
    """Tell whether it will."""
    return wish.is_met(session, world.owner_login)


@pytest.mark.row("S40")
def test_a_login_may_be_as_old_as_it_is_allowed_to_be(world: World) -> None:
    """An owner logs in once too often, or somebody else's hours-old login counts."""
    session = log_in(world)
    world.clock.go(MINUTE)
    assert will_do(world, session, ANY)
    assert will_do(world, session, replace(ANY, max_age=MINUTE))
    world.clock.go(MOMENT)
    assert not will_do(world, session, replace(ANY, max_age=MINUTE))
    assert will_do(world, session, ANY)


@pytest.mark.row("S40")
def test_a_new_login_is_one_for_this_request(world: World) -> None:
    """An owner is sent in circles, or the one who left the browser open is taken for them."""
    elsewhere, here = log_in(world), log_in(world, QUERY)
    world.clock.go(2 * MINUTE)
    for wish in (replace(ANY, anew=True), replace(ANY, anew=True, max_age=MINUTE), replace(ANY, max_age=MINUTE)):
        assert [will_do(world, session, wish) for session in (elsewhere, here)] == [False, True], wish
        assert not will_do(world, here, replace(wish, query="state=b"))
    assert not will_do(world, elsewhere, replace(ANY, anew=True, max_age=DAYS))


@pytest.mark.row("S40")
def test_it_must_be_the_owner_of_one_that_is_wanted(world: World) -> None:
    """Section 3.1.2.2: nothing is ever told about another one than the application wants."""
    session = log_in(world, QUERY)
    own, others = world.user(NAME).entry_uuid, world.user(OTHERS_NAME).entry_uuid
    wanted = {frozenset((own,)): True, frozenset((own, others)): True, frozenset((others,)): False, frozenset[str](): False}
    for subjects, met in wanted.items():
        assert will_do(world, session, replace(ANY, subjects=subjects)) is met
        assert will_do(world, session, replace(ANY, anew=True, subjects=subjects)) is met


@pytest.mark.row("S40")
def test_another_one_than_is_wanted_can_not_be_chosen(world: World, client: Client) -> None:
    """A form can be changed by whoever sends it."""
    session, asked = log_in(world), Asked(client, BACK, READ_WRITE, API, None)
    only = replace(asked, subjects=frozenset((world.user(NAME).entry_uuid,)))
    assert world.authorization.allow(session, NAME, only)
    assert world.authorization.allow(session, SECOND_NAME, asked)
    for subjects in (only.subjects, frozenset[str]()):
        with pytest.raises(UnknownUser):
            world.authorization.allow(session, SECOND_NAME, replace(asked, subjects=subjects))


@pytest.mark.row("S40")
def test_what_is_issued_says_which_login_it_goes_back_to(world: World, client: Client) -> None:
    """An application would take an old login for a new one, or another's answer for its own."""
    session = log_in(world)
    world.clock.go(MINUTE)
    asked = Asked(client, BACK, READ_WRITE, API, None, nonce="n", claims=("administratie", "preferred_username"))
    code = world.authorization.allow(session, NAME, asked)
    issued = world.authorization.redeem(client, Presented(code, BACK, None), HOME, HOUR, DAYS)
    told = issued.authentication
    assert told is not None
    assert (told.at, told.session, told.nonce, told.claims) == (session.began_at, session.id, "n", asked.claims)
    assert code not in repr(issued)


@pytest.mark.row("S40")
def test_a_nonce_is_for_one_question_of_one_client(world: World, client: Client) -> None:
    """Whoever has an old request could have its answer signed anew; and who clicks twice would see an error."""
    session, other = log_in(world), world.client("vendor_api")
    asked = Asked(client, BACK, READ_WRITE, API, None, nonce="n")
    asks = world.authorization
    asks.allow(session, NAME, asked, "one question")
    asks.allow(session, NAME, asked, "one question")
    for again in ("another question", None):
        with pytest.raises(NonceUsed):
            asks.allow(session, NAME, asked, again)
    asks.allow(session, NAME, replace(asked, nonce="m"))
    with pytest.raises(NonceUsed):
        asks.allow(session, NAME, replace(asked, nonce="m"))
    with pytest.raises(NonceUsed):
        asks.allow(session, NAME, replace(asked, nonce="m"), "one question")
    asks.allow(session, NAME, replace(asked, client=other))
    world.clock.go(timedelta(days=1) - MOMENT)
    with pytest.raises(NonceUsed):
        asks.allow(session, NAME, asked)
    world.clock.go(MOMENT)
    asks.allow(session, NAME, asked)
    with pytest.raises(NonceUsed):
        asks.allow(session, NAME, asked)


@pytest.mark.row("S40")
def test_of_thirty_two_questions_with_one_nonce_one_is_answered(world: World, client: Client) -> None:
    """Whoever is quick enough would have a nonce signed twice."""
    session, asked, together = log_in(world), Asked(client, BACK, READ_WRITE, API, None, nonce="n"), Barrier(32)

    def answer(number: int) -> bool:
        together.wait()
        with suppress(NonceUsed):
            return bool(world.authorization.allow(session, NAME, asked, f"question {number}"))
        return False

    with ThreadPoolExecutor(32) as pool:
        assert list(pool.map(answer, range(32))).count(True) == 1


@pytest.mark.row("S40")
def test_a_refused_nonce_leaves_no_code(world: World, client: Client) -> None:
    """What is refused must not lie about."""
    session, asked = log_in(world), Asked(client, BACK, READ_WRITE, API, None, nonce="n")
    world.authorization.allow(session, NAME, asked)
    with pytest.raises(NonceUsed):
        world.authorization.allow(session, NAME, asked)
    assert len(world.audit("authorization.allowed")) == 1
