"""Who may do what in the directory: each row tried as that identity, with the tools that anybody has."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from tests.contract.directory.identities import DONE, INSUFFICIENT_ACCESS, SUPPORTER_DN, USER_DN, Cast
from tests.contract.directory.worlds import MAIL, NAME, OTHER_PASSWORD, PASSWORD
from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contract.directory.worlds import World
    from tests.slapd import RunningSlapd

LONG_PAST = "19700101000000Z"
FOR_EVER = "000001010000Z"
SECRETS = ("userPassword:", "pwdHistory:", "{ARGON2}", "{SSHA}")
CONSTRAINT_VIOLATION = 19
VALUE_EXISTS = 20


@pytest.fixture
def cast(slapd: RunningSlapd, real: World, tmp_path: Path) -> Cast:
    """One identity of each kind."""
    return Cast.assemble(slapd, real, tmp_path)


def everybody(cast: Cast) -> dict[str, str]:
    """Give what each reads of the whole tree."""
    who = {"service": cast.service, "supporter": cast.supporter, "owner": cast.owner, "user": cast.user}
    return {name: identity.search(BASE_DN) for name, identity in {**who, "stranger": cast.stranger}.items()}


def test_nobody_reads_a_password(cast: Cast) -> None:
    """A hash that leaks is a password that leaks, some days later."""
    assert cast.supporter.replace(USER_DN, "pwdReset", "TRUE") == DONE
    assert cast.service.replace(USER_DN, "userPassword", OTHER_PASSWORD) == DONE  # so that there is a history
    for found in everybody(cast).values():
        assert not any(secret in found for secret in SECRETS)
    assert all(f"{secret}:" in cast.admin.search(USER_DN) for secret in SECRETS[:2])


def test_only_service_and_support_read_at_all(cast: Cast) -> None:
    """Names run in sequence: who may read one may count the customers."""
    found = everybody(cast)
    assert found["owner"] == found["user"] == found["stranger"] == ""
    for reader in ("service", "supporter"):
        assert f"dn: {USER_DN}" in found[reader]
        assert f"mail: {MAIL}" in found[reader]
        assert "pwdChangedTime: " in found[reader]


def test_a_hash_can_not_be_guessed_at(cast: Cast) -> None:
    """A filter or a comparison answers yes and no, and so reads a value bit by bit."""
    for identity in (cast.service, cast.supporter, cast.user, cast.owner, cast.stranger):
        assert identity.search(USERS_DN, "(userPassword=*)") == ""
        assert identity.tool("ldapcompare", USER_DN, f"userPassword:{PASSWORD}").returncode not in (5, 6)  # false, true


def test_strangers_can_only_authenticate(cast: Cast) -> None:
    """What a client can do before it has said who it is, the whole network can."""
    assert cast.stranger.search("", scope="base") == ""
    assert cast.stranger.search("cn=subschema", scope="base") == ""
    assert cast.stranger.replace(USER_DN, "userPassword", OTHER_PASSWORD) != DONE
    for identity in (cast.user, cast.owner, cast.supporter, cast.service, cast.admin):
        assert identity.tool("ldapwhoami").returncode == DONE


@pytest.mark.row("R27")
def test_the_service_is_an_ordinary_writer_of_passwords(cast: Cast, real: World) -> None:
    """R27: were it privileged, the password policy with its 24 hours would not hold for it."""
    assert cast.service.replace(USER_DN, "userPassword", "kort") == CONSTRAINT_VIOLATION
    assert cast.service.replace(USER_DN, "userPassword", OTHER_PASSWORD) == DONE
    assert cast.service.replace(USER_DN, "userPassword", PASSWORD + " en nog iets") == CONSTRAINT_VIOLATION  # too young
    real.directory.bind_user(real.user, OTHER_PASSWORD)


@pytest.mark.row("R20")
def test_the_service_adds_a_block_and_lifts_none(cast: Cast) -> None:
    """R20: whoever takes the service over can shut users out, but let nobody in whom support has blocked."""
    assert cast.service.add_value(USER_DN, "pwdEndTime", "20991231000000Z") == DONE
    assert cast.service.add_value(USER_DN, "pwdAccountLockedTime", FOR_EVER) == DONE
    for attribute in ("pwdEndTime", "pwdAccountLockedTime"):
        assert cast.service.replace(USER_DN, attribute, None) == INSUFFICIENT_ACCESS
        assert cast.service.replace(USER_DN, attribute, "20991231000000Z") == INSUFFICIENT_ACCESS
        assert cast.service.change(USER_DN, "delete", attribute, None) == INSUFFICIENT_ACCESS


def test_the_service_writes_nothing_else(cast: Cast) -> None:
    """Where mail goes, who owns whom and who was released is not the service's to change."""
    changes = {
        USER_DN: {"owner": SUPPORTER_DN, "administratie": "X", "pwdReset": "TRUE", "pwdStartTime": LONG_PAST},
        cast.owner_dn: {"mail": "mallory@example.nl", "cn": "M", "pwdEndTime": LONG_PAST, "pwdAccountLockedTime": FOR_EVER},
    }
    for dn, values in changes.items():
        for attribute, value in values.items():
            assert cast.service.replace(dn, attribute, value) == INSUFFICIENT_ACCESS, attribute
    assert cast.service.tool("ldapdelete", USER_DN).returncode == INSUFFICIENT_ACCESS
    assert cast.service.tool("ldapmodrdn", USER_DN, "uid=X").returncode == INSUFFICIENT_ACCESS
    assert cast.service.replace(SUPPORTER_DN, "userPassword", OTHER_PASSWORD) != DONE
    new = f"dn: uid=X,{USERS_DN}\nobjectClass: account\nuid: X\n"
    assert cast.service.tool("ldapadd", ldif=new).returncode == INSUFFICIENT_ACCESS


@pytest.mark.row("R24", "R25")
def test_support_mends_addresses_releases_and_blocks(cast: Cast, real: World) -> None:
    """R24, R25: with ordinary tools, and at once."""
    assert cast.supporter.replace(USER_DN, "pwdReset", "TRUE") == DONE
    assert cast.supporter.replace(USER_DN, "pwdEndTime", LONG_PAST) == DONE
    assert cast.supporter.replace(USER_DN, "pwdAccountLockedTime", FOR_EVER) == DONE
    blocked = real.user
    assert (blocked.released, blocked.locks.end, blocked.locks.locked) == (True, LONG_PAST, FOR_EVER)
    for attribute in ("pwdReset", "pwdEndTime", "pwdAccountLockedTime"):
        assert cast.supporter.replace(USER_DN, attribute, None) == DONE
    assert cast.supporter.replace(cast.owner_dn, "mail", "anna@nieuw.example.nl") == DONE
    assert real.directory.find_owner(cast.owner_dn).mail == "anna@nieuw.example.nl"


def test_support_sets_no_password_and_no_owner(cast: Cast) -> None:
    """Somebody on the phone must not be able to talk support into a password."""
    for dn in (USER_DN, cast.owner_dn, SUPPORTER_DN):
        assert cast.supporter.replace(dn, "userPassword", OTHER_PASSWORD) == INSUFFICIENT_ACCESS
    assert cast.supporter.replace(USER_DN, "owner", SUPPORTER_DN) == INSUFFICIENT_ACCESS
    assert cast.supporter.replace(USER_DN, "pwdChangedTime", LONG_PAST) != DONE
    assert cast.supporter.tool("ldapdelete", USER_DN).returncode == INSUFFICIENT_ACCESS


def test_an_owner_changes_their_own_password_only(cast: Cast, real: World) -> None:
    """An owner at the directory itself is an owner, not an admin."""
    assert cast.owner.replace(cast.owner_dn, "mail", "mallory@example.nl") != DONE
    assert cast.owner.replace(USER_DN, "userPassword", OTHER_PASSWORD) != DONE
    assert cast.owner.replace(USER_DN, "pwdReset", "TRUE") != DONE
    assert cast.owner.replace(cast.owner_dn, "userPassword", OTHER_PASSWORD) == DONE
    real.directory.bind_owner(real.directory.find_owner(cast.owner_dn), OTHER_PASSWORD)


def test_a_koppelgebruiker_authenticates_and_nothing_else(cast: Cast) -> None:
    """Its password is in the hands of other companies' applications."""
    for attribute, value in (
        ("userPassword", OTHER_PASSWORD),
        ("pwdReset", "TRUE"),
        ("pwdEndTime", None),
        ("administratie", "X"),
    ):
        assert cast.user.replace(USER_DN, attribute, value) != DONE
    assert cast.user.tool("ldappasswd", "-s", OTHER_PASSWORD).returncode != DONE


def test_an_admin_does_everything_without_a_restart(cast: Cast, real: World) -> None:
    """Admins have their own tools; the service follows."""
    assert cast.admin.tool("ldappasswd", "-s", OTHER_PASSWORD, USER_DN).returncode == DONE
    real.directory.bind_user(real.user, OTHER_PASSWORD)
    assert cast.admin.replace(USER_DN, "administratie", "een andere") == DONE
    assert real.user.administratie == "een andere"
    assert cast.admin.tool("ldapdelete", USER_DN).returncode == DONE


@pytest.mark.row("R1")
def test_no_name_owner_or_address_twice(cast: Cast) -> None:
    """R1: one owner for a user, one address for an owner, and each name and address once, whoever writes."""
    assert cast.admin.add_value(USER_DN, "owner", SUPPORTER_DN) == CONSTRAINT_VIOLATION
    assert cast.admin.add_value(cast.owner_dn, "mail", "tweede@example.nl") == CONSTRAINT_VIOLATION
    other = f"dn: uid=bob,{PEOPLE_DN}\nobjectClass: inetOrgPerson\ncn: Bob\nsn: Bob\nmail: {MAIL.upper()}\n"
    assert cast.admin.tool("ldapadd", ldif=other).returncode == CONSTRAINT_VIOLATION
    below = f"dn: uid={NAME},ou=x,{USERS_DN}\nobjectClass: account\nuid: {NAME}\n"
    container = f"dn: ou=x,{USERS_DN}\nobjectClass: organizationalUnit\nou: x\n\n"
    assert cast.admin.tool("ldapadd", ldif=container + below).returncode == CONSTRAINT_VIOLATION
    assert cast.admin.tool("ldapdelete", f"ou=x,{USERS_DN}").returncode == DONE


LOG = "cn=accesslog"


def _decoded(ldif: str) -> bytes:
    # slapd's hashes end in a NUL, so LDIF has them in base64.
    values = [base64.b64decode(line.partition(":: ")[2]) for line in ldif.splitlines() if ":: " in line]
    return b"\n".join([ldif.encode(), *values])


def test_the_service_reads_what_was_changed_but_no_password(cast: Cast, real: World) -> None:
    """Changes by tooling are noticed there; the new hashes, which are there too, are nobody's."""
    owner = real.directory.find_owner(cast.owner_dn)
    assert cast.supporter.replace(owner.dn, "mail", "anna@nieuw.example.nl") == DONE
    assert cast.supporter.replace(USER_DN, "pwdReset", "TRUE") == DONE
    assert cast.service.replace(USER_DN, "userPassword", OTHER_PASSWORD) == DONE
    assert "reqMod: mail:= anna@nieuw.example.nl" in cast.service.search(LOG, f"(reqEntryUUID={owner.entry_uuid})")
    mine = f"(reqEntryUUID={real.user.entry_uuid})"
    log = cast.service.search(LOG, mine)
    assert f"reqDN: {USER_DN}" in log
    assert "reqMod: pwdChangedTime:= " in log
    for secret in (b"userPassword:= {ARGON2}", b"pwdHistory:+ "):
        assert secret in _decoded(cast.admin.search(LOG, mine))
        assert secret not in _decoded(log)


def test_nobody_searches_the_log_by_values(cast: Cast) -> None:
    """With a filter on what may not be read, a hash could be guessed at."""
    assert cast.service.replace(USER_DN, "userPassword", OTHER_PASSWORD) == DONE
    for condition in ("(reqMod=*)", "(reqMod=userPassword:= *)", "(reqMod=mail*)", "(reqOld=*)"):
        assert cast.service.search(LOG, condition) == "", condition
    for identity in (cast.supporter, cast.owner, cast.user, cast.stranger):
        assert identity.search(LOG) == ""
