"""Which machines an application's address may lead to."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from idp.domain.reachable import Reachable

OURS = Reachable((ip_network("10.20.0.0/16"), ip_network("fd12::/16"), ip_network("127.0.0.1/32")))


@pytest.mark.parametrize(
    "address",
    [
        "93.184.215.14",
        "1.1.1.1",
        "192.0.1.1",
        "192.88.98.255",
        "192.88.100.0",
        "2606:2800:220:1::1",
        "2a00::1",
        "3fff:1000::1",
        "::ffff:93.184.215.14",
        "64:ff9b::93.184.215.14",
    ],
)
def test_the_world_may_be_reached(address: str) -> None:
    """No bank outside would be told of a logout."""
    assert Reachable().holds(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",  # where clouds hand out the machine's own credentials
        "100.64.0.1",  # RFC 6598
        "0.0.0.0",  # noqa: S104  # nothing listens
        "0.1.2.3",
        "192.0.0.8",
        "192.0.0.9",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b:1::10.0.0.1",
        "100::1",
        "2001:db8::1",
        "2001::a00:1",
        "2001:0:5db8:d70e::1",
        "2002:a00:1::1",
        "2002:5db8:d70e::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "3fff::1",
        "3fff:fff::1",
        "4000::1",
        "ff02::1",
        "ff0e::1",
        "0177.0.0.1",
        "2130706433",
        "localhost",
        "",
    ],
)
def test_what_is_ours_or_nobodys_may_not(address: str) -> None:
    """A bank's address would have us speak to the metadata of our cloud, to the directory, to ourselves."""
    assert not Reachable().holds(address)


@pytest.mark.parametrize(
    "address", ["10.20.0.1", "10.20.255.255", "::ffff:10.20.0.1", "64:ff9b::10.20.0.1", "fd12::7", "127.0.0.1", "1.1.1.1"]
)
def test_networks_that_the_operator_has_named_may(address: str) -> None:
    """An application in the house could never be told."""
    assert OURS.holds(address)


@pytest.mark.parametrize(
    "address", ["10.21.0.1", "10.19.255.255", "fd13::7", "127.0.0.2", "::1", "169.254.169.254", "2002:a14:1::"]
)
def test_networks_beside_those_may_not(address: str) -> None:
    """One named network would open all the others."""
    assert not OURS.holds(address)
