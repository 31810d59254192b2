"""What operators and load balancers ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.page import Visitor
    from tests.web.world import World


@pytest.mark.row("S47")
def test_ready_says_which_part_is_away(world: World, visitor: Visitor) -> None:
    """Without it an operator at night looks in the wrong place; and a load balancer sends people to a dead node."""
    assert visitor.open("/readyz").get_json() == {"directory": "ok", "store": "ok"}
    world.directory.away = True
    answer = visitor.open("/readyz")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.get_json() == {"directory": "The directory does not answer.", "store": "ok"}
    assert visitor.open("/healthz").status_code == 200  # this process lives: restarting it would mend nothing
    world.directory.away = False
    assert visitor.open("/readyz").status_code == 200


@pytest.mark.row("S49")
@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("203.0.113.9", 404), ("", 404)])
def test_only_allowed_networks_read_the_metrics(visitor: Visitor, address: str, status: int) -> None:
    """Without it strangers read how many resets a customer asks for."""
    assert visitor.http.get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code == status


@pytest.mark.row("S49")
def test_a_stranger_does_not_become_loopback_by_saying_so(visitor: Visitor) -> None:
    """The networks are judged after the trusted proxies."""
    answer = visitor.http.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert answer.status_code == 404


@pytest.mark.row("S35")
def test_metrics_count_by_endpoint_and_hold_no_address(visitor: Visitor) -> None:
    """A path in a metric is a secret in every monitoring system."""
    visitor.open("/reset/password/Sw0rdf1sh")
    metrics = visitor.open("/metrics").text
    assert 'idp_http_requests_total{endpoint="set_password.page",method="GET",status="410"} 1.0' in metrics
    assert "idp_outbox_waiting 0.0" in metrics
    assert "Sw0rdf1sh" not in metrics
