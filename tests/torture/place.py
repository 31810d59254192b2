"""One installation, as in production: each part a process of its own, and a relay before each that others talk to."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.adapters.slapd_files import ARGON2_COST
from idp.adapters.system_clock import SystemClock
from idp.outside import open_digests, open_store
from idp.services.clients import ClientRegistry
from idp.settings import LimitSettings, Settings, load_settings
from idp.worker import is_at_work
from tests.contract.store.disks import MAY_MOUNT, small_disk
from tests.crash.mailbox import Mailbox
from tests.free_ports import free_port
from tests.slapd import RunningSlapd
from tests.system.tools import DirectoryTools
from tests.torture.parts import Directory, Program, listens
from tests.torture.post import Post
from tests.torture.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.contract.store.disks import Disk

_BY_CLOCK = "tests.torture.by_clock"
_MANY = "100000000 per minute"
_MANY_MAILS = 1_000_000
_DISK = "128m"


@dataclass(frozen=True)
class Relays:
    """The ways between the parts.

    Args:
        web: of visitors and applications.
        directory: of the web.
        worker: of the worker, to the directory.
        mail: to the mail server.
    """

    web: Relay
    directory: Relay
    worker: Relay
    mail: Relay

    def close(self) -> None:
        """Cut all of them."""
        for relay in (self.web, self.directory, self.worker, self.mail):
            relay.close()


@dataclass(frozen=True)
class Disks:
    """Disks that can be filled.

    Args:
        store: of the service's state.
        directory: of slapd's data.
    """

    store: Disk
    directory: Disk


@dataclass
class Place:
    """All of it.

    Args:
        folder: for what it keeps.
        settings: the rules.
        relays: between the parts.
        slapd: the directory, and its admin's tools on this machine.
        directory: it as a part.
        web: a part.
        worker: a part.
        mail: a part.
        post: what arrived.
        clients: each kind of application's identifier and secret.
        disks: small ones; None where this process may not mount any.
    """

    folder: Path
    settings: Settings
    relays: Relays
    slapd: RunningSlapd
    directory: Directory
    web: Program
    worker: Program
    mail: Program
    post: Post
    clients: dict[str, dict[str, str]]
    disks: Disks | None

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.folder / "idp.toml"

    @property
    def origin(self) -> str:
        """Where visitors go."""
        return self.settings.service.origin

    def admin(self) -> DirectoryTools:
        """Give an admin's tools, which reach the directory by no relay."""
        embedded, secrets = self.slapd.embedded, self.folder / "secrets"
        secrets.mkdir(exist_ok=True)
        password = embedded.admin_password_file.read_text()
        return DirectoryTools.of(secrets, embedded.ldap_url, embedded.base_dn, embedded.admin_dn, password)

    def set_clock(self, seconds: float) -> None:
        """Set the service's clock; the directory is another machine."""
        _set_clock(self.folder / "clock", seconds)

    def state(self, name: str) -> Path:
        """Give a file of the service's state."""
        return self.settings.service.state / name


@contextmanager
def running_place(folder: Path, module: str = _BY_CLOCK) -> Iterator[Place]:
    """Make an installation, and have it run.

    Args:
        folder: empty.
        module: what serves pages and tokens.
    """
    with ExitStack() as stack:
        disks = None
        if MAY_MOUNT:
            disks = Disks(*(stack.enter_context(small_disk(_DISK)) for _ in range(2)))
        slapd = RunningSlapd.start_in(disks.directory.folder if disks else folder, ARGON2_COST)
        stack.callback(slapd.stop)
        stack.callback(Directory(slapd).resume)
        relays, place = _made(folder, disks, slapd, module)
        stack.callback(relays.close)
        programs = (place.mail, place.web, place.worker)
        for program in programs:
            stack.callback(program.end)
        with ThreadPoolExecutor(len(programs)) as pool:
            list(pool.map(Program.start, programs))
        yield place


def _made(folder: Path, disks: Disks | None, slapd: RunningSlapd, module: str) -> tuple[Relays, Place]:
    state = (disks.store.folder if disks else folder) / "state"
    web_port, mail_port = free_port(), free_port()
    directory_port = slapd.embedded.port
    relays = Relays(Relay(web_port), Relay(directory_port), Relay(directory_port), Relay(mail_port))
    mailbox, config, clock = Mailbox(folder / "mail"), folder / "idp.toml", folder / "clock"
    mailbox.folder.mkdir()
    state.mkdir()
    _set_clock(clock, 0)
    config.write_text(_configuration(state, slapd, relays, web_port), encoding="utf-8")
    settings = load_settings(config)
    idp = (str(clock), "--config", str(config))
    place = Place(
        folder,
        settings,
        relays,
        slapd,
        Directory(slapd),
        Program(module, (*idp, "serve"), folder / "web.out", lambda: listens(web_port)),
        Program(
            _BY_CLOCK,
            (*idp, "worker"),
            folder / "worker.out",
            lambda: is_at_work(state),
            {"IDP_DIRECTORY__URL": f"ldap://127.0.0.1:{relays.worker.port}"},
        ),
        Program(
            "idp.cli", ("demo-mailbox", str(mailbox.folder), str(mail_port)), folder / "mail.out", lambda: listens(mail_port)
        ),
        Post(mailbox),
        _clients(settings),
        disks,
    )
    return relays, place


def _configuration(state: Path, slapd: RunningSlapd, relays: Relays, web_port: int) -> str:
    """Write what production would set; but a visitor here does the work of thousands, so that limits are for other tests."""
    rates = [name for name in LimitSettings.model_fields if not name.startswith(("mailbox", "storage"))]
    document: dict[str, dict[str, object]] = {
        "service": {"origin": f"http://127.0.0.1:{relays.web.port}", "port": web_port, "state": str(state)},
        "directory": {
            "url": f"ldap://127.0.0.1:{relays.directory.port}",
            "password_file": str(slapd.embedded.service_password_file),
        },
        "mail": {"host": "127.0.0.1", "port": relays.mail.port, "tls": "none"},
        "limits": {
            **dict.fromkeys(rates, _MANY),
            "mailbox_per_day": _MANY_MAILS,
            "mailbox_per_day_ticket": _MANY_MAILS,
        },
    }
    sections = [
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
        for name, keys in document.items()
    ]
    return "\n".join(sections)


def _clients(settings: Settings) -> dict[str, dict[str, str]]:
    digests = open_digests(settings)
    store = open_store(settings, digests)
    try:
        registry, found = ClientRegistry(store, digests, SystemClock()), {}
        for connector in ("vendor_api", "vendor_service", "basecone"):
            client, secret = registry.add(connector, "a test", "a test")
            found[connector] = {"client_id": client.client_id, "client_secret": secret}
        return found
    finally:
        store.close()


def _set_clock(file: Path, seconds: float) -> None:
    file.with_suffix(".new").write_text(str(seconds), encoding="ascii")
    file.with_suffix(".new").replace(file)
