"""What operators and load balancers ask: does this process live, do its parts answer, how is it doing."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from idp.errors import Unavailable
from idp.web.proxy import is_within, read_address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from idp.web.metrics import Metrics
    from idp.web.proxy import Network

_RETRY_AFTER_S = "5"


@dataclass(frozen=True, slots=True)
class Health:
    """`/healthz`, `/readyz`, `/metrics`.

    Args:
        parts: by name, what raises `Unavailable` when that part does not answer.
        metrics: what is counted.
        networks: who may read the metrics, judged after the trusted proxies.
    """

    parts: Mapping[str, Callable[[], None]]
    metrics: Metrics
    networks: tuple[Network, ...]

    def blueprint(self) -> Blueprint:
        """Give the routes."""
        routes = Blueprint("health", __name__)
        routes.add_url_rule("/healthz", "alive", self.alive)
        routes.add_url_rule("/readyz", "ready", self.ready)
        routes.add_url_rule("/metrics", "metrics", self.show_metrics)
        return routes

    @staticmethod
    def alive() -> Response:
        """Answer: this process lives; no other part is asked."""
        return jsonify({"status": "ok"})

    def ready(self) -> Response:
        """Ask every part; 503 when one of them does not answer."""
        states = {name: self._state(ask) for name, ask in self.parts.items()}
        response = jsonify(states)
        if any(state != "ok" for state in states.values()):
            response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
            response.headers["Retry-After"] = _RETRY_AFTER_S
        return response

    def show_metrics(self) -> Response:
        """Give the metrics to who may read them; to others there is nothing here."""
        visitor = read_address(request.remote_addr or "")
        if visitor is None or not is_within(visitor, self.networks):
            abort(HTTPStatus.NOT_FOUND)
        return Response(generate_latest(self.metrics.registry), content_type=CONTENT_TYPE_LATEST)

    @staticmethod
    def _state(ask: Callable[[], None]) -> str:
        try:
            ask()
        except Unavailable as exc:
            return exc.description
        return "ok"
