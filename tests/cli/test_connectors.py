"""`idp connector list`: what each kind of application is, by which source, and whether anybody uses it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.base import FACTS
from connectors.vendor_api import CONNECTOR as VENDOR_API
from idp.domain.grant import Grant
from idp.domain.people import Seen

if TYPE_CHECKING:
    from tests.cli.installation import Installation

USED_AT = datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC)


def test_a_line_says_what_a_kind_may_and_whether_anybody_uses_it(at: Installation) -> None:
    """An operator sees which bank is coupled, at which issuer, when it came last, and until when it may send passwords."""
    at.more["connectors.ing"] = {"password_grant_sunset": "2028-01-01"}
    at.done("client", "add", "ing", "--name", "ING", "--client-id", "koppeling-1")
    at.done("client", "add", "ing", "--name", "ING", "--client-id", "koppeling-2")
    store = at.store()
    with store.transaction() as work:
        work.grants.add(Grant("id", "koppeling-2", "U4BBGA0008", Seen("uuid", None), USED_AT, USED_AT, "192.0.2.1"))
    store.close()
    said = at.done("connector", "list").splitlines()
    assert said[0].split("  ")[0] == "ID"
    (strict,) = [line.split() for line in said if line.startswith("fapi ")]
    assert strict[:4] == ["fapi", "FAPI", "2.0", "fapi"]
    assert [line.split() for line in said if line.startswith(("ing", "vendor_api "))] == [
        ["ing", "ING", "classic", "password", "3600", "-", "2", "2026-03-04T10:11:12+00:00", "2028-01-01"],
        ["vendor_api", "Vendor", "API", "classic", *VENDOR_API.grants, "3600", "5184000", "0", "-", "-"],
    ]


def test_programs_read_every_fact_with_its_source(at: Installation) -> None:
    """Whoever asks a bank for its addresses first sees which of them we only guess."""
    at.more["connectors.ing"] = {"source_networks": ["192.0.2.0/24"]}
    rows = {row["id"]: row for row in at.idp("connector", "list", "--json").json}
    assert list(rows) == ["basecone", "rabobank", "triodos", "ing", "vendor_api", "vendor_service", "vendor_app", "fapi"]
    facts = {name: row["facts"] for name, row in rows.items()}
    assert all(set(said) == set(FACTS) for said in facts.values())
    assert facts["ing"]["source_networks"] == {"value": ["192.0.2.0/24"], "source": "the configuration"}
    assert facts["basecone"]["source_networks"] == {"value": [], "source": "our assumption, configurable"}
    assert facts["vendor_api"]["refresh_token_lifetime"]["value"] == 5184000


def test_before_the_first_start_the_kinds_are_known_and_nothing_is_made(new: Installation) -> None:
    """A first look, or one from another machine, tells what there is, and leaves no database behind."""
    assert [(row["id"], row["clients"]) for row in new.idp("connector", "list", "--json").json][:2] == [
        ("basecone", 0),
        ("rabobank", 0),
    ]
    assert list(new.state.iterdir()) == []
