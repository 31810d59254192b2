"""What happened to this customer, by the name that support knows; and how a person is erased."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from idp.errors import DirectoryUnavailable, NothingToErase, UnknownUser
from idp.ports.directory import NewUser
from idp.services.user_history import Erasure, Person, UserHistory, wanted_of
from tests.services.operator import operations_of
from tests.services.tooling import change_mail

if TYPE_CHECKING:
    from tests.services.world import World

NEW = NewUser("U4BBGA0200", "A200", "carol@example.nl", "Carol")
OTHER = NewUser("U4BBGA0201", "A201", "dirk@example.nl", "Dirk")
JAN = "cn=jan,ou=support"
ACTOR = "operator:root"


@pytest.fixture
def history(world: World) -> UserHistory:
    """Two customers who were invited, and released."""
    operations = operations_of(world)
    for new in (NEW, OTHER):
        user, _ = operations.invite(new)
        operations.release(user)
    world.work_off()
    return UserHistory(world.store, world.directory)


def told(history: UserHistory, bare: str, limit: int = 100) -> list[tuple[str, str]]:
    """Give what is told of a customer: what was done, and to whom."""
    wanted = wanted_of(history.persons(bare))
    with history.store.reading() as work:
        return [(record.event.action, record.event.subject) for record in work.audit.newest(limit, wanted)]


def test_what_happened_to_a_customer_is_told_of_the_user_and_its_owner_alone(world: World, history: UserHistory) -> None:
    """Support would look for the mail that went to the owner, or tell one customer of another."""
    user = world.user(NEW.uid)
    owner = world.admin.find_owner(user.owner_dn)
    events = [("user.invited", user.entry_uuid), ("user.released", user.entry_uuid), ("letter.sent", owner.entry_uuid)]
    assert told(history, NEW.uid) == events
    assert told(history, NEW.uid, limit=2) == events[1:]


def test_a_user_whose_owner_is_gone_has_a_history(world: World, history: UserHistory) -> None:
    """Where something is wrong, support would be told that there is nothing."""
    user = world.user(NEW.uid)
    owner = world.admin.find_owner(user.owner_dn)
    assert history.persons(NEW.uid) == [Person(user.entry_uuid), Person(owner.entry_uuid, owner.dn)]
    world.admin.delete_owner(owner)
    assert history.persons(NEW.uid) == [Person(user.entry_uuid), Person("", owner.dn)]
    assert told(history, NEW.uid) == [("user.invited", user.entry_uuid), ("user.released", user.entry_uuid)]


def test_a_user_who_is_gone_is_found_by_the_name_that_it_had(world: World, history: UserHistory) -> None:
    """Who deleted it, and when, is asked when it is gone."""
    user = world.user(NEW.uid)
    owner = world.admin.find_owner(user.owner_dn)
    before = told(history, NEW.uid)
    world.admin.delete(NEW.uid)
    assert history.persons(NEW.uid) == [Person(user.entry_uuid), Person(owner.entry_uuid, owner.dn)]
    assert told(history, NEW.uid) == before
    world.admin.delete_owner(owner)
    assert history.persons(NEW.uid) == [Person(user.entry_uuid), Person("", owner.dn)]


def test_all_who_ever_bore_a_name_are_told_of(world: World, history: UserHistory) -> None:
    """The first user of a name would be forgotten as soon as there is a second one, or when that is gone as well."""
    first = world.user(NEW.uid).entry_uuid
    world.admin.delete(NEW.uid)
    operations_of(world).invite(replace(NEW, administratie="A999"))
    second = world.user(NEW.uid).entry_uuid
    assert [(person.entry_uuid, person.part) for person in history.persons(NEW.uid)][::2] == [
        (second, "bears the name"), (first, "a former bearer of the name"),
    ]  # fmt: skip
    assert {first, second} < {subject for _, subject in told(history, NEW.uid)}
    world.admin.delete(NEW.uid)
    assert [person.entry_uuid for person in history.persons(NEW.uid)][:2] == sorted([first, second])
    assert {first, second} < {subject for _, subject in told(history, NEW.uid)}


@pytest.mark.usefixtures("history")
def test_a_name_that_nobody_ever_bore_is_unknown(world: World) -> None:
    """A typing error would look like a customer to whom nothing happened."""
    with pytest.raises(UnknownUser):
        UserHistory(world.store, world.directory).persons("U4BBGA9999")


def test_while_the_directory_is_down_nothing_is_guessed(world: World, history: UserHistory) -> None:
    """Half of what happened would be taken for all of it."""
    world.admin.away = True
    with pytest.raises(DirectoryUnavailable):
        history.persons(NEW.uid)


# -- erasure ---------------------------------------------------------------------------------------------------------------


def test_who_is_erased_is_known_by_no_name_any_more(world: World, history: UserHistory) -> None:
    """AVG article 17: whoever asks to be forgotten would still be found."""
    persons = history.persons(NEW.uid)
    world.admin.delete(NEW.uid)
    assert Erasure(world.store, world.clock).erase(persons, ACTOR) > 0
    with pytest.raises(UnknownUser):
        history.persons(NEW.uid)
    said = world.audit("audit.erased")
    assert {(event.actor, event.at) for event in said} == {(ACTOR, world.clock.now())}
    assert persons[0].entry_uuid in {event.subject for event in said}
    assert told(history, OTHER.uid)[0][0] == "user.invited"
    with pytest.raises(NothingToErase):
        Erasure(world.store, world.clock).erase(persons, ACTOR)


def test_user_and_owner_are_erased_together_and_the_number_is_told(world: World, history: UserHistory) -> None:
    """The mail addresses of a customer who is gone would stay with the owner's records."""
    user = world.user(NEW.uid)
    owner = world.admin.find_owner(user.owner_dn)
    change_mail(world, owner, "carol@nieuw.example")
    total = Erasure(world.store, world.clock).erase(history.persons(NEW.uid), ACTOR)
    said = {event.subject: int(str(event.detail["values"])) for event in world.audit("audit.erased")}
    with world.database.reading() as work:
        by_dn = work.audit.subject_of(owner.dn)
    assert set(said) == {user.entry_uuid, owner.entry_uuid, by_dn}
    assert sum(said.values()) == total
    assert "carol@" not in repr([event.changes for event in world.audit()])


@pytest.mark.usefixtures("history")
def test_an_operator_is_erased_by_who_they_are(world: World) -> None:
    """Who worked here, and left, would stand there by name."""
    assert Erasure(world.store, world.clock).erase([Person("", JAN)], ACTOR) > 0
    assert "operator:(erased)" in {event.actor for event in world.audit("user.invited")}


@pytest.mark.usefixtures("history")
def test_whom_the_audit_does_not_name_is_told_so(world: World) -> None:
    """A typing error would be answered with *done*, and the person stay."""
    with pytest.raises(NothingToErase):
        Erasure(world.store, world.clock).erase([Person("uuid-of-nobody", "cn=nobody"), Person("")], ACTOR)
    assert world.audit("audit.erased") == []
