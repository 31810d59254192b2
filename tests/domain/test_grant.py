"""What is kept of an address, and which grant is a coupling still."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from idp.domain.grant import Consent, Coupling, Grant, network_around
from idp.domain.people import Koppelgebruiker, Locks

API, OTHER_API = "https://api.example/", "https://other.example/"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
USER = Koppelgebruiker(
    "U4BBGA0008", "uuid-8", "A8", "uid=anna,ou=people", "20261123120000Z", Locks(), released=False, revision="1"
)
GRANT = Grant("id", "basecone", "U4BBGA0008", USER.seen, NOW, NOW, "192.0.2.0/24")


@pytest.mark.row("S42")
@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("192.0.3.255", "192.0.3.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("::1", "::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", ""),
        ("unknown", ""),
        ("192.0.2.0/24", ""),
    ],
)
def test_of_an_address_its_network_is_kept(address: str, network: str) -> None:
    """An owner could not tell an application's network from a stranger's; or a single machine would be known for a year."""
    assert network_around(address) == network


@pytest.mark.row("S42")
def test_a_use_tells_when_and_from_where() -> None:
    """An owner could not tell a coupling in use from a forgotten one."""
    later = NOW + timedelta(hours=1)
    assert GRANT.used(later, "198.51.100.9") == replace(GRANT, last_used_at=later, network="198.51.100.0/24")


@pytest.mark.row("S42")
def test_a_coupling_works_with_the_password_it_was_given_with() -> None:
    """A page would tell of access that the gate refuses."""
    coupling = Coupling(GRANT, "Basecone", None)
    assert coupling.works_for(USER)
    assert not coupling.works_for(replace(USER, password_changed="20261124120000Z"))
    assert not coupling.works_for(replace(USER, entry_uuid="uuid-9"))


def test_what_was_allowed_adds_up_by_owner_and_resource() -> None:
    """An owner would be asked again for what they have allowed, or not asked for what they have not."""
    first = GRANT.allowed("anna", API, "read openid")
    assert first.consent is not None
    assert first.consent.covers("anna", API, "openid read")
    assert first.consent.covers("anna", API, "read")
    both = first.allowed("anna", API, "write").allowed("anna", OTHER_API, "read")
    assert both.consent == Consent("anna", {API: "openid read write", OTHER_API: "read"})
    assert not both.consent.covers("anna", OTHER_API, "write")
    assert not both.consent.covers("anna", "https://elsewhere.example/", "read")
    assert not both.consent.covers("bob", API, "read")
    assert both.allowed("bob", API, "read").consent == Consent("bob", {API: "read"})
