"""Who lives in the simulated day: owners with their koppelgebruikers, and the applications that use them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from tests.life.service import Service

PASSWORD = "vier losse woorden achter elkaar"
FORMER = "het wachtwoord van vorige maand"
PORTAL = "anna logt in met een zin"
REALM = "u4bsw.nl"
BACK = "https://app.example/back"
_KINDS = ("basecone", "rabobank", "triodos", "ing", "vendor_api")
_LONG_AGO = timedelta(days=60)
_STALE = 0.005


@dataclass
class Coupling:
    """One application that works for one koppelgebruiker.

    Args:
        client: its credentials.
        network: where it asks from.
        name: of the koppelgebruiker.
        due: minute of the day at which it needs a token.
        password: that it knows.
        is_stale: nobody ever tells it another one.
        refresh_token: where its kind has one.
    """

    client: dict[str, str]
    network: str
    name: str
    due: int
    password: str = PASSWORD
    is_stale: bool = False
    refresh_token: str | None = None


@dataclass
class Person:
    """An owner.

    Args:
        mail: address.
        names: of their koppelgebruikers.
        password: of their portal.
        changed_at: minute of the latest change of one of their koppelgebruikers' passwords.
    """

    mail: str
    names: tuple[str, ...]
    password: str = PORTAL
    changed_at: int = -(10**6)


@dataclass
class Crowd:
    """All of them."""

    people: list[Person]
    couplings: dict[str, list[Coupling]]

    @classmethod
    def settle(cls, service: Service, users: int, drawn: Random) -> Crowd:
        """Fill directory and registry: two koppelgebruikers to an owner, most with one application.

        Args:
            service: empty.
            users: koppelgebruikers; an even number.
            drawn: decides.
        """
        clients = {}
        for kind in _KINDS:
            client, secret = service.clients.add(kind, kind.title(), "operator:life", redirect_uris=(BACK,))
            clients[kind] = {"client_id": client.client_id, "client_secret": secret}
        people, couplings = [], {}
        for number in range(users // 2):
            mail = f"owner{number}@example.nl"
            names = tuple(f"U4BB{number * 2 + nth:06d}" for nth in range(2))
            owner = service.directory.add_owner(f"Owner {number}", mail, PORTAL)
            for name in names:
                user = service.directory.add_user(name, owner, PASSWORD)
                service.directory.age(user, _LONG_AGO)
                couplings[name] = _couplings(name, clients, drawn)
            people.append(Person(mail, names))
        return cls(people, couplings)


def _couplings(name: str, clients: dict[str, dict[str, str]], drawn: Random) -> list[Coupling]:
    kinds = drawn.sample(_KINDS, k=drawn.choice((1, 1, 1, 2)))
    made = [Coupling(clients[kind], f"192.0.2.{_KINDS.index(kind) + 1}", name, drawn.randrange(60)) for kind in kinds]
    for coupling in made:
        if drawn.random() < _STALE:
            coupling.password, coupling.is_stale = FORMER, True
    return made
