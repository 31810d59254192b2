"""docs/privacy.md: what it promises of periods and tables is what the service does."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from idp.adapters.directory_templates import template_folder
from idp.adapters.sql import store
from idp.adapters.sql.tables import metadata
from idp.domain import capability
from idp.domain.capability import LIFETIMES, Purpose
from idp.services import logout_notices, outbox
from idp.settings import Settings

DOCUMENT = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in DOCUMENT.splitlines() if line.startswith("| `")]
TABLES = [(row[0], row[3], row[4].strip("`")) for row in ROWS if len(row) == 5]
PERIOD = re.compile(r"(\d+) (day|hour|minute)s?")


def days(text: str) -> timedelta:
    """Read a period."""
    found = PERIOD.search(text)
    assert found is not None, text
    return timedelta(**{f"{found[2]}s": int(found[1])})


def setting(name: str) -> timedelta:
    """Give what stands behind a period."""
    if name == "audit.keep_days":
        return timedelta(days=Settings().audit.keep_days)
    return timedelta(seconds=getattr(store, name).total_seconds())


def test_each_period_is_the_one_that_is_enforced() -> None:
    """Whoever answers for the data would promise what nobody keeps."""
    told = {source: days(period) for _, period, source in TABLES if source}
    assert told == {name: setting(name) for name in told}
    constants = {name for name in vars(store) if name.startswith("KEPT_")}
    assert set(told) == constants - {"KEPT_AUDIT"} | {"audit.keep_days"}
    assert timedelta(days=Settings().audit.keep_days) == store.KEPT_AUDIT


def test_each_table_is_told_of() -> None:
    """Personal data could be kept where nobody looks for it."""
    told = [name for names, _, _ in TABLES for name in re.findall(r"`(\w+)`", names)]
    assert sorted(told) == sorted(metadata.tables)


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("PORTAL_SESSION", LIFETIMES[Purpose.PORTAL_SESSION]),
        ("NOT_ME", LIFETIMES[Purpose.NOT_ME]),
        ("AUTHORIZATION_REQUEST", LIFETIMES[Purpose.AUTHORIZATION_REQUEST]),
        ("PUSHED_REQUEST", LIFETIMES[Purpose.PUSHED_REQUEST]),
        ("DEVICE_CODE", LIFETIMES[Purpose.DEVICE_CODE]),
        ("STALE_TOLD", LIFETIMES[Purpose.STALE_TOLD]),
        ("GIVE_UP_AFTER", logout_notices.GIVE_UP_AFTER),
        ("INVITATION_LIFETIME", capability.INVITATION_LIFETIME),
        ("_GIVE_UP_NOTICE_AFTER", outbox._GIVE_UP_NOTICE_AFTER),  # noqa: SLF001  # a fact of the document
        ("_GIVE_UP_AFTER", max(outbox._GIVE_UP_AFTER.values())),  # noqa: SLF001  # likewise
    ],
)
def test_what_lives_in_between_is_told_as_it_is(name: str, period: timedelta) -> None:
    """A link or a letter that lives longer would keep what it holds longer."""
    before = DOCUMENT[: DOCUMENT.index(f"(`{name}`)")]
    last = PERIOD.findall(before)[-1]
    assert timedelta(**{f"{last[1]}s": int(last[0])}) == period


def test_the_embedded_directorys_log_is_kept_as_long_as_is_said() -> None:
    """Former addresses would stand there longer than anybody knows."""
    (row,) = [line for line in DOCUMENT.splitlines() if "`olcAccessLogPurge`" in line]
    template = (template_folder() / "server.ldif").read_text(encoding="utf-8")
    purge = re.search(r"^olcAccessLogPurge: (\d+)\+", template, re.MULTILINE)
    assert purge is not None
    assert days(row) == timedelta(days=int(purge[1]))
