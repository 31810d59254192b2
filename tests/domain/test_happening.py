"""What an owner may know of a record, taken out of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from idp.domain.audit import AuditEvent, Change
from idp.domain.happening import Happening, Who, in_runs, is_handover

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def event(action: str = "token.issued", actor: str = "service", **detail: str) -> AuditEvent:
    """Give a record."""
    return AuditEvent(NOW, action, actor, "uuid", detail)


@pytest.mark.parametrize(
    ("record", "client_id"),
    [
        (event(actor="client:basecone-1"), "basecone-1"),
        (event(actor="client:basecone-1", client="ing-1"), "basecone-1"),
        (event("grant.revoked", "owner", client="ing-1"), "ing-1"),
        (event("reset.completed", "owner"), ""),
    ],
)
def test_the_application_is_the_one_that_it_is_about(record: AuditEvent, client_id: str) -> None:
    """An owner would read that another bank was shut out than the one that was."""
    happening = Happening.of(record)
    assert happening == Happening(NOW, record.action, Who.of(record), client_id, 1, NOW)


def test_the_same_in_a_row_is_one_with_its_first_time() -> None:
    """A page full of one application's logins hides the one change that matters."""
    logins = [AuditEvent(NOW - timedelta(hours=hours), "token.issued", "client:basecone-1", "uuid") for hours in (0, 1, 2)]
    released = event("user.released", "operator:root")
    runs = in_runs(map(Happening.of, [*logins, released, logins[0]]))
    assert [(run.what, run.times) for run in runs] == [("token.issued", 3), ("user.released", 1), ("token.issued", 1)]
    assert (runs[0].at, runs[0].first) == (NOW, NOW - timedelta(hours=2))


@pytest.mark.parametrize(
    ("record", "is_one"),
    [
        (AuditEvent(NOW, "user.changed", "operator:root", "uuid", {}, {"owner": Change("uid=a", "uid=b")}), True),
        (AuditEvent(NOW, "user.changed", "operator:root", "uuid", {}, {"owner": Change("uid=a", "UID=A")}), False),
        (AuditEvent(NOW, "user.added", "operator:root", "uuid", {}, {"owner": Change(None, "uid=b")}), False),
        (event("directory.changed", attributes="mail owner"), True),
        (event("directory.changed", attributes="owners"), False),
        (event("directory.changed"), False),
    ],
)
def test_somebody_else_is_the_owner_from_here_on(record: AuditEvent, is_one: bool) -> None:  # noqa: FBT001  # a parameter
    """The new owner would read what the former one did, or the present one lose their own history."""
    assert is_handover(record) is is_one
