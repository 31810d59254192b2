"""`idp user`: what support and administrators do to koppelgebruikers (R1, R24, R25, R27)."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.grant import Grant
from idp.domain.people import Seen
from tests.slapd import USERS_DN

if TYPE_CHECKING:
    from tests.cli.installation import Installation

UID = "U4BBGA0008"
MAIL = "anna@example.nl"
PASSWORD = "vijf losse woorden achter elkaar"


def set_password(at: Installation, uid: str = UID) -> None:
    """Give a koppelgebruiker a password, as an admin's tool does."""
    at.slapd.write(f"uid={uid},{USERS_DN}", "userPassword", PASSWORD)


@pytest.mark.row("R1")
def test_an_invitation_makes_a_user_without_a_password_and_mails_its_owner(at: Installation) -> None:
    """A new customer gets one mail, by which they can come in."""
    assert at.invite(UID) == f"{UID} belongs to Anna de Vries, {MAIL}\n"
    assert at.slapd.read(f"uid={UID},{USERS_DN}", "userPassword") == []
    (mail,) = at.sent()
    body = mail.get_body(("plain",))
    assert mail["To"] == MAIL
    assert body is not None
    assert "/login/password/" in body.get_content()


@pytest.mark.row("R1")
def test_an_owner_who_has_a_password_is_not_invited_again(at: Installation) -> None:
    """Who gets a second koppelgebruiker knows the portal, and would think that somebody is after their password."""
    at.invite(UID)
    owner_dn = at.slapd.read(f"uid={UID},{USERS_DN}", "owner")[0]
    at.slapd.write(owner_dn, "userPassword", PASSWORD)
    before = len(at.sent())
    assert at.invite("U4BBGA0012", "Anna@Example.nl") == f"U4BBGA0012 belongs to Anna de Vries, {MAIL}\n"
    assert at.slapd.read(f"uid=U4BBGA0012,{USERS_DN}", "owner") == [owner_dn]
    assert len(at.sent()) == before


@pytest.mark.row("R1")
def test_a_name_that_is_taken_is_refused(at: Installation) -> None:
    """A typing error must not give one company's user to another."""
    at.invite(UID)
    again = at.idp("user", "invite", UID.lower(), "--administratie", "B", "--mail", "bram@example.nl", "--owner-name", "Bram")
    assert again.sentence == f"there is a user {UID} already; see idp user show {UID}"
    assert "bram" not in at.slapd.tool("ldapsearch", "-LLL", "-b", "dc=u4bsw,dc=nl", "(mail=*)", "mail").stdout


@pytest.mark.parametrize("name", ["U4BBGA 0008", "U4BBGA0008)", "é", "U" * 33, ""])
def test_a_name_that_can_not_be_one_is_wrong_use(at: Installation, name: str) -> None:
    """What no form takes must not come into the directory by this way."""
    ran = at.idp("user", "invite", name, "--administratie", "A", "--mail", MAIL, "--owner-name", "Anna")
    assert ran.code in (1, 2)
    assert ran.out == ""
    assert at.done("user", "list") == ""


def test_all_users_are_listed_and_the_list_can_be_narrowed(at: Installation) -> None:
    """Support sees at a glance who waits, and who is shut out."""
    for uid in (UID, "U4BBGA0009", "U4BBGA0010"):
        at.invite(uid)
    set_password(at, "U4BBGA0009")
    at.done("user", "block", "U4BBGA0010")
    assert [row["name"] for row in at.idp("user", "list", "--json").json] == [UID, "U4BBGA0009", "U4BBGA0010"]
    assert [row["name"] for row in at.idp("user", "list", "--cooldown", "--json").json] == ["U4BBGA0009"]
    assert [row["name"] for row in at.idp("user", "list", "--blocked", "--json").json] == ["U4BBGA0010"]
    table = at.done("user", "list").splitlines()
    assert table[0].split() == ["NAME", "ADMINISTRATIE", "PASSWORD", "CHANGED", "NEXT", "RESET", "BLOCKED"]
    assert table[1].split() == [UID, f"A-{UID}", "-", "-", "no"]


@pytest.mark.row("R4")
@pytest.mark.parametrize("typed", [UID, UID.lower(), f"{UID}@u4bsw.nl", f"{UID}@u4bb.nl"])
def test_one_user_is_shown_under_whatever_name_a_caller_gives(at: Installation, typed: str) -> None:
    """On the phone people read out any of these; and no password is ever among what is shown."""
    at.invite(UID)
    set_password(at)
    shown = at.idp("user", "show", typed, "--json").json
    assert shown["name"] == UID
    assert (shown["owner"], shown["mail"], shown["administratie"]) == ("Anna de Vries", MAIL, f"A-{UID}")
    assert shown["blocked"] is False
    assert shown["next reset"] is not None
    assert shown["couplings"] == []
    assert not any("userpassword" in name.lower() or "ARGON2" in str(value) for name, value in shown.items())
    assert at.done("user", "show", typed).startswith("name ")


@pytest.mark.row("S42")
def test_couplings_are_told_as_their_owner_sees_them(at: Installation) -> None:
    """Support could not say on the phone who is in, since when, and from where."""
    at.invite(UID)
    set_password(at)
    at.done("client", "add", "basecone", "--name", "Basecone", "--client-id", "basecone-1")
    user = at.idp("user", "show", UID, "--json").json
    began = datetime(2026, 3, 4, 10, 11, tzinfo=UTC)
    seen = Seen(user["entryUUID"], user["password changed"])
    used = began + timedelta(minutes=1)
    grant = Grant("one", "basecone-1", UID, seen, began, used, "192.0.2.0/24")
    with closing(at.store()) as store, store.transaction() as work:
        work.grants.add(grant)
        work.grants.add(replace(grant, id="two", network=""))
        work.grants.add(replace(grant, id="of a former password", seen=replace(seen, password_changed=None)))
    told = "Basecone (basecone-1, since 2026-03-04 10:11Z, last used 2026-03-04 10:12Z, from {})"
    shown = at.idp("user", "show", UID, "--json").json["couplings"]
    assert sorted(shown) == [told.format("192.0.2.0/24"), told.format("an unknown network")]
    assert told.format("192.0.2.0/24") in at.done("user", "show", UID)


@pytest.mark.parametrize("command", ["show", "release", "block", "unblock"])
def test_an_unknown_name_is_one_sentence(at: Installation, command: str) -> None:
    """Support hears that the name is wrong, not where in the program that was found out."""
    assert at.idp("user", command, "U4BBGA9999").sentence == "There is no such user."


@pytest.mark.row("R24", "R27")
def test_a_release_waives_the_cooldown_once(at: Installation) -> None:
    """Who can't wait for a day calls, and is helped while on the phone."""
    at.invite(UID)
    set_password(at)
    assert at.done("user", "release", UID) == f"{UID} can reset its password now\n"
    assert at.slapd.read(f"uid={UID},{USERS_DN}", "pwdReset") == ["TRUE"]
    assert at.idp("user", "show", UID, "--json").json["next reset"] is None


@pytest.mark.row("R24")
def test_a_release_opens_no_blocked_user(at: Installation) -> None:
    """Support would tell a customer on the phone to go ahead, and the customer would call again."""
    at.invite(UID)
    at.done("user", "block", UID)
    assert at.done("user", "release", UID) == (
        f"{UID} is released, and can reset its password once it is not blocked any more: idp user unblock {UID}\n"
    )


@pytest.mark.row("R20")
def test_a_block_survives_a_password_change_and_its_owner_is_told(at: Installation) -> None:
    """A thief who still holds a link can't lift the block by it; and an owner who is shut out by mistake hears it first."""
    at.invite(UID)
    assert at.done("user", "block", UID) == f"{UID} is blocked\n"
    set_password(at)
    assert at.slapd.read(f"uid={UID},{USERS_DN}", "pwdEndTime") == ["19700101000000Z"]
    assert at.idp("user", "show", UID, "--json").json["blocked"] is True
    told = [mail for mail in at.sent() if mail["Subject"] == "Je koppelgebruiker is geblokkeerd"]
    assert [mail["To"] for mail in told] == [MAIL]


@pytest.mark.parametrize("attribute", ["pwdEndTime", "pwdAccountLockedTime"])
def test_every_block_can_be_lifted(at: Installation, attribute: str) -> None:
    """Whichever attribute an admin's tool has written, one command opens the door again."""
    at.invite(UID)
    value = {"pwdEndTime": "19700101000000Z", "pwdAccountLockedTime": "000001010000Z"}[attribute]
    at.slapd.write(f"uid={UID},{USERS_DN}", attribute, value)
    assert at.done("user", "unblock", UID) == f"{UID} is not blocked any more\n"
    assert at.slapd.read(f"uid={UID},{USERS_DN}", attribute) == []
    assert at.done("user", "unblock", UID) == f"{UID} is not blocked any more\n"


@pytest.mark.row("R25")
def test_a_mended_address_is_told_to_the_old_one(at: Installation) -> None:
    """If it was no mending but a theft, the owner learns of it at the address that still is theirs."""
    at.invite(UID)
    before = len(at.sent())
    said = at.done("user", "mail", UID, " nieuw@example.nl ")
    assert said == f"mail about {UID} goes to nieuw@example.nl now\n"
    assert at.idp("user", "show", UID, "--json").json["mail"] == "nieuw@example.nl"
    told, invited = sorted(at.sent()[before:], key=lambda mail: str(mail["To"]))
    assert invited["To"] == "nieuw@example.nl"  # there is no portal password yet
    body = told.get_body(("plain",))
    assert told["To"] == MAIL
    assert body is not None
    assert "nieuw@example.nl" not in body.get_content()


@pytest.mark.row("R25")
def test_the_same_address_is_told_to_nobody(at: Installation) -> None:
    """A change that is none would only frighten."""
    at.invite(UID)
    before = len(at.sent())
    at.done("user", "mail", UID, MAIL.upper())
    assert len(at.sent()) == before


@pytest.mark.row("R25")
@pytest.mark.parametrize("address", ["bram@example.nl", "BRAM@example.nl"])
def test_another_owners_address_is_refused(at: Installation, address: str) -> None:
    """Two owners at one address could not log in."""
    at.invite(UID)
    at.invite("U4BBGA0012", "bram@example.nl")
    assert at.idp("user", "mail", UID, address).sentence == "another owner has this address"


@pytest.mark.row("R25")
@pytest.mark.parametrize("address", ["", "anna", "anna@", "@example.nl", "anna@example.nl, bram@example.nl", "an na@example.nl"])
def test_what_is_no_address_is_refused(at: Installation, address: str) -> None:
    """A typing error at the one moment that it matters would send the next mail nowhere, or to two people."""
    at.invite(UID)
    ran = at.idp("user", "mail", UID, address)
    assert ran.code in (1, 2)
    assert at.idp("user", "show", UID, "--json").json["mail"] == MAIL


@pytest.mark.row("R1")
@pytest.mark.parametrize("address", ["", "anna", "an na@example.nl", "anna@example.nl,bram@example.nl"])
def test_nobody_is_invited_at_what_is_no_address(at: Installation, address: str) -> None:
    """The mail would never come, and nobody would know why."""
    ran = at.idp("user", "invite", UID, "--administratie", "A", "--mail", address, "--owner-name", "Anna")
    assert ran.code in (1, 2)
    assert at.done("user", "list") == ""
