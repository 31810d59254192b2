"""What was registered of an application can be changed, and what hangs on it dies with it (S1, S2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from idp.domain.audit import Change
from idp.domain.portal_session import PortalSession
from idp.errors import GrantEnded, RedirectUriRefused, UnknownClient
from idp.services.authorization import Asked, Presented
from idp.services.change_client import ChangeClient, Changed
from tests.services.tokens import API, DAYS, HOUR, READ_WRITE, is_live
from tests.services.world import BACK, HOME, NAME

if TYPE_CHECKING:
    from idp.domain.client import Client
    from idp.services.issued import Issued
    from tests.services.world import World

OPERATOR = "operator:cn=jan"
MOVED = "https://moved.example/back"


def change(world: World, client: Client, changed: Changed) -> Client:
    """Change it, as an operator."""
    return ChangeClient(world.store, world.clock).change(client.client_id, changed, OPERATOR)


def test_what_is_changed_is_kept_and_the_rest_stays(world: World, client: Client) -> None:
    """An application that moves would have to be registered anew, and every owner be asked again."""
    moved = change(world, client, Changed(redirect_uris=(MOVED, BACK)))
    assert moved == replace(client, redirect_uris=(MOVED, BACK))
    named = change(world, client, Changed(name="Basecone NL"))
    assert named == world.clients.get(client.client_id) == replace(moved, name="Basecone NL")


def test_the_audit_has_before_and_after_of_what_is_another_and_nothing_else(world: World, client: Client) -> None:
    """Nobody could tell since when codes went to an address, nor who has sent them there."""
    change(world, client, Changed(client.name, (MOVED, BACK)))
    change(world, client, Changed(client.name, (MOVED, BACK)))
    (event,) = world.audit("client.changed")
    assert (event.actor, event.subject, event.at) == (OPERATOR, client.client_id, world.clock.now())
    assert event.changes == {"redirect_uris": Change(BACK, f"{MOVED} {BACK}")}


@pytest.mark.row("S2")
def test_an_address_that_is_not_safe_changes_nothing(world: World, client: Client) -> None:
    """S2: what is refused at the registration would come in afterwards."""
    with pytest.raises(RedirectUriRefused):
        change(world, client, Changed("another", (MOVED, "http://app.example/back")))
    assert world.clients.get(client.client_id) == client
    assert world.audit("client.changed") == []


def test_who_is_not_registered_is_not_changed(world: World, client: Client) -> None:
    """A typing error would pass for done."""
    with pytest.raises(UnknownClient):
        change(world, replace(client, client_id="nobody"), Changed("another"))


@pytest.mark.row("S1")
def test_a_code_on_its_way_to_an_address_that_was_removed_is_dead(world: World, client: Client) -> None:
    """S1: whoever has got hold of that address would be let in for another minute."""
    lost, kept = allow(world, client), allow(world, client)
    with pytest.raises(GrantEnded):
        redeem(world, change(world, client, Changed(redirect_uris=(MOVED,))), lost)
    issued = redeem(world, change(world, client, Changed(redirect_uris=(MOVED, BACK))), kept)
    change(world, client, Changed(redirect_uris=(MOVED,)))
    assert is_live(world, issued) == (True, True)


def allow(world: World, client: Client) -> str:
    """Let it in, at its former address; gives the code."""
    session = PortalSession(world.owner(), "the session", world.clock.now())
    return world.authorization.allow(session, NAME, Asked(client, BACK, READ_WRITE, API, None))


def redeem(world: World, client: Client, code: str) -> Issued:
    """Bring the code back, as one who was just authenticated."""
    return world.authorization.redeem(client, Presented(code, BACK, None), HOME, HOUR, DAYS)
