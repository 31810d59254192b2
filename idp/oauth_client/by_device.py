"""An application on a device without a browser gets in: its user types a code elsewhere (RFC 8628)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from connectors.base import DEVICE_CODE
from idp.errors import NotGranted

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.oauth_client.conversation import Conversation
    from idp.oauth_client.step import Step
    from idp.oauth_client.ways import Before

_USUAL_INTERVAL_S = 5.0
"""Section 3.2, where the answer says nothing; and by so much a `slow_down` lengthens it (section 3.5)."""

_PENDING, _SLOW_DOWN = "authorization_pending", "slow_down"


@dataclass(slots=True)
class ByDevice:
    """This way.

    Args:
        tell: is told the code and the address, for whoever is to type it there.
        wait: lets so many seconds pass.
    """

    tell: Callable[[str, str], object]
    wait: Callable[[float], object] = time.sleep
    grant: str = DEVICE_CODE
    has_user: bool = True
    _device_code: str = field(init=False, repr=False, default="")
    _interval_s: float = field(init=False, default=_USUAL_INTERVAL_S)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The device's own code, once it is here."""
        return (self._device_code,)

    def before(self, conversation: Conversation) -> Before:
        """Begin."""
        del conversation
        yield "device authorization", self._begin

    def token(self, step: Step, conversation: Conversation) -> dict[str, object]:
        """Ask until somebody has decided (section 3.4); that the time is over is an answer too."""
        form = {"grant_type": self.grant, "device_code": self._device_code}
        while True:
            reply = conversation.send(step, conversation.token_url, form, shows_key=True)
            error = reply.document().get("error")
            if reply.status != HTTPStatus.BAD_REQUEST or error not in (_PENDING, _SLOW_DOWN):
                return conversation.answer(step, reply)
            if error == _SLOW_DOWN:
                self._interval_s += _USUAL_INTERVAL_S
            self.wait(self._interval_s)

    def _begin(self, step: Step, conversation: Conversation) -> None:
        if not conversation.at.device:
            message = "the service has no device authorization endpoint; no kind of application there has the grant device_code"
            raise NotGranted(message)
        told = conversation.post(step, conversation.at.device, {"scope": conversation.application.scope})
        interval = told.get("interval")
        if isinstance(interval, int) and interval > 0:
            self._interval_s = float(interval)
        self._device_code = str(told.get("device_code", ""))
        address = str(told.get("verification_uri"))
        if not address.startswith(f"{conversation.issuer}/"):  # people log in there
            message = f"the code would have to be typed at {address}, which is not this service; look which one answers here"
            raise NotGranted(message)
        self.tell(str(told.get("user_code")), address)
