"""`./dev run`: it tells where it is, starts again what dies, ends without a trace, and takes up where it was."""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import signal
import stat
import subprocess
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from tests.system.demo import Demo, running_demo, start_demo, wait_until_told
from tests.system.processes import below, listening, waiting
from tests.system.tokens import password_grant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "vijf losse woorden achter elkaar"
RESTART_TIMEOUT_S = 20
AT_ONCE_S = 0.1


@pytest.fixture(scope="module")
def own_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo whose parts are killed, as on a machine where all web goes by a proxy that is not there."""
    state = tmp_path_factory.mktemp("demo") / "a folder"
    with running_demo(state, {"http_proxy": "http://127.0.0.1:9", "no_proxy": ""}) as running:
        yield running


def test_demo_json_tells_programs_where_everything_is(own_demo: Demo) -> None:
    """Whoever scripts the demo reads one file; a name that is missing there, or a file that all can read, lets them down."""
    told = own_demo.told
    assert {name: sorted(value) if isinstance(value, dict) else type(value) for name, value in told.items()} == {
        "url": str,
        "ldap": ["admin_dn", "admin_password", "base_dn", "url"],
        "owner": ["mail", "password"],
        "username": str,
        "realm": str,
        "clients": ["basecone", "ing", "rabobank", "triodos", "vendor_api"],
    }
    assert all(sorted(client) == ["client_id", "client_secret"] for client in told["clients"].values())
    assert (told["username"], told["realm"]) == ("U4BBGA0008", "u4bsw.nl")
    assert stat.S_IMODE((own_demo.state / "demo.json").stat().st_mode) == 0o600


def test_the_commands_that_it_shows_can_be_pasted(own_demo: Demo) -> None:
    """A newcomer's first look into the directory works, whatever the folder is called."""
    shown = [line.strip() for line in own_demo.started.said.splitlines()]
    for name, expected in (("directory", "dn: uid=U4BBGA0008,ou=koppelgebruikers"), ("support", "U4BBGA0008  Bakkerij De Vries")):
        command = next(line.removeprefix(name).strip() for line in shown if line.startswith(f"{name}  "))
        done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)  # noqa: S603  # ours
        assert (done.returncode, done.stderr) == (0, "")
        assert expected in done.stdout


def test_nothing_of_the_demo_is_readable_for_others(own_demo: Demo) -> None:
    """On a machine with more users, its passwords, its mail and its keys are nobody else's."""
    assert stat.S_IMODE(own_demo.state.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in own_demo.state.iterdir() if path.is_file()}
    assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}


def test_all_listens_on_this_machine_only(own_demo: Demo) -> None:
    """A demo on a train's network shows its mail and its directory to nobody."""
    addresses = listening({process.pid for process in below(own_demo.started.process.pid)})
    assert len(addresses) >= len(("web", "directory", "mail"))
    assert all(ipaddress.ip_address(address).is_loopback for address in addresses)


def test_a_second_demo_in_the_same_folder_is_refused(own_demo: Demo) -> None:
    """Two at once would write over each other's configuration."""
    second = start_demo(own_demo.state)
    assert second.code() == 1
    assert own_demo.started.process.poll() is None
    said = [line for line in second.said.splitlines() if line.startswith("idp: ")]
    assert said == [f"idp: a demo is running in {own_demo.state} already; name another folder with --state, and another --port"]
    assert json.loads((own_demo.state / "demo.json").read_text()) == own_demo.told


def test_a_part_that_dies_is_started_again_with_growing_pauses(own_demo: Demo) -> None:
    """A fault in one part heals by itself; one that comes back at once does not keep the machine busy, and is told of."""
    for pause in ("0.5", "1", "2"):
        pid = own_demo.part("demo-mailbox")
        os.kill(pid, signal.SIGKILL)
        line = f"mail was killed by SIGKILL; it is started again in {pause} s (see {own_demo.state}/mail.log)"
        own_demo.started.wait_for(line, RESTART_TIMEOUT_S)
        assert _successor(own_demo, "demo-mailbox", pid)


@pytest.mark.parametrize(("name", "words"), [("web", "gunicorn"), ("slapd", "slapd"), ("worker", " worker")])
def test_a_part_that_others_need_comes_back_to_work(own_demo: Demo, name: str, words: str) -> None:
    """After web or directory died, people go on within seconds."""
    pid = own_demo.part(words)
    os.kill(pid, signal.SIGKILL)
    own_demo.started.wait_for(f"{name} was killed by SIGKILL; it is started again in 0.5 s", RESTART_TIMEOUT_S)
    assert _successor(own_demo, words, pid)
    assert _is_ready(own_demo)


def test_a_second_start_takes_up_the_same_state(tmp_path: Path) -> None:
    """Who closed the terminal finds owner, passwords and clients as they were; and a signal leaves no process behind."""
    with running_demo(tmp_path / "var") as first:
        first.tools(tmp_path).set_password(first.tools(tmp_path).user_dn(first.username), PASSWORD)
        assert password_grant(first, "basecone", first.username, PASSWORD).status == 200
        sessions = first.sessions()
        assert first.started.end(signal.SIGINT) == 0
        assert not first.left_after(sessions, AT_ONCE_S)
        assert not (tmp_path / "var" / "demo.json").exists()
    with running_demo(tmp_path / "var") as second:
        for name in ("owner", "username", "realm", "clients"):
            assert second.told[name] == first.told[name]
        assert second.told["ldap"]["admin_password"] == first.told["ldap"]["admin_password"]
        assert password_grant(second, "basecone", second.username, PASSWORD).status == 200
        sessions = second.sessions()
        assert second.started.end(signal.SIGTERM) == 0
        assert not second.left_after(sessions, AT_ONCE_S)
        assert not (tmp_path / "var" / "demo.json").exists()


def test_a_killed_supervisor_takes_its_processes_along(tmp_path: Path) -> None:
    """After a kill -9 nothing goes on in secret, and the next start is not in its way."""
    started = start_demo(tmp_path / "var")
    killed = wait_until_told(started, tmp_path / "var")
    sessions = killed.sessions()
    started.end(signal.SIGKILL)
    assert not killed.left_after(sessions)


def _successor(demo: Demo, words: str, pid: int) -> bool:
    for _ in waiting(RESTART_TIMEOUT_S):
        with suppress(StopIteration):
            if demo.part(words) != pid:
                return True
    return False


def _is_ready(demo: Demo) -> bool:
    for _ in waiting(RESTART_TIMEOUT_S):
        with suppress(OSError, http.client.HTTPException):
            if demo.visitor().open("/readyz").status == HTTPStatus.OK:
                return True
    return False
