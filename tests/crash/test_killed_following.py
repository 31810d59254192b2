"""kill -9 of whoever has to tell of a change in the directory: each is told once, whoever dies meanwhile."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.crash.case import LATER_S, NEW, Case
from tests.crash.commands import LIVE
from tests.crash.recoveries import CONNECT, WORK
from tests.crash.tellings import (
    BLOCKED,
    INVITATION,
    MAIL_CHANGED,
    PASSWORD_CHANGED,
    PORTAL_PASSWORD_CHANGED,
    WORK_OFF,
    assert_told,
    settled,
)
from tests.slapd import PEOPLE_DN, USERS_DN

if TYPE_CHECKING:
    from tests.crash.crashes import Crashes
    from tests.crash.steps import Step
    from tests.crash.trace import Trace

INVITED = "U4BBGA0777"
BOBS_MAIL, BOBS_NEW_MAIL = "bob@example.nl", "bob@nieuw.example.nl"
WRITE = "operator.change_mail"
COMMANDS = ("block", "release", "mail")
LONG_PAST = "19700101000000Z"

_BY_TOOLING = """
dn: {user}
changetype: modify
replace: userPassword
userPassword: {password}

dn: {owner}
changetype: modify
replace: mail
mail: {mail}

dn: {owner}
changetype: modify
replace: userPassword
userPassword: een ander wachtwoord voor het portaal

dn: {user}
changetype: modify
replace: pwdEndTime
pwdEndTime: {end}
"""


def user_dn(case: Case) -> str:
    """Where the koppelgebruiker is."""
    return f"uid={case.account.bare},{USERS_DN}"


def owner_dn(case: Case) -> str:
    """Where its owner is."""
    return f"uid={case.account.bare.lower()},{PEOPLE_DN}"


def new_mail(case: Case) -> str:
    """The address that its owner gets."""
    return f"nieuw.{case.account.mail}"


def follow_and_connect(case: Case) -> None:
    """Begin to follow the log, and give an application a token."""
    case.run(WORK, CONNECT)


def command(name: str, case: Case) -> Step:
    """Give `idp user NAME`."""
    return "operate", {"command": name, "bare": case.account.bare, "mail": new_mail(case)}


# -- by tooling ------------------------------------------------------------------------------------------------------------


def change_by_tooling(case: Case) -> None:
    """Change everything that an owner must know of."""
    follow_and_connect(case)
    names = {"user": user_dn(case), "owner": owner_dn(case)}
    case.installation.slapd.modify(_BY_TOOLING.format(password=NEW, mail=new_mail(case), end=LONG_PAST, **names))


def recover_following(case: Case, crash: Trace) -> None:
    """A new worker reads on where the dead one had kept its bookmark."""
    del crash
    trace = settled(case, bare=case.account.bare)
    assert_told(
        case,
        None,
        {
            (PASSWORD_CHANGED, new_mail(case)): 1,
            (MAIL_CHANGED, case.account.mail): 1,
            (PORTAL_PASSWORD_CHANGED, new_mail(case)): 1,
            (BLOCKED, new_mail(case)): 1,
        },
    )
    for action in ("user.password-changed", "owner.mail-changed", "portal-password.changed", "user.blocked"):
        assert trace.history[action] == 1, action
    assert trace.history[LIVE] == 0


@pytest.mark.row("R20", "R25", "S46")
def test_worker_while_it_follows_the_log(crashes: Crashes) -> None:
    """An owner would never know that somebody else changed their password, or read it twice; a thief's tokens would live on."""
    must = {"changes.bookmark", "changes.read", "changes.claim", "grants.revoke", "changes.move_bookmark", "store.commit"}
    crashes.of(WORK, before=change_by_tooling, must=must, recover=recover_following)


# -- by commands -----------------------------------------------------------------------------------------------------------


def recover_command(case: Case, crash: Trace, *, name: str, at_once: bool) -> None:
    """Nobody runs the command again: the worker tells what was changed, and nothing that was not."""
    del crash
    if at_once:
        case.run(WORK)
    trace = settled(case, bare=case.account.bare)
    slapd = case.installation.slapd
    match name:
        case "block":
            changed = slapd.read(user_dn(case), "pwdEndTime") == [LONG_PAST]
            letters, action = {(BLOCKED, case.account.mail): 1}, "user.blocked"
        case "release":
            changed = slapd.read(user_dn(case), "pwdReset") == ["TRUE"]
            letters, action = {}, "user.released"
        case _:
            changed = slapd.read(owner_dn(case), "mail") == [new_mail(case)]
            letters, action = {(MAIL_CHANGED, case.account.mail): 1}, "owner.mail-changed"
    assert trace.history.get(action, 0) == int(changed)
    assert trace.history[LIVE] == int(not changed or name != "block")
    assert_told(case, None, letters if changed else {})


@pytest.mark.row("R20", "R24", "R25", "S46")
@pytest.mark.parametrize("at_once", [True, False], ids=["worker at once", "worker late"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_of_an_operator(crashes: Crashes, name: str, at_once: bool) -> None:  # noqa: FBT001  # a parameter
    """Whose terminal was closed has blocked a user whose tokens live on, or moved an address that nobody is told of."""
    recover = partial(recover_command, name=name, at_once=at_once)
    must = {f"operator.{'change_mail' if name == 'mail' else name}", "changes.claim", "audit.append", "store.commit"}
    crashes.of(partial(command, name), before=follow_and_connect, must=must, recover=recover)


# -- invitations -----------------------------------------------------------------------------------------------------------

INVITE: Step = ("operate", {"command": "invite", "bare": INVITED, "mail": BOBS_MAIL})
MOVE: Step = ("operate", {"command": "mail", "bare": INVITED, "mail": BOBS_NEW_MAIL})


def without_bob(case: Case) -> None:
    """Begin to follow the log, where nobody was invited yet."""
    case.installation.slapd.empty()
    case.run(WORK)


def with_bob_invited(case: Case) -> None:
    """Invite Bob, who has the mail."""
    without_bob(case)
    case.run(INVITE, WORK, WORK)


def recover_inviting(case: Case, crash: Trace, *, at_once: bool) -> None:
    """The operator invites again, as whoever saw no answer does."""
    del crash
    if at_once:
        case.run(WORK)
    trace = settled(case, INVITE)
    assert trace.history["user.invited"] == 1
    assert_told(case, None, {(INVITATION, BOBS_MAIL): 1})


@pytest.mark.row("R1")
@pytest.mark.parametrize("at_once", [True, False], ids=["worker at once", "worker late"])
def test_an_invitation(crashes: Crashes, at_once: bool) -> None:  # noqa: FBT001  # a parameter
    """A new customer could not begin, or would be invited twice."""
    must = {"operator.create_user", "changes.claim", "outbox.add", "store.commit"}
    crashes.of(INVITE, before=without_bob, must=must, recover=partial(recover_inviting, at_once=at_once))


def recover_moving(case: Case, crash: Trace, *, at_once: bool) -> None:
    """The worker brings the invitation to the new address, and tells the former one."""
    del crash
    if at_once:
        case.run(WORK)
    trace = settled(case)
    owner = case.installation.slapd.tool("ldapsearch", "-LLL", "-b", PEOPLE_DN, f"(mail={BOBS_NEW_MAIL})", "1.1").stdout
    moved = {(MAIL_CHANGED, BOBS_MAIL): 1, (INVITATION, BOBS_NEW_MAIL): 1} if owner else {}
    assert trace.history.get("owner.mail-changed", 0) == int(bool(owner))
    assert_told(case, None, {(INVITATION, BOBS_MAIL): 1} | moved)


@pytest.mark.row("R1", "R25")
@pytest.mark.parametrize("at_once", [True, False], ids=["worker at once", "worker late"])
def test_a_new_address_of_somebody_who_is_invited(crashes: Crashes, at_once: bool) -> None:  # noqa: FBT001  # a parameter
    """The invitation would be dead at the former address, and not come to the new one."""
    recover = partial(recover_moving, at_once=at_once)
    crashes.of(MOVE, before=with_bob_invited, must={"operator.change_mail", "outbox.amend"}, recover=recover)


# -- both ------------------------------------------------------------------------------------------------------------------


def leave_an_intent(case: Case, *, written: int) -> None:
    """Let the command die that has just written a new address."""
    follow_and_connect(case)
    assert case.run(command("mail", case), kill_after=written).calls[-1] == WRITE


def recover_telling(case: Case, crash: Trace) -> None:
    """The intent or the log tells it, and whichever comes second knows of the first."""
    trace = settled(case)
    assert trace.history["owner.mail-changed"] == 1
    assert_told(case, crash, {(MAIL_CHANGED, case.account.mail): 1})


@pytest.mark.row("R25")
def test_worker_after_a_command_that_died(crashes: Crashes) -> None:
    """The former address would be told by the intent that was left, and again from the log."""
    case = Case.begin(crashes.installation)
    written = case.run(command("mail", case)).calls.index(WRITE) + 1
    must = {"mailer.send", "outbox.finish", "changes.read", "changes.move_bookmark"}
    crashes.of(WORK_OFF, before=partial(leave_an_intent, written=written), must=must, recover=recover_telling, ahead_s=LATER_S)
