"""What a second process does to a store; run as a script, and led line by line through its standard input.

usage: another_process.py COMMAND URL
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

from idp.adapters.sql import SqlStore
from idp.domain.audit import AuditEvent
from idp.domain.capability import Capability, Purpose
from idp.domain.digests import KeyedDigests

KEY = b"the key of the audit's chain, in tests"
NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
THREADS = 16
TICKET = Capability("digest", Purpose.TICKET, {}, NOW, NOW + timedelta(minutes=10))


def say(word: object) -> None:
    """Tell the test."""
    print(word, flush=True)  # noqa: T201  # the way to talk to the test


def wait() -> None:
    """Go on when the test says so."""
    sys.stdin.readline()


def migrate(store: SqlStore) -> None:
    """Start up, at the same moment as others."""
    say("ready")
    wait()
    store.migrate()
    say("alembic" if "alembic" in sys.modules else "no alembic")


def use(store: SqlStore) -> None:
    """Use one capability from many threads; says how many of them won."""
    store.migrate()
    together = Barrier(THREADS)

    def use_once(_: int) -> bool:
        together.wait()
        with store.transaction() as work:
            return work.capabilities.use(TICKET, NOW)

    say("ready")
    wait()
    with ThreadPoolExecutor(THREADS) as pool:
        say(sum(pool.map(use_once, range(THREADS))))


def take(store: SqlStore) -> None:
    """Work the outbox off; says which letters it got."""
    store.ping()
    say("ready")
    wait()
    taken = []
    while True:
        with store.transaction() as work:
            row = work.outbox.take_due(NOW, NOW + timedelta(minutes=15))
        if row is None:
            break
        taken.append(row.id)
    say(" ".join(taken))


def append(store: SqlStore) -> None:
    """Write to the audit as others do."""
    store.ping()
    say("ready")
    wait()
    for number in range(50):
        with store.transaction() as work:
            work.audit.append(AuditEvent(NOW, "a.thing", f"process:{os.getpid()}", detail={"n": str(number)}))
    say("done")


def hold(store: SqlStore) -> None:
    """Keep the one place for a writer until told otherwise."""
    with store.transaction() as work:
        work.audit.append(AuditEvent(NOW, "a.long-thing", "another"))
        say("holding")
        wait()
    say("let go")


def fork(store: SqlStore) -> None:
    """Use the store before a fork and on both sides of it; the child goes on after the parent has closed it."""
    write_some(store, "before")
    to_parent, to_child = os.pipe(), os.pipe()
    child = os.fork()
    if child:
        os.read(to_parent[0], 1)
        write_some(store, "parent")
        store.close()
        os.write(to_child[1], b".")
        _, status = os.waitpid(child, 0)
        say(status)
    else:
        write_some(store, "child")
        os.write(to_parent[1], b".")
        os.read(to_child[0], 1)
        write_some(store, "child")
        os._exit(0)  # as if killed: what was committed must be there nevertheless


def write_some(store: SqlStore, actor: str) -> None:
    """Read, and add ten events."""
    with store.reading() as work:
        work.audit.read()
    for number in range(10):
        with store.transaction() as work:
            work.audit.append(AuditEvent(NOW, "a.thing", actor, detail={"n": str(number)}))


COMMANDS = {"migrate": migrate, "use": use, "take": take, "append": append, "hold": hold, "fork": fork}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](SqlStore(sys.argv[2], KeyedDigests(KEY)))
