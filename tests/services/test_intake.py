"""Users from a file: each once, each owner invited once, whatever happens meanwhile (R1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.adapters.sql import SqlStore
from idp.domain.ldif import Record
from idp.errors import Forbidden, LineRefused, StoreUnavailable
from idp.ports.directory import NewUser
from idp.services.intake import BATCH, Intake, Line, OwnedUser
from idp.services.operations import Operations
from idp.services.user_csv import csv_lines, read_csv
from idp.services.user_export import UserExport
from idp.services.user_ldif import ldif_lines, read_ldif
from tests.services.calls import Crash, raising
from tests.services.composition import DIGESTS
from tests.services.letters import later
from tests.services.listed import AWKWARD, read
from tests.services.operator import MemoryOperator, operations_of
from tests.services.world import ANNA_MAIL, NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from idp.domain.people import Koppelgebruiker
    from tests.services.world import NewWorld, World

pytestmark = pytest.mark.row("R1")

CAROL, DAVE = "carol@example.nl", "dave@example.nl"
LIST = (
    NewUser("U4BBGA0200", "A200", CAROL, "Carol"),
    NewUser("U4BBGA0201", "A201", CAROL, "Carol"),
    NewUser("U4BBGA0202", "A202", DAVE, "Dave", "en"),
    NewUser("U4BBGA0203", "A203", ANNA_MAIL, "Anna"),
)
PEOPLE = "ou=people,dc=u4bsw,dc=nl"


def lines(*users: NewUser) -> list[Line]:
    """Number them."""
    return [Line(number, user) for number, user in enumerate(users, start=2)]


def take(operations: Operations, wanted: Sequence[Line]) -> Intake:
    """Take a whole file in."""
    intake = Intake(operations)
    for line in wanted:
        intake.take(line)
    intake.settle()
    return intake


def many(count: int, mail: str = CAROL) -> list[Line]:
    """Give as many users of one owner."""
    return lines(*(NewUser(f"V{number:04}", "A", mail, "Carol") for number in range(count)))


def test_who_is_new_is_invited_and_who_is_there_is_left_alone(world: World) -> None:
    """Whoever is not sure whether it went through imports again."""
    operations = operations_of(world)
    first, second = (take(operations, lines(*LIST)) for _ in range(2))
    assert (first.invited, first.known, second.invited, second.known) == (4, 0, 0, 4)
    assert [str(event.changes["uid"].after) for event in world.audit("user.invited")] == [new.uid for new in LIST]
    assert sorted(later(world)) == [CAROL, DAVE]


def test_the_store_is_asked_once_for_a_batch(world: World) -> None:
    """A transaction waits for the disk: a hundred thousand of them would take a day's work."""
    operations = operations_of(world)
    world.calls.names.clear()
    take(operations, many(2 * BATCH + 1))
    asked = [name for name in world.calls.names if name.startswith("store.")]
    assert asked == ["store.ping", "store.transaction"] * 3
    assert later(world) == [CAROL]


def test_whatever_call_an_import_dies_at_the_same_one_completes_it(new_world: NewWorld) -> None:
    """Users would be there, of whom nobody was told; or owners be mailed once for each try."""
    world = new_world()
    take(operations_of(world), lines(*LIST))
    for number, name in enumerate(list(world.calls.names)):
        for moment in ("before", "after"):
            world = new_world()
            operations = operations_of(world)
            getattr(world.calls, moment)[number] = raising(Crash())
            with pytest.raises(Crash):
                take(operations, lines(*LIST))
            take(operations, lines(*LIST))
            where = f"{moment} {name}, call {number}"
            assert sorted(str(event.changes["uid"].after) for event in world.audit("user.invited")) == [
                new.uid for new in LIST
            ], where
            assert sorted(later(world)) == [CAROL, DAVE], where
            assert [world.user(new.uid).administratie for new in LIST] == [new.administratie for new in LIST], where


@pytest.mark.parametrize("moment", ["before", "after"])
def test_whoever_breaks_off_can_settle_what_was_begun(world: World, moment: str) -> None:
    """Also where it was just being settled, and nobody knows whether it was."""
    intake = Intake(operations_of(world))
    for line in lines(*LIST):
        intake.take(line)
    getattr(world.calls, moment)["store.transaction"] = raising(Crash())
    with pytest.raises(Crash):
        intake.settle()
    intake.settle()
    intake.settle()
    assert len(world.audit("user.invited")) == len(LIST)
    assert sorted(later(world)) == [CAROL, DAVE]


def test_while_the_store_is_down_nobody_is_made(world: World, tmp_path: Path) -> None:
    """They would be there, and their owners never hear of it."""
    down = SqlStore(f"sqlite:///{tmp_path}/no/such/folder/idp.db", DIGESTS)
    before = world.admin.all_users()
    with pytest.raises(StoreUnavailable):
        take(Operations(MemoryOperator(world.admin), down, world.clock), lines(*LIST))
    assert world.admin.all_users() == before


def test_whoever_may_not_write_hears_it_at_the_first_line(world: World) -> None:
    """Ten thousand refused lines say less than one sentence."""
    with pytest.raises(Forbidden):
        take(Operations(MemoryOperator(world.admin, may_write=False), world.store, world.clock), lines(*LIST))


@pytest.mark.parametrize("other", [NewUser(NAME, "another", ANNA_MAIL, "Anna"), NewUser(NAME, f"A-{NAME}", CAROL, "Carol")])
def test_a_name_of_somebody_else_is_refused(world: World, other: NewUser) -> None:
    """The list says otherwise than the directory: whoever is not told believes that it was done."""
    intake = Intake(operations_of(world))
    with pytest.raises(LineRefused, match=f"{NAME} is there already, with another"):
        intake.take(Line(2, other))
    intake.settle()
    assert (intake.invited, intake.known) == (0, 0)


# -- entries -----------------------------------------------------------------------------------------------------------------


def person(name: str, mail: str, place: str = PEOPLE) -> Line:
    """Write an owner down."""
    return Line(1, Record(f"uid={name},{place}", (("cn", name), ("mail", mail))))


def owned(name: str, owner: str, dn: str | None = None) -> Line:
    """Write a user of an owner down."""
    return Line(9, OwnedUser(dn or f"uid={name},ou=koppelgebruikers,dc=u4bsw,dc=nl", name, "A", f"uid={owner},{PEOPLE}"))


def test_an_owner_comes_before_their_users_and_keeps_their_name(world: World) -> None:
    """Who has the same people in two directories finds them under the same names."""
    operations = operations_of(world)
    for expected in (1, 0):
        intake = take(operations, [person("carol", CAROL), owned("U4BBGA0200", "carol")])
        assert intake.invited == expected
    assert world.user("U4BBGA0200").owner_dn == f"uid=carol,{PEOPLE}"
    assert later(world) == [CAROL]


REFUSED = {
    "the address of another": (person("carol", ANNA_MAIL), "another owner's"),
    "the name of another": (person("owner-0", CAROL), "another owner's"),
    "another place": (person("carol", CAROL, "ou=support,dc=u4bsw,dc=nl"), "does not take"),
    "no such owner": (owned("U4BBGA0200", "carol"), "owners come before"),
    "another name in the dn": (
        owned("U4BBGA0200", "owner-0", "uid=U1,ou=koppelgebruikers,dc=u4bsw,dc=nl"),
        "its dn must be uid=U4BBGA0200",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_record_that_does_not_fit_says_why(world: World, kind: str) -> None:
    """It would be dropped in silence, or end the import."""
    line, sentence = REFUSED[kind]
    before = world.admin.all_users(), world.admin.all_owners()
    with pytest.raises(LineRefused, match=sentence):
        Intake(operations_of(world)).take(line)
    assert (world.admin.all_users(), world.admin.all_owners()) == before


# -- out, and in again -------------------------------------------------------------------------------------------------------


def fill(world: World) -> None:
    """Have people with names of all kinds."""
    for number, text in enumerate(AWKWARD):
        owner = world.admin.add_owner(text, f"owner{number}@example.nl")
        for uid in (f"W{number:02}", f"V{number:02}"):
            world.admin.add_user(uid, owner)
            world.admin.set_administratie(uid, text)


def exported(world: World, form: str) -> str:
    """Write all out."""
    export = UserExport(MemoryOperator(world.admin), pytest.fail)
    return "".join(csv_lines(export.users()) if form == "csv" else ldif_lines(export.records()))


@pytest.mark.parametrize("form", ["csv", "ldif"])
def test_what_went_out_comes_in_and_goes_out_as_it_was(new_world: NewWorld, form: str) -> None:
    """Two directories would drift apart with each move, and nobody could tell by comparing them."""
    world, other = new_world(), new_world()
    fill(world)
    for user in other.admin.all_users():
        other.admin.delete(user.uid)
    for owner in other.admin.all_owners():
        other.admin.delete_owner(owner)
    text = exported(world, form)
    intake = take(operations_of(other), read({"csv": read_csv, "ldif": read_ldif}[form], text))
    assert (intake.invited, intake.known) == (3 + 2 * len(AWKWARD), 0)
    assert exported(other, form) == text


@pytest.mark.parametrize("form", ["csv", "ldif"])
def test_who_can_not_be_written_is_named(world: World, form: str) -> None:
    """They would be missing in the new directory, and their banks be shut out one morning."""
    bob = world.admin.find_owner(world.bob.dn)
    world.admin.set_mail(world.anna, None)
    world.admin.add_user("U4BBGA0300")
    world.admin.add_user("U4BBGA0301", bob)
    world.admin.set_administratie("U4BBGA0301", "two\nlines")
    told: list[str] = []
    export = UserExport(MemoryOperator(world.admin), told.append)
    assert list(export.users() if form == "csv" else export.records())
    anna = [f"{world.anna.dn} is left out: an owner needs exactly one mail, and it must be an address"] if form == "ldif" else []
    assert told == [
        *anna,
        f"{NAME} is left out: mail is missing or wrong",
        "U4BBGA0009 is left out: mail is missing or wrong",
        "U4BBGA0300 is left out: it has no owner who exists",
        "U4BBGA0301 is left out: administratie is missing or wrong",
    ]
    assert export.left_out == len(told)


def test_users_are_written_while_others_are_still_to_be_read(world: World) -> None:
    """A million of them would fill the memory first."""

    class Flowing(MemoryOperator):
        read = 0

        def all_users(
            self,
            *,
            changed_since: datetime | None = None,
            with_locks: bool = False,
            odd: Callable[[str], None] | None = None,
        ) -> Iterator[Koppelgebruiker]:
            del changed_since, with_locks, odd
            for user in super().all_users():
                Flowing.read += 1
                yield user

    pieces = csv_lines(UserExport(Flowing(world.admin), pytest.fail).users())
    next(pieces)
    assert NAME in next(pieces)
    assert Flowing.read == 1
