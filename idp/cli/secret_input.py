"""Secrets that a command needs: asked for, from stdin, or from a file; never an argument, which everybody here could read."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from idp.errors import ConfigurationError
from idp.settings import read_secret

_STDIN = "-"


def secret_of(question: str, file: str | None, what: str) -> str:
    """Give a secret.

    Args:
        question: asked on a terminal.
        file: a file, ``-`` for the next line of stdin, or None to be asked.
        what: it is, for the sentence that says that there is none.

    Raises:
        ConfigurationError: it can't be read, or is empty.
    """
    if file is None:
        return str(click.prompt(question, hide_input=True, err=True))
    return _from_stdin(what) if file == _STDIN else read_secret(Path(file))


def _from_stdin(what: str) -> str:
    # Not a byte more than the line: what follows may be the next secret, or the file of an import.
    try:
        secret = sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError as exc:
        message = f"the {what} from stdin is not in UTF-8"
        raise ConfigurationError(message) from exc
    if not secret:
        message = f"no {what} came from stdin"
        raise ConfigurationError(message)
    return secret
