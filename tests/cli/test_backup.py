"""`idp backup` and `idp restore`, as an operator meets them."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.config import Config

from idp.adapters.sql import migrations
from idp.adapters.sql.sqlite import SqliteFile
from idp.adapters.state_folder import at_work
from idp.adapters.system_clock import SystemClock
from idp.backup.files import FILES, digest
from idp.domain.grant import Grant
from idp.domain.mail import Letter, OutboxRow
from idp.domain.people import Seen
from idp.worker import only_worker
from tests.contract.store.disks import FULL_DISKS, READ_ONLY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.cli.installation import Installation
    from tests.contract.store.disks import Disk

NEWER = "The database was made by a newer version of this service; install that version, or restore a copy."
OPENING = (
    ("serve",),
    ("worker",),
    ("backup", "backups"),
    ("user", "list"),
    ("client", "list"),
    ("client", "add", "ing", "--name", "ING"),
    ("client", "disable", "ing-1"),
    ("key", "rotate"),
    ("audit", "list"),
    ("audit", "verify"),
    ("audit", "erase", "uuid", "--yes"),
)


def backed_up(at: Installation) -> Path:
    """Take a backup; gives its folder."""
    return Path(at.done("backup", str(at.folder / "backups")).strip())


def clients(at: Installation) -> list[str]:
    """Give the registered applications, by name."""
    return sorted(row["name"] for row in at.idp("client", "list", "--json").json)


def all_of(folder: Path) -> dict[str, bytes]:
    """Read all files of a folder, by their paths."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def modes(folder: Path) -> set[int]:
    """Give the modes of the files in a folder."""
    return {path.stat().st_mode & 0o777 for path in folder.iterdir()}


@pytest.fixture
def loose_umask() -> Iterator[None]:
    """A shell that lets everybody read what it makes."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("loose_umask")
def test_what_was_there_is_there_again(at: Installation) -> None:
    """A disk dies: every application would have to be connected anew, or everybody on the machine could sign tokens."""
    at.done("client", "add", "ing", "--name", "before")
    backup = backed_up(at)
    assert (modes(backup), backup.stat().st_mode & 0o777) == ({0o600}, 0o700)
    keys = (at.state / "oauth-keys.json").read_bytes()
    at.done("client", "add", "ing", "--name", "after")
    at.done("key", "rotate")
    said = at.done("restore", str(backup)).splitlines()
    assert said[0].startswith(f"restored {backup}, made 20")
    assert said[1].startswith("the audit trail is whole, up to command/")
    kept = said[2].removeprefix("the former state is kept in ")
    assert clients(at) == ["before"]
    assert (at.state / "oauth-keys.json").read_bytes() == keys
    assert {(at.state / name).stat().st_mode & 0o777 for name in FILES} == modes(Path(kept)) == {0o600}
    assert at.done("audit", "verify").startswith("the audit trail is whole")
    (record,) = at.idp("audit", "list", "--action", "state.restored", "--json").json
    assert record["actor"].startswith("operator:")
    with only_worker(at.state):
        assert at.done("doctor")
    at.more["service"] = {"state": kept}
    assert clients(at) == ["after", "before"]


def test_a_new_machine_gets_a_state(at: Installation) -> None:
    """The old one burnt down: there is nothing to keep, and the service goes on."""
    at.done("client", "add", "ing", "--name", "before")
    backup = backed_up(at)
    at.more["service"] = {"state": str(at.folder / "new machine" / "state")}
    assert "kept" not in at.done("restore", str(backup))
    assert clients(at) == ["before"]


def test_former_backups_are_taken_away_after_their_days(at: Installation) -> None:
    """The disk would fill up, and data of people stay for years; or the one that is wanted would be gone."""
    folder, now = at.folder / "backups", datetime.now(UTC)
    names = {days: (now - timedelta(days=days)).strftime("%Y%m%dT%H%M%SZ") for days in (1, 13, 15, 400)}
    for name in (*names.values(), "unfinished", "somebody's"):
        (folder / name).mkdir(parents=True)
        (folder / name / "idp.db").touch()
    first = backed_up(at).name
    kept = {"somebody's", "backup.lock", first}
    assert {path.name for path in folder.iterdir()} == {*names.values(), *kept}  # were the clock ahead, none would be left
    second = Path(at.done("backup", str(folder), "--keep-days", "14")).name.strip()
    assert {path.name for path in folder.iterdir()} == {*names.values(), *kept, second}
    third = Path(at.done("backup", str(folder), "--keep-days", "2")).name.strip()
    assert {path.name for path in folder.iterdir()} == {names[1], *kept, second, third}


def test_a_second_backup_at_the_same_time_is_refused(at: Installation) -> None:
    """Two that write to one folder would make one of halves."""
    folder = at.folder / "backups"
    folder.mkdir()
    with (folder / "backup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert at.idp("backup", str(folder)).sentence == f"another backup is being made in {folder}"


@pytest.mark.parametrize("full_disk", FULL_DISKS)
def test_a_full_disk_has_no_half_of_a_backup(at: Installation, full_disk: Callable[[], AbstractContextManager[Disk]]) -> None:
    """Somebody would find out in the night in which they need it."""
    with full_disk() as disk:
        disk.fill()
        sentence = at.idp("backup", str(disk.folder)).sentence
        disk.clear()
        left = [path.name for path in disk.folder.iterdir()]
        assert left in ([], ["backup.lock"])
        assert sentence.startswith(f"no backup was made in {disk.folder}: ")
        assert at.done("backup", str(disk.folder))


def test_a_folder_that_can_not_be_written_is_told(at: Installation) -> None:
    """The timer would run every night, and leave nothing."""
    folder = at.folder / "backups"
    folder.mkdir()
    with READ_ONLY[0](folder):
        assert at.idp("backup", str(folder)).sentence.startswith(f"no backup was made in {folder}: ")


@pytest.mark.parametrize("name", FILES)
def test_half_of_a_state_is_not_backed_up(at: Installation, name: str) -> None:
    """A backup without the key is worth nothing, and nobody would see it until then."""
    (at.state / name).unlink()
    assert at.idp("backup", str(at.folder / "backups")).code == 1
    assert not list((at.folder / "backups").glob("*Z"))


def cut_off(backup: Path) -> str:
    """Take the end of the database away."""
    os.truncate(backup / "idp.db", (backup / "idp.db").stat().st_size - 1)
    return "idp.db is not what it was when the backup was made"


def another_key(backup: Path) -> str:
    """Change a byte of the key."""
    (backup / "idp.key").write_bytes(b"k" * 32)
    return "idp.key is not what it was when the backup was made"


def file_lost(backup: Path) -> str:
    """Lose a file."""
    (backup / "oauth-keys.json").unlink()
    return "oauth-keys.json is missing"


def manifest_lost(backup: Path) -> str:
    """Lose the manifest."""
    (backup / "manifest.json").unlink()
    return f"{backup / 'manifest.json'} can't be read (No such file or directory)"


def manifest_damaged(backup: Path) -> str:
    """Cut the manifest off."""
    os.truncate(backup / "manifest.json", 100)
    return f"{backup / 'manifest.json'} is damaged"


def manifest_of_less(backup: Path) -> str:
    """Have the manifest name another file, somewhere else."""
    said = json.loads((backup / "manifest.json").read_text())
    said["files"]["../idp.key"] = said["files"].pop("idp.key")
    (backup / "manifest.json").write_text(json.dumps(said))
    return f"{backup / 'manifest.json'} is damaged"


SPOILT = (cut_off, another_key, file_lost, manifest_lost, manifest_damaged, manifest_of_less)


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_backup_that_is_not_what_it_was_changes_nothing(at: Installation, spoil: Callable[[Path], str]) -> None:
    """A working state would be exchanged for one that does not start."""
    backup = backed_up(at)
    reason, before = spoil(backup), all_of(at.state)
    assert at.idp("restore", str(backup)).sentence == f"{backup} is no whole backup: {reason}"
    assert all_of(at.state) == before


def test_a_backup_of_another_service_changes_nothing(at: Installation) -> None:
    """The test machine's backup would be put into production."""
    backup = backed_up(at)
    at.more["service"] = {"origin": "https://idp.example.nl", "trusted_proxies": ["127.0.0.1/32"]}
    before = all_of(at.state)
    sentence = f"{backup} is of http://127.0.0.1:8000, and service.origin is https://idp.example.nl"
    assert at.idp("restore", str(backup)).sentence == sentence
    assert all_of(at.state) == before


def make_newer(database: Path) -> None:
    """Do what a later version would."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9998'")


def test_a_backup_of_a_newer_version_changes_nothing(at: Installation) -> None:
    """An older program would write to tables that it doesn't know."""
    backup = backed_up(at)
    make_newer(backup / "idp.db")
    manifest = json.loads((backup / "manifest.json").read_text())
    manifest["files"]["idp.db"]["sha256"] = digest(backup / "idp.db")
    (backup / "manifest.json").write_text(json.dumps(manifest))
    before = all_of(at.state)
    assert at.idp("restore", str(backup)).sentence == NEWER
    assert all_of(at.state) == before


@pytest.mark.parametrize("words", OPENING, ids=" ".join)
def test_a_state_of_a_newer_version_is_refused_and_left_as_it_is(
    at: Installation, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever goes back to the old version would spoil what the new one has written."""
    monkeypatch.chdir(at.folder)  # where the backup goes
    make_newer(at.state / "idp.db")
    before = all_of(at.state)
    assert at.idp(*words).sentence == NEWER
    assert all_of(at.state) == before
    assert {row["part"] for row in at.idp("doctor", "--json").json if row["state"] == NEWER} == {"store", "outbox"}


def test_a_backup_of_an_older_schema_is_brought_up_to_date(at: Installation) -> None:
    """Who upgrades, and restores the backup of the day before, would have a service that does not start."""
    (at.state / "idp.db").unlink()
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with SqliteFile(at.state / "idp.db", busy_timeout_s=1.0).schema_work() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        connection.commit()
    before = all_of(at.state)["idp.db"]
    backup = backed_up(at)
    assert all_of(at.state)["idp.db"] == before
    assert json.loads((backup / "manifest.json").read_text())["schema"] == "0004"
    at.done("restore", str(backup))
    with only_worker(at.state):
        assert at.done("doctor")
    with closing(sqlite3.connect(at.state / "idp.db")) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == (migrations.HEAD,)


def test_nothing_is_exchanged_under_whoever_is_at_work(at: Installation) -> None:
    """A process would go on writing to files that nobody sees any more."""
    backup = backed_up(at)
    before = all_of(at.state)
    with at_work(at.state):
        sentence = f"{at.state} is in use; stop `idp serve`, `idp worker` and all other commands first"
        assert at.idp("restore", str(backup)).sentence == sentence
    assert all_of(at.state) == before


def test_a_full_disk_changes_nothing(at: Installation) -> None:
    """The state would be gone, and the backup not yet there."""
    backup, (*_, limited) = backed_up(at), FULL_DISKS
    before = all_of(at.state)
    with limited() as disk:
        disk.fill()
        sentence = at.idp("restore", str(backup)).sentence
    assert sentence == f"nothing was restored into {at.state}: File too large"
    assert all_of(at.state) == before


def test_letters_that_waited_are_told_of(at: Installation) -> None:
    """An owner calls about a second letter, and nobody knows why it was sent."""
    row = OutboxRow("id", Letter.INVITATION, {"owner": "uuid"}, SystemClock().now(), SystemClock().now())
    with closing(at.store()) as store, store.transaction() as work:
        work.outbox.add(row)
    assert "1 letters waited when the backup was made; they are sent" in at.done("restore", str(backed_up(at)))


def test_all_access_can_end_with_the_restore(at: Installation) -> None:
    """What was ended since lives again, at three in the morning, and nobody knows any more what that was."""
    now = SystemClock().now()
    with closing(at.store()) as store, store.transaction() as work:
        work.grants.add(Grant("id", "ing-1", "U4BBGA0008", Seen("uuid", None), now, now, ""))
    backup = backed_up(at)
    for option, live in (((), 1), (("--end-all-access",), 0)):
        at.done("restore", str(backup), *option)
        with closing(at.store()) as store, store.reading() as work:
            assert len(work.grants.of_user("uuid")) == live


def test_a_backup_waits_for_no_writer(at: Installation) -> None:
    """A long import would keep the night's backup from being made, or the backup everybody else from writing."""
    with closing(at.store()) as store, store.transaction() as work:
        work.clients.all()
        taken = threading.Thread(target=backed_up, args=(at,))
        taken.start()
        taken.join(30)
        assert not taken.is_alive()
    assert list((at.folder / "backups").glob("*Z"))


def test_the_keys_are_copied_after_the_database(at: Installation) -> None:
    """A key that was made in between would be missing, and what it has signed be refused, though the database knows of it."""
    file, folder = at.state / "oauth-keys.json", at.folder / "backups"
    keys = file.read_bytes()
    file.unlink()
    os.mkfifo(file, 0o600)
    taken = threading.Thread(target=at.idp, args=("backup", str(folder)))
    taken.start()
    with file.open("wb") as pipe:  # opened when somebody reads it
        size = (folder / "unfinished" / "idp.db").stat().st_size
        pipe.write(keys)
    taken.join()
    (backup,) = folder.glob("*Z")
    assert size == (backup / "idp.db").stat().st_size > 0
