"""What a backup says of itself, so that a restore knows a whole one from half of one, and from somebody else's."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from idp.backup.files import FILES, copy, digest, make_empty, sync
from idp.errors import NotRestored

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file was.

    Args:
        size: in bytes.
        sha256: in hexadecimal.
    """

    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> FileFacts:
        """Look at a file. Raises `OSError`."""
        return cls(path.stat().st_size, digest(path))


@dataclass(frozen=True, slots=True)
class Manifest:
    """It.

    Args:
        made_at: when, aware.
        program: version of the program that made it.
        schema: revision of the database's schema.
        issuer: whose it is.
        files: by name.
    """

    made_at: datetime
    program: str
    schema: str
    issuer: str
    files: Mapping[str, FileFacts]

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the one of a backup.

        Raises:
            NotRestored: it is none, or it is damaged.
        """
        path = folder / MANIFEST_NAME
        try:
            said = json.loads(path.read_text("utf-8"))
            files = {str(name): FileFacts(int(facts["size"]), str(facts["sha256"])) for name, facts in said["files"].items()}
            made_at = datetime.fromisoformat(said["made_at"])
            found = cls(made_at, str(said["program"]), str(said["schema"]), str(said["issuer"]), files)
        except OSError as exc:
            message = f"{folder} is no whole backup: {path} can't be read ({exc.strerror})"
            raise NotRestored(message) from exc
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            message = f"{folder} is no whole backup: {path} is damaged"
            raise NotRestored(message) from exc
        if set(found.files) != set(FILES) or found.made_at.tzinfo is None:
            message = f"{folder} is no whole backup: {path} is damaged"
            raise NotRestored(message)
        return found

    def write(self, folder: Path) -> None:
        """Write it into the folder of a backup. Raises `OSError`."""
        said = asdict(self) | {"made_at": self.made_at.isoformat()}
        path = folder / MANIFEST_NAME
        make_empty(path)
        path.write_text(json.dumps(said, indent=1) + "\n", "utf-8")
        sync(path)

    def copy_files(self, source: Path, target: Path) -> None:
        """Copy a backup's files, and look whether they are still what they were.

        Raises:
            NotRestored: one is gone, was cut off or changed.
            OSError: they can't be written.
        """
        for name, facts in self.files.items():
            if not (source / name).is_file():
                message = f"{source} is no whole backup: {name} is missing"
                raise NotRestored(message)
            copy(source / name, target / name)
            if FileFacts.of(target / name) != facts:
                message = f"{source} is no whole backup: {name} is not what it was when the backup was made"
                raise NotRestored(message)
