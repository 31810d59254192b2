"""When the demo can't start: one sentence with a way out, exit code 1, no traceback, and nothing left running."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from idp.adapters.slapd import EmbeddedSlapd
from idp.cli import main
from idp.errors import ConfigurationError
from tests.contract.store.disks import MAY_MOUNT, SmallDisk, mounted_read_only, small_disk
from tests.free_ports import free_port
from tests.logging_state import logging_put_back
from tests.slapd import BASE_DN
from tests.system.processes import AS_ANYBODY, Started, in_sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from tests.contract.store.disks import Disk

    Way = Callable[[Path], AbstractContextManager[object]]

FEW_BYTES = ("env", "-u", "COVERAGE_PROCESS_CONFIG", "sh", "-c", 'ulimit -f 64; exec "$@"', "sh")
"""What is measured could not be written either."""
UNSHARE = ("unshare", "--user", "--map-root-user", "--mount")
WITHOUT_SLAPD = (*UNSHARE, "sh", "-c", 'mount -t tmpfs none /usr/sbin && exec "$@"', "sh")
"""In a world of one's own, in which nothing is at /usr/sbin."""


def refusal(output: Path, state: Path, port: int | None = None, before: Sequence[str] = ()) -> str:
    """Start a demo that must not start; gives the one sentence that it says."""
    started = Started.idp(output, "demo", "--state", str(state), "--port", str(port or free_port()), before=before)
    code = started.code()
    assert (code, len(started.said.splitlines())) == (1, 1), started.said
    assert not in_sessions({started.process.pid})
    return started.said.removeprefix("idp: ").rstrip()


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """Who has something else on that port must not look for the demo there; and nothing is made for a start that can't be."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        sentence = refusal(tmp_path / "out", tmp_path / "var", port)
    reason = "Address already in use"
    assert sentence == f"port {port} on 127.0.0.1 can't be used ({reason}); set service.port, or --port, to another one"
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["demo.lock"]


@contextmanager
def without_permission(folder: Path) -> Iterator[None]:
    """Let nobody write in a folder."""
    folder.chmod(0o555)
    yield
    folder.chmod(0o755)


READ_ONLY: list[tuple[Way, str]] = [(without_permission, "Permission denied")]
READ_ONLY += [(mounted_read_only, "Read-only file system")] if MAY_MOUNT else []


@pytest.mark.parametrize("name", ["", "deeper"], ids=["the folder", "a folder to make"])
@pytest.mark.parametrize(("way", "reason"), READ_ONLY, ids=[reason for _, reason in READ_ONLY])
def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path, way: Way, reason: str, name: str) -> None:
    """On a read-only mount people need to hear that it is the folder, and how to name another one."""
    (tmp_path / "var").mkdir()
    state = tmp_path / "var" / name
    with way(tmp_path / "var"):
        sentence = refusal(tmp_path / "out", state, before=AS_ANYBODY)
    assert sentence == f"the state folder {state} can't be written ({reason}); name another one with --state"


@contextmanager
def ordinary_disk() -> Iterator[Disk]:
    """Give a disk that has room, for who may not write much."""
    with tempfile.TemporaryDirectory() as name:
        yield SmallDisk(Path(name))


FULL: list[tuple[Callable[[], AbstractContextManager[Disk]], Sequence[str], str]]
FULL = [(ordinary_disk, FEW_BYTES, r"slapadd of the embedded directory failed: .+")]
FULL += [(small_disk, (), r"the disk of the state folder .+ is full; make room, or name another folder with --state")] * MAY_MOUNT


@pytest.mark.parametrize(("way", "before", "pattern"), FULL)
def test_a_full_disk_is_told(
    tmp_path: Path, way: Callable[[], AbstractContextManager[Disk]], before: Sequence[str], pattern: str
) -> None:
    """Who has no room left must not get a demo that half works, nor a sentence about something else."""
    with way() as disk:
        sentence = refusal(tmp_path / "out", disk.folder / "var", before=before)
    assert re.fullmatch(pattern, sentence), sentence


def without_slapd_for_the_demo(folder: Path) -> str:
    """Start the demo where no slapd is."""
    return refusal(folder / "out", folder / "var", before=WITHOUT_SLAPD)


def without_slapd_for_the_directory(folder: Path) -> str:
    """Make an embedded directory with a slapd that is not there."""
    with pytest.raises(ConfigurationError) as refused:
        EmbeddedSlapd(folder / "slapd", BASE_DN, free_port(), program=folder / "usr" / "sbin" / "slapd").create()
    return str(refused.value).replace(str(folder), "")


def _may_hide() -> bool:
    program = shutil.which("unshare")
    return program is not None and subprocess.run([program, *WITHOUT_SLAPD[1:], "true"], check=False).returncode == 0  # noqa: S603  # ours


NO_SLAPD = [without_slapd_for_the_directory, *([without_slapd_for_the_demo] if _may_hide() else [])]


@pytest.mark.parametrize("way", NO_SLAPD)
def test_a_missing_slapd_is_named_with_its_package(tmp_path: Path, way: Callable[[Path], str]) -> None:
    """Who starts without it must not have to guess what to install."""
    assert way(tmp_path) == "/usr/sbin/slapd is missing; install Debian's package slapd"


OWN = {
    "directory.url": "ldaps://ldap.example.nl",
    "mail.host": "mail.example.nl",
    "store.url": "sqlite:////srv/koppel/idp.db",
    "service.origin": "https://koppel.example.nl",
    "service.listen": "0.0.0.0",  # noqa: S104  # what must not be
    "service.trusted_proxies": '["10.0.0.1"]',
}


@pytest.mark.parametrize("key", OWN)
def test_a_configuration_of_ones_own_is_refused(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A demo started by mistake with the company's configuration would fill its directory, or show its mail to all."""
    monkeypatch.setenv("IDP_" + key.replace(".", "__").upper(), OWN[key])
    with logging_put_back():
        assert main(["demo", "--state", str(tmp_path / "var"), "--port", str(free_port())]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"idp: the configuration names {key}, and the demo brings its own; ")
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "var").exists()


def test_a_configuration_file_of_ones_own_is_refused_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The company's settings stand in a file more often than in variables."""
    (tmp_path / "idp.toml").write_text('[directory]\nurl = "ldaps://ldap.example.nl"\n')
    config = ("--config", str(tmp_path / "idp.toml"))
    with logging_put_back():
        assert main([*config, "demo", "--state", str(tmp_path / "var"), "--port", str(free_port())]) == 1
    assert "the configuration names directory.url" in capsys.readouterr().err


def test_a_part_that_does_not_start_is_named_with_its_reason(tmp_path: Path) -> None:
    """Who waits for a demo that can't come up hears soon why, without reading logs."""
    keys = tmp_path / "var" / "oauth-keys.json"
    keys.parent.mkdir()
    keys.write_text("{")
    started = Started.idp(tmp_path / "out", "demo", "--state", str(keys.parent), "--port", str(free_port()))
    assert started.code() == 1
    said = started.said.splitlines()
    assert said[-1].startswith(f"idp: web does not start: the key file {keys} ")
    assert "Traceback" not in started.said
