"""The command line: a thin face of the services. Exit codes: 0 done, 1 refused or failed, 2 wrong use."""

from __future__ import annotations

import contextlib
import os
import sys

import click

from idp.cli.root import root
from idp.errors import IdpError

FAILED = 1


def main(arguments: list[str] | None = None) -> int:
    """Run one command; what goes wrong is one sentence on stderr, never a traceback.

    Args:
        arguments: without the program's name; None for the process's own.

    Returns:
        the exit code.
    """
    try:
        root.main(arguments, prog_name="idp", standalone_mode=False)
    except click.Abort:
        click.echo("idp: broken off", err=True)
        return FAILED
    except click.ClickException as exc:
        exc.show()
        return exc.exit_code
    except IdpError as exc:
        click.echo(f"idp: {exc}", err=True)
        return FAILED
    except OSError as exc:
        # Of our own input and output: all else is translated where it is met, and click itself leaves when a reader has gone.
        click.echo(f"idp: input or output failed: {exc.strerror or type(exc).__name__}", err=True)
        _forget_output()
        return FAILED
    return 0


def _forget_output() -> None:
    # What could not be written would be tried again at exit, and complained about once more.
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
