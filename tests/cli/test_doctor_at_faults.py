"""`idp doctor` at a directory that is at fault as a whole: the rows that are wrong, and why; all others are well."""

from __future__ import annotations

import shutil
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import pytest

from idp.worker import only_worker
from tests.cli.test_doctor import DIRECTORY, PARTS, states
from tests.contract.store.disks import MAY_MOUNT, SmallDisk, mount, unmount
from tests.faults.directory import (
    UNREACHABLE,
    Fault,
    Place,
    placed,
    read_only,
    replica,
    schema_missing,
    users_hidden,
    without_policy,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.cli.installation import Installation

SEEN: dict[Fault, tuple[list[str], str]] = {
    **{fault: (DIRECTORY, why) for fault, why in UNREACHABLE.items()},
    users_hidden: (DIRECTORY[:3], "shows the service no koppelgebruikers"),  # the log is there
    schema_missing: (DIRECTORY[:2], UNREACHABLE[schema_missing]),  # and in it nobody is a koppelgebruiker
    read_only: (["directory policy"], "takes no changes"),
    replica: (["directory policy"], "takes no changes"),
    without_policy: (["directory policy"], "no policy holds"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A directory over TLS."""
    with placed(tmp_path_factory.mktemp("tls")) as made:
        yield made


@pytest.mark.parametrize("fault", SEEN, ids=lambda fault: fault.__name__)
def test_each_fault_is_told_with_its_remedy_and_no_other(at: Installation, place: Place, fault: Fault) -> None:
    """Whoever is called out of bed reads what is wrong and where to mend it, and that the rest can be left alone."""
    at.more["directory"] = {
        "url": place.url,
        "ca_file": str(place.authority.certificate),
        "password_file": str(place.slapd.embedded.service_password_file),
        "timeout_s": 2,
    }
    with only_worker(at.state):
        assert states(at) == dict.fromkeys(PARTS, "ok")
        with fault(place):
            said = states(at)
    parts, why = SEEN[fault]
    assert [part for part, state in said.items() if state != "ok"] == parts
    assert why in said[parts[0]]
    assert all("; " in said[part] for part in parts)


@contextmanager
def small_state(at: Installation) -> Iterator[Path]:
    """Put the state on a disk without room."""
    folder = at.folder / "small"
    folder.mkdir()
    assert mount("-t", "tmpfs", "-o", "size=8m", "koppel-idp-test", str(folder))
    try:
        shutil.copytree(at.state, folder, dirs_exist_ok=True)
        SmallDisk(folder).fill()
        yield folder
    finally:
        unmount(folder)


# As elsewhere, what needs a mount is no test where this process may not mount.
@pytest.mark.parametrize("way", [small_state] if MAY_MOUNT else [lambda at: nullcontext(at.state)])
def test_a_disk_with_hardly_any_room_is_told(
    at: Installation, way: Callable[[Installation], AbstractContextManager[Path]]
) -> None:
    """In time: once it is full, nobody can log in, and no mail is remembered as sent."""
    with way(at) as folder:
        at.more["service"] = {"state": str(folder)}
        with only_worker(folder):
            said = states(at)
    assert said["state"].endswith("has 0 MB left; make room") or not MAY_MOUNT
