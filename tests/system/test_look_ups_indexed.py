"""A directory of many whose indexes were lost: the service says so instead of having everybody read for each request."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from idp.adapters.ldap import SocketIdentity
from idp.adapters.ldap.checks import look
from idp.adapters.system_clock import SystemClock
from idp.cli.directory import site_of
from idp.errors import LookUpsNotIndexed
from idp.outside import assert_look_ups_indexed, open_directory
from idp.settings import load_settings
from tests.contract.mailer.real_server import RealServer
from tests.population import load, mail, owner_dn, uid
from tests.slapd import BASE_DN, USERS_DN, RunningSlapd, configure
from tests.system.processes import Started, waiting
from tests.system.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from idp.adapters.ldap import LdapDirectory

MANY = 10_500
"""Users, and as many owners: more of both than the service may have read for one look-up."""

VERY_MANY = 60_000
FEW = 2_000
INDEXES = ("uid", "owner", "entryUUID", "mail")
SERVICE_DN = f"cn=idp,ou=services,{BASE_DN}"
DATABASE_DN = "olcDatabase={2}mdb,cn=config"
SENTENCE = "Look-ups by uid are not indexed; add olcDbIndex: uid eq to the directory's database."


@contextmanager
def crowded(folder: Path, users: int, ldif: str = "") -> Iterator[RunningSlapd]:
    """Run a directory of many, with its configuration changed by LDIF."""
    slapd = RunningSlapd.start_in(folder)
    slapd.stop()
    load(slapd.embedded, users, 1)
    if ldif:
        configure(slapd.embedded, ldif)
    slapd.start()
    try:
        yield slapd
    finally:
        slapd.stop()


def modification(operation: str, *attributes: str) -> str:
    """Write, as LDIF, that indexes go or come."""
    lines = [f"{operation}: olcDbIndex\nolcDbIndex: {attribute} eq\n" for attribute in attributes]
    return f"dn: {DATABASE_DN}\nchangetype: modify\n" + "-\n".join(lines)


def refusal(service: Service, command: str, *arguments: str) -> str:
    """Run a command that must refuse; gives the sentences that it says."""
    started = Started.idp(service.config.with_name(f"{command}.out"), "--config", str(service.config), command, *arguments)
    assert started.code() == 1, started.said
    assert "Traceback" not in started.said
    return started.said


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """An installation beside a directory of many."""
    folder = tmp_path_factory.mktemp("many")
    with crowded(folder, MANY) as slapd, RealServer() as smtp:
        yield patient(Service.install(folder, slapd, smtp))


def patient(service: Service) -> Service:
    """Have it wait for answers as long as it usually does."""
    text = service.config.read_text(encoding="utf-8")
    service.config.write_text(text.replace("timeout_s = 0.5", "timeout_s = 5.0", 1), encoding="utf-8")
    return replace(service, settings=load_settings(service.config))


@pytest.fixture
def directory(many: Service) -> Iterator[LdapDirectory]:
    """The directory of many, as the service sees it."""
    with closing(open_directory(many.settings, SystemClock())) as opened:
        yield opened


@contextmanager
def lost(service: Service, directory: LdapDirectory, attribute: str) -> Iterator[None]:
    """Have no index for a while; slapd makes it anew in the background."""
    service.slapd.modify(modification("delete", attribute))
    try:
        yield
    finally:
        service.slapd.modify(modification("add", attribute))
    assert any(answers(directory) for _ in waiting(30))


def answers(directory: LdapDirectory) -> bool:
    """Tell whether look-ups are answered."""
    try:
        directory.ping()
    except LookUpsNotIndexed:
        return False
    return True


@pytest.mark.parametrize("attribute", INDEXES)
def test_each_index_is_missed(many: Service, directory: LdapDirectory, attribute: str) -> None:
    """Of four kinds of look-up, the one that was forgotten is the one that stops the house."""
    directory.ping()
    with lost(many, directory, attribute), pytest.raises(LookUpsNotIndexed, match=f"by {attribute} are not indexed"):
        directory.ping()


def test_nothing_starts_without(many: Service, directory: LdapDirectory) -> None:
    """Each request would read everybody; with a few visitors the directory, and all that rests on it, would stand still."""
    with lost(many, directory, "uid"):
        assert refusal(many, "serve").endswith(f"idp: {SENTENCE}\n")
        assert refusal(many, "worker").endswith(f"idp: {SENTENCE}\n")
        assert SENTENCE in refusal(many, "doctor")


def test_the_check_sees_what_it_can_see(many: Service, directory: LdapDirectory) -> None:
    """The service is refused lists of everybody as well; what nobody looked at is not called well."""
    assert looked(many) == [("configuration", False), ("decoy", False), ("owners", False), ("users", False)]
    assert looked(many, SocketIdentity()) == []
    with lost(many, directory, "mail"):
        assert ("look_ups", True) in looked(many)
        assert looked(many, SocketIdentity()) == [("indexes", True)]


def test_the_check_misses_no_right_among_many(many: Service) -> None:
    """Where the service may not search everybody for hashes, it is asked about some."""
    rule = f'{{0}}to dn.subtree="{USERS_DN}" attrs=userPassword by dn.exact="{SERVICE_DN}" =wxrs by anonymous auth by * none'
    user_dn = f"uid={uid(0)},{USERS_DN}"
    many.slapd.modify(f"dn: {user_dn}\nchangetype: modify\nadd: userPassword\nuserPassword: een lange eerste wachtzin\n")
    many.slapd.modify(f"dn: {DATABASE_DN}\nchangetype: modify\nadd: olcAccess\nolcAccess: {rule}\n")
    assert looked(many, SocketIdentity()) == [("hashes_hidden", True)]
    many.slapd.modify(f"dn: {DATABASE_DN}\nchangetype: modify\ndelete: olcAccess\nolcAccess: {{0}}\n")


def looked(service: Service, operator: SocketIdentity | None = None) -> list[tuple[str, bool]]:
    """Look at everything; gives what was found, and whether it is wrong."""
    with closing(site_of(service.settings, operator)) as site:
        return [(finding.check, finding.is_wrong) for finding in look(site)]


def test_with_its_indexes_it_runs(many: Service, directory: LdapDirectory) -> None:
    """And finds whom it is asked for."""
    with many.web():
        assert many.parts() == (200, {"directory": "ok", "store": "ok"})
    user = directory.find_user(uid(MANY - 1))
    owner = directory.find_owner_by_mail(mail(MANY - 1))
    assert directory.find_user_by_uuid(user.entry_uuid) == user
    assert user in directory.users_of(owner)
    assert owner.dn == user.owner_dn == owner_dn(MANY - 1)


def test_an_index_lost_at_run_time_is_told_and_comes_back(many: Service, directory: LdapDirectory) -> None:
    """A slip in cn=config costs the answers that it concerns; it doesn't have slapd read everybody, and nobody restarts us."""
    with many.web():
        with lost(many, directory, "uid"):
            assert many.parts() == (503, {"directory": SENTENCE, "store": "ok"})
            with pytest.raises(LookUpsNotIndexed):
                directory.find_user(uid(7))
            assert directory.find_owner_by_mail(mail(7)).mail == mail(7)
        assert many.parts()[0] == 200


def test_a_directory_of_few_is_served(tmp_path: Path) -> None:
    """Where reading everybody takes no time, nothing is broken; `idp directory check` tells before there are many."""
    with crowded(tmp_path, FEW, modification("delete", *INDEXES)) as slapd, RealServer() as smtp:
        service = patient(Service.install(tmp_path, slapd, smtp))
        with closing(open_directory(service.settings, SystemClock())) as directory:
            directory.ping()
            assert directory.find_user(uid(FEW - 1)).owner_dn == owner_dn(FEW - 1)
        assert looked(service, SocketIdentity()) == [("indexes", True)] * len(INDEXES)


def test_without_the_limit_the_time_tells(tmp_path: Path) -> None:
    """A directory of somebody's own may have no such limit; with everybody read at each request it would stand still as well."""
    unlimited = f'dn.exact="{SERVICE_DN}" size.soft=500 size.hard=500 size.prtotal=unlimited'
    without = f"dn: {DATABASE_DN}\nchangetype: modify\nreplace: olcLimits\nolcLimits: {unlimited}\n"
    with crowded(tmp_path, VERY_MANY, without) as slapd, RealServer() as smtp:
        service = patient(Service.install(tmp_path, slapd, smtp))
        assert_look_ups_indexed(service.settings, SystemClock())
        slapd.modify(modification("delete", "uid"))
        with pytest.raises(LookUpsNotIndexed, match="by uid are not indexed"):
            assert_look_ups_indexed(service.settings, SystemClock())
