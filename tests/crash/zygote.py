"""A process that has everything imported and opened, and forks another one for each order, as the web server's master does.

usage: python -m tests.crash.zygote SETTINGS ADMIN PASSWORD

SETTINGS is a JSON file; ADMIN is the DN of who runs commands, PASSWORD the file with their password. An order is a line of JSON
on standard input; the answer is the status that the child ended with.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import traceback
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from idp.adapters.ldap import LdapOperator, SimpleBind
from idp.adapters.letters import TemplateLetters
from idp.adapters.smtp import SmtpMailer
from idp.app import create_app
from idp.outside import Ports, ldap_server, open_digests, open_directory, open_store
from idp.services.clients import ClientRegistry
from idp.settings import Settings, read_secret
from tests.crash.steps import Account, Steps
from tests.crash.trace import Order
from tests.crash.watched import Journal, Recorder, WatchedPort, watch
from tests.easy_captcha import easy_captcha
from tests.fakes.clock import ShiftedClock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

    from idp.domain.digests import KeyedDigests
    from idp.ports.directory import DirectoryOperator
    from idp.ports.store import Store


@dataclass
class Zygote:
    """Everything, opened but not used."""

    settings: Settings
    clock: ShiftedClock
    recorder: Recorder
    ports: Ports
    operator: DirectoryOperator
    app: Flask
    client: Mapping[str, str]

    @classmethod
    def prepare(cls, settings: Settings, admin: SimpleBind) -> Zygote:
        """Open everything; the database gets its tables, and one application."""
        clock, recorder = ShiftedClock(), Recorder()
        digests = open_digests(settings)
        store = open_store(settings, digests)
        client, secret = ClientRegistry(store, digests, clock).add("basecone", "Basecone", "a test")
        store.close()
        ports = watch(_ports(settings, clock, store, digests), recorder)
        facts = {"client_id": client.client_id, "client_secret": secret}
        directory = settings.directory
        operator = LdapOperator(server=ldap_server(directory), base_dn=directory.base_dn, operator=admin)
        watched = cast("DirectoryOperator", WatchedPort(operator, "operator", recorder))
        return cls(settings, clock, recorder, ports, watched, create_app(settings, ports), facts)

    def obey(self, order: Order) -> int:
        """Fork, do the steps, and give the status that the child ended with."""
        if order.warm_up:
            return self._warm_up(order)
        child = os.fork()
        if child == 0:
            os._exit(self._run(order))
        return os.waitpid(child, 0)[1]

    def _warm_up(self, order: Order) -> int:
        """Do the steps here: what is loaded and compiled at the first use need not be in each child."""
        status = self._run(order)
        self.recorder.journal = None
        for thread in threading.enumerate():
            if thread is not threading.main_thread():
                thread.join()  # the counters' tidying up; whoever forks must be alone
        gc.freeze()
        return status

    def _run(self, order: Order) -> int:
        journal = Journal(Path(order.journal))
        try:
            self.clock.go(timedelta(seconds=order.ahead_s))
            self.recorder.begin(journal, order.kill_after)
            account = Account(**order.account)
            steps = Steps(self.settings, self.ports, self.operator, self.app, self.client, journal, account)
            for step in order.steps:
                steps.run(step)
        except Exception:  # noqa: BLE001  # whatever it is, the test must see it
            journal.write("fault", traceback.format_exc())
            return 1
        return 0


def _ports(settings: Settings, clock: ShiftedClock, store: Store, digests: KeyedDigests) -> Ports:
    """Open the outside as it is opened in production, but for the clock."""
    directory = open_directory(settings, clock)
    return Ports(
        clock=clock,
        digests=digests,
        store=store,
        directory=directory,
        captcha=easy_captcha(digests),
        letters=TemplateLetters.build(settings),
        mailer=SmtpMailer.build(settings.mail, settings.brand.name),
        changes=directory.changes,
    )


def main(settings: Settings, admin: SimpleBind, answers: TextIO) -> None:
    """Obey until there are no more orders."""
    zygote = Zygote.prepare(settings, admin)
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        print(zygote.obey(Order(**json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    with os.fdopen(os.dup(1), "w") as told:
        os.dup2(2, 1)  # what is logged must not be taken for an answer
        settings = Settings.model_validate_json(Path(sys.argv[1]).read_text(encoding="utf-8"))
        main(settings, SimpleBind(sys.argv[2], read_secret(Path(sys.argv[3]))), told)
