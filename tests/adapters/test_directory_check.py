"""Each way in which a directory would hurt us is found, by name, and nothing else is found with it."""

from __future__ import annotations

import socket
import subprocess
import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from ldap3 import LEVEL

from idp.adapters.ldap import LdapServer, SimpleBind, SocketIdentity
from idp.adapters.ldap.checks import look_at_people, look_quickly
from idp.adapters.ldap.people import USERS, Search
from idp.adapters.ldap.view import View
from idp.adapters.slapd import EmbeddedSlapd, stop
from tests.checked_directory import (
    DATABASE_DN,
    OWNER_DN,
    PEOPLE_POLICY_DN,
    SERVICE_DN,
    USER_DN,
    USERS_POLICY_DN,
    Now,
    an_admin_of_entries_alone,
    faults,
    looked,
    modification,
    rule,
    site,
    whole,
    without,
)
from tests.contract.directory.certificates import Authority
from tests.free_ports import free_port
from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN, RunningSlapd, configure
from tests.unlogged_slapd import add_syncprov, take_log_away

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def replica(*, referring: bool) -> str:
    """Make it follow another server, which is away."""
    provider = f"ldap://127.0.0.1:{free_port()}"
    follow = f'olcSyncrepl: rid=1 provider={provider} searchbase={BASE_DN} type=refreshOnly bindmethod=simple retry="60 +"'
    refer = ["-", "add: olcUpdateRef", f"olcUpdateRef: {provider}"] if referring else []
    return modification(DATABASE_DN, "add: olcSyncrepl", follow, *refer)


def test_a_sound_directory_has_nothing_wrong(broken: RunningSlapd) -> None:
    """A look that cries wolf is not looked at again."""
    assert looked(site(broken.embedded, SocketIdentity())) == []


def test_the_service_alone_says_what_it_cannot_see(broken: RunningSlapd) -> None:
    """That nothing is wrong is never said of what nobody looked at."""
    found = looked(site(broken.embedded))
    assert [(finding.check, finding.is_wrong) for finding in found] == [("configuration", False), ("decoy", False)]
    assert all(SERVICE_DN in finding.problem and "--as" in finding.remedy for finding in found)
    quick = site(broken.embedded)
    assert look_quickly(quick) == []
    quick.close()


def test_an_admin_of_entries_is_told_how_the_configuration_is_seen(broken: RunningSlapd) -> None:
    """Whoever has used --as would be told to use it, again and again, and half of the looks would never be done."""
    admin = an_admin_of_entries_alone(broken)
    (found,) = [finding for finding in looked(site(broken.embedded, admin)) if finding.check == "configuration"]
    assert not found.is_wrong
    assert admin.dn in found.problem
    assert "--config-dn" in found.remedy
    assert "--as" not in found.remedy


def test_a_directory_whose_changes_nobody_can_follow_is_told(broken: RunningSlapd) -> None:
    """Owners would not be told of what others change, and nobody would notice."""
    take_log_away(broken)
    found = {finding.check: finding for finding in faults(site(broken.embedded, SocketIdentity()))}
    assert list(found) == ["following", "size_limits"]
    assert "--log-folder" in found["following"].remedy
    add_syncprov(broken)
    assert [finding.check for finding in faults(site(broken.embedded, SocketIdentity()))] == ["size_limits"]


def test_a_look_that_does_not_read_everybody_says_so(broken: RunningSlapd) -> None:
    """The doctor has no time for a million users; what it has not looked at it must not call well."""
    some = site(broken.embedded, at_most=1)
    found = look_at_people(some)
    some.close()
    assert [(finding.check, finding.is_wrong) for finding in found] == [("users", False)]
    assert "only 1 users" in found[0].problem


def test_a_look_changes_nothing(broken: RunningSlapd) -> None:
    """Not even for a moment, in the entries of real users, on which it tries what the service may do."""
    before = everything(broken)
    looked(site(broken.embedded, SocketIdentity()))
    assert everything(broken) == before


def everything(running: RunningSlapd) -> str:
    """Give all entries, operational attributes too; and the log of changes."""
    search = ("ldapsearch", "-LLL", "-o", "ldif-wrap=no")
    entries = running.tool(*search, "-b", BASE_DN, "*", "+").stdout
    return entries + running.tool(*search, "-b", "cn=accesslog", "*", "+").stdout


BY_THE_SERVICE = {
    "min age": (modification(USERS_POLICY_DN, "replace: pwdMinAge", "pwdMinAge: 3600"), "users_policy", "pwdMinAge"),
    "longer than we ask for": (
        modification(USERS_POLICY_DN, "replace: pwdMinLength", "pwdMinLength: 16"),
        "users_policy",
        "pwdMinLength",
    ),
    "shorter than we take": (
        modification(PEOPLE_POLICY_DN, "add: pwdMaxLength", "pwdMaxLength: 64"),
        "people_policy",
        "pwdMaxLength",
    ),
    "ends": (
        modification(USERS_POLICY_DN, "replace: pwdMaxAge", "pwdMaxAge: 7776000"),
        "users_policy",
        "90 days after its change",
    ),
    "ends unused": (modification(USERS_POLICY_DN, "add: pwdMaxIdle", "pwdMaxIdle: 86400"), "users_policy", "pwdMaxIdle"),
    "people's ends": (modification(PEOPLE_POLICY_DN, "replace: pwdMaxAge", "pwdMaxAge: 7776000"), "people_policy", "pwdMaxAge"),
    "people's ends unused": (
        modification(PEOPLE_POLICY_DN, "add: pwdMaxIdle", "pwdMaxIdle: 86400"),
        "people_policy",
        "pwdMaxIdle",
    ),
    "no min age": (modification(USERS_POLICY_DN, "delete: pwdMinAge"), "users_policy", "pwdMinAge"),
    "lockout": (modification(USERS_POLICY_DN, "replace: pwdLockout", "pwdLockout: FALSE"), "users_policy", "pwdLockout"),
    "failures": (modification(USERS_POLICY_DN, "replace: pwdMaxFailure", "pwdMaxFailure: 5"), "users_policy", "pwdMaxFailure"),
    "must change": (
        modification(USERS_POLICY_DN, "replace: pwdMustChange", "pwdMustChange: TRUE"),
        "users_policy",
        "pwdMustChange",
    ),
    "safe": (modification(USERS_POLICY_DN, "replace: pwdSafeModify", "pwdSafeModify: TRUE"), "users_policy", "pwdSafeModify"),
    "people wait": (modification(PEOPLE_POLICY_DN, "replace: pwdMinAge", "pwdMinAge: 86400"), "people_policy", "pwdMinAge"),
    "no people": (f"dn: {PEOPLE_POLICY_DN}\nchangetype: delete\n", "people_policy", "is missing"),
    "blind": (rule(f'to dn.subtree="{PEOPLE_DN}" by * none'), "containers", "ou=people"),
    "reads hashes": (whole("write"), "hashes_hidden", "userPassword"),
    "searches hashes": (whole("=wxs"), "hashes_hidden", "userPassword"),
    "can't write": (whole("auth"), "not_too_few", "userPassword of koppelgebruikers"),
    "read-only": (modification(DATABASE_DN, "replace: olcReadOnly", "olcReadOnly: TRUE"), "not_too_few", "takes no changes"),
    "a replica": (replica(referring=True), "not_too_few", "takes no changes"),
    "a replica that refers to nobody": (replica(referring=False), "not_too_few", "takes no changes"),
    "can't write owners": (
        rule(f'to dn.subtree="{PEOPLE_DN}" attrs=userPassword by anonymous auth by * none'),
        "not_too_few",
        "userPassword of owners",
    ),
    "can't block": (rule(f'to dn.subtree="{USERS_DN}" attrs=pwdEndTime by * read'), "not_too_few", "pwdEndTime"),
    "unlocks": (
        rule(f'to dn.subtree="{USERS_DN}" attrs=pwdAccountLockedTime by * write'),
        "not_too_many",
        "pwdAccountLockedTime",
    ),
    "takes over": (rule(f'to dn.subtree="{USERS_DN}" attrs=owner by * write'), "not_too_many", "owner"),
    "manages": (
        rule(f'to dn.subtree="{USERS_DN}" attrs=pwdChangedTime by dn.exact="{SERVICE_DN}" manage by * read'),
        "not_too_many",
        "manage",
    ),
    "two addresses": (
        modification("olcOverlay={2}constraint," + DATABASE_DN, "delete: olcConstraintAttribute")
        + "\n"
        + modification(OWNER_DN, "add: mail", "mail: anna@elders.example"),
        "owners",
        "two mail addresses",
    ),
    "no address": (modification(OWNER_DN, "delete: mail"), "owners", "without a mail"),
    "half an address": (modification(OWNER_DN, "replace: mail", "mail: anna@"), "owners", "no mail can go to"),
    "an end too far": (
        modification(USER_DN, "replace: pwdEndTime", "pwdEndTime: 99991231235959Z"),
        "users",
        "pwdEndTime that can't be relied on",
    ),
    "owner is itself": (modification(USER_DN, "replace: owner", f"owner: {USER_DN}"), "users", "an owner who does not exist"),
    "another's address": (
        (
            f"dn: cn=second,{PEOPLE_DN}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: second\nsn: second\n"
            f"pwdPolicySubentry: {PEOPLE_POLICY_DN}\nmail: anna@example.nl\n"
        ),
        "owners",
        "the mail address of another owner",
    ),
    "another's name": (
        (
            f"dn: cn=second,{USERS_DN}\nchangetype: add\nobjectClass: account\nobjectClass: koppelgebruiker\ncn: second\n"
            f"objectClass: extensibleObject\nuid: U4BBGA0008\nadministratie: A\nowner: {OWNER_DN}\n"
        ),
        "users",
        "the name of another user",
    ),
    "name": (
        f"dn: {USER_DN}\nchangetype: modrdn\nnewrdn: uid=U4BBGA0008@u4bsw.nl\ndeleteoldrdn: 1\n",
        "users",
        "a name that nobody can type",
    ),
    "owner waits": (modification(OWNER_DN, "delete: pwdPolicySubentry"), "owners", "another policy"),
    "no owner": (
        modification(USER_DN, "replace: owner", f"owner: uid=nobody,{PEOPLE_DN}"),
        "users",
        "an owner who does not exist",
    ),
    "administratie": (modification(USER_DN, "replace: administratie", "administratie:: QSAHIDE="), "users", "administratie"),
}


@pytest.mark.parametrize("case", BY_THE_SERVICE)
def test_the_service_finds_it_by_itself(broken: RunningSlapd, case: str) -> None:
    """Whoever installs it has no more than the service's account at hand, most often."""
    change, check, words = BY_THE_SERVICE[case]
    broken.modify(change, "-e", "relax")
    found = faults(site(broken.embedded))
    assert [finding.check for finding in found] == [check], found
    assert words in found[0].problem
    assert found[0].remedy


BY_AN_OPERATOR = {
    **{
        f"index {name}": (without(DATABASE_DN, f"olcDbIndex: {name} eq"), "indexes", name)
        for name in ("uid", "mail", "owner", "entryUUID")
    },
    "unique": (
        without("olcOverlay={1}unique," + DATABASE_DN, f"olcUniqueURI: serialize ldap:///ou=koppelgebruikers,{BASE_DN}?uid?sub"),
        "uniqueness",
        "uid",
    ),
    "default policy": (
        modification(
            "olcOverlay={3}ppolicy," + DATABASE_DN, "replace: olcPPolicyDefault", f"olcPPolicyDefault: {PEOPLE_POLICY_DN}"
        ),
        "users",
        "under another policy",
    ),
    "clear": (
        modification(
            "olcOverlay={3}ppolicy," + DATABASE_DN, "replace: olcPPolicyHashCleartext", "olcPPolicyHashCleartext: FALSE"
        ),
        "policy_overlay",
        "in the clear",
    ),
    "cheap": (
        modification("olcDatabase={-1}frontend,cn=config", "replace: olcPasswordHash", "olcPasswordHash: {SSHA}"),
        "hashing",
        "{SSHA}",
    ),
    "log": (
        modification("olcOverlay={0}accesslog," + DATABASE_DN, "replace: olcAccessLogSuccess", "olcAccessLogSuccess: FALSE"),
        "change_log",
        "refused passwords",
    ),
    "former values": (
        modification("olcOverlay={0}accesslog," + DATABASE_DN, "delete: olcAccessLogOld"),
        "change_log",
        "former mail address",
    ),
    "limits": (modification(DATABASE_DN, "delete: olcLimits"), "size_limits", "(500)"),
    "unchecked": (
        modification(DATABASE_DN, "replace: olcLimits", f'olcLimits: dn.exact="{SERVICE_DN}" size=unlimited'),
        "size_limits",
        "size.unchecked",
    ),
    "decoy": (f"dn: cn=decoy,ou=services,{BASE_DN}\nchangetype: delete\n", "decoy", "is missing"),
    "cheap decoy": (
        modification(
            f"cn=decoy,ou=services,{BASE_DN}", "replace: userPassword", "userPassword: {SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        ),
        "decoy",
        "costs another time",
    ),
    "hidden attribute": (
        rule(f'to dn.subtree="{USERS_DN}" attrs=pwdChangedTime by * none'),
        "reads_people",
        "pwdchangedtime",
    ),
}


@pytest.mark.parametrize("case", BY_AN_OPERATOR)
def test_an_operator_sees_more(broken: RunningSlapd, case: str) -> None:
    """What stands in the server's own configuration hurts all the same."""
    change, check, words = BY_AN_OPERATOR[case]
    broken.modify(change)
    found = faults(site(broken.embedded, SocketIdentity()))
    assert [finding.check for finding in found] == [check], found
    assert words in found[0].problem


def test_a_server_without_policy_is_found_from_both_sides(broken: RunningSlapd) -> None:
    """Without the overlay nothing holds anybody for 24 hours, and passwords are kept as they came."""
    broken.stop()
    overlay = next((broken.embedded.state / "config" / "cn=config" / "olcDatabase={2}mdb").glob("*ppolicy*"))
    overlay.unlink()
    broken.start()
    before = everything(broken)
    assert [finding.check for finding in faults(site(broken.embedded))] == ["in_force"]
    assert [finding.check for finding in faults(site(broken.embedded, SocketIdentity()))] == ["in_force", "policy_overlay"]
    assert everything(broken) == before  # what is tried would be taken here, were it not for the assertion beside it


def test_a_server_without_a_log_must_be_let_read_everybody(broken: RunningSlapd) -> None:
    """The limit that keeps look-ups indexed would keep the worker from following changes, for ever."""
    broken.stop()
    overlay = next((broken.embedded.state / "config" / "cn=config" / "olcDatabase={2}mdb").glob("*accesslog*"))
    overlay.unlink()
    broken.start()
    found = faults(site(broken.embedded, SocketIdentity()))
    assert [finding.check for finding in found] == ["size_limits"]
    assert "size.unchecked" not in found[0].remedy


def test_passwords_that_were_loaded_offline_are_found(broken: RunningSlapd) -> None:
    """They look as if there were none: a reset would ask for no cooldown, and nobody could use them."""
    broken.stop()
    entry = f"dn: uid=U4BBGA0009,{USERS_DN}\nobjectClass: account\nobjectClass: koppelgebruiker\nuid: U4BBGA0009\n"
    hashed = (
        "userPassword: {ARGON2}$argon2i$v=19$m=1024,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
    )
    load(broken.embedded, f"{entry}administratie: A\nowner: {OWNER_DN}\n{hashed}")
    broken.start()
    found = faults(site(broken.embedded, SocketIdentity()))
    assert [finding.check for finding in found] == ["loaded_offline"]
    assert "U4BBGA0009" in found[0].problem


def load(embedded: EmbeddedSlapd, ldif: str) -> None:
    """Load entries while the server stands still."""
    file = embedded.state / "load.ldif"
    file.write_text(ldif)
    command = [str(embedded.program), "-T", "add", "-n", "2", "-F", "config", "-l", file.name]
    subprocess.run(command, cwd=embedded.state, check=True, capture_output=True)  # noqa: S603  # our own words


@pytest.mark.parametrize(
    ("facts", "check", "words"),
    [
        ({"base_dn": "dc=elders,dc=nl"}, "containers", "dc=elders,dc=nl"),
        ({"cooldown": timedelta(hours=12)}, "users_policy", "12 hours"),
        ({"clock": Now(-timedelta(hours=1))}, "clock", "in times to come"),
        ({"service": SimpleBind(SERVICE_DN, "dit is hem niet")}, "reachable", "invalidCredentials"),
        ({"server": LdapServer("ldap://192.0.2.1", timeout_s=0.1)}, "encrypted", "in the clear"),
    ],
)
def test_a_wrong_configuration_is_found_too(broken: RunningSlapd, facts: dict[str, Any], check: str, words: str) -> None:
    """The directory may be sound, and our idea of it wrong."""
    found = faults(site(broken.embedded, **facts))
    assert check in {finding.check for finding in found}
    assert any(words in finding.problem for finding in found)


# -- certificates ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def over_tls(broken: RunningSlapd, tmp_path: Path) -> Iterator[Callable[..., LdapServer]]:
    """A way to have the server show a certificate for some host."""
    authority = Authority.found(tmp_path, "authority")
    port = free_port()
    processes: list[subprocess.Popen[bytes]] = []

    def serve(*hosts: str, lived: timedelta = timedelta()) -> LdapServer:
        certificate, key = authority.issue(tmp_path, *hosts, lived=lived)
        broken.stop()
        names = ("olcTLSCertificateFile", certificate), ("olcTLSCertificateKeyFile", key)
        lines = [line for name, path in names for line in (f"replace: {name}", f"{name}: {path}", "-")]
        configure(broken.embedded, modification("cn=config", *lines))
        command = broken.embedded.command()
        command[command.index("-h") + 1] += f" ldaps://127.0.0.1:{port}"
        processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL))  # noqa: S603  # our own words
        broken.embedded.wait_until_ready(10, processes[-1])
        return LdapServer(f"ldaps://127.0.0.1:{port}", ca_file=authority.certificate, timeout_s=2)

    yield serve
    for process in processes:
        stop(process)


def test_a_certificate_that_ends_within_a_month_is_told(broken: RunningSlapd, over_tls: Callable[..., LdapServer]) -> None:
    """In time for somebody to renew it, on a weekday. All else is looked at as well."""
    ldaps = over_tls("127.0.0.1")  # a day is left
    for server in (ldaps, replace(ldaps, url=broken.embedded.ldap_url, start_tls=True)):
        found = faults(site(broken.embedded, server=server))
        assert [finding.check for finding in found] == ["certificate"]
        assert "expires on" in found[0].problem
        before = faults(site(broken.embedded, server=server, clock=Now(-timedelta(days=60))))
        assert [finding.check for finding in before] == ["clock"]


@pytest.mark.parametrize(("hosts", "lived"), [(("elders.example",), timedelta()), (("127.0.0.1",), timedelta(days=1))])
def test_a_certificate_of_somebody_else_or_of_the_past_is_told(
    broken: RunningSlapd, over_tls: Callable[..., LdapServer], hosts: tuple[str, ...], lived: timedelta
) -> None:
    """The name, the chain and the dates; as the reason why the service is shut out, not only as its silence."""
    ldaps = over_tls(*hosts, lived=lived)
    for server in (ldaps, replace(ldaps, url=broken.embedded.ldap_url, start_tls=True)):
        found = faults(site(broken.embedded, server=server))
        assert [finding.check for finding in found] == ["certificate", "reachable"]


def test_a_server_that_must_read_everybody_is_given_time(broken: RunningSlapd) -> None:
    """A look at a million entries, on a machine that has other things to do, would else end in the middle, every time."""
    entry = "dn: uid={uid},{parent}\nobjectClass: account\nobjectClass: koppelgebruiker\nadministratie: A\nowner: {owner}\n\n"
    users = "".join(entry.format(uid=f"U{number}", parent=USERS_DN, owner=OWNER_DN) for number in range(250))
    broken.tool("ldapadd", ldif=users)
    view = View(LdapServer(broken.embedded.ldapi_url, timeout_s=0.5), SocketIdentity())
    found = view.all(Search(USERS_DN, LEVEL, USERS, ("1.1",)))
    first = next(found)
    broken.pause()
    later = threading.Timer(1.5, broken.resume)
    later.start()
    assert len({first.dn, *(other.dn for other in found)}) == 251
    later.join()


def test_a_server_that_is_away_is_one_finding(broken: RunningSlapd) -> None:
    """And not one for each thing that could not be looked at."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        away = LdapServer(f"ldaps://127.0.0.1:{taken.getsockname()[1]}", timeout_s=0.1)
        assert [finding.check for finding in faults(site(broken.embedded, server=away))] == ["reachable"]
