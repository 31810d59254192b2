"""What is measured on two directories in turn."""

from __future__ import annotations

import random
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from idp.adapters.system_clock import SystemClock
from idp.errors import UnknownUser
from idp.outside import open_directory
from tests.population import mail, uid
from tests.scale.crowd import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from idp.adapters.ldap import LdapDirectory
    from tests.scale.crowd import Crowd

LOOK_UPS = ("uid", "unknown uid", "mail", "entryUUID", "owner")


def look_up_s(crowds: Sequence[Crowd], kind: str, count: int) -> list[list[float]]:
    """Look up one after the other, in turn; gives the seconds that each took, by crowd."""
    with ExitStack() as stack:
        directories = [stack.enter_context(closing(open_directory(crowd.service.settings, SystemClock()))) for crowd in crowds]
        sources = [_questions(crowd, directory, kind) for crowd, directory in zip(crowds, directories, strict=True)]
        return _in_turn(sources, count)


def token_s(crowds: Sequence[Crowd], count: int) -> list[list[float]]:
    """Ask for tokens, in turn, over HTTP; passwords are hashed at next to no cost."""
    with ExitStack() as stack:
        for crowd in crowds:
            stack.enter_context(crowd.service.web())
        return _in_turn([_token_request(crowd) for crowd in crowds], count)


def commands() -> tuple[tuple[str, ...], ...]:
    """Give what reads everybody."""
    return (("user", "list", "--json"), ("user", "export"), ("directory", "check"))


def _questions(crowd: Crowd, directory: LdapDirectory, kind: str) -> Callable[[], Callable[[], object]]:
    """Give what makes up the next question; the making up is not measured."""
    chance = random.Random(1)  # noqa: S311  # no secret

    def number() -> int:
        return chance.randrange(crowd.users)

    def by_uuid() -> Callable[[], object]:
        found = directory.find_user(uid(number()))
        return lambda: directory.find_user_by_uuid(found.entry_uuid)

    def by_owner() -> Callable[[], object]:
        owner = directory.find_owner_by_mail(mail(number() // 2))
        return lambda: directory.users_of(owner)

    def by_uid() -> Callable[[], object]:
        name = uid(number())
        return lambda: directory.find_user(name)

    def by_mail() -> Callable[[], object]:
        address = mail(number() // 2)
        return lambda: directory.find_owner_by_mail(address)

    return {
        "uid": by_uid,
        "unknown uid": lambda: lambda: _is_unknown(directory),
        "mail": by_mail,
        "entryUUID": by_uuid,
        "owner": by_owner,
    }[kind]


def _is_unknown(directory: LdapDirectory) -> bool:
    try:
        directory.find_user("NOBODY")
    except UnknownUser:
        return True
    return False


def _token_request(crowd: Crowd) -> Callable[[], Callable[[], object]]:
    client, secret = crowd.service.add_client()
    fields = {"grant_type": "password", "username": uid(crowd.users // 2), "password": PASSWORD}
    fields |= {"client_id": client.client_id, "client_secret": secret}
    visitor = crowd.service.visitor()

    def ask() -> None:
        answer = visitor.post("/oauth/token", fields)
        assert answer.status == 200, answer.text

    return lambda: ask


def _in_turn(sources: Sequence[Callable[[], Callable[[], object]]], count: int) -> list[list[float]]:
    times: list[list[float]] = [[] for _ in sources]
    for turn in range(count + count // 10):
        for took, source in zip(times, sources, strict=True):
            question = source()
            began = time.perf_counter()
            question()
            if turn >= count // 10:  # the first warm up
                took.append(time.perf_counter() - began)
    return times
