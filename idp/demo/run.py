"""`idp demo`: make what is missing, start everything, tell where it is, end all of it."""

from __future__ import annotations

import http.client
import json
import os
import shlex
import signal
import sys
import threading
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from idp.adapters.slapd import EmbeddedSlapd
from idp.demo.configuration import DemoPorts, assert_private, demo_settings, write_settings
from idp.demo.known import USERNAME, DemoSecrets
from idp.demo.place import Place, write_private
from idp.demo.supervisor import Part, Supervisor
from idp.settings import ENVIRONMENT_PREFIX

if TYPE_CHECKING:
    from idp.settings import Settings

_START_TIMEOUT_S = 60.0
_ANSWER_TIMEOUT_S = 5.0


def run_demo(state: Path, port: int, wanted: Settings) -> None:
    """Run everything in the foreground until SIGINT, SIGTERM or SIGHUP.

    Args:
        state: folder of the demo's state, made where it is missing.
        port: of the pages, on 127.0.0.1.
        wanted: the configuration as it was read; it must not name what the demo brings itself.

    Raises:
        ConfigurationError: something prevents the start; a sentence says what.
    """
    assert_private(wanted)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    place = Place(state.absolute())
    with place.taken():
        place.told.unlink(missing_ok=True)
        supervisor = Supervisor(stop, sys.stderr, _environment())
        try:
            with DemoPorts.taken(port) as ports:
                _Demo(place, ports, wanted, supervisor).run()
        finally:
            place.told.unlink(missing_ok=True)
            supervisor.end()


@dataclass(slots=True)
class _Demo:
    place: Place
    ports: DemoPorts
    wanted: Settings
    supervisor: Supervisor

    def run(self) -> None:
        ports = self.ports
        settings = demo_settings(self.wanted, self.place, ports)
        slapd = EmbeddedSlapd(self.place.slapd, settings.directory.base_dn, ports.ldap, tls_port=ports.ldaps)
        slapd.create()
        slapd.check()
        write_settings(settings, self.place.config)
        self.supervisor.start(Part("slapd", slapd.command(), self.place.log("slapd")))
        self._start("mail", "demo-mailbox", str(self.place.mail), str(ports.smtp))
        self._start("web", "serve", "--demo-mailbox", str(self.place.mail))
        known = self._people(settings, slapd)
        # It would read of the people in the directory's log, and invite them.
        self._start("worker", "worker")
        self.supervisor.wait_until(lambda: _answers(ports.web), "the web server", _START_TIMEOUT_S)
        if known is not None and not self.supervisor.stop.is_set():
            self._tell(settings, slapd, known)
        self.supervisor.watch()

    def _start(self, name: str, *arguments: str) -> None:
        command = [sys.executable, "-m", "idp.cli", "--config", str(self.place.config), *arguments]
        self.supervisor.start(Part(name, command, self.place.log(name)))

    def _people(self, settings: Settings, slapd: EmbeddedSlapd) -> DemoSecrets | None:
        """Fill an empty directory and store; None when a signal came first."""
        known = DemoSecrets.read(self.place.secrets)
        if known is not None and known.complete:
            return known
        from idp.demo.people import fill  # noqa: PLC0415  # imports much that a second start need not wait for

        self.supervisor.wait_until(slapd.answers, "slapd", _START_TIMEOUT_S)
        return None if self.supervisor.stop.is_set() else fill(settings, self.place.secrets)

    def _tell(self, settings: Settings, slapd: EmbeddedSlapd, known: DemoSecrets) -> None:
        admin_password = slapd.admin_password_file.read_text(encoding="utf-8").strip()
        url, base_dn = settings.service.origin, settings.directory.base_dn
        owner = {"mail": known.owner_mail, "password": known.owner_password}
        told = {
            "url": url,
            "ldap": {
                "url": slapd.ldap_url,
                "admin_dn": slapd.admin_dn,
                "admin_password": admin_password,
                "base_dn": base_dn,
            },
            "owner": owner,
            "username": USERNAME,
            "realm": settings.brand.realms.canonical,
            "clients": known.clients,
        }
        write_private(self.place.told, json.dumps(told, indent=1) + "\n")
        for line in self._lines(url, slapd, known):
            self.supervisor.say(line)

    def _lines(self, url: str, slapd: EmbeddedSlapd, known: DemoSecrets) -> tuple[str, ...]:
        program, config = _typed(Path(sys.executable).with_name("idp")), _typed(self.place.config)
        bind = f"-x -H {slapd.ldap_url} -D {slapd.admin_dn} -y {_typed(slapd.admin_password_file)}"
        return (
            "",
            f"  portal       {url}",
            f"  log in as    {known.owner_mail}   password {known.owner_password}",
            f"  then         mijn gegevens → Koppel Gebruiker → Vraag aan, as {USERNAME}@{self.wanted.brand.canonical_realm}",
            f"  the mail     {url}/demo/mail",
            f"  directory    ldapsearch {bind} -b {slapd.base_dn}",
            *_behind_tls(slapd),
            f"  support      {program} --config {config} user list",
            f"  for programs {self.place.told}",
            "",
            "  Ctrl-C ends it; the same command takes it up again.",
            "",
        )


def _behind_tls(slapd: EmbeddedSlapd) -> tuple[str, ...]:
    url = slapd.ldaps_url
    return () if url is None else (f"  or by TLS    the same with -H {url}, after export LDAPTLS_CACERT={_typed(slapd.ca_file)}",)


def _typed(path: Path) -> str:
    """Give a path as one would type it here, in a shell."""
    return shlex.quote(min(str(path), os.path.relpath(path), key=len))


def _environment() -> dict[str, str]:
    # The whole configuration is in the demo's file; what it was made of must not be applied a second time.
    return {name: value for name, value in os.environ.items() if not name.upper().startswith(ENVIRONMENT_PREFIX)}


def _answers(port: int) -> bool:
    # By hand: urllib would ask the proxy of whoever has one for all web.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_TIMEOUT_S)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):  # refused, or no HTTP yet
        return False
    finally:
        connection.close()
