"""What others change is read from the directory's log: who, what, before and after, and never a password."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from idp.adapters.ldap import LdapDirectory, SimpleBind
from idp.domain.directory_change import DirectoryChange, Kind, What
from idp.errors import ChangesNotLogged, DirectoryUnavailable
from tests.contract.directory.identities import SUPPORTER_DN, USER_DN, Cast
from tests.contract.directory.worlds import MAIL, NAME, OTHER_PASSWORD, PASSWORD, WRONG, World
from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from idp.ports.changes import ChangeLog
    from tests.slapd import RunningSlapd

ADMIN_DN = f"cn=admin,{BASE_DN}"
LONG_PAST = "19700101000000Z"
FOR_EVER = "000001010000Z"
LIMIT = 1000


@pytest.fixture
def cast(slapd: RunningSlapd, real: World, tmp_path: Path) -> Cast:
    """One identity of each kind, a koppelgebruiker and its owner."""
    return Cast.assemble(slapd, real, tmp_path)


@pytest.fixture
def log(real: World) -> ChangeLog:
    """The log, as the service reads it."""
    assert isinstance(real.directory, LdapDirectory)
    return real.directory.changes


@pytest.fixture
def before(cast: Cast, log: ChangeLog) -> str:
    """The position when everybody was there and nothing had been changed yet."""
    assert cast.owner_dn
    return log.end()


def only(log: ChangeLog, before: str) -> DirectoryChange:
    """Read the one change."""
    (change,) = log.read(before, LIMIT)
    return change


@pytest.mark.row("R25")
def test_a_mended_address_shows_with_the_former_one_and_with_who_mended_it(log: ChangeLog, cast: Cast, before: str) -> None:
    """R25: the former address could not be told."""
    cast.supporter.replace(cast.owner_dn, "mail", "anna@nieuw.example.nl")
    change = only(log, before)
    assert (change.what, change.kind, change.who) == (What.MODIFIED, Kind.OWNER, SUPPORTER_DN)
    assert (change.former("mail"), change.new("mail"), change.changed) == (MAIL, "anna@nieuw.example.nl", ("mail",))
    assert abs(change.at - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(("attribute", "value"), [("pwdEndTime", LONG_PAST), ("pwdAccountLockedTime", FOR_EVER)])
def test_a_lock_shows_when_it_is_set_and_when_it_is_lifted(
    log: ChangeLog, cast: Cast, real: World, before: str, attribute: str, value: str
) -> None:
    """A block would end nothing."""
    cast.supporter.replace(USER_DN, attribute, value)
    cast.supporter.replace(USER_DN, attribute, None)
    block, unblock = log.read(before, LIMIT)
    assert (block.kind, block.uid, block.entry_uuid) == (Kind.USER, NAME, real.user.entry_uuid)
    assert (block.former(attribute), block.new(attribute)) == (None, value)
    assert (unblock.former(attribute), unblock.new(attribute), unblock.changed) == (value, None, (attribute,))


@pytest.mark.row("R20")
@pytest.mark.parametrize("tool", ["ldapmodify", "ldappasswd"])
def test_a_password_shows_by_its_time_and_by_nothing_else(
    log: ChangeLog, cast: Cast, real: World, before: str, tool: str
) -> None:
    """R20: the owner of a password that was changed by tooling could not be told; or the log would give the hash away."""
    former = real.user.password_changed
    if tool == "ldapmodify":
        cast.admin.replace(USER_DN, "userPassword", OTHER_PASSWORD)
    else:
        cast.admin.tool("ldappasswd", "-s", OTHER_PASSWORD, USER_DN)
    change = only(log, before)
    assert (change.who, change.by_service) == (ADMIN_DN, False)
    assert (change.former("pwdChangedTime"), change.new("pwdChangedTime")) == (former, real.user.password_changed)
    assert change.changed == ("pwdChangedTime",)
    for secret in ("ARGON2", "userPassword", OTHER_PASSWORD):
        assert secret not in f"{change!r}{change.before}{change.after}"


def test_the_position_is_the_revision_that_the_entry_got(log: ChangeLog, cast: Cast, real: World, before: str) -> None:
    """Whoever made a change could not tell that it is the one in the log, and it would be told twice."""
    cast.supporter.replace(USER_DN, "pwdReset", "TRUE")
    change = only(log, before)
    assert change.position == real.user.revision
    assert (change.new("pwdReset"), change.changed) == ("TRUE", ("pwdReset",))


def test_what_the_service_does_itself_is_known_as_such(log: ChangeLog, real: World, before: str) -> None:
    """Its owner would be told twice of each reset."""
    real.directory.set_user_password(real.user, real.user.seen, OTHER_PASSWORD)
    real.directory.block_user(real.user)
    assert [change.by_service for change in log.read(before, LIMIT)] == [True, True]


def test_an_entry_comes_is_renamed_and_goes(log: ChangeLog, cast: Cast, real: World, before: str) -> None:
    """Grants of a user who is gone would be kept as if they were alive, and nobody could say who took it away."""
    user = real.admin.add_user("U4BBGA0042", real.directory.find_owner(cast.owner_dn), PASSWORD)
    assert cast.admin.tool("ldapmodrdn", "-r", f"uid=U4BBGA0042,{USERS_DN}", "uid=U4BBGA0043").returncode == 0
    real.admin.delete("U4BBGA0043")
    changes = log.read(before, LIMIT)
    assert [(change.what, change.kind, change.entry_uuid) for change in changes] == [
        (What.ADDED, Kind.USER, user.entry_uuid),
        (What.RENAMED, Kind.USER, user.entry_uuid),
        (What.DELETED, Kind.USER, user.entry_uuid),
    ]
    added, renamed, deleted = changes
    assert (added.new("owner"), added.new("pwdChangedTime"), added.before) == (cast.owner_dn, user.password_changed, {})
    assert (renamed.former("uid"), renamed.new("uid")) == ("U4BBGA0042", "U4BBGA0043")
    assert (deleted.uid, deleted.former("owner"), deleted.after) == ("U4BBGA0043", cast.owner_dn, {})


def test_a_user_who_is_moved_out_is_gone_and_one_who_is_moved_in_is_new(log: ChangeLog, cast: Cast, before: str) -> None:
    """No path finds a user elsewhere: for everybody but the log it was deleted."""
    elsewhere = f"ou=services,{BASE_DN}"
    assert cast.admin.tool("ldapmodrdn", "-s", elsewhere, USER_DN, f"uid={NAME}").returncode == 0
    assert cast.admin.tool("ldapmodrdn", "-s", USERS_DN, f"uid={NAME},{elsewhere}", f"uid={NAME}").returncode == 0
    changes = log.read(before, LIMIT)
    assert [(change.what, change.kind) for change in changes] == [(What.DELETED, Kind.USER), (What.ADDED, Kind.USER)]


def test_values_of_any_form_are_read(log: ChangeLog, cast: Cast, slapd: RunningSlapd, before: str) -> None:
    """A name with a colon in it, or a change in two steps, would stop the worker for ever."""
    slapd.write(cast.owner_dn, "cn", "Zoë: := de\nVries ")
    steps = "delete: mail\n-\nadd: mail\nmail: a@example.nl\n-\nreplace: mail\nmail: b@example.nl\n-\nreplace: cn\ncn: X\n"
    slapd.modify(f"dn: {cast.owner_dn}\nchangetype: modify\n{steps}")
    _, change = log.read(before, LIMIT)
    assert (change.former("mail"), change.after["mail"], change.changed) == (MAIL, ("b@example.nl",), ("mail", "cn"))


def test_names_with_commas_and_other_containers_are_what_they_are(log: ChangeLog, slapd: RunningSlapd, before: str) -> None:
    """An owner named by their name would be taken for something else."""
    dn = f"cn=Vries\\, Anna de,{PEOPLE_DN}"
    slapd.tool("ldapadd", ldif=f"dn: {dn}\nobjectClass: inetOrgPerson\nsn: V\nmail: v@example.nl\n")
    slapd.tool("ldapmodrdn", "-r", dn, "cn=Anna")
    slapd.tool("ldapdelete", f"cn=Anna,{PEOPLE_DN}")
    slapd.write(f"cn=people,ou=policies,{BASE_DN}", "pwdInHistory", "5")
    kinds = [(change.what, change.kind, change.uid) for change in log.read(before, LIMIT)]
    assert kinds == [
        (What.ADDED, Kind.OWNER, ""),
        (What.RENAMED, Kind.OWNER, ""),
        (What.DELETED, Kind.OWNER, ""),
        (What.MODIFIED, Kind.OTHER, ""),
    ]


def test_what_was_refused_and_what_is_only_tried_is_no_change(log: ChangeLog, cast: Cast, real: World, before: str) -> None:
    """A stranger's guesses would be told as if an admin had made them."""
    assert cast.supporter.replace(USER_DN, "userPassword", OTHER_PASSWORD) != 0
    assert cast.service.replace(USER_DN, "userPassword", "kort") != 0
    assert cast.user.tool("ldapwhoami").returncode == 0
    assert cast.stranger.tool("ldapwhoami", "-D", USER_DN, "-w", WRONG).returncode != 0
    assert real.user.uid == NAME
    assert log.read(before, LIMIT) == []


def test_it_is_read_in_steps_and_nothing_twice(log: ChangeLog, slapd: RunningSlapd, before: str) -> None:
    """After a night without a worker, changes would be lost or told twice."""
    count = 450
    one = f"dn: {USER_DN}\nchangetype: modify\nreplace: administratie\nadministratie: "
    slapd.modify("\n".join(f"{one}{number}\n" for number in range(count)))
    read: list[str | None] = []
    position = before
    while changes := log.read(position, 200):
        position = changes[-1].position
        read += [change.new("administratie") for change in changes]
    assert read == [str(number) for number in range(count)]


def test_nothing_is_written_behind_what_was_read(log: ChangeLog, slapd: RunningSlapd, before: str) -> None:
    """Slow changes and quick ones at once: a slow one would come behind the bookmark, and never be told."""
    users = [f"uid=U4BBGA01{number:02d},{USERS_DN}" for number in range(4)]
    classes = "objectClass: account\nobjectClass: koppelgebruiker\nadministratie: A\nowner: cn=x\n"
    slapd.modify("\n".join(f"dn: {dn}\nchangetype: add\n{classes}" for dn in users))
    stop = threading.Event()

    def follow() -> list[str]:
        positions, position = [], before
        while True:
            last = stop.is_set()
            changes = log.read(position, LIMIT)
            positions += [change.position for change in changes]
            position = positions[-1] if positions else before
            if last:
                return positions

    def write(dn: str) -> None:
        change = (
            "replace: userPassword\nuserPassword: een lange wachtzin"
            if dn < users[2]
            else "replace: administratie\nadministratie:"
        )
        slapd.modify("\n".join(f"dn: {dn}\nchangetype: modify\n{change} {number}\n" for number in range(60)))

    with ThreadPoolExecutor() as pool:
        following = pool.submit(follow)
        list(pool.map(write, users))
        stop.set()
        followed = following.result()
    assert followed == [change.position for change in log.read(before, LIMIT)]
    assert followed == sorted(set(followed))
    assert len(followed) == 4 + 4 * 60


@pytest.mark.usefixtures("cast")
def test_a_directory_without_a_log_for_the_service_says_so(
    slapd: RunningSlapd, open_directory: Callable[..., LdapDirectory]
) -> None:
    """A customer's directory keeps none: the worker must be told so, and not that nothing ever changes."""
    log = open_directory(slapd, SimpleBind(SUPPORTER_DN, PASSWORD)).changes
    with pytest.raises(ChangesNotLogged):
        log.read(log.end(), LIMIT)


def test_an_empty_log_is_a_log(log: ChangeLog) -> None:
    """Nothing new is no reason to give up."""
    assert log.read(log.end(), LIMIT) == []


def test_a_directory_that_is_away_is_away(log: ChangeLog, slapd: RunningSlapd) -> None:
    """And not one without a log."""
    position = log.end()
    slapd.stop()
    with pytest.raises(DirectoryUnavailable):
        log.read(position, LIMIT)
    slapd.start()
    assert log.read(position, LIMIT) == []
