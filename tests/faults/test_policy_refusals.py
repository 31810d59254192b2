"""A directory with rules of its own refuses a password: its owner reads what is wrong with it, and types another one."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from tests.faults.asking import choose
from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN
from tests.system.two_ways import PASSWORD, PORTAL_PASSWORD
from tests.web.page import Page, Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.contract.mailer.real_server import RealServer
    from tests.slapd import RunningSlapd
    from tests.system.two_ways import Customer

GOOD = "een woordenrij die mag blijven"
FORMER = {"koppelgebruiker": PASSWORD, "owner": PORTAL_PASSWORD}
POLICIES = {
    "koppelgebruiker": f"cn=koppelgebruikers,ou=policies,{BASE_DN}",
    "owner": f"cn=people,ou=policies,{BASE_DN}",
}
CONTAINERS = {"koppelgebruiker": USERS_DN, "owner": PEOPLE_DN}

NOT_NOW = (
    "Je wachtwoord kan nu niet worden gewijzigd. Er is niets veranderd, en deze link werkt nog. Bel",
    "Your password can not be changed now. Nothing was changed, and this link still works. Call",
)
NOT_ALLOWED = (
    "Dit wachtwoord is niet toegestaan. Kies een ander.",
    "This password is not allowed. Choose another.",
)


@dataclass(frozen=True)
class Rule:
    """A rule that is not ours, and what comes of it.

    Args:
        status: of the page.
        dutch: what it says.
        english: what it says in English.
        logged: result and number of the rule, as operators read them.
        level: of that line.
        policy: what the policy says.
        refused: a password that it refuses; None: the present one.
    """

    status: int
    dutch: str
    english: str
    logged: tuple[str, int | None]
    level: str = "info"
    policy: Mapping[str, str] = field(default_factory=dict)
    refused: str | None = GOOD

    @contextmanager
    def in_force(self, slapd: RunningSlapd, whose: str) -> Iterator[None]:
        """Write it into the policy, and put that back."""
        dn = POLICIES[whose]
        before = {attribute: slapd.read(dn, attribute) for attribute in self.policy}
        for attribute, value in self.policy.items():
            slapd.write(dn, attribute, value)
        try:
            yield
        finally:
            for attribute, values in before.items():
                slapd.write(dn, attribute, values[0] if values else None)


@dataclass(frozen=True)
class Configured(Rule):
    """A rule in the server's configuration.

    Args:
        change: LDIF that puts it there; `{container}` is where the entry is.
        undo: LDIF that takes it away.
    """

    change: str = ""
    undo: str = ""

    @contextmanager
    def in_force(self, slapd: RunningSlapd, whose: str) -> Iterator[None]:
        """Change the configuration, and change it back."""
        slapd.modify(self.change.format(container=CONTAINERS[whose]))
        try:
            yield
        finally:
            slapd.modify(self.undo)


RULES = {
    "too short for it": Rule(
        400,
        "Dit wachtwoord is te kort. Kies een langer wachtwoord.",
        "This password is too short. Choose a longer one.",
        ("constraintViolation", 6),
        policy={"pwdMinLength": "60"},
    ),
    "too long for it": Rule(
        400,
        "Dit wachtwoord is te lang. Kies een korter wachtwoord.",
        "This password is too long. Choose a shorter one.",
        ("constraintViolation", 9),
        policy={"pwdMaxLength": "20"},
    ),
    "quality": Rule(
        400,
        "Dit wachtwoord is niet sterk genoeg. Kies een ander.",
        "This password is not strong enough. Choose another.",
        ("constraintViolation", 5),
        refused="{SSHA}wat er als een hash uitziet",  # which slapd can't judge: pwdCheckQuality 2
    ),
    "in history": Rule(
        400,
        "Dit wachtwoord heb je eerder gebruikt.",
        "You used this password before.",
        ("constraintViolation", 8),
        refused=None,
    ),
    "old password wanted": Rule(503, *NOT_NOW, ("insufficientAccessRights", 4), "warning", policy={"pwdSafeModify": "TRUE"}),
    "a constraint": Configured(
        400,
        *NOT_ALLOWED,
        ("constraintViolation", None),
        "warning",
        change="dn: olcOverlay={{2}}constraint,olcDatabase={{2}}mdb,cn=config\nchangetype: modify\n"
        "add: olcConstraintAttribute\nolcConstraintAttribute: userPassword regex ^[0-9]+$\n",
        undo="dn: olcOverlay={2}constraint,olcDatabase={2}mdb,cn=config\nchangetype: modify\n"
        "delete: olcConstraintAttribute\nolcConstraintAttribute: userPassword regex ^[0-9]+$\n",
    ),
    "no right to write": Configured(
        503,
        *NOT_NOW,
        ("insufficientAccessRights", None),
        "warning",
        change="dn: olcDatabase={{2}}mdb,cn=config\nchangetype: modify\nadd: olcAccess\n"
        'olcAccess: {{0}}to dn.subtree="{container}" attrs=userPassword by anonymous auth by * none\n',
        undo="dn: olcDatabase={2}mdb,cn=config\nchangetype: modify\ndelete: olcAccess\nolcAccess: {0}\n",
    ),
    "read-only": Configured(
        503,
        "Het lukt nu even niet. Er is niets gewijzigd. Probeer het over een paar minuten opnieuw.",
        "This does not work right now. Nothing was changed. Try again in a few minutes.",
        ("unwillingToPerform", None),
        "warning",
        change="dn: olcDatabase={{2}}mdb,cn=config\nchangetype: modify\nreplace: olcReadOnly\nolcReadOnly: TRUE\n",
        undo="dn: olcDatabase={2}mdb,cn=config\nchangetype: modify\nreplace: olcReadOnly\nolcReadOnly: FALSE\n",
    ),
}
TOO_YOUNG = {
    "koppelgebruiker": (
        "Je hebt je wachtwoord in de afgelopen 24 uur al gewijzigd. Eerder een nieuw wachtwoord nodig?",
        "You changed your password in the past 24 hours. Need a new one sooner?",
    ),
    "owner": (
        "Je hebt dit wachtwoord net gewijzigd. Het kan later weer. Eerder nodig? Bel",
        "You have just changed this password. You can change it again later. Need it sooner? Call",
    ),
}


def reset_link(customer: Customer, mail: RealServer) -> str:
    """Give the link to a koppelgebruiker's new password."""
    del mail
    return customer.link


def portal_link(customer: Customer, mail: RealServer) -> str:
    """Have a link to the owner's own new password mailed."""
    visitor = Visitor(customer.service.app.test_client())
    visitor.open("/login/forgot")
    visitor.submit("/login/forgot", {"mail": customer.owner.mail or ""})
    customer.service.worker.step()
    part = message_from_bytes(mail.delivered[-1].content, policy=policy.default).get_body(("plain",))
    assert part is not None
    (link,) = re.findall(r"https?://[^/\s]+(/login/password/\S+)", str(part.get_content()))
    return str(link)


LINKS: dict[str, Callable[[Customer, RealServer], str]] = {"koppelgebruiker": reset_link, "owner": portal_link}


@pytest.mark.row("R19")
@pytest.mark.parametrize("whose", LINKS)
@pytest.mark.parametrize("rule", RULES)
def test_a_refusal_says_what_is_wrong_and_costs_no_link(customer: Customer, mail: RealServer, whose: str, rule: str) -> None:
    """R19: who can't know why tries until they give up; and a link that a refusal uses up costs one of three mails an hour."""
    link, what = LINKS[whose](customer, mail), RULES[rule]
    refused = FORMER[whose] if what.refused is None else what.refused
    with what.in_force(customer.service.slapd, whose):
        for language, sentence in (("nl", what.dutch), ("en", what.english)):
            with capture_logs() as lines:
                answer = choose(customer, link, refused, language)
            assert (answer.status_code, sentence in Page(answer.text).words) == (what.status, True), Page(answer.text).words
            assert [line for line in lines if line["event"] == "password_refused"] == [line_of(customer, whose, what)]
    assert choose(customer, link, GOOD).status_code == 303


@pytest.mark.row("R27")
@pytest.mark.parametrize("whose", LINKS)
def test_a_longer_wait_than_ours_is_told_without_a_moment(customer: Customer, mail: RealServer, whose: str) -> None:
    """R27: how long that policy lets people wait is not known here; a moment that is named would be the wrong one."""
    link, slapd = LINKS[whose](customer, mail), customer.service.slapd
    with Rule(409, "", "", ("", 7), policy={"pwdMinAge": "630720000"}).in_force(slapd, whose):
        for language, sentence in zip(("nl", "en"), TOO_YOUNG[whose], strict=True):
            answer = choose(customer, link, GOOD, language)
            assert (answer.status_code, sentence in Page(answer.text).words) == (409, True), Page(answer.text).words
    assert choose(customer, link, GOOD).status_code == 303


@pytest.mark.parametrize("whose", LINKS)
def test_a_policy_against_changes_by_oneself_hinders_no_link(customer: Customer, mail: RealServer, whose: str) -> None:
    """`pwdAllowUserChange` is about who is bound: the service writes for them, and a directory that has it FALSE is no fault."""
    link = LINKS[whose](customer, mail)
    with Rule(0, "", "", ("", None), policy={"pwdAllowUserChange": "FALSE"}).in_force(customer.service.slapd, whose):
        assert choose(customer, link, GOOD).status_code == 303


def line_of(customer: Customer, whose: str, rule: Rule) -> dict[str, object]:
    """Write the line that operators read: whose it is by an identifier, and nothing of the password."""
    entry_uuid = customer.user.entry_uuid if whose == "koppelgebruiker" else customer.owner.entry_uuid
    result, number = rule.logged
    codes = {"constraintViolation": 19, "insufficientAccessRights": 50, "unwillingToPerform": 53}
    return {
        "event": "password_refused",
        "log_level": rule.level,
        "entry_uuid": entry_uuid,
        "result": result,
        "code": codes[result],
        "policy_error": number,
    }
