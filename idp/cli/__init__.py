"""The command line: a thin face of the services. Exit codes: 0 done, 1 refused or failed, 2 wrong use."""

from __future__ import annotations

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
    except BrokenPipeError:
        # Whoever read along (a pager, `head`) has seen enough.
        sys.stderr.close()
        return FAILED
    return 0
