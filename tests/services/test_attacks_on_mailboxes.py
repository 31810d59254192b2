"""Mailboxes filled by strangers, and resets kept from owners by those who ask for them (docs/threats.md)."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

from idp.errors import Throttled
from tests.services.simulated import DAY, HOUR, MINUTE, each, let_counters_follow
from tests.services.world import ANNA_MAIL, FULL_NAME, HOME, NAME, SECOND_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.services.world import NewWorld, World

pytestmark = pytest.mark.row("R15")


@pytest.fixture
def world(new_world: NewWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """Whose limits go by its clock."""
    return let_counters_follow(new_world(), monkeypatch)


def everywhere() -> Iterator[str]:
    """Another address each time: one that is rented, a telephone's, another /64."""
    return (f"2001:db8:{number:x}::/64" for number in count())


def ask_for_all(world: World, names: tuple[str, ...], addresses: Iterator[str]) -> None:
    """Ask for a reset of each name, with a solved captcha, from another address."""
    for name in names:
        try:
            world.request(f"{name}@u4bsw.nl", network=next(addresses))
        except Throttled:
            continue
    world.work_off()


def test_a_farm_that_solves_every_captcha_mails_one_owner_ten_times_a_day(world: World) -> None:
    """A captcha is worth a fraction of a cent: whoever buys thousands, and as many addresses, would fill a mailbox."""
    addresses = everywhere()
    for _ in each(world, HOUR, DAY):
        ask_for_all(world, (NAME, SECOND_NAME), addresses)
    assert len(world.audit("reset.requested")) == 12
    assert [mail.to for mail in world.mailbox.received] == [ANNA_MAIL] * 10


def test_the_owner_gets_a_reset_while_strangers_have_used_theirs_up(world: World) -> None:
    """Six captchas a day would keep anybody from a new password."""
    addresses = everywhere()
    for _ in each(world, HOUR, DAY / 4):
        ask_for_all(world, (NAME, SECOND_NAME), addresses)
    with pytest.raises(Throttled):
        world.request()
    link = world.mailed_link(cookie=world.ticket())
    assert world.complete_reset.open(link).bare == NAME


def test_what_strangers_ask_for_is_the_owners_to_use(world: World) -> None:
    """Who has no portal, and meets a name that is used up, would have nothing: the stranger's mail lies in the owner's box."""
    links = [world.mailed_link(FULL_NAME) for _ in range(3)]
    with pytest.raises(Throttled):
        world.request()
    assert [world.complete_reset.open(link).bare for link in links] == [NAME] * 3


def test_forgetting_an_owners_password_all_day_mails_them_twice_an_hour_and_locks_nobody(world: World) -> None:
    """There is no captcha: from enough addresses a mailbox would be filled; and a number for the day would lock it."""
    addresses = everywhere()
    for _ in each(world, 15 * MINUTE, DAY):
        world.portal_password.request(ANNA_MAIL, next(addresses))
        world.work_off()
        newest = world.mailbox.received[-1].content.text
        assert world.portal_password.open(newest.partition("/login/password/")[2].split()[0]).mail == ANNA_MAIL
    assert len(world.mailbox.received) <= 48
    world.portal_password.request(ANNA_MAIL, HOME)
