"""What each outside application is, and what stops the start when it is said wrongly."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError, replace
from datetime import date, timedelta
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import connectors
from connectors import BUILT_IN, Connector, ConnectorInvalid, DuplicateConnector
from connectors.basecone import CONNECTOR as BASECONE
from connectors.vendor_api import CONNECTOR as VENDOR_API
from tests.connectors.another_package import DOCUMENT

NOT_A_CONNECTOR = "just text"


@pytest.mark.row("R21")
def test_the_applications_of_the_manual_are_there() -> None:
    """R21: an owner can't connect to an application that the service does not know."""
    assert list(connectors.load(plugins=())) == [
        "basecone",
        "rabobank",
        "triodos",
        "ing",
        "vendor_api",
        "vendor_service",
        "vendor_app",
        "fapi",
    ]


@pytest.mark.parametrize("connector", BUILT_IN, ids=lambda connector: connector.id)
def test_each_fact_has_a_source(connector: Connector) -> None:
    """A guess that looks like a fact is never questioned again."""
    assert all(connector.sources.values())
    assert {"grants", "scopes", "source_networks", "access_token_lifetime"} <= set(connector.sources)


@pytest.mark.parametrize("connector", BUILT_IN, ids=lambda connector: connector.id)
def test_each_source_can_be_looked_up(connector: Connector) -> None:
    """A source that nobody can find is no better than a guess, and looks better."""
    table = DOCUMENT.read_text("utf-8").partition("| source | what it is |\n|---|---|\n")[2].partition("\n\n")[0]
    told = tuple(name.rstrip("…") for line in table.splitlines() for name in re.findall(r"`([^`]+)`", line.split(" | ")[0]))
    root = DOCUMENT.parents[1]
    for source in connector.sources.values():
        for part in source.split("; "):
            assert any(name in part for name in told), part
        for path in re.findall(r"(?:docs|config|connectors|tests)/[\w./-]+\w", source):
            assert (root / path).is_file(), path


@pytest.mark.parametrize("connector", BUILT_IN, ids=lambda connector: connector.id)
def test_a_connector_stays_a_page_long(connector: Connector) -> None:
    """Whoever wants to know what a bank may do reads one small file."""
    file = Path(connectors.__file__).with_name(f"{connector.id}.py")
    assert 25 <= len(file.read_text(encoding="utf-8").splitlines()) <= 60


def test_facts_are_frozen() -> None:
    """One request can't change what the next one may do."""
    with pytest.raises(FrozenInstanceError):
        BASECONE.name = "other"  # type: ignore[misc]  # that is the point
    with pytest.raises(TypeError):
        BASECONE.sources["grants"] = "other"  # type: ignore[index]  # that is the point


def test_an_id_that_comes_twice_stops_the_start() -> None:
    """Otherwise an installed package could quietly take the place of a bank."""
    twin = EntryPoint("twin", "connectors.basecone:CONNECTOR", "idp.connectors")
    with pytest.raises(DuplicateConnector, match="basecone"):
        connectors.load(plugins=[twin])


def test_another_package_adds_its_own() -> None:
    """A new application needs no change of this service."""
    added = connectors.load(plugins=[EntryPoint("own", f"{__name__}:OWN", "idp.connectors")])
    assert added["own"] == OWN


def test_an_entry_point_that_is_no_connector_stops_the_start() -> None:
    """A typing error in a package's metadata is found at the start, not by an owner."""
    with pytest.raises(ConnectorInvalid, match="wrong"):
        connectors.load(plugins=[EntryPoint("wrong", f"{__name__}:NOT_A_CONNECTOR", "idp.connectors")])


def test_the_configuration_replaces_a_fact() -> None:
    """A bank's real addresses, once known, need no new release; the source says where they are from."""
    changed = connectors.load({"ing": {"source_networks": ("192.0.2.0/24",)}}, plugins=())["ing"]
    assert changed.source_networks == ("192.0.2.0/24",)
    assert changed.sources["source_networks"] == "the configuration"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"bank": {}}, "no connector bank"),
        ({"ing": {"colour": "orange"}}, "no fact colour"),
        ({"ing": {"id": "other"}}, "no fact id"),
        ({"ing": {"source_networks": ("192.0.2.1/24",)}}, "host bits"),
        ({"ing": {"grants": ("implicit",)}}, "grants"),
        ({"ing": {"grants": ("password", "refresh_token")}}, "lifetime"),
        ({"ing": {"default_scopes": ()}}, "no default scope"),
        ({"ing": {"default_scopes": ("all",)}}, "default scope"),
        ({"ing": {"access_token_lifetime": timedelta(days=10)}}, "too short or too long"),
        ({"ing": {"client_auth_methods": ("none",)}}, "without client authentication its grants"),
        ({"ing": {"client_auth_methods": ("none", "client_secret_post")}}, "beside none"),
        ({"ing": {"client_auth_methods": ("tls",)}}, "client authentication"),
        ({"vendor_app": {"pkce": "optional"}}, "only a confidential client"),
        ({"ing": {"client_auth_methods": ()}}, "client authentication"),
        ({"ing": {"pkce": "sometimes"}}, "neither required nor optional"),
        ({"ing": {"grants": ("password", "client_credentials")}}, "stands alone"),
        ({"ing": {"pushed_requests": "never"}}, "pushed_requests"),
        ({"ing": {"response_modes": ()}}, "response modes"),
        ({"ing": {"response_modes": ("query", "fragment")}}, "response modes"),
    ],
)
def test_facts_that_contradict_each_other_stop_the_start(changes: dict[str, dict[str, object]], sentence: str) -> None:
    """A wrong fact is named when the service starts, not met by a bank at night."""
    with pytest.raises(ConnectorInvalid, match=sentence):
        connectors.load(changes, plugins=())


def test_a_fact_without_a_source_is_refused() -> None:
    """Each fact says how it is known."""
    with pytest.raises(ConnectorInvalid, match="source"):
        replace(BASECONE, sources={})


@pytest.mark.row("S7")
def test_a_code_challenge_is_required_unless_a_connector_says_otherwise() -> None:
    """S7: the exception is for the clients of the present API, which send none, and for nobody else by accident."""
    assert {connector.id for connector in BUILT_IN if connector.pkce == "optional"} == {"vendor_api"}
    assert BASECONE.sources["pkce"] == "RFC 9700 section 2.1.1"
    own = {fact: source for fact, source in BASECONE.sources.items() if fact != "pkce"}
    assert replace(BASECONE, sources=own) == BASECONE
    with pytest.raises(ConnectorInvalid, match="source"):
        replace(BASECONE, pkce="optional", sources=own)
    eased = connectors.load({"basecone": {"pkce": "optional"}}, plugins=())["basecone"]
    assert (eased.pkce, eased.sources["pkce"]) == ("optional", "the configuration")


def test_an_id_that_is_no_identifier_is_refused() -> None:
    """The id stands in configuration keys and file names."""
    with pytest.raises(ConnectorInvalid, match="identifier"):
        replace(BASECONE, id="base cone")


@pytest.mark.row("S28")
def test_the_password_grant_ends_on_its_day() -> None:
    """S28: an application that has moved on to something better can't fall back to passwords."""
    ending = replace(BASECONE, password_grant_sunset=date(2027, 7, 1))
    assert ending.grant_allowed_on("password", date(2027, 6, 30))
    assert not ending.grant_allowed_on("password", date(2027, 7, 1))


def test_the_sunset_of_passwords_ends_no_refresh() -> None:
    """What was granted before lives on until its own end."""
    ending = replace(VENDOR_API, password_grant_sunset=date(2027, 7, 1))
    assert ending.grant_allowed_on("refresh_token", date(2028, 1, 1))


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("192.0.2.7", True), ("198.51.100.7", False), ("2001:db8::1", False), ("nonsense", False), ("", False)],
)
def test_where_networks_are_named_no_other_address_may(address: str, *, allowed: bool) -> None:
    """A stolen secret of a bank is worth nothing outside the bank."""
    assert replace(BASECONE, source_networks=("192.0.2.0/24",)).allows_address(address) is allowed


def test_where_none_is_named_any_address_may() -> None:
    """Most applications have not told us their addresses."""
    assert BASECONE.allows_address("198.51.100.7")


OWN = replace(BASECONE, id="own", name="Own")


@pytest.mark.row("R21")
def test_whose_fields_are_known_tells_what_they_are_called() -> None:
    """Basecone has two more fields, for another name and password: an owner would fill in the wrong ones."""
    assert BASECONE.typed_into == ("Portal gebruikersnaam", "Portal wachtwoord")
    assert "https://support.basecone.com/" in BASECONE.sources["typed_into"]
    changed = BASECONE.configured({"typed_into": ("Naam", "Wachtwoord")})
    assert (changed.typed_into, changed.sources["typed_into"]) == (("Naam", "Wachtwoord"), "the configuration")
    with pytest.raises(ConnectorInvalid, match="typed_into"):
        replace(BASECONE, typed_into=("Naam", ""))


@pytest.mark.row("R21")
def test_an_owner_types_into_what_has_no_other_way_in() -> None:
    """Who has just chosen a password would be told to type it into an application that never asks for it."""
    assert [each.id for each in connectors.BUILT_IN if each.is_typed_into] == ["basecone", "rabobank", "triodos", "ing"]
    assert BASECONE.name_typed("U4BBGA0008") == "U4BBGA0008"
