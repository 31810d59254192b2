"""The directory as a whole is at fault: each fault, and each way that meets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from idp.adapters.system_clock import SystemClock
from idp.app import create_app
from idp.domain.capability import Purpose
from idp.domain.mail import Letter, OutboxState
from tests.faults.asking import ask, choose, work
from tests.faults.directory import LARGE, UNCHANGING, UNREACHABLE, Fault, Place, placed, without_policy
from tests.opened_ports import opened_ports
from tests.system.service import Service as Configured
from tests.system.two_ways import PASSWORD, PORTAL_PASSWORD, WAYS, Customer, Service
from tests.web.page import Page, Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from werkzeug.test import TestResponse

    from tests.contract.mailer.real_server import RealServer
    from tests.signing_keys import NewState

LATER = "Het lukt nu even niet. Er is niets gewijzigd. Probeer het over een paar minuten opnieuw."
GOOD = "een woordenrij die mag blijven"
AN_HOUR_S = 3600


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A directory over TLS, on a disk of its own where this process may mount one."""
    with placed(tmp_path_factory.mktemp("tls")) as made:
        yield made


@pytest.fixture
def customer(tmp_path: Path, place: Place, mail: RealServer, new_state: NewState) -> Iterator[Customer]:
    """Somebody for whom every way works."""
    place.slapd.empty()
    settings = Configured.install(tmp_path, place.slapd, mail, new_state()).settings
    reached = {"url": place.url, "ca_file": place.authority.certificate, "timeout_s": 5.0}
    settings = settings.model_copy(update={"directory": settings.directory.model_copy(update=reached)})
    with opened_ports(settings, SystemClock()) as ports:
        yield Customer.begin(Service(settings, place.slapd, ports, create_app(settings, ports)))


@pytest.mark.row("S29", "S46")
@pytest.mark.parametrize("fault", UNREACHABLE, ids=lambda fault: fault.__name__)
def test_what_cant_be_asked_blames_nobody_and_loses_nothing(customer: Customer, place: Place, fault: Fault) -> None:
    """S29: a bank that hears `invalid_grant` asks its customer for another password; an owner believes that theirs is wrong."""
    strangers = ask(customer)
    with fault(place):
        with capture_logs() as lines:
            for answer in programs(customer):
                assert (answer.status_code, error(answer)) == (503, "temporarily_unavailable"), answer.text
                assert int(answer.headers["Retry-After"]) > 0
            for answer in pages(customer):
                assert (answer.status_code, LATER in Page(answer.text).words) == (503, True), Page(answer.text).words
            assert ask(customer) == strangers  # who asks, asks nothing of the directory
            handled = work(customer)
        reasons = [line["reason"] for line in lines if line["event"] == "directory_unavailable"]
        assert any(UNREACHABLE[fault] in reason for reason in reasons), reasons
        assert len(reasons) == len(set(reasons))  # once a minute, not at every request
        assert [row.outcome for row in handled] == ["waits-for-directory"] * 2
        ready = customer.service.app.test_client().get("/readyz")
        assert (ready.status_code, (ready.json or {})["store"]) == (503, "ok")
        assert customer.user.uid not in str(lines)
    assert customer.ways() == dict.fromkeys(WAYS, True)
    assert failures(customer) == []
    assert {row.state for row in work(customer, AN_HOUR_S)} == {OutboxState.SENT}


@pytest.mark.row("R19")
@pytest.mark.parametrize("fault", UNCHANGING, ids=lambda fault: fault.__name__)
def test_what_takes_no_change_lets_everybody_in_and_costs_no_link(customer: Customer, place: Place, fault: Fault) -> None:
    """R19: nothing was written, and the page says so; the link in the mail works when that was mended."""
    ask(customer)
    place.slapd.write(customer.dn, "description", LARGE)
    with fault(place):
        with capture_logs() as lines:
            answer = choose(customer, customer.link, GOOD)
        assert (answer.status_code, LATER in Page(answer.text).words) == (503, True), Page(answer.text).words
        (line,) = [line for line in lines if line["event"] == "password_refused"]
        assert (line["result"], line["entry_uuid"]) == (UNCHANGING[fault], customer.user.entry_uuid)
        assert customer.ways() == dict.fromkeys(WAYS, True)
        assert [row.outcome for row in work(customer) if row.letter is Letter.RESET] == ["sent"]
        assert customer.service.app.test_client().get("/readyz").status_code == 200
    assert choose(customer, customer.link, GOOD).status_code == 303
    assert customer.ask(GOOD)


@pytest.mark.row("R20")
@pytest.mark.parametrize("fault", UNCHANGING, ids=lambda fault: fault.__name__)
def test_what_takes_no_change_takes_no_block_and_says_so(customer: Customer, place: Place, fault: Fault) -> None:
    """R20: an owner who believes that the thief is shut out does not call."""
    assert choose(customer, customer.link, GOOD).status_code == 303
    secret = not_me_link(customer)
    with fault(place):
        answer = customer.service.app.test_client().post(secret)
        assert answer.status_code in (503, 303)
        blocked = customer.service.ports.directory.find_user(customer.user.uid).locks.end is not None
        assert blocked == (answer.status_code == 303)  # a small change may still find room
        assert blocked or "Bel direct" in Page(answer.text).words
    assert blocked or customer.service.app.test_client().post(secret).status_code == 303
    assert not customer.ask(GOOD)


def test_a_directory_without_its_policy_serves_on(customer: Customer, place: Place) -> None:
    """Nobody is shut out by it; that nothing holds anybody for 24 hours is for operators to find."""
    with without_policy(place):
        assert customer.ways() == dict.fromkeys(WAYS, True)
        assert work(customer) == []
    assert customer.ways() == dict.fromkeys(WAYS, True)


def programs(customer: Customer) -> Iterator[TestResponse]:
    """Ask as applications do."""
    http, known = customer.service.app.test_client(), customer.service.client
    for name in (customer.user.uid, "U4BBGA9999"):
        yield http.post("/oauth/token", data={"grant_type": "password", "username": name, "password": PASSWORD, **known})
    refresh = {"grant_type": "refresh_token", "refresh_token": customer.tokens["refresh_token"]}
    yield http.post("/oauth/token", data={**refresh, **known})
    yield http.post("/oauth/introspect", data={"token": customer.tokens["access_token"], **known})
    yield http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {customer.tokens['access_token']}"})


def pages(customer: Customer) -> Iterator[TestResponse]:
    """Ask as people do: the portal, the way into it, a mailed link."""
    yield customer.portal.open("/")
    visitor = Visitor(customer.service.app.test_client())
    visitor.open("/login")
    yield visitor.submit("/login", {"mail": customer.owner.mail or "", "password": PORTAL_PASSWORD})
    yield visitor.open(customer.link)


def failures(customer: Customer) -> list[str]:
    """Give what the audit holds of refused log-ins, of whomever."""
    with customer.service.ports.store.reading() as work_:
        actions = [record.event.action for record in work_.audit.read(limit=1000)]
    return [action for action in actions if "failed" in action]


def not_me_link(customer: Customer) -> str:
    """Have the confirmation mailed; give its *Was jij dit niet?*."""
    (row,) = [row for row in work(customer) if row.letter is Letter.PASSWORD_CHANGED]
    return f"/not-me/{customer.service.ports.digests.derive(Purpose.NOT_ME, row.id)}"


def error(answer: TestResponse) -> str:
    """Give the word that programs go by."""
    return str((answer.json or {})["error"])
