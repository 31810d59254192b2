"""No cryptography of our own, and none that has been broken: what the service takes to digest, sign and draw."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HASHES = {"sha256": None, "file_digest": None, "sha1": "idp/adapters/directory_templates.py"}
"""Of `hashlib`: what is called, and the one file that may; None: all. The service's own password, 256 random bits, is handed to a
new directory as `{SSHA}`, which slapd reads before it has loaded a module."""

NEVER = {"random", "crypt", "Crypto", "Cryptodome", "nacl", "jwt", "jose", "passlib", "bcrypt", "rsa", "ecdsa", "pyaes"}
"""Predictable numbers, and packages beside `cryptography` and `joserfc`: two of a kind, of which one is forgotten."""


def objections(source: str, file: str) -> set[str]:
    """Give what a file may not take.

    Args:
        source: its text.
        file: its path from the root.
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found |= {name.name.partition(".")[0] for name in names} & NEVER
            case ast.ImportFrom(module=str(module), level=0):
                found |= {module.partition(".")[0]} & (NEVER | {"hashlib"})  # by its full name, so that it is seen which one
            case ast.Attribute(value=ast.Name(id="hashlib"), attr=name) if HASHES.get(name, "nowhere") not in (None, file):
                found.add(name)
            case ast.Attribute(value=ast.Name(id="hashes"), attr=name) if name.startswith(("MD5", "SHA1")):
                found.add(name)
            case _:
                pass
    return found


def test_only_what_is_kept_and_strong_is_taken() -> None:
    """One MD5, one `random.choice` for a link, and who reads the source is in."""
    files = [file.relative_to(ROOT).as_posix() for folder in ("idp", "connectors") for file in (ROOT / folder).rglob("*.py")]
    assert len(files) > 100
    assert {file: found for file in files if (found := objections((ROOT / file).read_text(encoding="utf-8"), file))} == {}


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("import random", "random"),
        ("from random import choice", "random"),
        ("import jwt.algorithms", "jwt"),
        ("import hashlib\nhashlib.md5(b'')", "md5"),
        ("import hashlib\nhashlib.new('md5')", "new"),
        ("import hashlib\nhashlib.sha1(b'')", "sha1"),
        ("from hashlib import md5", "hashlib"),
        ("from cryptography.hazmat.primitives import hashes\nhashes.SHA1()", "SHA1"),
    ],
)
def test_another_one_is_found(planted: str, found: str) -> None:
    """A check that finds nothing would be believed."""
    assert objections(planted, "idp/services/gate.py") == {found}
