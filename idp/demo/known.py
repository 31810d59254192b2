"""What the people of the demo know, and nobody else keeps."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from idp.demo.place import write_private
from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

USERNAME = "U4BBGA0008"
"""The manual's own example."""


@dataclass(frozen=True, slots=True)
class DemoSecrets:
    """One owner's password, and the clients' secrets.

    Args:
        owner_mail: whose password it is.
        owner_password: for the portal.
        clients: by connector id, `client_id` and `client_secret`.
        complete: all people are made; from then on they are whatever an admin makes of them.
    """

    owner_mail: str
    owner_password: str = field(repr=False)
    clients: Mapping[str, Mapping[str, str]] = field(repr=False)
    complete: bool = False

    @classmethod
    def read(cls, file: Path) -> DemoSecrets | None:
        """Read them; None where there are none yet. Raises `ConfigurationError`."""
        try:
            return cls(**json.loads(file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as exc:
            message = f"{file} can't be read ({type(exc).__name__}); delete the whole folder to begin anew"
            raise ConfigurationError(message) from exc

    def write(self, file: Path) -> None:
        """Keep them. Raises `ConfigurationError`."""
        write_private(file, json.dumps(asdict(self)))
