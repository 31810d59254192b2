"""An owner types the code of a device, and decides (RFC 8628 section 3.3, 5.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.errors import (
    DeviceCodeExpired,
    DeviceRefused,
    FlowExpired,
    GrantEnded,
    NotDecided,
    NotUsable,
    SubjectChanged,
    Throttled,
    UnknownUser,
    UserCodeUnknown,
    UserNotChosen,
)
from idp.services.couplings import Couplings
from idp.services.device import DeviceAuthorization
from idp.services.end_access import end_all
from idp.services.secrets_kept import KeptSecrets
from tests.services.composition import DIGESTS
from tests.services.tokens import API, HOUR, WITH_REFRESH
from tests.services.world import HOME, NAME, NEW_PASSWORD, OTHERS_NAME, SECOND_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.domain.client import Client
    from idp.services.device import Started, Waiting
    from idp.services.issued import Issued
    from tests.services.world import World


@pytest.fixture
def devices(world: World) -> DeviceAuthorization:
    """What lets devices in."""
    kept = KeptSecrets(world.store, DIGESTS, world.clock)
    return DeviceAuthorization(world.directory, world.gate, world.grants, kept, world.limits)


@pytest.fixture
def started(devices: DeviceAuthorization, client: Client) -> Started:
    """A device that shows its code."""
    return devices.start(client, "administratie:read", API)


def seen(world: World, devices: DeviceAuthorization, started: Started) -> Waiting:
    """Type the code, and look at what it is."""
    return devices.waiting(world.owner(), devices.recognise(world.owner(), started.user_code))


def fetch(devices: DeviceAuthorization, client: Client, started: Started) -> Issued:
    """Ask for the tokens."""
    return devices.redeem(client, started.device_code, WITH_REFRESH, None, HOME)


def test_what_an_owner_allows_is_what_the_device_gets(
    world: World, devices: DeviceAuthorization, client: Client, started: Started
) -> None:
    """A device would be let in for something else than its owner has read."""
    waiting = seen(world, devices, started)
    assert (waiting.client, waiting.scope) == (client, "administratie:read")
    devices.allow(world.owner(), waiting, NAME)
    issued = fetch(devices, client, started)
    assert (issued.grant.uid, issued.scope, issued.audience) == (NAME, "administratie:read", API)
    assert issued.expires_at == world.clock.now() + HOUR
    assert issued.refresh_token is not None
    (event,) = world.audit("device.allowed")
    assert (event.actor, event.subject) == ("owner", world.user().entry_uuid)


def test_a_code_is_decided_once(world: World, devices: DeviceAuthorization, client: Client, started: Started) -> None:
    """Of two who type the same code, the second would change what the first has said, or read that their word was taken."""
    first, second = seen(world, devices, started), seen(world, devices, started)
    other = world.admin.find_owner(world.bob.dn)
    step = devices.recognise(other, started.user_code)
    devices.refuse(world.owner(), first)
    for late in (
        lambda: devices.allow(world.owner(), second, NAME),
        lambda: devices.allow(other, second, OTHERS_NAME),
        lambda: devices.refuse(other, second),
        lambda: devices.waiting(other, step),
    ):
        with pytest.raises(FlowExpired):
            late()
    with pytest.raises(UserCodeUnknown):
        devices.recognise(world.owner(), started.user_code)
    with pytest.raises(DeviceRefused):
        fetch(devices, client, started)
    (event,) = world.audit("device.refused")
    assert (event.subject, event.detail["client"]) == (world.owner().entry_uuid, client.client_id)


@pytest.mark.parametrize("decision", ["allowed", "refused"])
def test_a_button_that_was_pressed_twice_decides_once(
    world: World, devices: DeviceAuthorization, started: Started, decision: str
) -> None:
    """The answer to the second press is what is seen: that it took too long, while the device is let in."""
    owner, step = world.owner(), devices.recognise(world.owner(), started.user_code)
    for _ in range(2):
        waiting = devices.waiting(owner, step)
        devices.allow(owner, waiting, NAME) if decision == "allowed" else devices.refuse(owner, waiting)
    assert len(world.audit(f"device.{decision}")) == 1
    with pytest.raises(FlowExpired):
        devices.allow(owner, devices.waiting(owner, step), SECOND_NAME)
    world.clock.go(timedelta(minutes=10))
    with pytest.raises(FlowExpired):
        devices.waiting(owner, step)


def test_only_so_many_wrong_codes_may_be_typed(world: World, devices: DeviceAuthorization, started: Started) -> None:
    """RFC 8628 section 5.1: who could try them all would couple a stranger's device to their own books, or see who connects."""
    for _ in range(10):
        with pytest.raises(UserCodeUnknown):
            devices.recognise(world.owner(), "BCDF-GHJK")
    with pytest.raises(Throttled):
        devices.recognise(world.owner(), started.user_code)


def test_right_codes_are_not_counted(world: World, devices: DeviceAuthorization, client: Client) -> None:
    """Who sets up a dozen devices would be stopped at the tenth."""
    for _ in range(12):
        seen(world, devices, devices.start(client, "administratie:read", API))


def test_nobody_else_decides_and_for_no_others_user(world: World, devices: DeviceAuthorization, started: Started) -> None:
    """Whoever is led to the page of another would decide for them."""
    step = devices.recognise(world.owner(), started.user_code)
    other = world.admin.find_owner(world.bob.dn)
    for owner, secret in ((other, step), (world.owner(), "never made"), (world.owner(), started.user_code)):
        with pytest.raises(FlowExpired):
            devices.waiting(owner, secret)
    waiting = devices.waiting(world.owner(), step)
    with pytest.raises(UserNotChosen):
        devices.allow(world.owner(), waiting, "")
    with pytest.raises(UnknownUser):
        devices.allow(world.owner(), waiting, OTHERS_NAME)
    world.admin.block(NAME)
    with pytest.raises(NotUsable):
        devices.allow(world.owner(), waiting, NAME)
    assert world.audit("device.allowed") == []


def test_a_client_that_was_switched_off_is_let_in_nowhere(
    world: World, devices: DeviceAuthorization, client: Client, started: Started
) -> None:
    """An owner would be asked about an application that is no more."""
    world.clients.disable(client.client_id, "operator:test")
    with pytest.raises(UserCodeUnknown):
        devices.recognise(world.owner(), started.user_code)


def test_after_ten_minutes_both_codes_are_dead(
    world: World, devices: DeviceAuthorization, client: Client, started: Started
) -> None:
    """A code that was left on a screen would let in whoever finds it."""
    allowed = devices.start(client, "administratie:read", API)
    devices.allow(world.owner(), seen(world, devices, allowed), NAME)
    world.clock.go(timedelta(minutes=10))
    with pytest.raises(UserCodeUnknown):
        devices.recognise(world.owner(), started.user_code)
    for late in (started, allowed):
        with pytest.raises(DeviceCodeExpired):
            fetch(devices, client, late)


@pytest.mark.row("S46")
def test_an_owners_yes_ends_with_their_say(world: World, devices: DeviceAuthorization, client: Client, started: Started) -> None:
    """S46: a device would be let in for what belongs to somebody else by now, or with a password that was changed since."""
    devices.allow(world.owner(), seen(world, devices, started), NAME)
    changed = devices.start(client, "administratie:read", API)
    devices.allow(world.owner(), seen(world, devices, changed), SECOND_NAME)
    world.admin.give_to(NAME, world.bob)
    world.admin.set_password(SECOND_NAME, NEW_PASSWORD)
    for device in (started, changed):
        with pytest.raises(SubjectChanged):
            fetch(devices, client, device)


@pytest.mark.row("S42", "S46")
def test_what_was_allowed_and_not_fetched_ends_with_the_rest(
    world: World, devices: DeviceAuthorization, client: Client, started: Started
) -> None:
    """S42: an owner who ends all would find the device let in a minute later."""
    couplings = Couplings(world.directory, world.store, world.clock)
    ends: list[Callable[[], object]] = [lambda: couplings.end_all(world.owner(), NAME), lambda: _end(world)]
    for end in ends:
        device = devices.start(client, "administratie:read", API)
        devices.allow(world.owner(), seen(world, devices, device), NAME)
        end()
        with pytest.raises(GrantEnded):
            fetch(devices, client, device)
    with pytest.raises(NotDecided):
        fetch(devices, client, started)


def _end(world: World) -> None:
    with world.database.transaction() as work:
        end_all(work, world.user().entry_uuid, world.clock.now())
