"""`idp serve`, `idp worker`, `idp demo`: what runs in the foreground, under systemd or a terminal."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import click

from idp.adapters.state_folder import at_work
from idp.adapters.system_clock import SystemClock
from idp.cli.root import settings_of
from idp.errors import ConfigurationError
from idp.logs import configure_logging
from idp.readiness import tell_ready
from idp.settings import is_loopback

_PORTS = click.IntRange(1, 65535)


@click.command()
@click.option("--demo-mailbox", type=click.Path(path_type=Path, file_okay=False), hidden=True)
@click.pass_context
def serve(ctx: click.Context, demo_mailbox: Path | None) -> None:
    """Answer pages and token requests; SIGTERM finishes what is under way first."""
    from idp.app import create_app  # noqa: PLC0415  # a heavy import, as in `root`
    from idp.outside import assert_look_ups_indexed, assert_store_known, open_ports  # noqa: PLC0415  # likewise
    from idp.serving import bind  # noqa: PLC0415  # likewise
    from idp.serving import serve as answer  # noqa: PLC0415  # likewise

    settings = settings_of(ctx)
    if demo_mailbox is not None and not is_loopback(settings.service.listen):
        message = "the demo's mailbox is shown on loopback only"
        raise ConfigurationError(message)
    configure_logging(settings.service.log_level, sys.stderr)
    ctx.with_resource(at_work(settings.service.state))
    with bind(settings.service.listen, settings.service.port) as listener:
        ports = open_ports(settings, SystemClock())
        assert_store_known(ports.store)
        app = create_app(settings, ports, demo_mailbox)
        assert_look_ups_indexed(settings, SystemClock())
        answer(app, settings.service, listener)


@click.command()
@click.pass_context
def worker(ctx: click.Context) -> None:
    """Send mail, settle what a crash left behind, forget what has expired."""
    from idp.outside import WORKER, assert_look_ups_indexed, assert_store_known, open_ports  # noqa: PLC0415  # a heavy import, as in `root`
    from idp.worker import Worker, only_worker  # noqa: PLC0415  # likewise

    settings = settings_of(ctx)
    configure_logging(settings.service.log_level, sys.stderr)
    ctx.with_resource(at_work(settings.service.state))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    ports = open_ports(settings, SystemClock(), WORKER)
    assert_store_known(ports.store)
    running = Worker.build(settings, ports, stop)
    assert_look_ups_indexed(settings, SystemClock())
    with only_worker(settings.service.state):
        tell_ready(os.environ)
        running.run()


@click.command()
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), default=Path("var"), show_default=True)
@click.option("--port", type=_PORTS, default=8000, show_default=True, help="Of the pages, on 127.0.0.1.")
@click.pass_context
def demo(ctx: click.Context, state: Path, port: int) -> None:
    """Run everything on this machine, with a directory and people of its own."""
    from idp.demo.run import run_demo  # noqa: PLC0415  # a heavy import, as in `root`

    run_demo(state, port, settings_of(ctx))


@click.command(hidden=True)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.argument("port", type=_PORTS)
def demo_mailbox(folder: Path, port: int) -> None:
    """Be the demo's mail server."""
    from idp.adapters.mailbox_server import run_mailbox_server  # noqa: PLC0415  # likewise

    configure_logging("INFO", sys.stderr)
    run_mailbox_server(folder, port)
