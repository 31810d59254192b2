"""What must have been changed when an entry is seen otherwise than it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from idp.domain.directory_change import KNOWN, DirectoryChange, Kind, What
from idp.domain.directory_entry import WRITTEN_BY_SERVICE, KnownEntry, SeenEntry, changes_of, deletion_of

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
ADMIN = "cn=admin,dc=u4bsw,dc=nl"
FORMER = KnownEntry(
    "uuid-1",
    Kind.OWNER,
    "uid=anna,ou=people",
    "20261124110000.000000Z#000000#000#000000",
    {"uid": ("anna",), "mail": ("anna@example.nl",), "pwdReset": ("TRUE",)},
)
NEXT = "20261124120000.000000Z#000000#000#000000"


def seen(dn: str = FORMER.dn, kind: Kind = FORMER.kind, **values: str | None) -> SeenEntry:
    """Give what it is now, with some values otherwise, or without them."""
    now = {name: found for name, found in FORMER.values.items() if name not in values}
    now |= {name: (value,) for name, value in values.items() if value is not None}
    return SeenEntry(KnownEntry(FORMER.entry_uuid, kind, dn, NEXT, now), AT, ADMIN, by_service=False)


@pytest.mark.row("R25")
def test_a_change_has_both_values_and_all_that_a_log_would_say() -> None:
    """R25: the former address could not be told."""
    now = seen(mail="anna@nieuw.example", pwdReset=None)
    assert changes_of(FORMER, now, None) == [
        DirectoryChange(
            position=NEXT,
            at=AT,
            who=ADMIN,
            by_service=False,
            what=What.MODIFIED,
            kind=Kind.OWNER,
            dn=FORMER.dn,
            entry_uuid="uuid-1",
            uid="anna",
            changed=("mail", "pwdReset"),
            before=FORMER.values,
            after=now.entry.values,
        )
    ]


def test_one_that_was_not_there_was_added() -> None:
    """A new user's owner would not be invited."""
    (change,) = changes_of(None, seen(), None)
    assert (change.what, change.who, change.changed, change.before) == (What.ADDED, ADMIN, ("uid", "mail", "pwdReset"), {})
    assert (change.after, change.uid, change.dn) == (FORMER.values, "anna", FORMER.dn)


def test_another_name_is_a_rename_and_what_was_changed_besides_has_the_new_one() -> None:
    """The mail about it would be about a user who is not called so any more."""
    renamed, modified = changes_of(FORMER, seen("uid=bob,ou=people", uid="bob", mail="b@example.nl"), None)
    assert (renamed.what, renamed.dn, renamed.uid, renamed.changed) == (What.RENAMED, FORMER.dn, "anna", ())
    assert (renamed.former("uid"), renamed.new("uid")) == ("anna", "bob")
    assert (modified.what, modified.dn, modified.uid, modified.changed) == (
        What.MODIFIED,
        "uid=bob,ou=people",
        "bob",
        ("mail",),
    )
    assert [change.what for change in changes_of(FORMER, seen("uid=bob,ou=people", uid="bob"), None)] == [What.RENAMED]


def test_something_else_was_changed_when_nothing_of_what_we_know_was() -> None:
    """Somebody changed something, and the audit would not say so."""
    (change,) = changes_of(FORMER, seen(), None)
    assert (change.what, change.changed) == (What.MODIFIED, ())


def test_values_in_another_order_are_the_same() -> None:
    """A restore could tell everybody with two values of a change."""
    former = replace(FORMER, values={"owner": ("a", "b")})
    now = seen()
    now = replace(now, entry=replace(now.entry, values={"owner": ("b", "a")}))
    (change,) = changes_of(former, now, None)
    assert change.changed == ()


def test_what_ours_has_told_is_left_out_and_the_rest_is_nobodys() -> None:
    """An owner would be told twice; or who changed something would be blamed for what another did."""
    now = seen(mail="anna@nieuw.example", pwdReset=None)
    (change,) = changes_of(FORMER, replace(now, by_service=True), ("pwdReset",))
    assert (change.changed, change.who, change.by_service) == (("mail",), "", False)
    assert changes_of(FORMER, seen(pwdReset=None), WRITTEN_BY_SERVICE) == []
    assert changes_of(FORMER, seen(), WRITTEN_BY_SERVICE) == []
    assert changes_of(FORMER, now, KNOWN) == []


def test_one_that_ours_has_added_was_told() -> None:
    """Who is invited by a command would be told as added by somebody else."""
    assert changes_of(None, seen(), KNOWN) == []
    (change,) = changes_of(None, seen(), WRITTEN_BY_SERVICE)
    assert (change.what, change.who) == (What.ADDED, "")


def test_one_that_is_something_else_now_is_gone_and_is_new() -> None:
    """Grants of a user who was moved to the owners would live on."""
    gone, new = changes_of(FORMER, seen("uid=anna,ou=koppelgebruikers", Kind.USER), None)
    assert gone == deletion_of(FORMER, AT)
    assert (new.what, new.kind) == (What.ADDED, Kind.USER)


def test_who_deleted_an_entry_nobody_knows() -> None:
    """Whoever changed it last would be blamed."""
    change = deletion_of(FORMER, AT)
    assert (change.what, change.kind, change.who, change.at) == (What.DELETED, Kind.OWNER, "", AT)
    assert (change.position, change.entry_uuid, change.uid, change.dn) == (FORMER.revision, "uuid-1", "anna", FORMER.dn)
    assert (change.before, change.after, change.by_service) == (FORMER.values, {}, False)


@pytest.mark.parametrize(
    ("other", "changed"),
    [({}, False), ({"values": {}}, False), ({"revision": NEXT}, True), ({"dn": "uid=bob,ou=people"}, True)],
)
def test_it_was_changed_when_its_revision_or_its_name_was(other: dict[str, str], changed: bool) -> None:  # noqa: FBT001  # a fact to expect
    """What a rule hides from us would look as if it had been taken away."""
    assert FORMER.has_changed_to(replace(FORMER, **other)) is changed  # type: ignore[arg-type]  # fields of an entry


def test_an_entry_without_a_uid_has_none() -> None:
    """Not every owner is named by one."""
    assert (FORMER.uid, replace(FORMER, values={}).uid) == ("anna", "")


def test_no_address_is_shown_by_accident() -> None:
    """A log would keep addresses of people."""
    assert "@" not in repr(FORMER)
