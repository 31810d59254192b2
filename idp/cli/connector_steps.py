"""How the steps of `idp connector try` are shown: as they are done, or, for programs, all at the end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from idp.cli.table import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from idp.oauth_client.step import Step


def show_steps(steps: Iterable[Step], about: Mapping[str, object], *, as_json: bool) -> str:
    """Show them as they come.

    Args:
        steps: at least one.
        about: what was tried, for programs.
        as_json: as one object.

    Returns:
        what went wrong with the last one; empty: nothing.
    """
    done = []
    for step in steps:
        done.append(step)
        if not as_json:
            for line in _lines(step):
                click.echo(line)
    problem = text_of(done[-1].problem)
    if as_json:
        document = {**about, "well": not problem, "steps": [_members(step) for step in done]}
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    return problem


def _lines(step: Step) -> Iterator[str]:
    yield f"{step.name}: {step.request}".rstrip(": ")
    for name, value in step.sent.items():
        yield f"  > {text_of(name)}: {text_of(value)}"
    if step.status is not None:
        yield f"  < {step.status}"
    for name, value in step.got.items():
        explained = f"  -- {step.means[name]}" if name in step.means else ""
        yield f"  < {text_of(name)}: {text_of(value)}{explained}"
    yield f"  WRONG: {text_of(step.problem)}" if step.problem else "  ok"


def _members(step: Step) -> dict[str, object]:
    return {
        "step": step.name,
        "request": step.request or None,
        "sent": step.sent,
        "status": step.status,
        "got": step.got,
        "problem": step.problem or None,
    }
