"""What is kept of a password, and what never is."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from idp.errors import PasswordRejected
from tests.contract.directory.identities import USER_DN
from tests.contract.directory.worlds import NAME, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.directory.worlds import World
    from tests.slapd import RunningSlapd

REFUSED = "te kort geheim"
SET = "deze wachtzin wordt gezet"

WAYS: dict[str, Callable[[RunningSlapd, World], object]] = {
    "by the service": lambda _, world: world.directory.set_user_password(world.user, world.user.seen, SET),
    "by ldapmodify": lambda slapd, _: slapd.write(USER_DN, "userPassword", SET),
    "by ldappasswd": lambda slapd, _: slapd.tool("ldappasswd", "-s", SET, USER_DN),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_password_ends_as_argon2(slapd: RunningSlapd, real: World, way: str) -> None:
    """A backup of the directory that is stolen must not be a list of passwords."""
    real.admin.add_user(NAME)
    WAYS[way](slapd, real)
    (stored,) = slapd.read(USER_DN, "userPassword")
    assert base64.b64decode(stored).startswith(b"{ARGON2}$argon2i$")
    real.directory.bind_user(real.user, SET)


def test_no_file_holds_a_password_as_it_was_typed(slapd: RunningSlapd, real: World) -> None:
    """Not even a refused one: who was refused for a typing error types nearly the same next."""
    user = real.admin.add_user(NAME)
    with pytest.raises(PasswordRejected):
        real.directory.set_user_password(user, user.seen, REFUSED)
    real.directory.set_user_password(user, user.seen, SET)
    slapd.write(USER_DN, "userPassword", PASSWORD)
    slapd.stop()
    files = [path for path in slapd.embedded.state.rglob("*") if path.is_file()]
    assert any(b"U4BBGA0008" in path.read_bytes() for path in files)
    for path in files:
        content = path.read_bytes()
        assert not any(password.encode() in content for password in (REFUSED, SET, PASSWORD)), path
