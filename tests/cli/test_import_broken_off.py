"""An import that is broken off, in whatever way: the same command completes it (R1)."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from idp.adapters.ldap import LdapOperator, LdapServer, SocketIdentity
from idp.domain.mail import Letter
from idp.services.intake import BATCH
from idp.services.user_csv import COLUMNS
from tests.slapd import BASE_DN
from tests.system.processes import waiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.installation import Installation

pytestmark = pytest.mark.row("R1")

USERS = 300
USERS_OF_AN_OWNER = 3
EVER = datetime(2000, 1, 1, tzinfo=UTC)
ENDS_WITHIN_S = 5  # of a machine that has much else to do; it takes a tenth of a second


@pytest.fixture
def operator(at: Installation) -> Iterator[LdapOperator]:
    """Who looks."""
    server = LdapServer(at.slapd.embedded.ldapi_url)
    with closing(LdapOperator(server=server, base_dn=BASE_DN, operator=SocketIdentity())) as operator:
        yield operator


def line(number: int) -> str:
    """Write one user."""
    owner = number // USERS_OF_AN_OWNER
    return f"U{number:04},A-{number},owner{owner}@example.nl,Owner {owner},nl\n"


@pytest.fixture
def file(at: Installation) -> Path:
    """A list of many."""
    path = at.folder / "users.csv"
    path.write_text(",".join(COLUMNS) + "\n" + "".join(map(line, range(USERS))), encoding="utf-8")
    return path


def started(at: Installation) -> subprocess.Popen[str]:
    """Begin an import of what will be written to it, as a process of its own.

    Ctrl-C reaches it even where these tests run in the background of a shell, which has all its children ignore that.
    """
    importing = [sys.executable, "-m", "idp.cli", "--config", str(at.config), "user", "import", "-"]
    command = ["/usr/bin/env", "--default-signal=INT", *importing]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)  # noqa: S603  # our own words


def write(process: subprocess.Popen[str], text: str) -> None:
    """Give it lines; it waits for more, and so has not ended before something is done to it."""
    assert process.stdin is not None
    process.stdin.write(text)
    process.stdin.flush()


def wait_for(count: int, operator: LdapOperator, process: subprocess.Popen[str]) -> None:
    """Wait until the directory has so many users."""
    for _ in waiting(60):
        if sum(1 for _ in operator.all_users()) >= count:
            return
        assert process.poll() is None, process.communicate()
    raise AssertionError(count)


def assert_complete(at: Installation, operator: LdapOperator) -> None:
    """See that everybody is there once, is in the audit once, and that each owner has one invitation waiting."""
    users = list(operator.all_users())
    assert sorted(user.uid for user in users) == [f"U{number:04}" for number in range(USERS)]
    owners = {user.owner_dn: operator.find_owner(user.owner_dn) for user in users}
    assert sorted(owner.mail or "" for owner in owners.values()) == sorted(
        f"owner{number}@example.nl" for number in range(USERS // USERS_OF_AN_OWNER)
    )
    with closing(at.store()) as store, store.reading() as work:
        noted = [record.event.subject for record in work.audit.read(limit=9999) if record.event.action == "user.invited"]
        letters = [work.outbox.about_owner(Letter.INVITATION, owner.entry_uuid, EVER) for owner in owners.values()]
        waiting_now, _ = work.outbox.waiting()
    assert sorted(noted) == sorted(user.entry_uuid for user in users)
    assert {len(each) for each in letters} == {1}
    assert waiting_now == len(owners)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_same_command_completes_it(at: Installation, operator: LdapOperator, file: Path, number: signal.Signals) -> None:
    """Ctrl-C, and a machine that goes down: users would be missing, or be there without anybody being told, or twice."""
    for count in (1, 70):
        with started(at) as process:
            write(process, file.read_text(encoding="utf-8"))
            wait_for(count, operator, process)
            process.send_signal(number)
            process.wait(timeout=ENDS_WITHIN_S)
            out, err = process.communicate()
        assert out == ""
        if number == signal.SIGKILL:
            assert process.returncode == -signal.SIGKILL
        else:
            assert process.returncode == 1
            assert re.fullmatch(
                r"idp: broken off; at line \d+: \d+ invited, \d+ were there already, 0 refused; "
                r"the same command goes on from there\n",
                err,
            )
    ran = at.idp("user", "import", str(file), "--json")
    assert ran.code == 0
    assert sum(ran.json.values()) == USERS
    assert_complete(at, operator)


def test_whoever_was_taken_before_ctrl_c_is_settled(at: Installation, operator: LdapOperator) -> None:
    """Whoever never comes back to it has no users of whom nobody was told."""
    with started(at) as process:
        # A batch that one bad line keeps from being full: it is read, and waits for more.
        write(process, ",".join(COLUMNS) + "\nnobody,,,,\n" + "".join(map(line, range(BATCH - 1))))
        wait_for(BATCH - 1, operator, process)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=ENDS_WITHIN_S)
        _, err = process.communicate()
    assert f"at line {BATCH + 1}: {BATCH - 1} invited, 0 were there already, 1 refused" in err
    with closing(at.store()) as store, store.reading() as work:
        assert work.outbox.waiting()[0] == -(-(BATCH - 1) // USERS_OF_AN_OWNER)


def test_a_directory_that_goes_away_says_how_far_it_came(at: Installation, operator: LdapOperator, file: Path) -> None:
    """And nothing is lost: when it is back, the same command goes on."""
    head, *lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    with started(at) as process:
        write(process, head + "".join(lines[:BATCH]))
        wait_for(30, operator, process)
        at.slapd.stop()
        _, err = process.communicate("".join(lines[BATCH:]), timeout=2 * ENDS_WITHIN_S)
    assert process.returncode == 1
    assert re.match(r"idp: The directory .*; at line \d+: \d+ invited, .*; the same command goes on from there\n$", err)
    at.slapd.start()
    assert at.idp("user", "import", str(file)).code == 0
    assert_complete(at, operator)
