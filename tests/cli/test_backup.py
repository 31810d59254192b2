"""`idp backup` and `idp restore`, as an operator meets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.worker import only_worker

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.installation import Installation


def backed_up(at: Installation) -> Path:
    """Take a backup; gives its folder."""
    folder = at.folder / "backups"
    (made,) = at.done("backup", str(folder)).splitlines()
    (there,) = (path for path in folder.iterdir() if path.is_dir())
    assert str(there) == made
    return there


def clients(at: Installation) -> list[str]:
    """Give the registered applications, by name."""
    return [row["name"] for row in at.idp("client", "list", "--json").json]


def test_what_was_there_is_there_again(at: Installation) -> None:
    """A disk dies: every application would have to be connected anew."""
    at.done("client", "add", "ing", "--name", "before")
    backup = backed_up(at)
    keys = (at.state / "oauth-keys.json").read_bytes()
    at.done("client", "add", "ing", "--name", "after")
    at.done("key", "rotate")
    said = at.done("restore", str(backup)).splitlines()
    assert said[0].startswith(f"restored {backup}, made 20")
    assert said[1].startswith("the audit trail is whole, up to command/")
    kept = said[2].removeprefix("the former state is kept in ")
    assert clients(at) == ["before"]
    assert (at.state / "oauth-keys.json").read_bytes() == keys
    assert at.done("audit", "verify").startswith("the audit trail is whole")
    with only_worker(at.state):
        assert at.done("doctor")
    at.more["service"] = {"state": kept}
    assert sorted(clients(at)) == ["after", "before"]
