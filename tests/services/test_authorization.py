"""An owner lets an application in, and its code is redeemed: once, in time, by who asked, for what was allowed (S4-S8, S46)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.domain.grant import network_around
from idp.domain.portal_session import PortalSession
from idp.errors import (
    ClientDisabled,
    CodeUsed,
    DirectoryUnavailable,
    FlowExpired,
    GrantEnded,
    NotUsable,
    ResourceNotGranted,
    SubjectBlocked,
    SubjectChanged,
    UnknownUser,
    UserNotChosen,
)
from idp.services.authorization import Asked, Presented, PutOff
from idp.services.operations import Operations
from tests.services.composition import DIGESTS
from tests.services.operator import MemoryOperator
from tests.services.tokens import API, DAYS, HOUR, MOMENT, READ_WRITE, is_live, refresh_of, refreshed, stored
from tests.services.world import BACK, HOME, NAME, NEW_PASSWORD, OTHERS_NAME, SECOND_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.domain.client import Client
    from idp.services.issued import Issued
    from tests.services.world import World

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
MINUTE = timedelta(minutes=1)


def session(world: World) -> PortalSession:
    """The owner's login."""
    return PortalSession(world.owner(), "the session", world.clock.now())


def allow(world: World, client: Client, name: str = NAME, challenge: str | None = CHALLENGE) -> str:
    """Let an application in; gives the code."""
    return world.authorization.allow(session(world), name, Asked(client, BACK, READ_WRITE, API, challenge))


def redeem(world: World, client: Client, code: str, /, **changes: str | None) -> Issued:
    """Redeem a code as it should be, or otherwise."""
    presented = replace(Presented(code, BACK, VERIFIER), **changes)  # type: ignore[arg-type]  # names of its fields
    return world.authorization.redeem(client, presented, HOME, HOUR, DAYS)


def test_what_is_issued_is_what_was_allowed(world: World, client: Client) -> None:
    """An application would get more than its owner has said yes to."""
    issued = redeem(world, client, allow(world, client))
    assert (issued.scope, issued.audience) == (READ_WRITE, API)
    assert issued.user == world.user()
    assert issued.expires_at == world.clock.now() + HOUR
    grant = stored(world, issued)
    assert (grant.client_id, grant.uid, grant.seen, grant.network) == (
        client.client_id,
        NAME,
        world.user().seen,
        network_around(HOME),
    )
    assert is_live(world, issued) == (True, True)
    with world.database.reading() as work:
        refresh = work.grants.token("refresh", DIGESTS.digest(Purpose.REFRESH_TOKEN, refresh_of(issued)))
    assert refresh is not None
    assert refresh.expires_at == world.clock.now() + DAYS


def test_a_user_without_a_password_can_be_coupled(world: World, client: Client) -> None:
    """Who moves away from passwords would have to choose one first. The first password ends it, as any other does."""
    world.admin.recreate(NAME, world.anna)
    issued = redeem(world, client, allow(world, client))
    world.admin.set_password(NAME, NEW_PASSWORD)
    assert is_live(world, issued) == (False, False)


def test_the_audit_says_who_let_whom_in_and_who_was_refused(world: World, client: Client) -> None:
    """Afterwards nobody could say whether it was the owner."""
    allow(world, client)
    world.authorization.refuse(session(world), Asked(client, BACK, READ_WRITE, API, None))
    (allowed,), (refused,) = world.audit("authorization.allowed"), world.audit("authorization.refused")
    detail = {"client": client.client_id, "scope": READ_WRITE}
    assert (allowed.actor, allowed.subject, allowed.detail) == ("owner", world.user().entry_uuid, detail)
    assert (refused.actor, refused.subject, refused.detail) == ("owner", world.anna.entry_uuid, detail)
    assert (allowed.at, refused.at) == (world.clock.now(), world.clock.now())


@pytest.mark.row("S34")
def test_a_code_has_256_bits_and_is_kept_as_a_digest(world: World, client: Client) -> None:
    """S34: whoever reads the database could redeem it."""
    code = allow(world, client)
    assert len(code) == 43
    assert code != allow(world, client)
    with world.database.reading() as work:
        kept = work.capabilities.get(Purpose.AUTHORIZATION_CODE, DIGESTS.digest(Purpose.AUTHORIZATION_CODE, code))
    assert kept is not None
    assert code not in repr(kept)
    presented = Presented(code, BACK, VERIFIER)
    assert code not in repr(presented)
    assert VERIFIER not in repr(presented)


# -- who may be let in for ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "error"), [(OTHERS_NAME, UnknownUser), ("U4BBGA9999", UnknownUser), (NAME.lower(), UnknownUser), ("", UserNotChosen)]
)
def test_an_owner_lets_in_for_their_own_only(world: World, client: Client, name: str, error: type[Exception]) -> None:
    """Any owner could give away anybody's books."""
    with pytest.raises(error):
        allow(world, client, name)
    assert world.audit("authorization.allowed") == []


def test_the_one_that_was_chosen_is_the_one(world: World, client: Client) -> None:
    """An application would see other books than its owner chose."""
    assert redeem(world, client, allow(world, client, SECOND_NAME)).grant.uid == SECOND_NAME


@pytest.mark.row("S46")
def test_nobody_is_let_in_for_who_is_blocked_nor_by_who_was_disabled(world: World, client: Client) -> None:
    """S46: the gate stands at the consent too."""
    world.admin.block(NAME)
    with pytest.raises(SubjectBlocked):
        allow(world, client)
    world.admin.unblock(NAME)
    world.clients.disable(client.client_id, "operator:test")
    with pytest.raises(ClientDisabled):
        allow(world, client)


# -- once --------------------------------------------------------------------------------------------------------------


@pytest.mark.row("S4")
def test_a_second_use_is_refused_and_ends_what_the_first_one_got(world: World, client: Client) -> None:
    """S4: one of the two is a thief, and nobody knows which."""
    code = allow(world, client)
    issued = redeem(world, client, code)
    later = refreshed(world, client, issued)
    with pytest.raises(CodeUsed):
        redeem(world, client, code)
    assert is_live(world, issued) == (False, False)
    assert is_live(world, later) == (False, False)
    (event,) = world.audit("code.used-again")
    assert (event.actor, event.subject) == (f"client:{client.client_id}", world.user().entry_uuid)
    assert event.detail == {"tokens": "3"}
    assert event.at == world.clock.now()


@pytest.mark.row("S4")
def test_a_second_use_counts_whatever_else_is_wrong_with_it_and_when(world: World, client: Client) -> None:
    """S4: a thief who lacks the verifier would go unnoticed."""
    code = allow(world, client)
    issued = redeem(world, client, code)
    world.clock.go(timedelta(minutes=2))
    with pytest.raises(CodeUsed):
        redeem(world, client, code, verifier=None, redirect_uri="https://evil.example/")
    assert is_live(world, issued) == (False, False)


@pytest.mark.row("S4")
def test_a_second_use_ends_nothing_else(world: World, client: Client) -> None:
    """S4: a reloaded page would cost an owner the coupling that has worked for months."""
    before = redeem(world, client, allow(world, client))
    code = allow(world, client)
    redeem(world, client, code)
    with pytest.raises(CodeUsed):
        redeem(world, client, code)
    assert is_live(world, before) == (True, True)


@pytest.mark.row("S4")
def test_of_thirty_two_who_bring_a_code_at_once_one_gets_something(world: World, client: Client) -> None:
    """S4: a stolen code and the right one, in the same moment, would both work. What was got ends, as at any second use."""
    code = allow(world, client)
    together = Barrier(32)
    got: list[Issued] = []

    def bring(_: int) -> type[Exception] | None:
        together.wait()
        try:
            got.append(redeem(world, client, code))
        except NotUsable as exc:
            return type(exc)
        return None

    with ThreadPoolExecutor(32) as pool:
        outcomes = list(pool.map(bring, range(32)))
    assert outcomes.count(None) == 1
    assert outcomes.count(CodeUsed) == 31
    assert is_live(world, got[0]) == (False, False)


@pytest.mark.row("S4")
def test_who_comes_between_the_look_and_the_use_is_first(world: World, client: Client) -> None:
    """S4: both would have seen an unused code."""
    code = allow(world, client)
    got: list[Issued] = []
    world.calls.before["directory.find_user_by_uuid"] = lambda: got.append(redeem(world, client, code))
    with pytest.raises(CodeUsed):
        redeem(world, client, code)
    assert is_live(world, got[0]) == (False, False)


# -- in time, and bound ------------------------------------------------------------------------------------------------


@pytest.mark.row("S5")
def test_a_code_lives_for_a_minute(world: World, client: Client) -> None:
    """S5: one that was left in a browser's history would work for whoever sits there next."""
    early, late = allow(world, client), allow(world, client)
    world.clock.go(MINUTE - MOMENT)
    redeem(world, client, early)
    world.clock.go(MOMENT)
    with pytest.raises(GrantEnded):
        redeem(world, client, late)


@pytest.mark.row("S6", "S8")
@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": BACK + "/"},
        {"redirect_uri": ""},
        {"verifier": VERIFIER[:-1] + "l"},
        {"verifier": None},
        {"verifier": ""},
        {"code": "never made"},
    ],
)
def test_a_code_is_bound_to_its_address_and_its_challenge(world: World, client: Client, changes: dict[str, str | None]) -> None:
    """S6: whoever has caught a code could redeem it. What is wrong uses nothing up."""
    code = allow(world, client)
    with pytest.raises(GrantEnded):
        redeem(world, client, code, **changes)
    assert is_live(world, redeem(world, client, code)) == (True, True)


@pytest.mark.row("S6", "S38")
def test_a_code_is_for_the_resource_that_was_allowed(world: World, client: Client) -> None:
    """S38: an application could use at one API what its owner has allowed at another. Naming the right one is no fault."""
    code = allow(world, client)
    with pytest.raises(ResourceNotGranted):
        redeem(world, client, code, audience="https://other.example/")
    assert redeem(world, client, code, audience=API).audience == API


@pytest.mark.row("S6")
def test_a_code_is_bound_to_its_client(world: World, client: Client) -> None:
    """S6: a client could redeem what another one's owner has allowed; nor may it end what that one got."""
    code = allow(world, client)
    other = world.client("ing")
    with pytest.raises(GrantEnded):
        redeem(world, other, code)
    issued = redeem(world, client, code)
    with pytest.raises(GrantEnded):
        redeem(world, other, code)
    assert is_live(world, issued) == (True, True)
    assert world.audit("code.used-again") == []


@pytest.mark.row("S8")
def test_a_verifier_without_a_challenge_is_refused(world: World, client: Client) -> None:
    """S8: somebody has taken the challenge out of the request on its way."""
    code = allow(world, client, challenge=None)
    with pytest.raises(GrantEnded):
        redeem(world, client, code)
    assert redeem(world, client, code, verifier=None).grant.uid == NAME


@pytest.mark.row("S46")
@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda world, _: world.admin.block(NAME), SubjectBlocked),
        (lambda world, _: world.admin.set_password(NAME, NEW_PASSWORD), SubjectChanged),
        (lambda world, _: world.admin.delete(NAME), SubjectChanged),
        (lambda world, _: world.admin.recreate(NAME, world.anna), SubjectChanged),
        (lambda world, _: world.admin.give_to(NAME, world.bob), SubjectChanged),
        (lambda world, client: world.clients.disable(client.client_id, "operator:test"), ClientDisabled),
    ],
    ids=["blocked", "changed", "deleted", "made anew", "another's", "client disabled"],
)
def test_what_becomes_of_the_user_before_the_code_is_redeemed_counts(
    world: World, client: Client, change: Callable[[World, Client], object], error: type[NotUsable]
) -> None:
    """S46: a code would outlive what it was given for."""
    code = allow(world, client)
    change(world, client)
    with pytest.raises(error):
        redeem(world, client, code)
    assert world.audit("token.issued") == []


@pytest.mark.row("S42", "S46")
@pytest.mark.parametrize(
    "end",
    [
        lambda world, grant: world.couplings.end(world.anna, grant),
        lambda world, _: world.couplings.end_all(world.anna, NAME),
        lambda world, _: Operations(MemoryOperator(world.admin), world.store, world.clock).block(world.user()),
    ],
    ids=["one", "all", "a block"],
)
def test_what_was_ended_does_not_come_back_by_a_code(world: World, client: Client, end: Callable[[World, str], object]) -> None:
    """S42: an application whose page stood open would be in again, a moment after its owner had shut it out."""
    issued, code = redeem(world, client, allow(world, client)), allow(world, client)
    end(world, issued.grant.id)
    world.admin.unblock(NAME)
    with pytest.raises(GrantEnded):
        redeem(world, client, code)
    assert is_live(world, issued) == (False, False)
    assert world.audit("code.used-again") == []
    assert is_live(world, redeem(world, client, allow(world, client))) == (True, True)


@pytest.mark.row("S42")
def test_ending_all_ends_what_was_allowed_to_an_application_that_had_nothing_yet(world: World, client: Client) -> None:
    """S42: it would be there a moment after its owner had ended all."""
    code, others = allow(world, client), allow(world, client, SECOND_NAME)
    world.couplings.end_all(world.anna, NAME)
    with pytest.raises(GrantEnded):
        redeem(world, client, code)
    assert is_live(world, redeem(world, client, others)) == (True, True)


@pytest.mark.row("S42")
def test_ending_one_costs_no_other_application_its_code(world: World, client: Client) -> None:
    """An owner would have to be asked anew for nothing."""
    issued = redeem(world, client, allow(world, client))
    ing = world.client("ing")
    others, code = allow(world, ing), allow(world, client, SECOND_NAME)
    world.couplings.end(world.anna, issued.grant.id)
    assert is_live(world, redeem(world, ing, others)) == is_live(world, redeem(world, client, code)) == (True, True)


@pytest.mark.row("S37")
def test_an_application_may_give_up_what_it_has_before_it_redeems_another_code(world: World, client: Client) -> None:
    """S37: one that tidies up first would be refused, and its owner asked once more."""
    former, code = redeem(world, client, allow(world, client)), allow(world, client)
    world.grants.revoke_refresh(client, refresh_of(former))
    assert is_live(world, redeem(world, client, code)) == (True, True)


@pytest.mark.row("S42")
def test_an_end_between_the_look_and_the_use_counts(world: World, client: Client) -> None:
    """S42: nor is that a second use, of which the audit would tell."""
    issued, code = redeem(world, client, allow(world, client)), allow(world, client)
    world.calls.before["directory.find_user_by_uuid"] = lambda: world.couplings.end(world.anna, issued.grant.id)
    with pytest.raises(GrantEnded):
        redeem(world, client, code)
    assert world.audit("code.used-again") == []


@pytest.mark.row("S42")
def test_an_end_and_a_code_at_once_leave_nothing(world: World, client: Client) -> None:
    """S42: whoever of the two was first, the owner has seen that it was ended."""
    for _ in range(8):
        issued, code = redeem(world, client, allow(world, client)), allow(world, client)
        together = Barrier(2)

        def bring(code: str, together: Barrier) -> Issued | None:
            together.wait()
            with suppress(GrantEnded):
                return redeem(world, client, code)
            return None

        with ThreadPoolExecutor(1) as pool:
            brought = pool.submit(bring, code, together)
            together.wait()
            world.couplings.end(world.anna, issued.grant.id)
        got = brought.result()
        assert got is None or is_live(world, got) == (False, False)


def test_a_directory_that_is_away_costs_no_code(world: World, client: Client) -> None:
    """The owner would have to be asked again for nothing."""
    code = allow(world, client)
    world.admin.away = True
    with pytest.raises(DirectoryUnavailable):
        redeem(world, client, code)
    world.admin.away = False
    assert redeem(world, client, code).grant.uid == NAME


# -- put off -----------------------------------------------------------------------------------------------------------


def test_a_request_waits_for_half_an_hour(world: World) -> None:
    """Who looks their password up first would have to begin anew, or a request would wait for ever."""
    put_off = world.authorization.put_off("/authorize?scope=a&state=b", "App", "en")
    assert (put_off.query, put_off.name) == ("scope=a&state=b", "App")
    assert put_off.secret not in repr(put_off)
    world.clock.go(30 * MINUTE - MOMENT)
    assert world.authorization.resume(put_off.secret) == PutOff(put_off.secret, "/authorize?scope=a&state=b", "App", "en")
    world.clock.go(MOMENT)
    for secret in (put_off.secret, "never made", ""):
        with pytest.raises(FlowExpired):
            world.authorization.resume(secret)


# -- remembered --------------------------------------------------------------------------------------------------------


def test_what_an_owner_has_allowed_is_theirs_to_have_remembered(world: World, client: Client) -> None:
    """Who gets a koppelgebruiker from somebody else would get all that the other one had allowed with it."""
    asked = Asked(client, BACK, READ_WRITE, API, CHALLENGE)
    redeem(world, client, allow(world, client))
    assert world.authorization.remembered(world.owner(), asked) == [NAME]
    world.admin.give_to(NAME, world.bob)
    assert world.authorization.remembered(world.owner(), asked) == []
    assert world.authorization.remembered(world.bob, asked) == []


@pytest.mark.row("S42")
def test_what_is_ended_at_that_very_moment_is_not_allowed_again(world: World, client: Client) -> None:
    """S42: a page that was under way would make a code for what its owner has just ended."""
    asked = Asked(client, BACK, READ_WRITE, API, CHALLENGE)
    with pytest.raises(GrantEnded):
        world.authorization.allow(session(world), NAME, asked, again=True)
    issued = redeem(world, client, allow(world, client))
    assert is_live(world, redeem(world, client, world.authorization.allow(session(world), NAME, asked, again=True)))
    world.couplings.end(world.owner(), issued.grant.id)
    with pytest.raises(GrantEnded):
        world.authorization.allow(session(world), NAME, asked, again=True)
