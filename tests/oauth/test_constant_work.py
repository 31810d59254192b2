"""A refusal costs the same work, whatever was wrong: each call of a port, each statement, each hash, in one order (S27, S29).

Times are compared in the long runs; what is compared here is what times come from, and can't be noise. The directory's own hashes
are counted on the wire, at a real one (`tests/contract/directory/test_on_the_wire.py`).
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from idp.domain.client import Client
from idp.settings import LimitSettings
from tests.oauth.world import PASSWORD, USERNAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from tests.oauth.world import Answered, NewWorld, World

CLASSIC = ("/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/par", "/oauth/device", "/V221/OAuth/Token")
STRICT = ("/fapi/token", "/fapi/introspect", "/fapi/revoke", "/fapi/par")
"""What signs who it is: tests/oauth/test_private_key_jwt_refused.py."""

HASHING = ("hmac_digest", "compare_digest")
MANY = "1000000 per minute"

PORTS = ("Sql", "CountedLimits.", "MemoryDirectory.")
"""The classes behind the ports. That a row which is there is read into a value, and one which isn't is not, can't be helped."""


@dataclass
class Work:
    """What was done, in order."""

    steps: list[str] = field(default_factory=list)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Write down what this thread does."""
        sys.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            name = frame.f_code.co_qualname
            signature = str(frame.f_globals.get("__name__", "")).startswith("joserfc.")
            if signature or (name.startswith(PORTS) and "._" not in name and "<" not in name):
                self.steps.append(name)
        elif event == "c_call":
            name = str(getattr(argument, "__name__", ""))
            if name in HASHING or (name == "execute" and "sqlite" in repr(argument)):
                self.steps.append(name)


def work_of(request: Callable[[], Answered]) -> tuple[tuple[str, ...], bytes, list[tuple[str, str]]]:
    """Give the steps of a request, and all that its sender sees."""
    work = Work()
    with work.watched():
        answer = request()
    return tuple(work.steps), answer.data, answer.headers.to_wsgi_list()


@pytest.fixture
def roomy(new_world: NewWorld) -> World:
    """A service with a bank that may come from one network only, and no limit that is ever reached."""
    limits = LimitSettings(client_failures=MANY, token_failures=MANY, token_client_user=MANY)
    return new_world(limits, {"ing": {"source_networks": ("192.0.2.0/24",)}})


def disabled(world: World) -> tuple[str, str]:
    """A client that was switched off, with its right secret."""
    world.parts.clients.disable(world.clients["rabobank"][0], "operator:test")
    return world.clients["rabobank"]


def orphaned(world: World) -> tuple[str, str]:
    """A client whose connector there is no more, with its right secret."""
    client, secret = world.parts.clients.add("gone", "Gone", "operator:test")
    return client.client_id, secret


def without_secret(world: World) -> tuple[str, str]:
    """A client that has none."""
    now = world.clock.now()
    with world.database.transaction() as work:
        work.clients.add(Client("bare", "basecone", "Bare", enabled=True, created_at=now, secrets=()))
    return "bare", "anything"


def with_secret(world: World, kind: str) -> tuple[str, str]:
    """A client of a kind that has none, with the secret that it was given."""
    client, secret = world.parts.clients.add(kind, "App", "operator:test")
    return client.client_id, secret


BAD_CLIENTS: dict[str, Callable[[World], tuple[str, str]]] = {
    "unknown": lambda _: ("nobody", "wrong"),
    "wrong secret": lambda world: (world.clients["basecone"][0], "wrong"),
    "another's secret": lambda world: (world.clients["basecone"][0], world.clients["triodos"][1]),
    "disabled": disabled,
    "from a wrong network": lambda world: world.clients["ing"],
    "without a connector": orphaned,
    "without a secret": without_secret,
    "of the classic issuer": lambda world: world.clients["triodos"],
    "of the strict one, with a secret": lambda world: with_secret(world, "fapi"),
}


def wish(endpoint: str) -> dict[str, str]:
    """What is asked for: something that there is, wherever it is."""
    grant_type = "authorization_code" if endpoint in STRICT else "password"
    return {"grant_type": grant_type, "username": USERNAME, "password": PASSWORD, "token": "x"}


@pytest.mark.row("S27")
@pytest.mark.parametrize("endpoint", [*CLASSIC, *STRICT])
def test_a_refused_client_costs_the_same_whatever_is_wrong(roomy: World, endpoint: str) -> None:
    """S27: who asks around with a stop-watch learns neither who is connected nor whose secret was right."""
    seen = {}
    for what, bad in BAD_CLIENTS.items():
        if what == "of the classic issuer" and endpoint in CLASSIC:
            continue  # it is let in
        client_id, secret = bad(roomy)
        form = {**wish(endpoint), "client_id": client_id, "client_secret": secret}
        for _ in range(2):  # the first time, statements are prepared
            seen[what] = work_of(lambda form=form: roomy.post(endpoint, None, form))  # type: ignore[misc]  # bound at once
    steps = seen["unknown"][0]
    assert seen == dict.fromkeys(seen, seen["unknown"])
    assert steps.count("compare_digest") == 1
    assert "execute" in steps
    assert "CountedLimits.hit" in steps
    assert not any(step.startswith("MemoryDirectory") for step in steps)


def public(world: World, connector: str = "vendor_app", *, enabled: bool = True) -> str:
    """A client of this kind that was registered as one without a secret."""
    client_id = world.parts.clients.add_public(connector, "App", "operator:test").client_id
    if not enabled:
        world.parts.clients.disable(client_id, "operator:test")
    return client_id


WITHOUT_PROOF: dict[str, Callable[[World], str]] = {
    "unknown": lambda _: "nobody",
    "a bank's": lambda world: world.clients["basecone"][0],
    "disabled": lambda world: public(world, enabled=False),
    "with a secret of its own": lambda world: with_secret(world, "vendor_app")[0],
    "of a kind that has secrets": lambda world: public(world, "basecone"),
    "without a connector": lambda world: public(world, "gone"),
}


@pytest.mark.row("S27")
@pytest.mark.parametrize("endpoint", ["/oauth/token", "/oauth/revoke", "/oauth/device", "/fapi/token", "/fapi/revoke"])
def test_who_brings_no_proof_is_refused_by_the_same_work(roomy: World, endpoint: str) -> None:
    """S27: leaving the secret out tells nobody which banks are connected."""
    seen = {}
    for what, named_client in WITHOUT_PROOF.items():
        form = {**wish(endpoint), "client_id": named_client(roomy)}
        for _ in range(2):  # the first time, statements are prepared
            seen[what] = work_of(lambda form=form: roomy.post(endpoint, None, form))  # type: ignore[misc]  # bound at once
    assert seen == dict.fromkeys(seen, seen["unknown"])
    assert "execute" in seen["unknown"][0]
    assert "CountedLimits.hit" in seen["unknown"][0]


def named(number: int, world: World, password: str | None = PASSWORD) -> str:
    """Add a user."""
    name = f"U4BBGA01{number:02}"
    world.directory.add_user(name, password=password)
    return name


def blocked(number: int, world: World) -> tuple[str, str]:
    """A user with a right password who was blocked."""
    name = named(number, world)
    world.directory.block(name)
    return name, PASSWORD


def shut(number: int, world: World, attribute: str, value: str) -> tuple[str, str]:
    """A user with a right password and a lock of another kind."""
    name = named(number, world)
    world.directory.write(world.directory.find_user(name), attribute, value)
    return name, PASSWORD


BAD_USERS: dict[str, Callable[[int, World], tuple[str, str]]] = {
    "unknown": lambda number, _: (f"U4BBGA02{number:02}", PASSWORD),
    "wrong password": lambda number, world: (named(number, world), "wrong"),
    "blocked": blocked,
    "blocked and wrong": lambda number, world: (blocked(number, world)[0], "wrong"),
    "locked": lambda number, world: shut(number, world, "pwdAccountLockedTime", "000001010000Z"),
    "not yet": lambda number, world: shut(number, world, "pwdStartTime", "20990101000000Z"),
    "without a password": lambda number, world: (named(number, world, None), PASSWORD),
    "no name at all": lambda number, _: (f"*)(uid={number}", PASSWORD),
}


@pytest.mark.row("S29")
@pytest.mark.parametrize("endpoint", ["/oauth/token", "/V221/OAuth/Token"])
@pytest.mark.parametrize("again", [False, True])
def test_a_refused_user_costs_the_same_whatever_is_wrong(roomy: World, endpoint: str, *, again: bool) -> None:
    """S29: the names run in sequence; a stop-watch would give away which there are, by a second try too."""
    seen = {}
    roomy.token(username="U4BBGA0099", password="the statements are prepared")
    for number, (what, bad) in enumerate(BAD_USERS.items()):
        username, password = bad(number, roomy)
        for _ in range(1 + again):
            seen[what] = work_of(
                lambda username=username, password=password: roomy.token(path=endpoint, username=username, password=password)  # type: ignore[misc]  # bound at once
            )
    steps = seen["unknown"][0]
    assert seen == dict.fromkeys(seen, seen["unknown"])
    assert steps.count("MemoryDirectory.find_user") == 1
    assert steps.count("MemoryDirectory.bind_user") == (0 if again else 1)
    assert steps.count("compare_digest") == 1  # the client's
