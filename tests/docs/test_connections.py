"""docs/production.md, *Who speaks with whom*: whoever sets up a firewall by it forgets nothing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from pydantic import BaseModel

from idp.settings import Settings

ROOT = Path(__file__).parents[2]
SECTION = (
    (ROOT / "docs" / "production.md").read_text(encoding="utf-8").partition("### Who speaks with whom")[2].partition("\n## ")[0]
)
NAMED = set(re.findall(r"`([a-z]+\.[a-z_]+)`", SECTION))
PLACES = re.compile(r"url|host|port|listen|storage|\w*origin|\w*(networks|proxies)")
"""What a setting is called that says with whom we speak, or who may speak with us."""

CONNECTS = {"http.client", "urllib.request", "smtplib", "ldap3", "socket", "requests", "httpx", "asyncio", "telnetlib", "ftplib"}
"""Modules that can open a connection."""

OF_THE_TABLE = ("idp/adapters/back_channel.py", "idp/adapters/ldap/", "idp/adapters/smtp_session.py", "idp/serving.py")
WITHIN_THE_MACHINE = {
    "idp/readiness.py": "tells systemd over its socket",
    "idp/domain/redirect_uri.py": "reads an address, and asks nobody",
    "idp/adapters/slapd.py": "the demo's own directory",
    "idp/adapters/mailbox_server.py": "the demo's own mail server",
    "idp/demo/": "the demo",
    "idp/oauth_client/": "an application's part, for an operator who tries a connector",
}


def settings_of(model: type[BaseModel], path: str = "") -> set[str]:
    """Give the keys of a configuration that name a place."""
    found = set()
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found |= settings_of(field.annotation, f"{path}{name}.")
        elif path and PLACES.fullmatch(name):
            found.add(path + name)
    return found


def test_each_setting_that_names_another_machine_has_its_line() -> None:
    """A part of the service would stand before a closed door, which nobody opened for want of a line."""
    places = settings_of(Settings)
    assert {"directory.url", "service.trusted_proxies", "mail.port"} <= places
    assert places == NAMED


def test_nothing_else_opens_a_connection() -> None:
    """Somebody looks something up over the network one day, and the table does not say so."""
    connecting = {file.relative_to(ROOT).as_posix() for file in (ROOT / "idp").rglob("*.py") if modules_of(file) & CONNECTS}
    known = (*OF_THE_TABLE, *WITHIN_THE_MACHINE)
    assert sorted(file for file in connecting if not file.startswith(known)) == []
    assert [place for place in known if not any(file.startswith(place) for file in connecting)] == []


def modules_of(file: Path) -> set[str]:
    """Give the modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                found |= {name.name for name in names}
            case ast.ImportFrom(module=str(module), level=0):
                found |= {module, module.partition(".")[0], *(f"{module}.{name.name}" for name in node.names)}
    return found
