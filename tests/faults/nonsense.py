"""Entries as hands have left them: what was written, what ends by it, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN
from tests.system.two_ways import WAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.slapd import RunningSlapd
    from tests.system.two_ways import Customer

Write = Callable[["Customer"], object]
EVERY_WAY = frozenset(WAYS)
OF_THE_OWNER = frozenset({"reset"})
OF_THE_LINK = frozenset({"portal", "reset"})
ELSEWHERE_DN = f"ou=accountants,{BASE_DN}"


@dataclass(frozen=True)
class Nonsense:
    """One thing that an entry can't say.

    Args:
        write: as an admin who overrides what is checked.
        mend: what an admin does about it.
        ends: the ways that end with it.
        outcome: what becomes of a letter about a reset that was asked for in time.
        fault: what the log says of the entry when it is read; None: nothing.
        found: what `idp doctor` and `idp directory check` say of it; None: it is no nonsense to us.
    """

    write: Write
    mend: Write
    ends: frozenset[str]
    outcome: str
    fault: str | None
    found: str | None


def on_owner(*lines: str) -> Write:
    """Change the owner's entry."""
    return lambda customer: _modify(customer, customer.owner.dn, *lines)


def on_user(*lines: str) -> Write:
    """Change the koppelgebruiker's entry."""
    return lambda customer: _modify(customer, customer.dn, *lines)


def right_mail(customer: Customer) -> None:
    """Leave the one address."""
    _modify(customer, customer.owner.dn, "replace: mail", f"mail: {customer.owner.mail}")


def right_owner(customer: Customer) -> None:
    """Leave the one owner."""
    _modify(customer, customer.dn, "replace: owner", f"owner: {customer.owner.dn}")


def owned_by(dn: str) -> Write:
    """Point to another owner; `{user}` is the koppelgebruiker itself."""
    return lambda customer: _modify(customer, customer.dn, "replace: owner", f"owner: {dn.format(user=customer.dn)}")


def owned_by_another_user(customer: Customer) -> None:
    """Point to another koppelgebruiker."""
    values = "objectClass: account", "objectClass: koppelgebruiker", "administratie: A", f"owner: {customer.owner.dn}"
    _add(customer, f"uid=U4BBGA4009,{USERS_DN}", *values)
    owned_by(f"uid=U4BBGA4009,{USERS_DN}")(customer)


def owned_from_elsewhere(customer: Customer) -> None:
    """Point to a person in another container."""
    slapd = customer.service.slapd
    slapd.tool("ldapadd", "-c", ldif=f"dn: {ELSEWHERE_DN}\nobjectClass: organizationalUnit\n", check=False)
    person = f"dn: uid=piet,{ELSEWHERE_DN}\nobjectClass: inetOrgPerson\ncn: Piet\nsn: Piet\nmail: piet@example.nl\n"
    slapd.tool("ldapadd", "-c", ldif=person, check=False)
    owned_by(f"uid=piet,{ELSEWHERE_DN}")(customer)


def owned_again(customer: Customer) -> None:
    """Undo that."""
    customer.service.slapd.tool("ldapdelete", "-c", "-r", ELSEWHERE_DN)
    right_owner(customer)


def renamed(name: str) -> Write:
    """Give it a name; `{uid}` is its own."""

    def write(customer: Customer) -> None:
        customer.service.slapd.tool("ldapmodrdn", "-r", customer.dn, f"uid={name.format(uid=customer.user.uid)}")

    return write


def in_small_letters(customer: Customer) -> None:
    """Write the name as people type it."""
    customer.service.slapd.tool("ldapmodrdn", "-r", customer.dn, f"uid={customer.user.uid.lower()}")


def renamed_back(name: str) -> Write:
    """Undo that."""

    def mend(customer: Customer) -> None:
        dn = f"uid={name.format(uid=customer.user.uid)},{USERS_DN}"
        customer.service.slapd.tool("ldapmodrdn", "-r", dn, f"uid={customer.user.uid}")

    return mend


def loosely(*lines: str) -> Write:
    """Change the koppelgebruiker's entry while the schema lets everything pass, as one of an old release may."""

    def write(customer: Customer) -> None:
        with _loose_schema(customer.service.slapd):
            _modify(customer, customer.dn, *lines)

    return write


def right_administratie(customer: Customer) -> None:
    """Leave the one administration."""
    with _loose_schema(customer.service.slapd):
        _modify(customer, customer.dn, "replace: administratie", f"administratie: {customer.user.administratie}")


def a_second_one(customer: Customer) -> None:
    """Add another entry of the same name, beside what holds names unique."""
    classes = "objectClass: account", "objectClass: koppelgebruiker", "objectClass: extensibleObject"
    owner = f"owner: {customer.owner.dn}"
    _add(customer, f"cn=second,{USERS_DN}", *classes, f"uid: {customer.user.uid}", "administratie: A", owner)


def no_second_one(customer: Customer) -> None:
    """Delete it."""
    customer.service.slapd.tool("ldapdelete", f"cn=second,{USERS_DN}")


def without(attribute: str) -> Write:
    """Delete an attribute of the koppelgebruiker."""
    return on_user(f"replace: {attribute}")


def end(value: str) -> Nonsense:
    """Give an end to come, in another form than ours; slapd takes it as well."""
    return Nonsense(
        on_user("replace: pwdEndTime", f"pwdEndTime: {value}"), without("pwdEndTime"), frozenset(), "sent", None, None
    )


def ended(value: str, found: str | None = None) -> Nonsense:
    """Give an end that is over to slapd."""
    write = on_user("replace: pwdEndTime", f"pwdEndTime: {value}")
    return Nonsense(write, without("pwdEndTime"), EVERY_WAY, "blocked", None, found)


def locked(value: str) -> Nonsense:
    """Give a lock; whatever its moment is, it stands."""
    write = on_user("replace: pwdAccountLockedTime", f"pwdAccountLockedTime: {value}")
    return Nonsense(write, without("pwdAccountLockedTime"), EVERY_WAY, "blocked", None, None)


def mail(found: str, *lines: str) -> Nonsense:
    """Give something else than one address."""
    return Nonsense(on_owner(*lines), right_mail, OF_THE_OWNER, "waits-for-mail-address", None, found)


def owner(write: Write, mend: Write = right_owner) -> Nonsense:
    """Give an owner who is none."""
    return Nonsense(write, mend, OF_THE_LINK, "waits-for-owner", None, "with an owner who does not exist")


def nobody(write: Write, mend: Write, fault: str, found: str | None = None) -> Nonsense:
    """Give what makes it no koppelgebruiker."""
    return Nonsense(write, mend, EVERY_WAY, "waits-for-entry", fault, found or fault)


ONE_OWNER, ONE_ADMINISTRATIE = "without exactly one owner", "without exactly one administratie"
CANT_TYPE = "with a name that nobody can type"

CASES = {
    "two mail": mail("with two mail addresses", "add: mail", "mail: tweede@example.nl"),
    "no mail": mail("without a mail address", "replace: mail"),
    "half a mail": mail("no mail can go to", "replace: mail", "mail: x@"),
    "two mails in one": mail("no mail can go to", "replace: mail", "mail: a@example.nl, b@example.nl"),
    "a mail of two lines": mail("no mail can go to", "replace: mail", "mail:: YUBleGFtcGxlLm5sCkJjYzogYkBleGFtcGxlLm5s"),
    "two owners": nobody(on_user("add: owner", f"owner: uid=b,{PEOPLE_DN}"), right_owner, ONE_OWNER),
    "owner is nowhere": owner(owned_by(f"uid=nobody,{PEOPLE_DN}")),
    "owner is itself": owner(owned_by("{user}")),
    "owner is another user": owner(owned_by_another_user),
    "owner is the container": owner(owned_by(PEOPLE_DN)),
    "owner is elsewhere": owner(owned_from_elsewhere, owned_again),
    "no owner": nobody(loosely("delete: owner"), right_owner, ONE_OWNER),
    "two uid": nobody(on_user("add: uid", "uid: U4BBGA4999"), on_user("delete: uid", "uid: U4BBGA4999"), CANT_TYPE),
    "uid in small letters": Nonsense(in_small_letters, renamed("{uid}"), frozenset(), "sent", None, None),
    "uid with its realm": Nonsense(
        renamed("{uid}@u4bsw.nl"), renamed_back("{uid}@u4bsw.nl"), EVERY_WAY, "unknown", CANT_TYPE, CANT_TYPE
    ),
    "two entries of one uid": Nonsense(
        a_second_one,
        no_second_one,
        frozenset({"token"}),
        "waits-for-entry",
        "with the same uid as another entry",
        "with the name of another user",
    ),
    "no administratie": nobody(loosely("delete: administratie"), right_administratie, ONE_ADMINISTRATIE),
    "two administraties": nobody(loosely("add: administratie", "administratie: B"), right_administratie, ONE_ADMINISTRATIE),
    "a blank administratie": nobody(
        loosely("replace: administratie", "administratie:: IA=="), right_administratie, ONE_ADMINISTRATIE
    ),
    "end with an offset": end("20990101000000+0100"),
    "end with a comma": end("20990101000000,5Z"),
    "end of an hour": end("2099010100Z"),
    "end past, with an offset": ended("20200101000000-0130"),
    "end past, with a long fraction": ended("20200101000000.0000001Z"),
    "end at the end of time": ended("99991231235959Z", "pwdEndTime that can't be relied on"),
    "lock in the year 0": locked("00000101000000Z"),
    "lock with an offset": locked("20200101000000+0100"),
    "lock to come": locked("20990101000000,5Z"),
}


def _modify(customer: Customer, dn: str, *lines: str) -> None:
    customer.service.slapd.modify("\n".join((f"dn: {dn}", "changetype: modify", *lines, "")), "-e", "relax")


def _add(customer: Customer, dn: str, *lines: str) -> None:
    customer.service.slapd.tool("ldapadd", "-e", "relax", ldif="\n".join((f"dn: {dn}", *lines, "")))


@contextmanager
def _loose_schema(slapd: RunningSlapd) -> Iterator[None]:
    dn = "cn={3}koppelgebruiker,cn=schema,cn=config"
    strict = {name: slapd.read(dn, name)[0] for name in ("olcAttributeTypes", "olcObjectClasses")}
    loose = {
        "olcAttributeTypes": strict["olcAttributeTypes"].replace(" SINGLE-VALUE", ""),
        "olcObjectClasses": strict["olcObjectClasses"]
        .replace("MUST ( administratie $ owner ) ", "")
        .replace("MAY ( userPassword )", "MAY ( administratie $ owner $ userPassword )"),
    }
    for name, value in loose.items():
        slapd.write(dn, name, value)
    try:
        yield
    finally:
        for name, value in strict.items():
            slapd.write(dn, name, value)
