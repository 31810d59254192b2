"""`idp doctor`: each part is looked at, and what is wrong with it is said in a sentence."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.slapd import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.cli.installation import Installation

    Break = Callable[[Installation], AbstractContextManager[None]]

PARTS = ["key file", "signing keys", "store", "directory", "mail server", "connectors"]


def states(at: Installation) -> dict[str, str]:
    """Ask the doctor; gives what is said of each part."""
    ran = at.idp("doctor", "--json")
    said = {row["part"]: row["state"] for row in ran.json}
    assert list(said) == PARTS
    well = all(state == "ok" for state in said.values())
    assert (ran.code, ran.err) == ((0, "") if well else (1, "idp: Not everything is well.\n"))
    return said


def test_all_is_well(at: Installation) -> None:
    """A first look at a new installation says that it can go."""
    assert states(at) == dict.fromkeys(PARTS, "ok")
    assert at.done("doctor").splitlines()[0].split() == ["PART", "STATE"]


@contextmanager
def key_file_broken(at: Installation) -> Iterator[None]:
    """Damage the service's own secret."""
    (at.state / "idp.key").write_bytes(b"too short")
    yield


@contextmanager
def signing_keys_broken(at: Installation) -> Iterator[None]:
    """Damage the signing keys."""
    (at.state / "oauth-keys.json").write_text("{")
    yield


@contextmanager
def store_broken(at: Installation) -> Iterator[None]:
    """Damage the database."""
    (at.state / "idp.db").write_bytes(b"this is no database" * 1000)
    yield


@contextmanager
def directory_stopped(at: Installation) -> Iterator[None]:
    """Stop the directory."""
    at.slapd.stop()
    yield
    at.slapd.start()


@contextmanager
def directory_frozen(at: Installation) -> Iterator[None]:
    """Let the directory answer nobody."""
    at.slapd.pause()
    yield
    at.slapd.resume()


@contextmanager
def directory_password_wrong(at: Installation) -> Iterator[None]:
    """Give another password to the service."""
    file = at.folder / "password"
    file.write_text("dit is hem dus echt niet")
    at.more["directory"] = {"password_file": str(file)}
    yield


@contextmanager
def directory_unnamed(at: Installation) -> Iterator[None]:
    """Look for the users where none are."""
    at.more["directory"] = {"base_dn": "dc=elsewhere,dc=nl"}
    yield


@contextmanager
def mail_server_gone(at: Installation) -> Iterator[None]:
    """Name a port at which nobody listens."""
    at.more["mail"] = {"port": free_port()}
    yield


@contextmanager
def mail_server_without_tls(at: Installation) -> Iterator[None]:
    """Want TLS of a server that has none."""
    at.more["mail"] = {"tls": "starttls"}
    yield


@contextmanager
def connectors_contradictory(at: Installation) -> Iterator[None]:
    """Configure what can't be."""
    at.more["connectors.ing"] = {"scopes": []}
    yield


BROKEN: dict[Break, list[str]] = {
    key_file_broken: ["key file", "store"],  # the chain of the audit hangs on it
    signing_keys_broken: ["signing keys"],
    store_broken: ["store"],
    directory_stopped: ["directory"],
    directory_frozen: ["directory"],
    directory_password_wrong: ["directory"],
    directory_unnamed: ["directory"],
    mail_server_gone: ["mail server"],
    mail_server_without_tls: ["mail server"],
    connectors_contradictory: ["connectors"],
}


@pytest.mark.parametrize("break_it", BROKEN, ids=[str(getattr(way, "__name__", way)) for way in BROKEN])
def test_each_broken_part_is_told_and_no_other(at: Installation, break_it: Break) -> None:
    """Whoever is called out of bed runs one command, and knows where to begin."""
    assert states(at) == dict.fromkeys(PARTS, "ok")
    with break_it(at):
        found = states(at)
    assert [part for part, state in found.items() if state != "ok"] == BROKEN[break_it]
    for part in BROKEN[break_it]:
        assert "Traceback" not in found[part]
        assert len(found[part].splitlines()) == 1
