"""An application that proves itself by what it signs, in a world of the token service."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from idp.oauth.client_keys import read_key_set
from tests.client_signers import Signer, asserted
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import BACK, ORIGIN, PASSWORD, USERNAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oauth.world import Answered, World

WITH_KEYS = {"ing": {"client_auth_methods": ("private_key_jwt",)}}
"""What the configuration says of a bank that has keys."""

BANKS = {"ing": ORIGIN, "fapi": f"{ORIGIN}/fapi"}
"""The issuer of each kind of bank that has keys."""

_MINUTE = 60


@dataclass
class Keyed:
    """A bank with a key.

    Args:
        world: where it asks for tokens.
        signer: its key.
        client_id: what it is called.
        issuer: whose client it is.
    """

    world: World
    signer: Signer = field(default_factory=Signer)
    client_id: str = "ing-1"
    issuer: str = ORIGIN
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def prefix(self) -> str:
        """Of its issuer's endpoints."""
        return self.issuer.removeprefix(ORIGIN) or "/oauth"

    @property
    def wish(self) -> dict[str, str]:
        """What it asks for, at whichever endpoint; the strict issuer lets it in to the one for tokens, and gives it none."""
        if self.prefix == "/fapi":
            return {"grant_type": "authorization_code", "token": "x"}
        return {"grant_type": "password", "username": USERNAME, "password": PASSWORD, "token": "x"}

    def register(self, kind: str = "ing", *audiences: str) -> Keyed:
        """Be registered, as these resources where there are any."""
        keys = read_key_set(self.signer.key_set)
        self.world.parts.clients.add_with_keys(kind, "ING", keys, "operator:test", self.client_id, (BACK,), audiences)
        return self

    def claims(self, **other: object) -> dict[str, object]:
        """What it says, right in all points unless the test says otherwise; None leaves a claim out."""
        now = int(self.world.clock.now().timestamp())
        said: dict[str, object] = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.issuer,
            "iat": now,
            "exp": now + _MINUTE,
            "jti": f"{self.client_id} {next(self._numbers)}",
            **other,
        }
        return {name: value for name, value in said.items() if value is not None}

    def assertion(self, **other: object) -> str:
        """Sign it."""
        return self.signer.sign(self.claims(**other))

    def ask(self, assertion: str | None = None, path: str = "/oauth/token", address: str = "127.0.0.1", **form: str) -> Answered:
        """Ask for a token, or for something else at another address."""
        said = asserted(self.assertion() if assertion is None else assertion)
        return self.world.post(path, None, {**self.wish, **said, **form}, address=address)

    def status(self, **other: object) -> int:
        """Ask for a token with other claims."""
        return self.ask(self.assertion(**other)).status_code


def refused(answer: Answered) -> bool:
    """See that an answer is the refusal, which is the same whatever was wrong."""
    assert_refused(answer, "invalid_client", 401)
    return True
