"""A backup that is taken while a service is at work, and what is restored from it, which serves beside it."""

from __future__ import annotations

import json
import tomllib
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from idp.worker import is_at_work
from tests.cli.installation import run_here
from tests.contract.mailer.real_server import RealServer
from tests.free_ports import free_port
from tests.system.processes import Started, waiting
from tests.system.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

_READY_S = 30


@dataclass(frozen=True)
class RestoredService:
    """The second service.

    Args:
        url: where it answers.
        config: its configuration.
        said: what `idp restore` said.
    """

    url: str
    config: Path
    said: str


def back_up(config: Path, folder: Path) -> Path:
    """Take a backup of a service that is at work.

    Args:
        config: its configuration.
        folder: for backups.

    Returns:
        the backup's own folder.
    """
    return Path(_done(config, "backup", str(folder)).strip())


@contextmanager
def restored_service(config: Path, backup: Path, folder: Path) -> Iterator[RestoredService]:
    """Restore a backup into a state folder of its own, and serve from there; `idp doctor` says that all is well.

    It has the same directory, and a mail server of its own: what is sent a second time disturbs nobody.

    Args:
        config: of the service whose backup it is.
        backup: the backup's own folder.
        folder: empty.
    """
    port, state = free_port(), folder / "state"
    with ExitStack() as stack:
        mail = stack.enter_context(RealServer())
        other = folder / "idp.toml"
        _write(config, other, {"state": str(state), "port": port}, {"host": "127.0.0.1", "port": mail.port, "tls": "none"})
        said = _done(other, "restore", str(backup))
        started = {}
        for part in ("serve", "worker"):
            started[part] = Started.idp(folder / f"{part}.out", "--config", str(other), part)
            stack.callback(started[part].end)
        visitor = Visitor(f"http://127.0.0.1:{port}")
        assert any(is_at_work(state) and _answers(visitor) for _ in waiting(_READY_S)), started["serve"].said
        _done(other, "doctor")
        yield RestoredService(f"http://127.0.0.1:{port}", other, said)


def _write(config: Path, other: Path, service: dict[str, object], mail: dict[str, object]) -> None:
    document = tomllib.loads(config.read_text("utf-8"))
    document["service"] |= service
    document["mail"] |= mail
    sections = [
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
        for name, keys in document.items()
    ]
    other.write_text("\n".join(sections), "utf-8")


def _answers(visitor: Visitor) -> bool:
    try:
        return visitor.open("/readyz").status == 200
    except OSError:
        return False


def _done(config: Path, *arguments: str) -> str:
    """Run a command that must be done; gives what it says."""
    ran = run_here("--config", str(config), *arguments)
    assert ran.code == 0, ran
    return ran.out
