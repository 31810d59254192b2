"""A service with a fault: as `tests.torture.by_clock`; the file `plant` beside the clock's says which one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idp.adapters.ldap import LdapDirectory
from idp.adapters.sql.grants import SqlGrants
from idp.adapters.sql.outbox import SqlOutbox
from idp.errors import StoreUnavailable
from idp.services.gate import Gate
from tests.torture.by_clock import run

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = "plant"


def _nothing(*_: object) -> None:
    """Do not do it, and say nothing."""


def _open_gate(gate: Gate, entry_uuid: str, _seen: object) -> object:
    return gate.directory.find_user_by_uuid(entry_uuid)


def _broken(*_: object) -> None:
    raise LookupError


def _away(*_: object) -> None:
    raise StoreUnavailable


PLANTS: dict[str, tuple[type, str, Callable[..., object]]] = {
    "gate skipped": (Gate, "_usable_user", _open_gate),
    "letter lost": (SqlOutbox, "add", _nothing),
    "password not written": (LdapDirectory, "set_user_password", _nothing),
    "token not kept": (SqlGrants, "add_token", _nothing),
    "traceback": (Gate, "_usable_user", _broken),
    "later without a reason": (Gate, "_usable_user", _away),
}
"""Of each fault: whose method is another one."""


def plant(file: Path, name: str, kind: type, method: str, fault: Callable[..., object]) -> None:
    """Put a method in the place of another one, wherever the file says so."""
    right = getattr(kind, method)

    def either(*arguments: object) -> Any:  # noqa: ANN401  # whatever it was
        return (fault if file.read_text(encoding="utf-8") == name else right)(*arguments)

    setattr(kind, method, either)


if __name__ == "__main__":
    wanted = Path(sys.argv[1]).with_name(FILE)
    for name, planted in PLANTS.items():
        plant(wanted, name, *planted)
    sys.exit(run(*sys.argv[1:]))
