"""`idp directory install` on a directory of somebody's own."""

from __future__ import annotations

import base64
import re
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from idp.adapters.directory_templates import template_folder
from idp.adapters.ldap import LdapDirectory, LdapOperator, LdapServer, SimpleBind
from idp.errors import InvalidCredentials, PasswordTooYoung
from idp.outside import ldap_server, open_directory
from idp.ports.directory import NewUser
from idp.settings import load_settings
from tests.contract.directory.worlds import RealClock
from tests.plain_slapd import ADMIN_DN, CONFIG_ADMIN_DN, PASSWORD
from tests.slapd import BASE_DN

if TYPE_CHECKING:
    from tests.cli.own_directory import Own

FIRST, SECOND = "een lange eerste wachtzin", "een heel andere wachtzin"


def test_a_directory_that_never_heard_of_us_is_made_fit(own: Own) -> None:
    """One command, and a reset works there as it does on the embedded one; also after a restart."""
    ran = own.idp()
    assert (ran.code, ran.err) == (0, ""), ran
    assert own.kept.stat().st_mode & 0o777 == 0o600
    assert own.kept.read_text() not in ran.out
    own.slapd.restart()
    assert own.check() == []
    assert not any(row["wrong"] for row in own.check(with_operators=False))
    settings = load_settings(own.config)
    directory = open_directory(settings, RealClock())
    admin = LdapOperator(server=ldap_server(settings.directory), base_dn=BASE_DN, operator=SimpleBind(ADMIN_DN, PASSWORD))
    try:
        a_reset_works(directory, admin)
    finally:
        directory.close()
        admin.close()


def a_reset_works(directory: LdapDirectory, admin: LdapOperator) -> None:
    """Go once through what the service does with a directory."""
    beginning = directory.changes.end()
    user, _ = admin.create_user(NewUser("U4BBGA0008", "A-0008", "anna@example.nl", "Anna de Vries"))
    directory.set_user_password(user, user.seen, FIRST)
    user = directory.find_user("U4BBGA0008")
    directory.bind_user(user, FIRST)
    with pytest.raises(InvalidCredentials):
        directory.bind_user(None, FIRST)
    with pytest.raises(PasswordTooYoung):
        directory.set_user_password(user, user.seen, SECOND)
    admin.release(user)
    user = directory.find_user("U4BBGA0008")
    directory.set_user_password(user, user.seen, SECOND)
    directory.block_user(user)
    with pytest.raises(InvalidCredentials):
        directory.bind_user(directory.find_user("U4BBGA0008"), SECOND)
    assert directory.changes.read(beginning, 100) != []


def test_without_a_folder_for_a_log_it_can_be_asked_what_has_changed(own: Own) -> None:
    """Who has no room for a log would have owners who are told nothing."""
    ran = own.idp(logging=False)
    assert ran.code == 0, ran
    assert "--log-folder" in ran.err
    assert own.check() == []
    directory = open_directory(load_settings(own.config), RealClock())
    admin = LdapOperator(server=LdapServer(own.slapd.url), base_dn=BASE_DN, operator=SimpleBind(ADMIN_DN, PASSWORD))
    try:
        user, _ = admin.create_user(NewUser("U4BBGA0008", "A-0008", "anna@example.nl", "Anna de Vries"))
        position = directory.content.now()
        own.slapd.modify(f"dn: uid=U4BBGA0008,ou=koppelgebruikers,{BASE_DN}\nchangetype: delete\n")
        assert directory.content.since(position).gone == {user.entry_uuid}
    finally:
        directory.close()
        admin.close()
    before = own.slapd.everything()
    assert own.idp(logging=False).err.splitlines()[-1] == "# nothing to add"
    assert own.slapd.everything() == before


def test_a_log_comes_beside_what_was_there_before_it(own: Own) -> None:
    """Who finds room for a log later on runs the same command with it."""
    own.idp(logging=False)
    ran = own.idp()
    assert ran.code == 0, ran
    own.slapd.restart()
    assert [row["check"] for row in own.check()] == ["size_limits"]  # which only people set anew
    user = f"dn: uid=U1,ou=koppelgebruikers,{BASE_DN}"
    values = f"objectClass: account\nobjectClass: koppelgebruiker\nadministratie: A\nowner: cn=x\nuserPassword: {FIRST}\n"
    own.slapd.modify(f"{user}\nchangetype: add\n{values}")
    own.slapd.modify(f"{user}\nchangetype: modify\nreplace: userPassword\nuserPassword: {SECOND}\n")
    log = own.slapd.log()
    logged = [base64.b64decode(value).decode() for value in re.findall(r"^reqMod:: (\S+)", log, re.MULTILINE)]
    assert len([value for value in logged if "{ARGON2}" in value]) > 1
    for password in (FIRST, SECOND):  # that its overlay was declared last does no harm
        assert password not in f"{log}{logged}"


def test_the_document_tells_how_to_do_it_by_hand(own: Own) -> None:
    """Whoever follows it would get an error, or a server that names everybody at each change."""
    own.idp("--dry-run", logging=False)
    document = (template_folder().parents[1] / "docs" / "directory.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```ldif\n(.*?)```", document, re.DOTALL)
    own.slapd.modify(block, CONFIG_ADMIN_DN)
    own.idp(logging=False)
    assert own.check() == []
    assert "olcSpSessionlog: 10000" in own.slapd.everything()


def test_a_synchronising_server_without_a_session_log_is_told_of_it(own: Own) -> None:
    """It would name everybody at each change, and nobody would know why it is busy."""
    document = "dn: olcOverlay=syncprov,olcDatabase={1}mdb,cn=config\nchangetype: add\nobjectClass: olcOverlayConfig\n"
    module = "dn: cn=module{0},cn=config\nchangetype: modify\nadd: olcModuleLoad\nolcModuleLoad: syncprov\n"
    own.slapd.modify(f"{module}\n{document}objectClass: olcSyncProvConfig\nolcOverlay: syncprov\n", CONFIG_ADMIN_DN)
    ran = own.idp(logging=False)
    assert ran.code == 0, ran
    assert "olcSpSessionlog" in ran.err
    assert own.check() == []


def test_a_directory_with_the_right_names_alone_is_not_fit(own: Own) -> None:
    """It answers, and looks as if it would do; nothing holds there."""
    own.kept.write_text(PASSWORD)
    containers = "\n".join(
        f"dn: ou={name},{BASE_DN}\nchangetype: add\nobjectClass: organizationalUnit\n"
        for name in ("koppelgebruikers", "people", "services", "policies")
    )
    base = f"dn: {BASE_DN}\nchangetype: add\nobjectClass: dcObject\nobjectClass: organization\ndc: u4bsw\no: u4bsw\n"
    classes = "objectClass: applicationProcess\nobjectClass: simpleSecurityObject\n"
    service = f"dn: cn=idp,ou=services,{BASE_DN}\nchangetype: add\n{classes}cn: idp\nuserPassword: {PASSWORD}\n"
    own.slapd.modify(f"{base}\n{containers}\n{service}")
    found = {row["check"] for row in own.check(with_operators=False) if row["wrong"]}
    assert found == {"schema", "module", "in_force", "users_policy", "people_policy", "not_too_few", "following"}
    found = {row["check"] for row in own.check() if row["wrong"]}
    assert found == {"containers"}  # ou=support, which the service need not see


def test_without_a_log_the_service_may_read_everybody(own: Own) -> None:
    """It has to, to follow changes: the limit that keeps look-ups indexed comes with the log alone."""
    assert "size.unchecked" in own.idp("--dry-run").out
    own.idp(logging=False)
    assert "size.unchecked" not in own.slapd.everything()
    assert own.check() == []


def test_a_second_run_adds_nothing(own: Own) -> None:
    """And says so: it can stand in whatever sets machines up."""
    own.idp()
    before = own.slapd.everything()
    ran = own.idp()
    assert (ran.code, ran.out, ran.err) == (0, "", "# nothing to add\n")
    assert own.slapd.everything() == before


@pytest.mark.row("R25")
def test_a_log_that_was_installed_without_former_values_gets_them(own: Own) -> None:
    """In a directory that an earlier version installed, nobody would tell a former address of a new one."""
    own.idp()
    overlay = "olcOverlay={0}accesslog,olcDatabase={1}mdb,cn=config"
    own.slapd.modify(f"dn: {overlay}\nchangetype: modify\ndelete: olcAccessLogOld\n", CONFIG_ADMIN_DN)
    (found,) = [row for row in own.check() if row["wrong"]]
    assert (found["check"], found["remedy"]) == ("change_log", "run `idp directory install`")
    shown = own.idp("--dry-run")
    old = "(|(objectClass=koppelgebruiker)(objectClass=person))"
    assert shown.out == f"dn: {overlay}\nchangetype: modify\nadd: olcAccessLogOld\nolcAccessLogOld: {old}\n\n"
    ran = own.idp()
    assert (ran.code, ran.err) == (0, ""), ran
    assert own.check() == []
    with closing(
        LdapOperator(server=LdapServer(own.slapd.url), base_dn=BASE_DN, operator=SimpleBind(ADMIN_DN, PASSWORD))
    ) as admin:
        _, owner = admin.create_user(NewUser("U4BBGA0008", "A-0008", "anna@example.nl", "Anna de Vries"))
        with closing(open_directory(load_settings(own.config), RealClock())) as directory:
            beginning = directory.changes.end()
            admin.change_mail(owner, "anna@nieuw.example.nl")
            (change,) = directory.changes.read(beginning, 100)
    assert change.former("mail") == "anna@example.nl"


def test_a_dry_run_shows_ldif_and_changes_nothing(own: Own) -> None:
    """The server's admin reads it first; what is shown is what ldapmodify takes, and holds no secret."""
    before = own.slapd.everything()
    ran = own.idp("--dry-run")
    assert (ran.code, ran.err) == (0, "")
    assert own.slapd.everything() == before
    assert not own.kept.exists()
    assert set(re.findall(r"^userPassword:.*", ran.out, re.MULTILINE)) == {"userPassword: {SSHA}" + "A" * 38 + "=="}
    own.slapd.modify(ran.out, ADMIN_DN, "-n")
    configuration, entries = ran.out[: ran.out.index(f"dn: {BASE_DN}\n")], ran.out[ran.out.index(f"dn: {BASE_DN}\n") :]
    own.slapd.modify(configuration, CONFIG_ADMIN_DN)
    own.slapd.modify(entries)


def test_without_access_to_the_configuration_its_part_is_advice(own: Own) -> None:
    """Whoever runs the service is often not who runs the server: they get what to ask for, and all the rest is done."""
    ran = own.idp(configuring=False)
    assert ran.code == 1  # the policies need the overlay's schema, which the server lacks as yet
    assert "hidden" in ran.err
    assert "objectClass" in ran.err or "attribute type" in ran.err
    advice = "".join(f"{block}\n\n" for block in ran.out.split("\n\n") if "changetype" in block)
    own.slapd.modify(advice, CONFIG_ADMIN_DN, "-c")  # passes over the indexes that are there
    ran = own.idp(configuring=False)
    assert ran.code == 0, ran
    assert own.check() == []


def test_what_is_otherwise_is_told_and_left_alone(own: Own) -> None:
    """Somebody had a reason for it, or made a mistake; both are for people to judge."""
    own.idp()
    policy = f"cn=koppelgebruikers,ou=policies,{BASE_DN}"
    own.slapd.modify(f"dn: {policy}\nchangetype: modify\nreplace: pwdMinAge\npwdMinAge: 60\n")
    own.slapd.modify(
        "dn: olcDatabase={-1}frontend,cn=config\nchangetype: modify\nreplace: olcPasswordHash\nolcPasswordHash: {SSHA}\n",
        CONFIG_ADMIN_DN,
    )
    before = own.slapd.everything()
    ran = own.idp()
    assert f"# {policy} was left as it is; pwdMinAge should be: 86400" in ran.err.splitlines()
    assert any("{SSHA}" in line for line in ran.err.splitlines())
    assert own.slapd.everything() == before


def test_another_password_in_the_file_is_refused(own: Own) -> None:
    """Neither the account nor the file is overwritten: something else may depend on either."""
    own.idp()
    own.kept.write_text("een heel ander wachtwoord")
    ran = own.idp()
    assert ran.code == 1
    assert "another password" in ran.err
    assert own.kept.read_text() == "een heel ander wachtwoord"


def test_a_password_that_a_broken_run_left_is_taken_up(own: Own) -> None:
    """Otherwise nobody would know the account's password, and a second run could not mend it."""
    own.kept.write_text("dat van de eerste poging, die halverwege ophield")
    own.kept.chmod(0o600)
    assert own.idp().code == 0
    assert own.check() == []
