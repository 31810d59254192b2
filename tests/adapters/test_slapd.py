"""The embedded directory: made wholly or not at all, started where it can be, and honest where it can't."""

from __future__ import annotations

import base64
import signal
import socket
import stat
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from idp.adapters.slapd import EmbeddedSlapd, stop
from idp.adapters.slapd_files import ARGON2_COST
from idp.errors import ConfigurationError, DirectoryUnavailable
from tests.contract.store.disks import READ_ONLY
from tests.free_ports import free_port
from tests.slapd import BASE_DN, CHEAP, USERS_DN, RunningSlapd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

USER = f"dn: uid=U4BBGA0008,{USERS_DN}\nobjectClass: account\nobjectClass: koppelgebruiker\nadministratie: X\nowner: {BASE_DN}\n"


@pytest.fixture
def embedded(tmp_path: Path) -> EmbeddedSlapd:
    """A directory that has not been made."""
    return EmbeddedSlapd(tmp_path / "directory", BASE_DN, free_port(), CHEAP)


@pytest.fixture
def run() -> Iterator[Callable[[EmbeddedSlapd], RunningSlapd]]:
    """A way to make directories and start them; none is left running."""
    servers: list[RunningSlapd] = []

    def run_one(embedded: EmbeddedSlapd) -> RunningSlapd:
        embedded.create()
        servers.append(RunningSlapd(embedded, embedded.start()))
        return servers[-1]

    yield run_one
    for server in servers:
        server.stop()


@pytest.fixture
def running(embedded: EmbeddedSlapd, run: Callable[[EmbeddedSlapd], RunningSlapd]) -> RunningSlapd:
    """A directory of this test's own, up."""
    return run(embedded)


def test_what_it_knows_is_there_after_a_stop_and_after_a_kill(running: RunningSlapd) -> None:
    """A second start takes up the same state, however the first one ended."""
    running.modify(USER, "-a")
    for end in (signal.SIGTERM, signal.SIGKILL):
        running.process.send_signal(end)
        running.process.wait(10)
        running.embedded.create()  # as each start does
        running.start()
        assert running.read(f"uid=U4BBGA0008,{USERS_DN}", "administratie") == ["X"]


def test_it_can_be_moved(running: RunningSlapd, tmp_path: Path) -> None:
    """A state directory is a thing that people copy to another machine."""
    running.stop()
    running.embedded.state.rename(tmp_path / "elsewhere")
    moved = replace(running.embedded, state=tmp_path / "elsewhere")
    process = moved.start()
    stop(process)
    assert process.returncode == 0


def test_what_a_kill_left_half_made_is_made_anew(embedded: EmbeddedSlapd) -> None:
    """A first start that was interrupted must not be the last one."""
    half = embedded.state.with_name("directory.unfinished")
    (half / "config").mkdir(parents=True)
    (half / "admin.password").write_text("of a directory that never was")
    embedded.create()
    assert not half.exists()
    stop(embedded.start())


def test_its_files_are_its_owners_alone(running: RunningSlapd) -> None:
    """Other users of the machine read neither hashes nor the admin's password."""
    state = running.embedded.state
    for path in (state, state / "config", state / "data", state / "log"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in (running.embedded.admin_password_file, running.embedded.service_password_file):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_password_is_left_behind_or_visible(running: RunningSlapd) -> None:
    """Neither in the files that it is made from, nor among the processes' arguments, where everybody reads them."""
    state = running.embedded.state
    expected = {"admin.password", "ca.pem", "config", "data", "ldapi", "log", "service.password", "tls.key", "tls.pem"}
    assert {path.name for path in state.iterdir()} == expected
    secrets = [running.embedded.admin_password_file.read_bytes(), running.embedded.service_password_file.read_bytes()]
    for path in state.rglob("*"):
        if path.is_file() and path.suffix != ".password":
            assert not any(secret in path.read_bytes() for secret in secrets), path
    arguments = Path(f"/proc/{running.process.pid}/cmdline").read_bytes()
    assert not any(secret in arguments for secret in secrets)


def test_ordinary_tools_take_the_password_files(running: RunningSlapd) -> None:
    """`-y` takes a whole file for the password, its last line's end included."""
    embedded = running.embedded
    for dn, file in ((embedded.admin_dn, embedded.admin_password_file), (embedded.service_dn, embedded.service_password_file)):
        command = ["ldapwhoami", "-x", "-H", embedded.ldap_url, "-D", dn, "-y", str(file)]
        assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() == f"dn:{dn}"  # noqa: S603  # ours


def test_each_directory_has_secrets_of_its_own(embedded: EmbeddedSlapd) -> None:
    """What one demo's admin knows opens no other demo."""
    other = replace(embedded, state=embedded.state.with_name("other"))
    for directory in (embedded, other):
        directory.create()
    assert embedded.admin_password_file.read_bytes() != other.admin_password_file.read_bytes()
    assert embedded.service_password_file.read_bytes() != other.service_password_file.read_bytes()


@pytest.mark.row("S29")
def test_users_and_the_decoy_are_hashed_at_the_same_cost(
    embedded: EmbeddedSlapd, run: Callable[[EmbeddedSlapd], RunningSlapd]
) -> None:
    """S29: with another cost, the time that a refusal takes would tell whether a user exists; production's is OWASP's."""
    running = run(replace(embedded, argon2_cost=ARGON2_COST))
    running.modify(USER, "-a")
    running.write(f"uid=U4BBGA0008,{USERS_DN}", "userPassword", "een lange wachtzin")
    for dn in (f"uid=U4BBGA0008,{USERS_DN}", embedded.decoy_dn):
        stored = base64.b64decode(running.read(dn, "userPassword")[0])
        assert stored.startswith(b"{ARGON2}$argon2i$v=19$m=19456,t=2,p=1$")


def test_a_taken_port_is_named(running: RunningSlapd, tmp_path: Path) -> None:
    """Two demos on one machine: the second one says what is the matter, and leaves the first one alone."""
    second = replace(running.embedded, state=tmp_path / "second")
    second.create()
    with pytest.raises(ConfigurationError, match=str(second.port)):
        second.start()
    assert running.read(BASE_DN, "dc") == ["u4bsw"]


def test_a_missing_slapd_is_named(embedded: EmbeddedSlapd) -> None:
    """With the package to install."""
    lost = replace(embedded, program=Path("/nowhere/slapd"))
    with pytest.raises(ConfigurationError, match="package slapd"):
        lost.create()
    assert not lost.state.exists()
    embedded.create()
    with pytest.raises(ConfigurationError, match="package slapd"):
        lost.start()


def test_a_place_where_nothing_can_be_made_is_named(embedded: EmbeddedSlapd, tmp_path: Path) -> None:
    """The sentence names the folder, and why."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"file/directory: \w+"):
        replace(embedded, state=tmp_path / "file" / "directory").create()
    with pytest.raises(ConfigurationError, match="too long for a socket"):
        replace(embedded, state=tmp_path / ("x" * 120)).create()


@pytest.mark.parametrize("read_only", READ_ONLY)
def test_a_state_that_can_not_be_written_is_named(
    embedded: EmbeddedSlapd, read_only: Callable[..., AbstractContextManager[None]]
) -> None:
    """A read-only mount is no reason for a traceback."""
    made = replace(embedded, state=embedded.state / "made")
    made.create()
    with read_only(embedded.state):
        with pytest.raises(ConfigurationError, match="can't be written"):
            made.start()
        with pytest.raises(ConfigurationError, match="can't be made"):
            replace(embedded, state=embedded.state / "new").create()


@pytest.mark.parametrize("base_dn", ["", "o=u4bsw", "dc=u4bsw,dc=nl\nolcRootDN: cn=mallory", 'dc=u4bsw"', "dc="])
def test_a_base_of_another_kind_is_refused(embedded: EmbeddedSlapd, base_dn: str) -> None:
    """It goes into a configuration as it stands."""
    with pytest.raises(ConfigurationError, match="dc components"):
        replace(embedded, base_dn=base_dn).create()


def test_another_base_is_a_directory_as_well(embedded: EmbeddedSlapd, run: Callable[[EmbeddedSlapd], RunningSlapd]) -> None:
    """The names in it follow the configuration."""
    running = run(replace(embedded, base_dn="dc=Voorbeeld,dc=example"))
    assert running.read("ou=people,dc=voorbeeld,dc=example", "ou") == ["people"]


def test_slapd_that_fails_says_why(embedded: EmbeddedSlapd, tmp_path: Path) -> None:
    """Making it stops at the first thing that goes wrong, and leaves nothing that looks finished."""
    broken = tmp_path / "slapd"
    broken.write_text("#!/bin/sh\necho 'no module today' >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(ConfigurationError, match="no module today"):
        replace(embedded, program=broken).create()
    assert not embedded.state.exists()


def test_a_server_that_ends_at_once_is_not_waited_for(embedded: EmbeddedSlapd) -> None:
    """A damaged configuration is said at once, not after ten seconds."""
    embedded.create()
    (embedded.state / "config" / "cn=config.ldif").unlink()
    with pytest.raises(DirectoryUnavailable, match="ended at once"):
        embedded.start()


def test_a_server_that_never_answers_is_given_up(embedded: EmbeddedSlapd, tmp_path: Path) -> None:
    """Nor is it left behind."""
    embedded.create()
    mute, note = tmp_path / "slapd", tmp_path / "pid"
    mute.write_text(f"#!/bin/sh\necho $$ >{note}\nexec sleep 60\n")
    mute.chmod(0o755)
    with pytest.raises(DirectoryUnavailable, match="no answer"):
        replace(embedded, program=mute).start(timeout_s=0.3)
    assert not Path(f"/proc/{note.read_text().strip()}").exists()


def test_it_listens_on_loopback_only(running: RunningSlapd) -> None:
    """A demo is nobody else's business."""
    port = f":{running.embedded.port:04X}"
    tables = [Path(f"/proc/self/net/{name}").read_text() for name in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table.splitlines()]
    listening = [row[1] for row in rows if row[3] == "0A" and row[1].endswith(port)]
    assert listening == [f"{int.from_bytes(socket.inet_aton('127.0.0.1'), 'little'):08X}{port}"]
