"""The recipes to back up and to restore, on the embedded directory and on one's own: nobody loses what they had."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import own
from tests.docs.desk import SEARCHED, done, pasted
from tests.docs.office import Office
from tests.docs.recipe import ADMIN, recipes
from tests.plain_slapd import ADMIN_DN
from tests.slapd import BASE_DN, PEOPLE_DN
from tests.system.two_ways import PASSWORD as CUSTOMERS_PASSWORD
from tests.system.two_ways import WAYS, Customer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.own_directory import Own

__all__ = ["own"]

BACK_UP, RESTORE = recipes()["Back up"].block, recipes()["Restore"].block
FRESH = "een wachtzin van zojuist gekozen"
LONG_PAST = "19700101000000Z"
_OF_THE_EMBEDDED = re.compile(r"`(CONFIG=config DATA=data LOG=log)`")


@pytest.fixture
def office_alone(tmp_path: Path) -> Iterator[Office]:
    """An installation for one test, which takes its directory away."""
    with Office.opened(tmp_path) as opened:
        yield opened


def run(office: Office, block: str) -> None:
    """Paste a block on the server, in the embedded directory's folder, with the folders that the document names for it."""
    folders = _OF_THE_EMBEDDED.findall(ADMIN.read_text("utf-8"))[0]
    environment = {**os.environ, "BASE": BASE_DN, "PATH": SEARCHED}
    done(pasted(f"{folders}\n{block}", office.folder, environment, office.slapd.embedded.state))


def backup(folder: Path) -> list[list[str]]:
    """Give the entries of a backup; the order of attributes means nothing."""
    text = "".join((folder / "ldap" / f"{part}.ldif").read_text("utf-8") for part in ("config", "data"))
    return [sorted(entry.splitlines()) for entry in text.replace("\n ", "").split("\n\n")]


def in_cooldown(office: Office) -> Customer:
    """Make a customer whose password was changed a moment ago."""
    customer = Customer.begin(office.service)
    office.slapd.write(customer.dn, "userPassword", FRESH)
    customer.tokens = customer.ask(FRESH)
    return customer


def reset_is_refused(customer: Customer) -> bool:
    """Tell whether the directory holds an owner who chooses a password by a link that was mailed now."""
    customer.user = customer.service.ports.directory.find_user(customer.user.uid)
    link = customer.mailed_link()
    customer.portal.open(link)
    given = {"password": "nog een andere wachtzin hier", "password_again": "nog een andere wachtzin hier"}
    return customer.portal.submit("", given, at=link).status_code != 303


def test_who_was_there_at_the_backup_has_everything_again(office_alone: Office) -> None:
    """After a disk that died, every customer would have to choose a password, or every coupling would be dead."""
    office = office_alone
    coupled, hit, gone = (Customer.begin(office.service) for _ in range(3))
    held = in_cooldown(office)
    findings = office.on_the_server(office.folder).idp("idp directory check").out
    run(office, BACK_UP)
    before = backup(office.folder)
    after_the_backup(office, hit, gone)
    office.slapd.stop()
    run(office, RESTORE)
    office.slapd.start()
    run(office, BACK_UP)
    assert backup(office.folder) == before  # with hashes, `pwdChangedTime`, `entryUUID`
    assert office.on_the_server(office.folder).idp("idp directory check").out == findings
    assert coupled.ways() == dict.fromkeys(WAYS, True)
    assert held.ask(FRESH)
    assert held.refreshes()
    assert reset_is_refused(held)
    # What was changed since is undone; what that had ended stays so.
    for customer in (hit, gone):
        assert customer.ask(CUSTOMERS_PASSWORD)
        assert not customer.refreshes()


def test_the_worker_reads_on_in_the_new_log(office_alone: Office) -> None:
    """It has read further than the backup: what is changed from now on would go unnoticed, or all of it be told again."""
    office = office_alone
    hit, gone = Customer.begin(office.service), Customer.begin(office.service)
    run(office, BACK_UP)
    after_the_backup(office, hit, gone)
    office.slapd.stop()
    run(office, RESTORE)
    office.slapd.start()
    assert office.letters() == []
    hit.tokens = hit.ask(CUSTOMERS_PASSWORD)
    office.slapd.write(hit.dn, "pwdEndTime", LONG_PAST)
    assert [(to, subject) for to, subject, _ in office.letters()] == [(hit.owner.mail, "Je koppelgebruiker is geblokkeerd")]
    office.slapd.write(hit.dn, "pwdEndTime", None)
    office.letters()
    assert not hit.refreshes()


def after_the_backup(office: Office, hit: Customer, gone: Customer) -> None:
    """Change what a restore undoes; the worker reads of it."""
    office.slapd.write(hit.dn, "pwdEndTime", LONG_PAST)
    office.slapd.tool("ldapdelete", gone.dn)
    office.slapd.tool("ldapadd", ldif=f"dn: uid=later,{PEOPLE_DN}\nobjectClass: inetOrgPerson\ncn: L\nsn: L\n")
    office.letters()
    assert hit.ways() == dict.fromkeys(WAYS, False)


@pytest.mark.usefixtures("own")
def test_a_directory_of_ones_own_is_restored_with_its_configuration(own: Own, tmp_path: Path) -> None:
    """The data would be back without the rules, the policy and the log that we rest on."""
    assert own.idp().code == 0
    own.slapd.modify(
        f"dn: uid=anna,{PEOPLE_DN}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: A\nsn: A\nuserPassword: {FRESH}\n"
    )
    folder = own.slapd.folder
    folders = {name: str(folder / path) for name, path in {"CONFIG": "config", "DATA": "data", "LOG": "log"}.items()}
    environment = {**os.environ, "BASE": BASE_DN, "PATH": SEARCHED, **folders}
    done(pasted(BACK_UP, tmp_path, environment, folder))
    before, findings = backup(tmp_path), own.check()
    own.slapd.modify(f"dn: uid=anna,{PEOPLE_DN}\nchangetype: delete\n", ADMIN_DN)
    own.slapd.stop()
    done(pasted(RESTORE, tmp_path, environment, folder))
    own.slapd.restart()
    done(pasted(BACK_UP, tmp_path, environment, folder))
    assert backup(tmp_path) == before
    assert own.check() == findings
    bind = ["ldapwhoami", "-x", "-H", own.slapd.url, "-D", f"uid=anna,{PEOPLE_DN}", "-w", FRESH]
    assert subprocess.run(bind, check=False, capture_output=True).returncode == 0  # noqa: S603  # our own words
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "ldap").iterdir()} == {0o600}
