"""Every look-up goes by an index, however large the tables grow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event

from idp.domain.audit import AuditEvent, Personal, RecordId
from idp.domain.audit_query import Wanted
from idp.domain.capability import Capability, Purpose
from idp.domain.client import Client, ClientSecret
from idp.domain.grant import Grant, Token
from idp.domain.logout_notice import LogoutNotice
from idp.domain.mail import Letter, OutboxRow, OutboxState
from idp.domain.people import Seen
from idp.domain.registration_token import RegistrationToken
from idp.domain.reset_request import ResetRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.ports.store import Store, Transaction

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)

# One row each; and the lists of clients and of what they register with, which are short and read whole, as is what is to be told
# within the hour. A constant row is no table's.
SMALL = ("CONSTANT", "audit_heads", "pulse", "clients", "registration_tokens", "change_bookmark", "logout_notices")


@pytest.fixture
def statements() -> Iterator[list[tuple[str, Any]]]:
    """All statements that are run meanwhile, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def keep(*arguments: Any) -> None:  # noqa: ANN401  # SQLAlchemy's event
        seen.append((arguments[2], arguments[3]))

    event.listen(Engine, "before_cursor_execute", keep)
    yield seen
    event.remove(Engine, "before_cursor_execute", keep)


def do_everything(work: Transaction) -> None:
    """Call every method of a transaction."""
    request = ResetRequest("id", "digest", None, with_ticket=False, created_at=NOW)
    work.resets.add(request)
    work.resets.get("id")
    work.resets.by_digest("digest")
    work.resets.advance(request, request.dropped())
    work.resets.claimed()
    row = OutboxRow("id", Letter.RESET, {}, NOW, NOW)
    work.outbox.add(row)
    work.outbox.take_due(NOW, NOW)
    work.outbox.release_leases(NOW)
    work.outbox.put_off(row, NOW, "")
    work.outbox.finish(replace(row, state=OutboxState.SENT, finished_at=NOW))
    work.outbox.sent_to("", Letter.RESET, with_ticket=False, since=NOW)
    work.outbox.amend(row)
    work.outbox.about_owner(Letter.INVITATION, "uuid", NOW)
    work.outbox.waiting()
    capability = Capability("digest", Purpose.TICKET, {}, NOW, NOW)
    work.capabilities.add(capability)
    work.capabilities.renew(capability)
    work.capabilities.about(Purpose.TICKET, "")
    work.capabilities.withdraw(Purpose.TICKET, "", {})
    work.capabilities.use(capability, NOW)
    do_the_rest(work)


def do_the_rest(work: Transaction) -> None:
    """Call the methods about access and audit."""
    grant = Grant("id", "ing", "U", Seen("uuid", None), NOW, NOW, "")
    work.grants.add(grant)
    work.grants.get("id")
    work.grants.of_user("uuid")
    work.grants.of_client("ing")
    work.grants.couplings_of(["uuid", "uuid-2"], NOW)
    work.grants.used(grant)
    token = Token("digest", "access", "id", "ing", "", "", NOW, NOW)
    work.grants.add_token(token)
    work.grants.token("access", "digest")
    work.grants.revoke_token(token, NOW)
    work.grants.revoke_issued_for("digest", NOW)
    work.grants.revoke("id", NOW)
    work.grants.revoke_all("uuid", NOW)
    client = Client("ing", "ing", "ING", enabled=True, created_at=NOW, secrets=(ClientSecret("digest"),))
    work.clients.add(client)
    work.clients.replace(client)
    work.clients.last_used()
    work.registration_tokens.add(RegistrationToken("id", "digest", "ing", NOW, NOW, 1))
    work.registration_tokens.all()
    work.registration_tokens.by_digest("digest")
    work.registration_tokens.use(RegistrationToken("id", "digest", "ing", NOW, NOW, 1), NOW)
    work.registration_tokens.end("id", NOW)
    notice = LogoutNotice("id", "ing", "uuid", "session", NOW, NOW)
    work.logout_notices.add(notice)
    work.logout_notices.take_due(NOW, NOW)
    work.logout_notices.put_off(notice)
    work.logout_notices.put_off_all("ing", NOW)
    work.logout_notices.remove(notice)
    work.audit.append(AuditEvent(NOW, "a.thing", "operator:somebody", "uuid", {"a": Personal("name", "uuid")}))
    work.audit.read(wanted=Wanted(frozenset({"uuid"}), action="login."))
    work.audit.read(RecordId("web", 1))
    work.audit.newest(1, Wanted(frozenset({"uuid", "uuid-2"}), leave_out="token.", since=NOW))
    work.audit.tally(Wanted(frozenset({"uuid"}), action="token."))
    work.audit.subjects_named("a name")
    work.audit.erase("uuid", NOW, "operator:root")
    work.audit.seal(NOW + timedelta(days=1))
    work.audit.sealed()
    work.audit.verify()
    work.audit.ends()
    work.changes.bookmark()
    work.changes.move_bookmark("position")
    work.changes.claim("position", NOW)


def test_no_look_up_reads_a_whole_table(store: Store, behind: Engine, statements: list[tuple[str, Any]]) -> None:
    """The ten thousandth reset would be slower than the first."""
    with store.transaction() as work:
        work.audit.append(AuditEvent(NOW, "a.thing", "service"))  # the very first one looks for a last one
    statements.clear()
    with store.transaction() as work:
        do_everything(work)
    store.expire(NOW + timedelta(days=9999), 10)
    assert len(statements) > 40
    plans = []
    with behind.connect() as connection:
        for statement, parameters in list(statements):
            found = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans += [(step.detail, statement) for step in found]
    whole = [plan for plan in plans if plan[0].startswith("SCAN") and plan[0].split()[1] not in SMALL]
    assert whole == []


def test_letters_about_an_owner_are_found_among_any_number_that_wait(
    store: Store, behind: Engine, statements: list[tuple[str, Any]]
) -> None:
    """An import queues a letter for each owner, and asks for each whether it did: the thousandth would wait for a thousand."""
    store.ping()
    statements.clear()
    with store.reading() as work:
        work.outbox.about_owner(Letter.INVITATION, "uuid", NOW)
    with behind.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statements[0][0]}", statements[0][1]).fetchall()
    assert "ix_outbox_owner_letter (owner=? AND letter=?)" in plan[0].detail


@pytest.mark.row("S27")
def test_a_client_that_is_not_there_has_a_row_to_be_read_all_the_same(
    store: Store, behind: Engine, statements: list[tuple[str, Any]]
) -> None:
    """Who asks for a client_id could tell by a stop-watch whether it is taken: a row takes 6 % of a refusal to be read."""
    with store.transaction() as work:
        work.clients.add(Client("ing", "ing", "ING", enabled=True, created_at=NOW, secrets=(ClientSecret("digest"),)))
    statements.clear()
    with store.reading() as work:
        work.clients.get("ing")
        work.clients.get("nobody")
    with behind.connect() as connection:
        found = [connection.exec_driver_sql(statement, parameters).fetchall() for statement, parameters in list(statements)]
    assert [len(rows) for rows in found] == [1, 1]
