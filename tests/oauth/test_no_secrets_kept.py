"""No password, token or secret in a log at any level (S35), none in the database (S34)."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.oauth.certified import BEHIND_PROXY
from tests.oauth.every_flow import every_flow
from tests.oauth.world import USERNAME, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oauth.world import NewWorld


class _Everything(logging.Handler):
    """Keeps each record whole: message, arguments and traceback."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.lines.append(f"{record.name} {self.format(record)} {record.args!r} {record.__dict__!r}")


@contextmanager
def everything_logged() -> Iterator[_Everything]:
    """Turn every logger that there is to DEBUG, and put back after."""
    handler, root = _Everything(), logging.getLogger()
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] not in ("authlib", "pytest")]
    before = {name: logging.getLogger(name).level for name in names}
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        yield handler
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        for name, former in before.items():
            logging.getLogger(name).setLevel(former)


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """A service with clients of each kind: with a secret, and with keys."""
    changes = {"ing": {"client_auth_methods": ("client_secret_basic", "private_key_jwt")}}
    return new_world(changes=changes, oauth={"registration": True}, service=BEHIND_PROXY)


@pytest.mark.row("S35")
def test_no_secret_is_ever_logged(world: World) -> None:
    """S35: logs are read by more people, kept longer and guarded less than any secret; Authlib's DEBUG log holds tokens."""
    with everything_logged() as log:
        logging.getLogger("test").debug("a record")
        secrets = every_flow(world)
    assert any("a record" in line for line in log.lines)
    assert [(secret, line) for secret in secrets for line in log.lines if secret in line] == []


@pytest.mark.row("S35")
def test_authlib_is_silent_at_any_level(world: World) -> None:
    """S35: not even when an operator turns everything to DEBUG."""
    assert world.oauth.grant_types
    with everything_logged() as log:
        logging.getLogger("authlib.oauth2.rfc6749.grants.refresh_token").debug("Issue token %r", "secret")
    assert not any("Issue token" in line for line in log.lines)


@pytest.mark.row("S34")
def test_the_database_holds_digests_only(world: World) -> None:
    """S34: whoever reads a backup can't act as anybody."""
    secrets = every_flow(world)
    world.close()
    content = b"".join(file.read_bytes() for file in world.state.iterdir() if file.name.startswith("idp.db"))
    assert USERNAME.encode() in content
    assert [secret for secret in secrets if secret.encode() in content] == []


@pytest.mark.row("S35")
def test_no_secret_is_in_a_repr(world: World) -> None:
    """S35: what is printed in a traceback is a log, too."""
    answer = world.token("vendor_api").json
    live = world.parts.grants.inspect_refresh(answer["refresh_token"])
    shown = repr(live) + repr(world.parts.digests) + repr(world.parts.keys.published())
    assert answer["refresh_token"] not in shown
    assert "'d'" not in shown
