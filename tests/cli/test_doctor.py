"""`idp doctor`: each part is looked at, and what is wrong with it is said in a sentence."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.adapters.system_clock import SystemClock
from idp.domain.mail import Letter, OutboxRow
from idp.errors import ConfigurationError
from idp.outside import open_digests
from idp.worker import only_worker
from tests.contract.mailer.real_server import RealServer
from tests.contract.store.disks import READ_ONLY
from tests.free_ports import free_port
from tests.opened_ports import opened_ports
from tests.slapd import BASE_DN, RunningSlapd
from tests.unlogged_slapd import take_log_away

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.cli.installation import Installation

    Break = Callable[[Installation], AbstractContextManager[None]]

DIRECTORY = [
    "directory",
    "directory policy",
    "directory entries",
    "changes by others",
]  # of one that does not answer, nothing can be told
BEFORE = ["service", *DIRECTORY, "mail server", "connectors"]
PARTS = [*BEFORE, "state", "key file", "signing keys", "store", "worker", "outbox"]


@pytest.fixture
def at(at: Installation) -> Iterator[Installation]:
    """An installation at which a worker is at work."""
    with only_worker(at.state):
        yield at


def states(at: Installation, parts: Sequence[str] = PARTS) -> dict[str, str]:
    """Ask the doctor; gives what is said of each part."""
    ran = at.idp("doctor", "--json")
    said = {row["part"]: row["state"] for row in ran.json}
    assert list(said) == list(parts)
    well = all(state.startswith("ok") for state in said.values())
    assert (ran.code, ran.err) == ((0, "") if well else (1, "idp: Not everything is well.\n"))
    return said


def test_a_new_installation_can_be_started(new: Installation) -> None:
    """A first look says that it can go, and leaves nothing behind that belongs to whoever looked."""
    parts = [*BEFORE, "state"]
    assert states(new, parts) == dict.fromkeys(parts, "ok")
    assert list(new.state.iterdir()) == []


def test_a_state_directory_that_can_not_be_made_is_told(new: Installation) -> None:
    """The first start would end with the same sentence, a minute before opening time."""
    state = new.config / "state"
    new.more["service"] = {"state": str(state)}
    sentence = f"the state directory {state} can't be made: {new.config} is no folder that can be written"
    assert states(new, [*BEFORE, "state"])["state"] == sentence


def test_all_is_well(at: Installation) -> None:
    """Nothing to do here."""
    assert states(at) == dict.fromkeys(PARTS, "ok")
    assert at.done("doctor").splitlines()[0].split() == ["PART", "STATE"]


@contextmanager
def key_file_broken(at: Installation) -> Iterator[None]:
    """Damage the service's own secret."""
    (at.state / "idp.key").write_bytes(b"too short")
    yield


@contextmanager
def key_file_lost(at: Installation) -> Iterator[None]:
    """Restore without the service's own secret."""
    (at.state / "idp.key").unlink()
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
def directory_lenient(at: Installation) -> Iterator[None]:
    """Let users change their password again within the hour."""
    policy = f"dn: cn=koppelgebruikers,ou=policies,{BASE_DN}\nchangetype: modify\nreplace: pwdMinAge\npwdMinAge: "
    at.slapd.modify(f"{policy}3600\n")
    yield
    at.slapd.modify(f"{policy}86400\n")


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


@contextmanager
def signing_keys_lost(at: Installation) -> Iterator[None]:
    """Restore without the signing keys."""
    (at.state / "oauth-keys.json").unlink()
    yield


@contextmanager
def proxy_unnamed(at: Installation) -> Iterator[None]:
    """Stand behind a proxy that is not named."""
    at.more["service"] = {"origin": "https://login.example"}
    yield


@contextmanager
def open_in_the_clear(at: Installation) -> Iterator[None]:
    """Listen to everybody without TLS."""
    at.more["service"] = {"listen": "0.0.0.0"}  # noqa: S104  # nobody listens: the doctor only looks
    yield


@contextmanager
def mail_late(at: Installation) -> Iterator[None]:
    """Leave a letter in the outbox since this morning."""
    then = SystemClock().now() - timedelta(hours=3)
    with opened_ports(at.settings, SystemClock()) as ports, ports.store.transaction() as work:
        work.outbox.add(OutboxRow("1", Letter.RESET, {"request": "1"}, then, then))
    yield


@contextmanager
def directory_read_only(at: Installation) -> Iterator[None]:
    """Let it take no changes."""
    change = "dn: olcDatabase={2}mdb,cn=config\nchangetype: modify\nreplace: olcReadOnly\nolcReadOnly: "
    at.slapd.modify(f"{change}TRUE\n")
    yield
    at.slapd.modify(f"{change}FALSE\n")


@contextmanager
def entry_edited_into_nonsense(at: Installation) -> Iterator[None]:
    """Give a user two owners."""
    at.invite("U4BBGA0008")
    owner = f"owner: uid=somebody,ou=people,{BASE_DN}"
    dn = f"uid=U4BBGA0008,ou=koppelgebruikers,{BASE_DN}"
    at.slapd.modify(f"dn: {dn}\nchangetype: modify\nadd: owner\n{owner}\n", "-e", "relax")
    yield


@contextmanager
def mail_server_refuses_the_password(at: Installation) -> Iterator[None]:
    """Log in with another password than the server knows."""
    file = at.folder / "mail.password"
    file.write_text("dit is hem niet")
    with RealServer(login=("idp", "dit is hem wel")) as server:
        at.more["mail"] = {"port": server.port, "username": "idp", "password_file": str(file)}
        yield


@contextmanager
def state_read_only(at: Installation) -> Iterator[None]:
    """Come back from a fault of the disk."""
    with READ_ONLY[0](at.state):
        yield


BROKEN: dict[Break, list[str]] = {
    key_file_broken: ["key file", "store", "outbox"],  # the chain of the audit hangs on it
    key_file_lost: ["key file", "store", "outbox"],  # and not: all is well for a first start
    signing_keys_broken: ["signing keys"],
    signing_keys_lost: ["signing keys"],
    store_broken: ["store", "outbox"],
    proxy_unnamed: ["service"],
    open_in_the_clear: ["service"],
    mail_late: ["outbox"],
    directory_stopped: DIRECTORY,
    directory_frozen: DIRECTORY,
    directory_password_wrong: DIRECTORY,
    directory_unnamed: DIRECTORY[:3],  # its log is there
    directory_lenient: ["directory policy"],
    directory_read_only: ["directory policy"],
    entry_edited_into_nonsense: ["directory entries"],
    mail_server_refuses_the_password: ["mail server"],
    state_read_only: ["state", "store", "outbox"],  # SQLite writes even to read
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
    wrong = {part: state for part, state in found.items() if state != "ok"}
    assert list(wrong) == BROKEN[break_it], wrong
    for part in BROKEN[break_it]:
        assert "Traceback" not in found[part]
        assert len(found[part].splitlines()) == 1
        assert "; " in found[part] or part in ("key file", "signing keys", "connectors"), found[part]  # what to do about it


def test_it_says_how_changes_are_followed(at: Installation, naming_gone: RunningSlapd) -> None:
    """An operator would not know why the audit knows nobody who deleted a user."""
    embedded = naming_gone.embedded
    at.more["directory"] = {"url": embedded.ldapi_url, "password_file": str(embedded.service_password_file)}
    assert states(at)["changes by others"] == "ok, by content synchronisation"


def test_that_nothing_is_followed_is_told(at: Installation, tmp_path: Path) -> None:
    """Owners would be told nothing, and everything else looks well."""
    slapd = RunningSlapd.start_in(tmp_path)
    try:
        take_log_away(slapd)
        embedded = slapd.embedded
        at.more["directory"] = {"url": embedded.ldapi_url, "password_file": str(embedded.service_password_file)}
        found = states(at)
    finally:
        slapd.stop()
    assert [part for part, state in found.items() if state != "ok"] == ["changes by others"]
    assert "--log-folder" in found["changes by others"]


def test_a_missing_worker_is_told(at: Installation) -> None:
    """Owners wait for mail that nobody sends, and everything else looks well."""
    shutil.copytree(at.state, at.folder / "another")
    at.more["service"] = {"state": str(at.folder / "another")}
    assert states(at)["worker"] == "no worker is at work, so no mail is sent; start `idp worker`"


def test_a_database_without_its_key_is_no_new_installation(at: Installation) -> None:
    """With another key, every link and client secret would be dead, and the audit broken, while all seems well."""
    key = at.state / "idp.key"
    key.unlink()
    sentence = at.idp("audit", "verify").sentence
    assert sentence.startswith(f"there is nothing in {at.state} yet")
    with pytest.raises(ConfigurationError, match="is missing beside"):
        open_digests(at.settings)
    assert not key.exists()
