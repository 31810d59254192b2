"""Whoever asks the service something: every answer is judged, and one that says *later*, or none, ends what was being done."""

from __future__ import annotations

from http.client import HTTPException
from time import monotonic
from typing import TYPE_CHECKING

from tests.system.visitor import Answer, Visitor
from tests.torture.court import LATER

if TYPE_CHECKING:
    import urllib.request

    from tests.torture.court import Court

VENDOR_PATH = "/V221/OAuth/Token"
VENDOR_SCOPE = "http://UNIT4.Multivers.API/Web/WebApi/*"


class NotNow(Exception):  # no error: the service says so, or says nothing, and may
    """The service does not do it now; whether it has done it nobody knows."""


class JudgedVisitor(Visitor):
    """A browser, or a program.

    Args:
        origin: whom to ask.
        court: hears each answer.
        kind: what is being done.
    """

    def __init__(self, origin: str, court: Court, kind: str) -> None:
        super().__init__(origin)
        self._court = court
        self._kind = kind

    def _ask(self, request: urllib.request.Request) -> Answer:
        began = monotonic()
        try:
            answer = super()._ask(request)
        except (OSError, HTTPException) as exc:
            self._court.not_answered(self._kind, began, exc)
            raise NotNow from exc
        self._court.answered(self._kind, began, answer)
        if answer.status == LATER:
            raise NotNow
        return answer
