"""`idp doctor`: looks at every part, and says of each what is wrong with it. It changes nothing."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from idp.adapters.ldap.checks import look_at_people, look_quickly
from idp.adapters.ldap.checks.following import NOT_FOLLOWED, Way, way
from idp.adapters.smtp import SmtpMailer
from idp.adapters.system_clock import SystemClock
from idp.cli.directory import site_of
from idp.cli.output import json_option, show_rows
from idp.cli.root import settings_of
from idp.errors import ConfigurationError, IdpError, Unavailable
from idp.oauth.keys import KEY_FILE_NAME, KeyRing
from idp.oauth.own_keys import read_own_keys
from idp.outside import DATABASE_NAME, has_begun, load_connectors, open_digests, open_directory, open_store
from idp.settings import is_loopback
from idp.worker import is_at_work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from idp.settings import Settings

MAIL_IS_LATE_AFTER = timedelta(minutes=15)
"""What the *sent* page tells people to expect."""

_LOOKED_AT = 10_000
"""Users, and owners: a few seconds' reading."""

_LEAST_FREE_MB = 50
_SERVER = "and whether the server runs"
_MEND_DIRECTORY = f"look at directory.url, directory.ca_file, directory.service_dn, directory.password_file, {_SERVER}"
_MEND_MAIL = f"look at mail.host, mail.port, mail.tls, mail.ca_file, mail.username, mail.password_file, {_SERVER}"
_MEND_STORE = "look at its folder and its disk, or put it back from a backup (docs/operations.md)"
_OK = "ok"


class SomethingIsWrong(IdpError):
    """At least one part is not as it should be."""

    description = "Not everything is well."


class NotWell(IdpError):
    """What is wrong with one part."""


@click.command()
@json_option
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Look at every part, and change nothing."""
    settings = settings_of(ctx)
    rows = [{"part": part, "state": _state(look)} for part, look in _looks(settings).items()]
    show_rows(rows, as_json=as_json)
    if not all(row["state"].startswith(_OK) for row in rows):
        raise SomethingIsWrong


def _looks(settings: Settings) -> dict[str, Callable[[], object]]:
    looks: dict[str, Callable[[], object]] = {
        "service": lambda: _look_at_service(settings),
        "directory": lambda: _look_at_directory(settings),
        "directory policy": lambda: _look_at_directory_policy(settings),
        "directory entries": lambda: _look_at_people(settings),
        "changes by others": lambda: _look_at_following(settings),
        "mail server": lambda: _look_at_mail_server(settings),
        "connectors": lambda: load_connectors(settings),
    }
    if not has_begun(settings) and not (settings.service.state / DATABASE_NAME).exists():  # this is made at the first start
        return looks | {"state": lambda: _look_at_room(settings)}
    return looks | {
        "state": lambda: _look_at_disk(settings),
        "key file": lambda: open_digests(settings),
        "signing keys": lambda: _look_at_signing_keys(settings),
        "store": lambda: _look_at_store(settings),
        "worker": lambda: _look_at_worker(settings),
        "outbox": lambda: _look_at_outbox(settings),
    }


def _look_at_service(settings: Settings) -> None:
    service = settings.service
    if service.origin.startswith("https:") and not service.trusted_proxies:
        message = "service.origin is https, but service.trusted_proxies names no proxy; name it, else all visitors count as one"
        raise NotWell(message)
    if service.origin.startswith("http:") and not is_loopback(service.listen):
        message = "service.listen is open to the network, and service.origin is not https; put a proxy with TLS before it"
        raise NotWell(message)


def _look_at_directory(settings: Settings) -> None:
    with closing(open_directory(settings, SystemClock())) as directory, _or_else(_MEND_DIRECTORY):
        directory.ping()
        directory.assert_look_ups_quick()


def _look_at_directory_policy(settings: Settings) -> None:
    with closing(site_of(settings)) as site, _or_else(_MEND_DIRECTORY):
        wrong = [finding for finding in look_quickly(site) if finding.is_wrong]
    if wrong:
        message = f"{wrong[0].problem}; {wrong[0].remedy} (idp directory check tells all)"
        raise NotWell(message)


def _look_at_people(settings: Settings) -> str:
    with closing(site_of(settings, at_most=_LOOKED_AT)) as site, _or_else(_MEND_DIRECTORY):
        found = look_at_people(site)
    wrong = [f"{finding.problem}; {finding.remedy}" for finding in found if finding.is_wrong]
    if wrong:
        more = f" (and {len(wrong) - 1} more: idp directory check)" if len(wrong) > 1 else ""
        raise NotWell(wrong[0] + more)
    return "; ".join(f"{finding.problem}; {finding.remedy}" for finding in found)


def _look_at_following(settings: Settings) -> str:
    with closing(site_of(settings)) as site, _or_else(_MEND_DIRECTORY):
        found = way(site)
    if found is Way.NONE:
        message = f"{NOT_FOLLOWED.problem}; {NOT_FOLLOWED.remedy}"
        raise NotWell(message)
    return "" if found is Way.LOG else f"by {found}"


def _look_at_room(settings: Settings) -> None:
    state = settings.service.state.absolute()
    there = next(folder for folder in (state, *state.parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        message = f"the state directory {state} can't be made: {there} is no folder that can be written"
        raise ConfigurationError(message)


def _look_at_disk(settings: Settings) -> None:
    state = settings.service.state.absolute()
    if not os.access(state, os.W_OK):
        message = f"the state directory {state} can't be written; look at its owner, its mode, and how its disk is mounted"
        raise NotWell(message)
    disk = os.statvfs(state)
    free_mb = disk.f_bavail * disk.f_frsize // 1_000_000
    if free_mb < _LEAST_FREE_MB:
        message = f"the disk of the state directory {state} has {free_mb} MB left; make room"
        raise NotWell(message)


def _look_at_mail_server(settings: Settings) -> None:
    mailer = SmtpMailer.build(settings.mail, settings.brand.name)
    with _or_else(_MEND_MAIL):
        mailer.ping()


def _look_at_signing_keys(settings: Settings) -> None:
    file = settings.service.state / KEY_FILE_NAME
    if not file.exists():
        message = f"{file} is missing; at the next start new keys are made, and tokens issued before don't verify any more"
        raise NotWell(message)
    KeyRing(settings.service.state, SystemClock())
    read_own_keys(settings.oauth.key_folder, SystemClock().now())


def _look_at_store(settings: Settings) -> None:
    with closing(open_store(settings, open_digests(settings))) as store, _or_else(_MEND_STORE):
        store.ping()


def _look_at_worker(settings: Settings) -> None:
    if not is_at_work(settings.service.state):
        message = "no worker is at work, so no mail is sent; start `idp worker`"
        raise NotWell(message)


def _look_at_outbox(settings: Settings) -> None:
    with closing(open_store(settings, open_digests(settings))) as store, _or_else(_MEND_STORE), store.reading() as work:
        count, oldest = work.outbox.waiting()
    age = SystemClock().now() - oldest if oldest else timedelta()
    if age > MAIL_IS_LATE_AFTER:
        message = f"{count} letters wait, the oldest for {age.total_seconds() / 60:.0f} minutes; the worker's log says why"
        raise NotWell(message)


@contextmanager
def _or_else(remedy: str) -> Iterator[None]:
    try:
        yield
    except Unavailable as exc:
        message = f"{str(exc).rstrip('.')}; {remedy}"
        raise NotWell(message) from exc


def _state(look: Callable[[], object]) -> str:
    try:
        said = look()
    except IdpError as exc:
        return str(exc)
    return f"{_OK}, {said}" if isinstance(said, str) and said else _OK
