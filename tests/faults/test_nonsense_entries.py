"""An entry edited by hand into nonsense, and each way that meets it."""

from __future__ import annotations

import base64
from contextlib import closing
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from idp.adapters.ldap.checks import look
from idp.cli.directory import site_of
from idp.domain.mail import Letter
from tests.faults.asking import ask, work
from tests.faults.nonsense import CASES
from tests.system.two_ways import WAYS, Customer

if TYPE_CHECKING:
    from tests.contract.mailer.real_server import RealServer
    from tests.faults.nonsense import Nonsense
    from tests.slapd import RunningSlapd

AN_HOUR_S = 3600
TELLING = ("entry_malformed", "letter_waits")


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Nonsense:
    """Each in turn."""
    return CASES[request.param]


@pytest.mark.row("S46")
def test_each_way_ends_or_goes_on_as_if_nothing_were_and_comes_back(customer: Customer, case: Nonsense) -> None:
    """S46: a token for one of two administrations would be for somebody's books; and whoever is called out of bed finds which."""
    other = Customer.begin(customer.service)
    case.write(customer)
    with capture_logs() as lines:
        assert customer.ways() == {way: way not in case.ends for way in WAYS}
    assert other.ways() == dict.fromkeys(WAYS, True)
    told = {(line["entry_uuid"], line["fault"]) for line in lines if line["event"] == "entry_malformed"}
    assert told == ({(customer.user.entry_uuid, case.fault)} if case.fault else set())
    assert customer.user.uid not in str(lines)
    problems = found(customer)
    assert len(problems) == (1 if case.found else 0), problems
    assert all((case.found or "") in problem for problem in problems), problems
    case.mend(customer)
    assert customer.ways() == dict.fromkeys(WAYS, True)
    assert found(customer) == []


@pytest.mark.row("R22", "R25")
def test_a_reset_that_was_asked_for_waits_and_the_worker_works_on(customer: Customer, mail: RealServer, case: Nonsense) -> None:
    """R25: support mends the entry, and the mail comes; meanwhile everybody else gets theirs."""
    other = Customer.begin(customer.service)
    ask(customer)
    case.write(customer)
    ask(other)
    with capture_logs() as lines:
        letters = work(customer)
    outcomes = [(row.outcome, row.letter) for row in letters if row.letter is Letter.RESET]
    assert outcomes == [(case.outcome, Letter.RESET), ("sent", Letter.RESET)]
    waits = [(line["wrong"], line["entry_uuid"]) for line in lines if line["event"] == "letter_waits"]
    entry = customer.owner if case.outcome == "waits-for-mail-address" else customer.user
    wanted = [(case.outcome.removeprefix("waits-for-"), entry.entry_uuid)] if case.outcome.startswith("waits") else []
    assert waits == wanted
    assert [line for line in lines if line["log_level"] == "warning" and line["event"] not in TELLING] == []
    before = resets(mail, customer)
    case.mend(customer)
    work(customer, AN_HOUR_S)
    assert resets(mail, customer) == before + (1 if wanted else 0)


@pytest.mark.row("R22")
def test_who_comes_from_the_portal_is_told_and_a_stranger_is_not(customer: Customer, case: Nonsense) -> None:
    """R22: "wrong data" is one of the manual's three causes; whether there is such a user at all is nobody's business."""
    before = ask(customer)
    customer.portal.open("/")
    ticket = customer.portal.submit("/portal/ticket", {"uid": customer.user.uid}).headers["Location"]
    customer.portal.open(ticket)
    customer.portal.open("/reset")
    case.write(customer)
    fields = {"username": f"{customer.user.uid}@u4bsw.nl", "altcha": customer.portal.solve_captcha()}
    answer = customer.portal.submit("/reset", fields)
    is_told = "De gegevens staan niet goed in ons systeem." in answer.text
    is_refused = case.ends & {"reset", "portal"} or case.outcome in ("waits-for-owner", "waits-for-mail-address")
    assert (answer.status_code, is_told) == ((409, True) if is_refused else (303, False))
    assert ask(customer) == before


def test_octets_that_are_no_text_are_in_no_name(customer: Customer, slapd: RunningSlapd) -> None:
    """Slapd takes them by no door, its overriding controls included; were it otherwise, names could not be shown."""
    value = base64.b64encode(b"Anna\xff\xfe").decode()
    for dn, attribute in ((customer.owner.dn, "cn"), (customer.dn, "administratie"), (customer.dn, "uid")):
        ldif = f"dn: {dn}\nchangetype: modify\nadd: {attribute}\n{attribute}:: {value}\n"
        refused = slapd.tool("ldapmodify", "-e", "relax", ldif=ldif, check=False)
        assert "Invalid syntax (21)" in refused.stderr


def resets(mail: RealServer, customer: Customer) -> int:
    """Count the mails with a link that its owner has got."""
    messages = [message_from_bytes(sent.content, policy=policy.default) for sent in mail.delivered]
    return sum(message["Subject"] == "Wachtwoord wijzigen" and message["To"] == customer.owner.mail for message in messages)


def found(customer: Customer) -> list[str]:
    """Look as `idp directory check` does; gives what is wrong."""
    with closing(site_of(customer.service.settings)) as site:
        return [finding.problem for finding in look(site) if finding.is_wrong]
