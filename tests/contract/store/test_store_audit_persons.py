"""What identifies a person in the audit trail: kept by reference, erased without a break, and never changed unseen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, insert, make_url, select, update

from idp.adapters.sql.tables import audit, audit_personal
from idp.domain.audit import Personal
from tests.contract.store.trails import ANNA, BOB, DAY, NOW, append, broken, event, mail_changed, tamper

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Engine

    from idp.adapters.sql import SqlStore
    from idp.domain.audit import AuditRecord

CEES = "operator:dn:cn=Cees,ou=support"


@pytest.fixture
def trail(store: SqlStore) -> SqlStore:
    """A trail in which two addresses were changed, each twice."""
    append(store, mail_changed(1, ANNA, "anna@one.example", "anna@two.example"))
    append(store, mail_changed(2, BOB, "bob@one.example", "bob@two.example"))
    append(store, mail_changed(3, ANNA, "anna@two.example", "anna@three.example"))
    append(store, mail_changed(4, BOB, "bob@two.example", "bob@three.example"))
    return store


def read(store: SqlStore) -> list[AuditRecord]:
    """Read all records."""
    with store.reading() as work:
        return work.audit.read()


def erase(store: SqlStore, subject: str) -> int:
    """Erase one person."""
    with store.transaction() as work:
        return work.audit.erase(subject, NOW + DAY, CEES)


def of(number: int, value: str) -> ColumnElement[bool]:
    """Name a row beside the trail."""
    return (audit_personal.c.number == number) & (audit_personal.c.value == value)


def test_what_identifies_a_person_is_read_with_the_record_and_stands_in_none(trail: SqlStore, behind: Engine) -> None:
    """Support could not see what an address was; or nobody could be erased without breaking the chain."""
    found = read(trail)[0].event
    assert found.actor == "operator:dn:cn=Piet,ou=support"
    assert found.changes == {"mail": mail_changed(1, ANNA, "anna@one.example", "anna@two.example").changes["mail"]}
    with behind.connect() as connection:
        rows = str(connection.execute(select(audit)).fetchall())
    assert "example" not in rows
    assert "Piet" not in rows
    assert broken(trail) == []


def test_whoever_was_ever_called_so_is_found(trail: SqlStore) -> None:
    """A customer who is gone has no entry to be looked up in."""
    with trail.reading() as work:
        assert work.audit.subjects_named("anna@two.example") == {ANNA}
        assert work.audit.subjects_named("nobody@example.nl") == set()
        assert work.audit.subjects_named("\ud800") == set()


def test_who_is_erased_is_gone_and_the_trail_holds(trail: SqlStore, behind: Engine) -> None:
    """Whoever asks to be forgotten would be kept, or the proof of everything else be lost with them."""
    assert erase(trail, ANNA) == 4
    assert broken(trail) == []
    first, second = (record.event for record in read(trail)[:2])
    assert first.changes["mail"].before == Personal(None, ANNA)
    assert (str(first.changes["mail"].after), first.actor) == ("(erased)", "operator:dn:cn=Piet,ou=support")
    assert str(second.changes["mail"].after) == "bob@two.example"
    with behind.connect() as connection:
        assert "anna@" not in str(connection.execute(select(audit_personal)).fetchall())
    (said,) = [record.event for record in read(trail) if record.event.action == "audit.erased"]
    assert (said.subject, said.actor, said.detail["values"]) == (ANNA, CEES, "4")


def test_an_operator_is_erased_by_their_dn_in_any_spelling(trail: SqlStore) -> None:
    """Whoever works here may ask to be forgotten too."""
    with trail.reading() as work:
        subject = work.audit.subject_of("CN=Piet,ou=Support")
    assert erase(trail, subject) == 4
    assert {record.event.actor for record in read(trail)[:4]} == {"operator:(erased)"}
    assert broken(trail) == []


def test_who_is_not_there_is_not_erased_and_nothing_is_said_of_it(trail: SqlStore) -> None:
    """The trail would tell of an erasure that none was."""
    assert erase(trail, "uuid-of-nobody") == 0
    assert len(read(trail)) == 4


def test_what_comes_after_an_erasure_is_kept_until_the_next(trail: SqlStore, behind: Engine) -> None:
    """One honest erasure would cover for all that is taken away later."""
    erase(trail, ANNA)
    append(trail, mail_changed(9, ANNA, "anna@three.example", "anna@four.example"))
    assert broken(trail) == []
    tamper(behind, delete(audit_personal).where(audit_personal.c.subject == ANNA))
    assert broken(trail) == ["web/6"]


def test_values_taken_away_without_an_erasure_are_found(trail: SqlStore, behind: Engine) -> None:
    """Who did it could be wiped out by whoever has the database."""
    tamper(behind, delete(audit_personal).where(of(2, "bob@two.example")))
    assert broken(trail) == ["web/2"]
    erase(trail, ANNA)
    assert broken(trail) == ["web/2"]


@pytest.mark.parametrize("column", [column.name for column in audit_personal.c])
def test_a_changed_value_is_found(trail: SqlStore, behind: Engine, column: str) -> None:
    """A deed could be put down to somebody else."""
    changed: dict[str, object] = {"writer": "wed", "number": 3}
    tamper(behind, update(audit_personal).where(of(2, "bob@two.example")).values({column: changed.get(column, "changed")}))
    assert broken(trail)[0] == "web/2"


def test_two_persons_exchanged_are_found(trail: SqlStore, behind: Engine) -> None:
    """Each would have done what the other did."""
    both = (of(1, "anna@two.example"), of(2, "bob@two.example"))
    with behind.connect() as connection:
        anna, bob = (connection.execute(select(audit_personal).where(one)).one()._asdict() for one in both)
    anna["reference"], bob["reference"] = bob["reference"], anna["reference"]
    tamper(behind, delete(audit_personal).where(both[0] | both[1]), insert(audit_personal).values([anna, bob]))
    assert broken(trail) == ["web/1"]


def test_a_value_put_in_is_found(trail: SqlStore, behind: Engine) -> None:
    """A name would stand beside a record that names nobody."""
    append(trail, event(5))
    row = {"reference": "made up", "writer": "web", "number": 5, "subject": BOB, "salt": "", "value": "bob@five.example"}
    tamper(behind, insert(audit_personal).values(**row))
    assert broken(trail) == ["web/5"]


def test_nothing_of_what_was_erased_stays_in_the_file(trail: SqlStore, store_url: str) -> None:
    """What was deleted would still be read by whoever gets hold of the file, page by page."""
    file = Path(str(make_url(store_url).database))
    erase(trail, ANNA)
    trail.close()  # the last connection folds the -wal into the file
    assert [path.name for path in file.parent.iterdir() if b"anna@" in path.read_bytes()] == []
    assert b"bob@three" in file.read_bytes()
