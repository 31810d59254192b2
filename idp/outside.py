"""The outside, opened as it is configured: what web, worker, demo and command line have in common.

No web framework is imported here: a worker, or one command, need not wait for it.
"""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING

import connectors
from connectors import ConnectorInvalid, DuplicateConnector
from idp.adapters.altcha import AltchaCaptcha
from idp.adapters.back_channel import HttpBackChannel
from idp.adapters.ldap import LdapDirectory, LdapServer, SimpleBind
from idp.adapters.letters import TemplateLetters
from idp.adapters.secret_file import load_secret
from idp.adapters.smtp import SmtpMailer
from idp.adapters.sql import SqlStore, Writing
from idp.adapters.state_folder import assert_whole, is_half_restored
from idp.domain.digests import KeyedDigests
from idp.domain.reachable import Reachable
from idp.errors import ConfigurationError, DirectoryUnavailable, LookUpsNotIndexed, StoreUnavailable
from idp.logs import request_id
from idp.settings import read_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors import Connector
    from idp.ports.changes import ChangeLog, Content
    from idp.ports.directory import Directory
    from idp.ports.outside import BackChannel, Captcha, Clock, Letters, Mailer
    from idp.ports.store import Store
    from idp.settings import DirectorySettings, Settings

KEY_FILE_NAME = "idp.key"
DATABASE_NAME = "idp.db"

WEB, WORKER, COMMAND = "web", "worker", "command"
"""Writers of the audit."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside, opened. Counters are missing: only the web has them.

    Args:
        clock: the time.
        digests: under the key that all kept secrets are digested with.
        store: the database.
        directory: who exists.
        captcha: against robots.
        letters: the words of mail.
        mailer: the mail server.
        changes: what others do in the directory; None: nobody follows it.
        content: what is to be seen there, for where it keeps no log of changes; None likewise.
        back_channel: to applications that want to be told of logouts; None: nobody is told.
    """

    clock: Clock
    digests: KeyedDigests
    store: Store
    directory: Directory
    captcha: Captcha
    letters: Letters
    mailer: Mailer
    changes: ChangeLog | None = None
    content: Content | None = None
    back_channel: BackChannel | None = None


def has_begun(settings: Settings) -> bool:
    """Tell whether the service was ever started with this state directory."""
    state = settings.service.state
    return (state / KEY_FILE_NAME).exists() or is_half_restored(state)


def assert_begun(settings: Settings) -> None:
    """Refuse to look at a state directory in which there is nothing; a command that only looks must not make one.

    Raises:
        ConfigurationError: the service was never started with this configuration, or a restore was broken off.
    """
    assert_whole(settings.service.state)
    if not has_begun(settings):
        state = settings.service.state.absolute()
        message = f"there is nothing in {state} yet; name the service's configuration with --config, or start `idp serve` first"
        raise ConfigurationError(message)


def open_digests(settings: Settings) -> KeyedDigests:
    """Read the key that all digests are made with; it is made at the first start.

    Raises:
        ConfigurationError: it can't be read or made, it is missing beside a database that was made with it, or a restore was
            broken off.
    """
    state = settings.service.state
    assert_whole(state)
    # In this order: another process may be starting for the first time, and makes the key first.
    if (state / DATABASE_NAME).exists() and not has_begun(settings):
        message = (
            f"{state / KEY_FILE_NAME} is missing beside {DATABASE_NAME}, which was made with it; put both back from one backup "
            f"(without the database, a new key is made, and every link, session, token and client secret ends)"
        )
        raise ConfigurationError(message)
    return KeyedDigests(load_secret(state / KEY_FILE_NAME))


def open_store(settings: Settings, digests: KeyedDigests, writer: str = COMMAND) -> SqlStore:
    """Open the database; it is made, or brought up to date, at the first use.

    Args:
        settings: where it is.
        digests: under the key of the audit's chains.
        writer: names this process's chain in the audit; with more servers than one, each will need names of its own.

    Raises:
        ConfigurationError: not a database that this can use.
    """
    url = settings.store.url or f"sqlite:///{settings.service.state.absolute() / DATABASE_NAME}"
    kept_audit = timedelta(days=settings.audit.keep_days)
    return SqlStore(url, digests, writing=Writing(writer, request_id), kept_audit=kept_audit)


def ldap_server(directory: DirectorySettings) -> LdapServer:
    """Tell where the directory is.

    Raises:
        ConfigurationError: the configuration names none.
    """
    if directory.url is None:
        message = "directory.url is missing; name your directory, or try `idp demo`, which brings one of its own"
        raise ConfigurationError(message)
    return LdapServer(directory.url, directory.ca_file, directory.timeout_s, directory.start_tls)


def service_identity(directory: DirectorySettings) -> SimpleBind:
    """Tell as whom the service binds.

    Raises:
        ConfigurationError: no file holds the password, or it can't be read.
    """
    if directory.password_file is None:
        message = "directory.password_file is missing; it holds the password of directory.service_dn"
        raise ConfigurationError(message)
    return SimpleBind(directory.service_dn, read_secret(directory.password_file))


def open_directory(settings: Settings, clock: Clock) -> LdapDirectory:
    """Open the directory as the service's own identity; nothing is connected yet. Raises `ConfigurationError`."""
    directory = settings.directory
    return LdapDirectory(
        server=ldap_server(directory),
        base_dn=directory.base_dn,
        service=service_identity(directory),
        decoy_dn=directory.decoy_dn,
        clock=clock,
        # Two threads are left for pages that need no directory.
        in_flight=max(1, settings.service.threads - 2),
    )


def assert_look_ups_indexed(settings: Settings, clock: Clock) -> None:
    """Refuse to run on a directory that would read everybody for each request. One that is away is waited for, as later on.

    Raises:
        LookUpsNotIndexed: it has no index for one of the look-ups.
        ConfigurationError: it can't be opened as it is configured.
    """
    with closing(open_directory(settings, clock)) as directory:
        try:
            directory.ping()
            directory.assert_look_ups_quick()
        except LookUpsNotIndexed:
            raise
        except DirectoryUnavailable:
            return


def assert_store_known(store: Store) -> None:
    """Refuse to run on a database that a newer version of this service made. One that is away is waited for, as later on.

    Raises:
        ConfigurationError: it is newer.
    """
    with suppress(StoreUnavailable), store.reading():
        return


def open_ports(settings: Settings, clock: Clock, writer: str = WEB) -> Ports:
    """Open everything. Raises `ConfigurationError` with the key that is wrong."""
    digests = open_digests(settings)
    directory = open_directory(settings, clock)
    return Ports(
        clock=clock,
        digests=digests,
        store=open_store(settings, digests, writer),
        directory=directory,
        captcha=AltchaCaptcha(digests),
        letters=TemplateLetters.build(settings),
        mailer=SmtpMailer.build(settings.mail, settings.brand.name),
        changes=directory.changes,
        content=directory.content,
        back_channel=HttpBackChannel(Reachable(tuple(map(ip_network, settings.oauth.application_networks)))),
    )


def load_connectors(settings: Settings) -> Mapping[str, Connector]:
    """Load what each kind of application is. Raises `ConfigurationError`."""
    try:
        return connectors.load(settings.connector_changes)
    except (ConnectorInvalid, DuplicateConnector) as exc:
        raise ConfigurationError(str(exc)) from exc


def common_knowledge(settings: Settings) -> tuple[str, ...]:
    """Give what somebody who guesses a password tries for everybody here: products, and names of applications.

    Raises:
        ConfigurationError: as `load_connectors`.
    """
    return *settings.brand.products, *sorted({connector.name for connector in load_connectors(settings).values()})
