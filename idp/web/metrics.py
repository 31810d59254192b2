"""Counts requests, and looks at the outbox when asked."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from flask import g, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily

from idp.errors import Unavailable
from idp.web.access_log import refusal_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask, Response
    from prometheus_client.metrics_core import Metric

    from idp.ports.outside import Clock
    from idp.ports.store import Store


class Metrics:
    """One registry for one application; nothing is kept in the library's global one."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Make the counters.

        Args:
            store: asked for the waiting letters at each scrape.
            clock: tells how long they wait.
        """
        self.registry = CollectorRegistry()
        labels = ("endpoint", "method", "status")
        self._requests = Counter("idp_http_requests", "Answers given.", labels, registry=self.registry)
        self._seconds = Histogram("idp_http_request_seconds", "Time to answer.", ("endpoint",), registry=self.registry)
        self._refused = Counter("idp_http_refused", "Requests that met a rule.", ("endpoint", "refused"), registry=self.registry)
        self.registry.register(_OutboxCollector(store, clock))

    def install(self, app: Flask) -> None:
        """Count every answer of an application."""
        app.before_request(self._begin)
        app.after_request(self._count)

    @staticmethod
    def _begin() -> None:
        g.began = perf_counter()

    def _count(self, response: Response) -> Response:
        # The endpoint's name, never the path: paths are without end, and some hold a secret.
        endpoint = request.endpoint or "none"
        method = request.method if request.method in ("GET", "HEAD", "POST", "OPTIONS") else "other"
        self._requests.labels(endpoint, method, str(response.status_code)).inc()
        refused = refusal_of(response)
        if refused:
            self._refused.labels(endpoint, refused).inc()
        if "began" in g:
            self._seconds.labels(endpoint).observe(perf_counter() - g.began)
        return response


class _OutboxCollector:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily("idp_outbox_waiting", "Letters that wait to be sent.")
        oldest = GaugeMetricFamily("idp_outbox_oldest_seconds", "Age of the letter that waits longest.")
        try:
            with self._store.reading() as work:
                count, since = work.outbox.waiting()
        except Unavailable:
            return  # without a store there is nothing to tell; /readyz says so
        waiting.add_metric((), count)
        oldest.add_metric((), (self._clock.now() - since).total_seconds() if since else 0)
        yield waiting
        yield oldest
