"""Whatever dies while an owner chooses a portal password: they are told, and it is audited, if and only if it changed (R1)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.domain.mail import Letter
from idp.errors import DirectoryUnavailable, IdpError, LinkDead, LinkSpent, MailUnavailable, PasswordUsedBefore, StoreUnavailable
from idp.services.notices import SETTLED_AFTER, queue
from idp.services.outbox import pause_after
from tests.services.calls import Crash, raising
from tests.services.composition import DIGESTS
from tests.services.letters import later, run_once, waiting
from tests.services.world import ANNA_MAIL, HOME, NEW_PASSWORD, PORTAL_PASSWORD

if TYPE_CHECKING:
    from tests.services.world import NewWorld, World

ANOTHER_PASSWORD = "weer een andere wachtzin hier"
WRITE = "directory.set_owner_password"
SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.row("R1")


def mailed_link(world: World, mail: str = ANNA_MAIL) -> str:
    """Forget the password; gives the link's secret. What follows has its calls counted from one, and its mail as well."""
    world.portal_password.request(mail, HOME)
    row = run_once(world)
    world.mailbox.received.clear()
    world.calls.names.clear()
    return DIGESTS.derive(Purpose.PORTAL_PASSWORD, row.id)


def complete(world: World, link: str, password: str = NEW_PASSWORD) -> None:
    """Choose a password."""
    world.portal_password.complete(link, password, password)


def dies(  # what, when and where
    world: World, link: str, error: BaseException, moment: str, call: str | int = WRITE, password: str = NEW_PASSWORD
) -> None:
    """Choose one, with something happening just before or just after a call."""
    getattr(world.calls, moment)[call] = raising(error)
    with pytest.raises(type(error)):
        complete(world, link, password)


def is_new(world: World) -> bool:
    """Tell which password the directory takes."""
    try:
        world.admin.bind_owner(world.owner(), NEW_PASSWORD)
    except IdpError:
        return False
    return True


def assert_told(world: World, times: int) -> None:
    """All that goes with a new password is there, so often."""
    assert [mail.content.subject for mail in world.mailbox.received] == ["Het wachtwoord van je portaal is gewijzigd"] * times
    assert len(world.audit("portal-password.changed")) == times


def test_whatever_call_a_process_dies_at_the_owner_is_told_when_and_only_when_it_changed(new_world: NewWorld) -> None:
    """Who is in the owner's mailbox would have the portal, and its owner would never know."""
    world = new_world()
    complete(world, mailed_link(world))
    calls = list(world.calls.names)
    assert calls[-3:] == ["store.transaction", WRITE, "store.transaction"]
    for number, name in enumerate(calls):
        for moment in ("before", "after"):
            world = new_world()
            link = mailed_link(world)
            dies(world, link, Crash(), moment, number)
            changed, where = is_new(world), f"{moment} {name}, call {number}"
            assert changed == (2 * number + (moment == "after") > 2 * calls.index(WRITE)), where
            later(world)
            assert_told(world, int(changed))
            if not changed:
                complete(world, link)
                later(world)
                assert_told(world, 1)
            with pytest.raises(LinkDead):
                complete(world, link, ANOTHER_PASSWORD)
            assert waiting(world) == 0


def test_a_change_that_is_settled_by_the_worker_uses_its_link_up(world: World) -> None:
    """The audit would tell it once for each try at sending; and not by whom it was."""
    link = mailed_link(world)
    dies(world, link, Crash(), "after")
    world.mailbox.fault = MailUnavailable()
    later(world)
    world.mailbox.fault = None
    settled_at = world.clock.now()
    later(world)
    assert_told(world, 1)
    (event,) = world.audit("portal-password.changed")
    assert (event.actor, event.subject, event.at) == ("owner", world.anna.entry_uuid, settled_at)
    with pytest.raises(LinkSpent):
        world.kept.find(Purpose.PORTAL_PASSWORD, link)


def test_an_intent_waits_for_its_minute(world: World) -> None:
    """A submission under way would be settled under its hands."""
    link = mailed_link(world)
    dies(world, link, Crash(), "before")
    world.clock.go(SETTLED_AFTER - SECOND)
    assert world.outbox.run_once() is None
    world.clock.go(SECOND)
    assert run_once(world).outcome == "unchanged"
    assert world.audit("letter.dropped")[-1].subject == world.anna.entry_uuid


def test_a_first_password_that_was_never_written_is_not_told(world: World) -> None:
    """A new owner would read of a changed password, and have none."""
    carol = world.admin.add_owner("Carol", "carol@example.nl")
    dies(world, mailed_link(world, "carol@example.nl"), Crash(), "before")
    world.clock.go(SETTLED_AFTER)
    assert run_once(world).outcome == "unchanged"
    assert world.admin.find_owner(carol.dn) == carol


def test_a_submission_that_stood_still_for_long_is_told_all_the_same(world: World) -> None:
    """The worker found nothing changed, and would have dropped it for good."""
    link = mailed_link(world)
    world.calls.before[WRITE] = lambda: later(world)
    complete(world, link)
    assert run_once(world).outcome == "sent"
    assert_told(world, 1)


def test_a_worker_that_comes_between_the_write_and_its_record_tells_it_once(world: World) -> None:
    """The owner would be told twice, and think that it happened twice."""
    link = mailed_link(world)
    world.calls.after[WRITE] = lambda: later(world)
    complete(world, link)
    later(world)
    assert_told(world, 1)


@pytest.mark.parametrize("error", [DirectoryUnavailable(), StoreUnavailable()])
def test_an_answer_that_was_lost_is_settled_like_a_crash(world: World, error: Exception) -> None:
    """The page says that it did not work; the mail would not say that it did."""
    link = mailed_link(world)
    dies(world, link, error, "after")
    later(world)
    assert_told(world, 1)


def test_who_chooses_again_within_the_minute_is_told_once(world: World) -> None:
    """A password that was refused, or a directory that was away, would be told as a change of its own."""
    link = mailed_link(world)
    with pytest.raises(PasswordUsedBefore):
        complete(world, link, PORTAL_PASSWORD)
    dies(world, link, DirectoryUnavailable(), "before")
    complete(world, link)
    later(world)
    later(world)
    assert_told(world, 1)


def test_of_two_submissions_at_once_the_one_that_wins_is_told(world: World) -> None:
    """The one that lost would take the notice with it."""
    link = mailed_link(world)
    world.calls.before[WRITE] = lambda: complete(world, link)
    with pytest.raises(LinkSpent):
        complete(world, link, ANOTHER_PASSWORD)
    later(world)
    assert_told(world, 1)


def test_two_that_died_are_told_once(world: World) -> None:
    """Each would leave it to the other."""
    link = mailed_link(world)
    for moment in ("before", "after"):
        dies(world, link, Crash(), moment)
    later(world)
    assert_told(world, 1)


def test_a_change_that_others_told_is_not_told_again(world: World) -> None:
    """What an admin did while nothing of ours was written would be told, and audited, as the owner's own."""
    dies(world, mailed_link(world), Crash(), "before")
    world.admin.change_owner_password(world.anna, NEW_PASSWORD)
    with world.database.transaction() as work:
        facts = {"owner": world.anna.entry_uuid, "at": world.clock.now().isoformat()}
        queue(work, Letter.PORTAL_PASSWORD_CHANGED, world.clock.now(), facts)
    later(world)
    assert len(world.mailbox.received) == 1
    assert world.audit("letter.dropped")[-1].detail["outcome"] == "told"
    assert world.audit("portal-password.changed") == []


def test_a_second_change_is_told_though_the_mail_of_the_first_still_waits(world: World) -> None:
    """During an outage of mail an intruder's change would hide behind the owner's own."""
    complete(world, mailed_link(world))
    world.mailbox.fault = MailUnavailable()
    for attempts in (1, 2, 3):
        run_once(world)
        world.clock.go(pause_after(attempts))
    run_once(world)  # from now on it waits for longer
    world.mailbox.fault = None
    world.clock.go(SECOND)
    dies(world, mailed_link(world), Crash(), "after", password=ANOTHER_PASSWORD)
    later(world)
    assert_told(world, 2)
