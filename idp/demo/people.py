"""The demo people, and the applications that know them."""

from __future__ import annotations

import secrets
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from idp.adapters.ldap import LdapOperator, SocketIdentity
from idp.adapters.system_clock import SystemClock
from idp.demo.known import USERNAME, DemoSecrets
from idp.errors import AlreadyExists
from idp.outside import ldap_server, load_connectors, open_digests, open_directory, open_store
from idp.ports.directory import NewUser
from idp.services.clients import ClientRegistry

if TYPE_CHECKING:
    from pathlib import Path

    from connectors import Connector
    from idp.ports.directory import Directory
    from idp.settings import Settings

_ANNA = ("Anna de Vries", "anna@bakkerij.example")
_BRAM = ("Bram Jansen", "bram@fietsen.example")
PEOPLE = (
    NewUser(USERNAME, "Bakkerij De Vries", _ANNA[1], _ANNA[0]),
    NewUser("U4BBGA0012", "Lunchroom De Vries", _ANNA[1], _ANNA[0]),
    NewUser("U4BBGA0007", "Jansen Fietsen", _BRAM[1], _BRAM[0]),
)

_APPLICATIONS = ("basecone", "rabobank", "triodos", "ing", "vendor_api")
"""Those that an owner, or a developer, tries the demo with."""

CALLBACK = "http://127.0.0.1/callback"
"""Where authorizations lead back to in the demo: a program on this machine, on whatever port it listens."""

# Easy to type from one window into another; four of 64 and a number are enough on one's own machine.
_WORDS = (
    "anker appel bakker balkon beker blauw boter brief brood bruin dak deeg deur dorp draad duin eiland emmer fiets fluit "
    "gans gras haver hek honing huis iep jas kaas kade kam kers klok knoop koek laan lamp linde maan meel molen mos muts "
    "noot oever oven paard peer plein poort raam regen rogge roos schip ster stoel tafel tuin veld vis wagen wilg zout"
)


def fill(settings: Settings, file: Path) -> DemoSecrets:
    """Make people and clients; what was half made when a former start was broken off is completed.

    Args:
        settings: the demo's.
        file: where the secrets are kept.

    Raises:
        ConfigurationError: the file can't be written.
        Unavailable: directory or store don't answer.
    """
    known = DemoSecrets.read(file)
    if known is None:
        known = DemoSecrets(_ANNA[1], _passphrase(), _register_all(settings))
        known.write(file)
    operator = LdapOperator(server=ldap_server(settings.directory), base_dn=settings.directory.base_dn, operator=SocketIdentity())
    with closing(operator):
        for person in PEOPLE:
            _create(operator, person)
    _let_in(open_directory(settings, SystemClock()), known)
    known = replace(known, complete=True)
    known.write(file)
    return known


def _create(operator: LdapOperator, person: NewUser) -> None:
    try:
        operator.create_user(person)
    except AlreadyExists:
        return


def _let_in(directory: Directory, known: DemoSecrets) -> None:
    owner = directory.find_owner_by_mail(known.owner_mail)
    if owner.password_changed is None:
        directory.set_owner_password(owner, owner.seen, known.owner_password)


def _register_all(settings: Settings) -> dict[str, dict[str, str]]:
    digests = open_digests(settings)
    clients = ClientRegistry(open_store(settings, digests), digests, SystemClock())
    known = load_connectors(settings)
    return {name: _register(clients, known[name]) for name in _APPLICATIONS}


def _register(clients: ClientRegistry, connector: Connector) -> dict[str, str]:
    back = (CALLBACK,) if "authorization_code" in connector.grants else ()
    client, secret = clients.add(connector.id, f"{connector.name} (demo)", "demo", redirect_uris=back)
    return {"client_id": client.client_id, "client_secret": secret}


def _passphrase() -> str:
    return "-".join([*(secrets.choice(_WORDS.split()) for _ in range(4)), str(secrets.randbelow(90) + 10)])
