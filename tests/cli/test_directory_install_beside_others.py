"""`idp directory install` in a directory that others use: nothing changes for them."""

from __future__ import annotations

import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from idp.adapters.ldap import LdapOperator, LdapServer, SimpleBind
from idp.ports.directory import NewUser
from tests.plain_slapd import ADMIN_DN, CONFIG_ADMIN_DN, PASSWORD
from tests.slapd import BASE_DN

if TYPE_CHECKING:
    from tests.cli.own_directory import Own

JAN, ELS = f"uid=jan,ou=staff,{BASE_DN}", f"uid=els,ou=people,{BASE_DN}"
USER_DN, USERS_POLICY_DN = f"uid=U4BBGA0008,ou=koppelgebruikers,{BASE_DN}", f"cn=koppelgebruikers,ou=policies,{BASE_DN}"
DATABASE_DN = "olcDatabase={1}mdb,cn=config"
AUDITOR = f'by dn.exact="{JAN}" read'


def container(name: str) -> str:
    """Write an ou down."""
    return f"dn: ou={name},{BASE_DN}\nchangetype: add\nobjectClass: organizationalUnit\n\n"


def person(dn: str, name: str) -> str:
    """Write somebody down who is none of ours."""
    more = f"mail: {name}@example.nl\nuserPassword: {PASSWORD}\n\n"
    return f"dn: {dn}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: {name}\nsn: {name}\n{more}"


BASE = f"dn: {BASE_DN}\nchangetype: add\nobjectClass: dcObject\nobjectClass: organization\ndc: u4bsw\no: u4bsw\n\n"
STAFF = BASE + container("staff") + person(JAN, "jan")
PEOPLE = container("people") + person(ELS, "els")
LOG = f"""dn: cn=module{{0}},cn=config
changetype: modify
add: olcModuleLoad
olcModuleLoad: accesslog

dn: olcDatabase=mdb,cn=config
changetype: add
objectClass: olcMdbConfig
olcDatabase: mdb
olcSuffix: cn=accesslog
olcRootDN: {ADMIN_DN}
olcDbDirectory: log
olcAccess: to * {AUDITOR} by * none

dn: olcOverlay=accesslog,{DATABASE_DN}
changetype: add
objectClass: olcAccessLogConfig
olcOverlay: accesslog
olcAccessLogDB: cn=accesslog
olcAccessLogOps: writes
olcAccessLogSuccess: TRUE
"""


def search(own: Own, who: str | None, *arguments: str) -> str:
    """Search as somebody with the directory's usual password, or as nobody."""
    identity = ("-D", who, "-w", PASSWORD) if who else ()
    command = ["ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-H", own.slapd.url, *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603  # our own words


def set_password(own: Own, who: str, old: str, new: str) -> int:
    """Change one's own password as anybody does."""
    command = ["ldappasswd", "-x", "-H", own.slapd.url, "-D", who, "-w", old, "-a", old, "-s", new]
    return subprocess.run(command, capture_output=True, check=False).returncode  # noqa: S603  # our own words


def create_user(own: Own) -> None:
    """Have us add a koppelgebruiker."""
    admin = LdapOperator(server=LdapServer(own.slapd.url), base_dn=BASE_DN, operator=SimpleBind(ADMIN_DN, PASSWORD))
    with closing(admin):
        admin.create_user(NewUser("U4BBGA0008", "A-0008", "anna@example.nl", "Anna de Vries"))


def test_others_search_as_before(own: Own) -> None:
    """All of their tools look from the root, as nobody or as themselves: they would find nobody any more."""
    own.slapd.modify(STAFF)
    before = {who: search(own, who, "-b", BASE_DN) for who in (None, JAN)}
    schema = {who: search(own, who, "-b", base, "-s", "base", "+") for who, base in ((None, ""), (JAN, "cn=subschema"))}
    assert own.idp().code == 0
    create_user(own)
    for who, found in before.items():
        assert JAN in found
        assert set(found.split("\n\n")) <= set(search(own, who, "-b", BASE_DN).split("\n\n"))
        assert not any(name in search(own, who, "-b", BASE_DN) for name in ("U4BBGA0008", "Anna de Vries", "pwdMinAge"))
    assert len(search(own, None, "-b", "", "-s", "base", "+")) >= len(schema[None]) > 0
    assert len(search(own, JAN, "-b", "cn=subschema", "-s", "base", "+")) >= len(schema[JAN]) > 0


def test_people_who_were_there_before_are_read_as_before(own: Own) -> None:
    """An address book in `ou=people` would be empty, and nobody could look at their own entry. Hashes are read by nobody."""
    own.slapd.modify(STAFF + PEOPLE)
    before = {who: search(own, who, "-b", ELS) for who in (None, JAN, ELS)}
    ran = own.idp()
    assert "ou=people holds others" in ran.err
    assert all("mail: els@example.nl" in found for found in before.values())
    shown = {who: [line for line in found.splitlines() if "userPassword" not in line] for who, found in before.items()}
    assert {who: search(own, who, "-b", ELS).splitlines() for who in before} == shown
    assert own.idp().err == "# nothing to add\n"


def test_others_change_their_own_passwords_as_before(own: Own) -> None:
    """The 24 hours, and that nobody changes a password by themselves, are about koppelgebruikers."""
    own.slapd.modify(STAFF)
    assert set_password(own, JAN, PASSWORD, "kort") == 0
    ran = own.idp()
    assert ran.code == 0
    assert "olcPPolicyDefault is not set" in ran.err
    assert own.check() == []
    assert set_password(own, JAN, "kort", "ook kort") == 0
    assert set_password(own, JAN, "ook kort", "weer kort") == 0
    assert own.idp().err == "# nothing to add\n"


@pytest.mark.row("R27")
def test_koppelgebruikers_are_under_their_policy_all_the_same(own: Own) -> None:
    """Without a default they would be under none, and no 24 hours would hold."""
    own.slapd.modify(STAFF)
    own.idp()
    create_user(own)
    assert f"pwdPolicySubentry: {USERS_POLICY_DN}" in search(own, ADMIN_DN, "-b", USER_DN, "+")
    assert own.check() == []
    own.slapd.modify(f"dn: {USER_DN}\nchangetype: modify\ndelete: pwdPolicySubentry\n")
    found = {row["check"]: row for row in own.check()}
    assert "under none" in found["users"]["problem"]
    assert found["users"]["remedy"] == f"set pwdPolicySubentry: {USERS_POLICY_DN}"


def test_a_new_directory_has_the_policy_for_all(own: Own) -> None:
    """There, also a koppelgebruiker that tooling adds without naming a policy waits 24 hours."""
    own.idp()
    assert f"olcPPolicyDefault: {USERS_POLICY_DN}" in own.slapd.everything()


def test_a_log_that_was_there_before_is_read_by_the_service(own: Own) -> None:
    """Nobody would be told of changes by others, and the remedy that is named would add nothing."""
    own.slapd.modify(STAFF)
    own.slapd.modify(LOG, CONFIG_ADMIN_DN)
    own.slapd.modify(f"dn: {JAN}\nchangetype: modify\nreplace: description\ndescription: boekhouder\n")
    before = search(own, JAN, "-b", "cn=accesslog")
    ran = own.idp(logging=False)
    assert ran.code == 0, ran
    assert "boekhouder" in before
    assert own.check() == []
    assert set(before.split("\n\n")) <= set(search(own, JAN, "-b", "cn=accesslog").split("\n\n"))
    assert search(own, None, "-b", "cn=accesslog") == ""
    assert own.idp(logging=False).err.splitlines()[-1] == "# nothing to add"


def test_what_stands_before_our_rules_is_named(own: Own) -> None:
    """`idp directory check` sends there whoever has such a rule; they would see nothing."""
    own.idp()
    theirs = f'to dn.subtree="ou=koppelgebruikers,{BASE_DN}" attrs=administratie by * none'
    rule = f"dn: {DATABASE_DN}\nchangetype: modify\nadd: olcAccess\nolcAccess: {{0}}{theirs}\n"
    own.slapd.modify(rule, CONFIG_ADMIN_DN)
    ran = own.idp("--dry-run")
    assert ran.out == ""
    assert f"# olcAccess of {DATABASE_DN} has this before ours: {theirs}" in ran.err.splitlines()
