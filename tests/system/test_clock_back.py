"""Somebody sets the machine's clock: nothing crashes, and no link lives longer for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.system.service import Service

UID = "U4BBGA5301"
PASSWORD = "vijf losse woorden achter elkaar"
HOUR_S = 3600


@pytest.fixture(scope="module")
def served_at(service: Service) -> Iterator[Callable[[float], None]]:
    """The service, serving by a clock that is set by calling this, with seconds to be off."""
    file = service.config.with_name("clock")

    def set_clock(seconds: float) -> None:
        file.with_suffix(".new").write_text(str(seconds), encoding="ascii")
        file.with_suffix(".new").replace(file)

    set_clock(0)
    service.add_user(UID, "anna@example.nl")
    with service.web("tests.system.served_at", str(service.config), str(file), "10"):
        yield set_clock


@pytest.mark.row("R19")
def test_a_link_lives_no_longer_by_a_clock_that_is_set_back(service: Service, served_at: Callable[[float], None]) -> None:
    """An old link does not come back to life by the clock; and a fresh one is there when the clock is right again."""
    link = service.mailed_link(UID)
    statuses: dict[float, list[int]] = {}
    for seconds in (0, -2 * HOUR_S, -400 * 24 * HOUR_S, 0, HOUR_S + 1, 0):
        served_at(seconds)
        statuses[seconds] = [*statuses.get(seconds, []), service.visitor().open(link).status]
    assert statuses == {0: [200, 200, 200], -2 * HOUR_S: [410], -400 * 24 * HOUR_S: [410], HOUR_S + 1: [410]}


@pytest.mark.row("R14")
def test_the_steps_of_a_reset_begin_again(service: Service, served_at: Callable[[float], None]) -> None:
    """A step from the future is no step; the page says so, and nobody is locked out when the clock is right again."""
    visitor = service.visitor()
    served_at(0)
    visitor.open("/reset")
    full_name = f"{UID}@u4bsw.nl"
    assert visitor.submit("/reset", {"username": full_name, "altcha": visitor.solve_captcha()}).status == 303
    served_at(-2 * HOUR_S)
    assert "Het duurde te lang. Begin opnieuw." in visitor.open("/reset/verify").page.words
    served_at(0)
    service.ask_for_reset(UID)


def test_tokens_from_the_future_crash_nothing(service: Service, served_at: Callable[[float], None]) -> None:
    """Until the clock is right again every answer makes sense, and afterwards all is as it was."""
    service.write(UID, "userPassword", PASSWORD)
    client, secret = service.add_client()
    fields = {"client_id": client.client_id, "client_secret": secret}
    wanted = {**fields, "grant_type": "password", "username": UID, "password": PASSWORD}
    served_at(0)
    held = service.visitor().post("/oauth/token", wanted).json
    served_at(-2 * HOUR_S)
    assert service.visitor().post("/oauth/token", wanted).status == 200
    introspected = service.visitor().post("/oauth/introspect", {**fields, "token": held["access_token"]})
    assert introspected.status == 200
    assert service.visitor().open("/oauth/jwks").status == 200
    assert service.parts()[0] == 200
    served_at(0)
    assert service.visitor().post("/oauth/introspect", {**fields, "token": held["access_token"]}).json["active"] is True
