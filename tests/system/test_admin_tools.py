"""An admin with Debian's ldap-utils changes the same truth, and it holds at once, with nothing restarted."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.system import flows
from tests.system.processes import below
from tests.system.tokens import is_active, password_grant, refresh, vendor_grant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.demo import Demo
    from tests.system.tools import DirectoryTools
    from tests.system.visitor import Visitor

PASSWORD = "vijf losse woorden achter elkaar"
SECOND_PASSWORD = "en nog eens vijf andere woorden"
THIRD_PASSWORD = "toch maar weer andere woorden"
PORTAL_PASSWORD = "iets heel anders voor het portaal"
LINK = "/reset/password/"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """An owner and a koppelgebruiker, both made with plain LDAP tooling."""

    demo: Demo
    admin: DirectoryTools
    uid: str
    owner_dn: str
    mail: str

    @property
    def dn(self) -> str:
        """Of the koppelgebruiker."""
        return self.admin.user_dn(self.uid)

    def at_portal(self) -> Visitor:
        """Log in; an address of one's own keeps one person's requests out of another's limits."""
        visitor = self.demo.visitor(f"127.0.1.{self.uid[-2:].lstrip('0')}")
        assert flows.log_in(visitor, self.mail, PORTAL_PASSWORD).status == 200
        return visitor

    def reset(self, password: str, mail: str | None = None) -> None:
        """Walk from *Vraag aan* to a new password."""
        before = self.newest_link(mail)
        visitor = self.at_portal()
        flows.request_from_portal(visitor, self.uid)
        assert "Controleer je e-mail" in flows.ask_for_reset(visitor, self.demo.full(self.uid)).text
        link = self.demo.wait_for_link(mail or self.mail, LINK, but_not=before)
        assert flows.choose_password(visitor, link, password).location == "/reset/done"

    def newest_link(self, mail: str | None = None) -> str:
        """Give the link that was mailed last, or nothing."""
        links = [link for letter in self.demo.mails(mail or self.mail) for link in letter["links"] if LINK in link]
        return links[0] if links else ""

    def works(self, password: str) -> bool:
        """Tell whether name and password give a token."""
        return password_grant(self.demo, "basecone", self.uid, password).status == 200


@pytest.fixture(scope="module", autouse=True)
def nothing_restarted(demo: Demo) -> Iterator[None]:
    """The same processes serve all of these tests."""
    before = {process.pid for process in below(demo.started.process.pid)}
    yield
    assert before == {process.pid for process in below(demo.started.process.pid)}


@pytest.fixture
def person(demo: Demo, admin: DirectoryTools) -> Person:
    """Somebody new, without a password for the koppelgebruiker."""
    number = next(_NUMBERS)
    mail = f"anna{number}@example.nl"
    found = Person(demo, admin, f"U4BBGA30{number:02d}", admin.add_owner(mail, PORTAL_PASSWORD), mail)
    admin.add_user(found.uid, found.owner_dn)
    return found


@pytest.mark.row("R1", "R28")
def test_a_user_made_with_plain_tooling_has_no_password_until_its_owner_sets_one(person: Person) -> None:
    """An accountant's system that writes LDAP needs nothing of ours; and the first time, no 24 hours are in the way."""
    assert not person.works(PASSWORD)
    person.reset(PASSWORD)
    assert person.works(PASSWORD)


@pytest.mark.row("R4")
def test_no_tool_shows_a_password(person: Person) -> None:
    """A password is never shown: not to support, and to an admin only as a hash that nobody can turn back."""
    person.admin.set_password(person.dn, PASSWORD)
    support_dn = f"cn=desk-{person.uid},ou=support,{person.admin.base_dn}"
    classes = ["applicationProcess", "simpleSecurityObject"]
    person.admin.add(support_dn, objectClass=classes, cn=f"desk-{person.uid}", userPassword=PASSWORD)
    support = person.admin.as_other(support_dn, PASSWORD)
    seen = support.read(person.dn, "*", "+")
    assert "administratie:" in seen
    assert "userPassword" not in seen
    assert "pwdHistory" not in seen
    hashed = person.admin.read(person.dn, "userPassword")
    assert "userPassword:: e0FSR09OMn0k" in hashed  # {ARGON2}$
    assert PASSWORD not in hashed


@pytest.mark.row("S46")
@pytest.mark.parametrize(("attribute", "value"), [("pwdEndTime", "19700101000000Z"), ("pwdAccountLockedTime", "000001010000Z")])
def test_a_block_ends_everything_at_once(person: Person, attribute: str, value: str) -> None:
    """Whoever left the company yesterday gets nothing today, whichever attribute the admin's tool writes."""
    person.admin.set_password(person.dn, PASSWORD)
    held = vendor_grant(person.demo, person.uid, PASSWORD).json
    assert is_active(person.demo, "vendor_api", held["access_token"])
    person.admin.replace(person.dn, **{attribute: value})
    assert not person.works(PASSWORD)
    assert refresh(person.demo, held["refresh_token"]).json["error"] == "invalid_grant"
    assert not is_active(person.demo, "vendor_api", held["access_token"])
    person.admin.remove(person.dn, attribute)
    assert person.works(PASSWORD)


def test_a_blocked_owner_can_not_reset(person: Person) -> None:
    """A block is no block if one mail lifts it: the portal says that the user is blocked, and offers nothing."""
    person.admin.replace(person.dn, pwdEndTime="19700101000000Z")
    portal = person.at_portal().page
    assert "Deze gebruiker is geblokkeerd." in portal.words
    assert "Vraag aan" not in portal.words


@pytest.mark.row("R24", "R27")
def test_support_releases_a_user_with_ordinary_tooling(person: Person) -> None:
    """Who mistyped the new password twice does not wait for a day: one attribute, and the next reset goes through."""
    person.reset(PASSWORD)
    assert "Je hebt je wachtwoord net gewijzigd." in person.at_portal().page.words
    person.admin.replace(person.dn, pwdReset="TRUE")
    person.reset(SECOND_PASSWORD)
    assert person.works(SECOND_PASSWORD)
    assert not person.works(PASSWORD)
    # Waived once: the change has used it up.
    assert "Je hebt je wachtwoord net gewijzigd." in person.at_portal().page.words


@pytest.mark.row("R25")
def test_the_next_mail_goes_to_the_new_address(person: Person) -> None:
    """A wrong address is mended by one attribute, and the owner is helped on the same phone call."""
    person.admin.replace(person.owner_dn, mail="nieuw." + person.mail)
    mended = Person(person.demo, person.admin, person.uid, person.owner_dn, "nieuw." + person.mail)
    mended.reset(PASSWORD)
    to_the_former = [mail for mail in person.demo.mails() if mail["to"] == person.mail]
    assert [link for mail in to_the_former for link in mail["links"] if LINK in link] == []
    assert any("Het mailadres van je account is gewijzigd" in mail["text"] for mail in to_the_former)  # R25


@pytest.mark.row("R19")
def test_a_link_to_an_address_that_was_mended_since_is_dead(person: Person) -> None:
    """The link lies in a mailbox that is somebody else's; that is why the address was mended."""
    visitor = person.at_portal()
    flows.request_from_portal(visitor, person.uid)
    flows.ask_for_reset(visitor, person.demo.full(person.uid))
    link = person.demo.wait_for_link(person.mail, LINK)
    person.admin.replace(person.owner_dn, mail="nieuw." + person.mail)
    assert flows.choose_password(visitor, link, PASSWORD).status == 410


@pytest.mark.row("S46")
def test_a_password_set_by_ldappasswd_works_at_once_and_ends_what_was(person: Person) -> None:
    """An admin sets another password after a theft: the new one works now, and what the thief holds is worth nothing."""
    person.admin.set_password(person.dn, PASSWORD)
    # Not in the same second: `pwdChangedTime` has no finer ones. Only this attribute needs the control *relax*.
    person.admin.replace(person.dn, "-e", "relax", pwdChangedTime="20200101000000Z")
    held = vendor_grant(person.demo, person.uid, PASSWORD).json
    person.admin.set_password(person.dn, SECOND_PASSWORD)
    assert person.works(SECOND_PASSWORD)
    assert not person.works(PASSWORD)
    assert refresh(person.demo, held["refresh_token"]).json["error"] == "invalid_grant"
    assert not is_active(person.demo, "vendor_api", held["access_token"])


@pytest.mark.row("R27")
def test_the_24_hours_count_from_an_admins_change_too_unless_the_recipe_is_followed(person: Person) -> None:
    """The recipe writes the password and `pwdReset` in one operation; without it, the owner is held for a day."""
    person.admin.set_password(person.dn, PASSWORD)
    assert "Je hebt je wachtwoord net gewijzigd." in person.at_portal().page.words
    person.admin.replace(person.dn, userPassword=SECOND_PASSWORD, pwdReset="TRUE")
    assert person.works(SECOND_PASSWORD)
    person.reset(THIRD_PASSWORD)
    assert person.works(THIRD_PASSWORD)


@pytest.mark.row("S46")
def test_a_user_made_anew_under_the_same_name_is_another_one(person: Person) -> None:
    """Names are used again: the tokens of the former holder must not open the new one's books."""
    person.admin.set_password(person.dn, PASSWORD)
    held = vendor_grant(person.demo, person.uid, PASSWORD).json
    person.admin.delete(person.dn)
    assert not person.works(PASSWORD)
    person.admin.add_user(person.uid, person.owner_dn)
    person.admin.set_password(person.dn, PASSWORD)
    assert person.works(PASSWORD)
    assert refresh(person.demo, held["refresh_token"]).json["error"] == "invalid_grant"
    assert not is_active(person.demo, "vendor_api", held["access_token"])
