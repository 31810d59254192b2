"""What applications ask: tokens by name and password, by refresh token and for themselves, and what a token is worth."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING

from tests.torture.asking import VENDOR_PATH, VENDOR_SCOPE, JudgedVisitor
from tests.torture.court import RECOVERY_S, Excuse
from tests.torture.facts import Forbidden, Held

if TYPE_CHECKING:
    from tests.system.visitor import Answer
    from tests.torture.court import Court
    from tests.torture.model import Account
    from tests.torture.place import Place

PASSWORD, REFRESH, CREDENTIALS, INTROSPECTION = "password grant", "refresh", "client credentials", "introspection"
_LONGEST_OUTAGE_S = 120
_MOST = 8
"""Tokens of one user that are remembered."""


@dataclass(frozen=True)
class Application:
    """The vendor's, and a service of its own.

    Args:
        place: whom it asks.
        court: hears the answers.
    """

    place: Place
    court: Court

    def log_in(self, account: Account, password: str) -> bool:
        """Ask for a token with name and password; tells whether there was one. Raises `Forbidden`, `NotNow`."""
        fields = {"grant_type": "password", "username": account.uid, "password": password, "scope": VENDOR_SCOPE}
        answer = self._vendors(PASSWORD, fields)
        if answer.status == HTTPStatus.OK:
            account.logged_in(password)
            tokens, saw_block = answer.json, self._may_be_ended_by_block(account)
            self._keep(account, Held(tokens["access_token"], tokens["refresh_token"], password, saw_block))
            return True
        _assert_refused(answer, "invalid_grant")
        account.refused(password)
        return False

    def refresh(self, account: Account, held: Held) -> bool:
        """Ask for another access token; tells whether there was one. Raises `Forbidden`, `NotNow`."""
        answer = self._vendors(REFRESH, {"grant_type": "refresh_token", "refresh_token": held.refresh})
        if answer.status == HTTPStatus.OK:
            account.token_worked(held)
            self._keep(account, Held(answer.json["access_token"], held.refresh, held.password, held.saw_block, held.must_end))
            return True
        _assert_refused(answer, "invalid_grant")
        account.token_refused(held)
        return False

    def introspect(self, account: Account, held: Held) -> bool:
        """Ask whether an access token is worth something. Raises `Forbidden`, `NotNow`."""
        client = self.place.clients["vendor_api"]
        known = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
        visitor = self._visitor(INTROSPECTION)
        answer = visitor.post("/oauth/introspect", {"token": held.access}, Authorization=f"Basic {known}")
        _assert_status(answer, HTTPStatus.OK)
        if answer.json["active"]:
            account.token_worked(held)
            return True
        if not self._is_clock_wrong():
            account.token_refused(held)
        return False

    def ask_for_itself(self, client: dict[str, str] | None = None, *, must_be: bool = True) -> None:
        """Ask for a token without any user. Raises `Forbidden`, `NotNow`.

        Args:
            client: another than the one that is always there.
            must_be: whether there must be one, or none.
        """
        known = client or self.place.clients["vendor_service"]
        answer = self._visitor(CREDENTIALS).post("/oauth/token", {"grant_type": "client_credentials", **known})
        _assert_status(answer, HTTPStatus.OK if must_be else HTTPStatus.UNAUTHORIZED)

    def _vendors(self, kind: str, fields: dict[str, str]) -> Answer:
        return self._visitor(kind).post(VENDOR_PATH, {**fields, **self.place.clients["vendor_api"]})

    def _visitor(self, kind: str) -> JudgedVisitor:
        return JudgedVisitor(self.place.origin, self.court, kind)

    def _keep(self, account: Account, held: Held) -> None:
        # One that was made by a wrong clock ends when that clock would have said so.
        if not self._is_clock_wrong():
            account.held.append(held)
        del account.held[:-_MOST]

    def _may_be_ended_by_block(self, account: Account) -> bool:
        """Tell whether the worker may come to read of a block only now: it ends what was given since it was lifted, too."""
        ago = monotonic() - account.blocked_at
        return ago < RECOVERY_S or (ago < _LONGEST_OUTAGE_S and self.court.is_excused(Excuse.MAIL, account.blocked_at))

    def _is_clock_wrong(self) -> bool:
        return self.court.is_excused(Excuse.CLOCK)


def _assert_refused(answer: Answer, code: str) -> None:
    _assert_status(answer, HTTPStatus.BAD_REQUEST)
    if answer.json["error"] != code:
        message = f"refused as {answer.json}, and not as {code}"
        raise Forbidden(message)


def _assert_status(answer: Answer, status: int) -> None:
    if answer.status != status:
        message = f"answered {answer.status}, and not {status}: {answer.text[:300]}"
        raise Forbidden(message)
