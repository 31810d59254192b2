"""Our own files for browsers: no page asks anything of a third party."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def install(app: Flask) -> None:
    """Let browsers keep files for good when their address holds a digest."""

    @app.after_request
    def keep(response: Response) -> Response:
        kept = request.endpoint == "static" or request.blueprint == "brand"
        if kept and request.args.get("v") and response.status_code < 400:  # noqa: PLR2004  # errors
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def digest(content: bytes) -> str:
    """Give what stands in an address for a file's content."""
    return hashlib.sha256(content).hexdigest()[:_DIGEST_CHARACTERS]
