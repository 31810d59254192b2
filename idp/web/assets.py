"""Our own files for browsers: no page asks anything of a third party."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from flask import Flask, Response

FOLDER = Path(__file__).parent / "static"
_DIGEST_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Assets:
    """Addresses with the content's digest, so that browsers may keep a file for good and still see a new one at once.

    Args:
        digests: by path below `static`.
    """

    digests: Mapping[str, str]

    @classmethod
    def of_package(cls) -> Assets:
        """Read the files of this package."""
        files = [path for path in FOLDER.rglob("*") if path.is_file()]
        return cls({path.relative_to(FOLDER).as_posix(): digest(path.read_bytes()) for path in files})

    def url(self, name: str) -> str:
        """Give a file's address.

        Args:
            name: path below `static`; one that is not there gets an address that answers 404.
        """
        digest = self.digests.get(name)
        return f"/static/{name}?v={digest}" if digest else f"/static/{name}"


def install(app: Flask, others: Collection[str]) -> None:
    """Let browsers keep files for good when their address holds their digest, and no other.

    During an upgrade a new page may ask the old service for a file: that must not stay for good below the new one's address.

    Args:
        app: serves our `static`.
        others: addresses with a digest of files that are not there.
    """
    ours = Assets.of_package()
    kept = {*map(ours.url, ours.digests), *others}

    @app.after_request
    def keep(response: Response) -> Response:
        if request.full_path in kept and response.status_code < 400:  # noqa: PLR2004  # errors
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def digest(content: bytes) -> str:
    """Give what stands in an address for a file's content."""
    return hashlib.sha256(content).hexdigest()[:_DIGEST_CHARACTERS]
