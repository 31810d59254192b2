"""Which machines an application's address may lead to: those of the world, and those that the operator has named.

An address leads into our own network by a name as easily as by a number, so what is judged is the number that the name stood for.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# RFC 4291 section 2.4: of IPv6, this is what has been handed out to the world.
_WORLD = IPv6Network("2000::/3")
# What `is_global` takes for the world's, in one release of Python or another.
_NOBODYS = (
    IPv4Network("192.0.0.0/24"),  # RFC 6890: the protocols' own
    IPv4Network("192.88.99.0/24"),  # RFC 7526: once the way into the first of the tunnels below
    # RFC 4380, and RFC 3056: behind each stands an IPv4 address that another machine reaches for us.
    IPv6Network("2001::/32"),
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),  # RFC 9637: for documents
)
# RFC 6052 section 2.1: a network without IPv4 writes the world's IPv4 addresses so.
_TRANSLATED = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Reachable:
    """Judges addresses.

    Args:
        networks: of the operator's own, in which applications may be; the world is never left out.
    """

    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def holds(self, address: str) -> bool:
        """Tell whether a machine may be spoken to.

        Args:
            address: as a resolver gives it. An IPv4 address that is written as an IPv6 one is what it stands for.
        """
        try:
            meant = _meant(ip_address(address))
        except ValueError:
            return False
        return any(meant in network for network in self.networks) or _is_of_the_world(meant)


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address


def _is_of_the_world(address: IPv4Address | IPv6Address) -> bool:
    if not address.is_global or address.is_multicast or any(address in network for network in _NOBODYS):
        return False
    return isinstance(address, IPv4Address) or address in _WORLD
