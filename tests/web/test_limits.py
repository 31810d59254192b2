"""The limits' counters (R15)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from limits.errors import StorageError
from limits.storage import MemoryStorage
from structlog.testing import capture_logs

from idp.errors import CountersUnavailable, Throttled
from idp.settings import LimitSettings
from idp.web.limits import CountedLimits, build_limiter

if TYPE_CHECKING:
    from flask_limiter import Limiter

    from tests.web.world import NewWorld

SETTINGS = LimitSettings(reset_name="6 per day; 3 per hour", captcha_address="2 per minute", reset_address="1 per hour")


@pytest.fixture
def limiter() -> Limiter:
    """A limiter over its own memory."""
    made = build_limiter(SETTINGS)
    made.init_app(Flask(__name__))
    return made


@pytest.fixture
def limits(limiter: Limiter) -> CountedLimits:
    """The services' view of it."""
    return CountedLimits(limiter, SETTINGS)


def _hit(limits: CountedLimits, times: int, *key: str) -> None:
    for _ in range(times):
        limits.hit("reset-name", *key)


@pytest.mark.row("R15")
def test_the_fourth_request_for_a_name_in_an_hour_is_refused(limits: CountedLimits) -> None:
    """Without it a program fills an owner's mailbox."""
    _hit(limits, 3, "name")
    with pytest.raises(Throttled):
        limits.hit("reset-name", "name")


@pytest.mark.row("R15")
def test_one_name_never_uses_up_anothers_room(limits: CountedLimits) -> None:
    """Without it whoever asks for one name locks everybody out."""
    _hit(limits, 3, "name")
    limits.hit("reset-name", "another name")
    limits.hit("reset-address", "name")


@pytest.mark.row("R15")
def test_looking_whether_there_is_room_takes_none(limits: CountedLimits) -> None:
    """Identify only looks: a typing error at Verify must not cost one of the three."""
    for _ in range(5):
        limits.check("reset-name", "name")
    _hit(limits, 3, "name")
    with pytest.raises(Throttled):
        limits.check("reset-name", "name")


@pytest.mark.row("R15")
def test_a_refused_request_counts_for_nothing(limits: CountedLimits) -> None:
    """Without it whoever keeps trying is shut out for ever, and the day's room goes with the hour's refusals."""
    _hit(limits, 3, "name")
    for _ in range(5):
        with pytest.raises(Throttled):
            limits.hit("reset-name", "name")
    strategy = limits.limiter.limiter
    day = limits._rates["reset-name"][0]  # noqa: SLF001  # what is left of the day shows nowhere else
    assert strategy.get_window_stats(day, "reset-name", "name").remaining == 3


@pytest.mark.row("R15")
def test_the_wait_is_told_to_the_second(limiter: Limiter) -> None:
    """Without it programs come back too early, or people wait too long."""
    later_by = 600.0
    limits = CountedLimits(limiter, SETTINGS, wall_clock=lambda: time.time() + later_by)
    limits.hit("reset-address", "198.51.100.1")
    with pytest.raises(Throttled) as refused:
        limits.hit("reset-address", "198.51.100.1")
    assert 2998 <= refused.value.retry_after_s <= 3000


@pytest.mark.row("R15")
def test_a_route_is_limited_by_network(limiter: Limiter) -> None:
    """Without it one /64 takes challenges without end."""
    app = Flask(__name__)
    app.testing = True  # exceptions come through
    limiter.init_app(app)
    app.add_url_rule("/challenge", view_func=limiter.shared_limit(SETTINGS.captcha_address, scope="captcha_address")(_challenge))
    visitor = app.test_client()
    for host in ("1", "2"):
        assert visitor.get("/challenge", environ_base={"REMOTE_ADDR": f"2001:db8::{host}"}).status_code == 200
    with pytest.raises(Throttled) as refused:
        visitor.get("/challenge", environ_base={"REMOTE_ADDR": "2001:db8::3"})
    assert 58 <= refused.value.retry_after_s <= 61
    assert visitor.get("/challenge", environ_base={"REMOTE_ADDR": "2001:db8:1::1"}).status_code == 200


def test_the_log_tells_which_limit_it_was_and_nothing_of_whom(limits: CountedLimits) -> None:
    """An operator could raise the wrong one; a name, or a digest of one, is nobody's business there."""
    limits.hit("reset-address", "198.51.100.1")
    with capture_logs() as log:
        for ask in (limits.hit, limits.check):
            with pytest.raises(Throttled):
                ask("reset-address", "198.51.100.1")
    assert log == 2 * [{"event": "limit_reached", "limit": "reset_address", "log_level": "info"}]


def test_the_log_tells_the_limits_of_pages_too(new_world: NewWorld) -> None:
    """An operator looks for the key in the configuration, whatever kind of page it was."""
    paths = {"captcha_address": "/captcha/challenge", "link_address": "/not-me/x", "authorize_address": "/oauth/authorize"}
    visitor = new_world(limits=dict.fromkeys(paths, "1 per hour")).another_visitor()
    with capture_logs() as log:
        statuses = [[visitor.open(path).status_code for _ in range(2)][1] for path in paths.values()]
        statuses += [visitor.open(path).status_code for path in ("/fapi/authorize", "/oauth/end_session", "/device")]
    assert statuses == 6 * [429]
    told = [line["limit"] for line in log if line["event"] == "limit_reached"]
    assert told == [*paths, *3 * ["authorize_address"]]


def _challenge() -> str:
    return "a challenge"


class _Broken(MemoryStorage):
    """A storage that has gone away."""

    STORAGE_SCHEME = ["broken"]  # noqa: RUF012  # the base class wants a list

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        raise StorageError(ConnectionError(key, limit, expiry, amount))

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        raise StorageError(ConnectionError(key, limit, expiry))


@pytest.fixture
def broken() -> CountedLimits:
    """Counters whose storage does not answer."""
    settings = LimitSettings().model_copy(update={"storage": "broken://"})  # no configuration may name it
    limiter = build_limiter(settings)
    limiter.init_app(Flask(__name__))
    return CountedLimits(limiter, settings)


@pytest.mark.row("R15")
def test_what_cannot_be_counted_does_not_pass(broken: CountedLimits) -> None:
    """Without it whoever breaks the counters has no limits; and nobody may get a traceback instead of a sentence."""
    for ask in (broken.hit, broken.check):
        with pytest.raises(CountersUnavailable):
            ask("reset-name", "name")
