"""Two ways in which an application comes to be known: an admin registers it, or it registers itself (RFC 7591)."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any

from idp.demo.people import CALLBACK

if TYPE_CHECKING:
    from tests.system.demo import Demo

TIMEOUT_S = 10


def registered(demo: Demo) -> str:
    """Register a program that has no browser; gives its client_id."""
    return str(_client_command(demo, "add", "vendor_app", "--name", "Kassa")["client_id"])


def registers_itself(demo: Demo) -> str:
    """Register as an application that nobody here has looked at; gives its client_id."""
    token = _client_command(demo, "registration-token", "add", "vendor_api")["registration_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    wanted = json.dumps({"client_name": "Kassa op maat", "redirect_uris": [CALLBACK]}).encode()
    request = urllib.request.Request(f"{demo.url}/oauth/register", wanted, headers)  # noqa: S310  # the demo's address
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310  # likewise
        return str(json.load(answer)["client_id"])


def _client_command(demo: Demo, *words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "idp.cli", "--config", str(demo.state / "idp.toml"), "client", *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # our own words
    return dict(json.loads(done.stdout))
