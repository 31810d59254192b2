"""The morning look: one unit that says all that is wrong."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.docs.systemctl import Machine, UnitFailed

UNITS = Path(__file__).parents[2] / "config" / "systemd"
LOOKS = ["doctor", "directory check", "audit verify"]


@pytest.mark.parametrize("wrong", ["", *LOOKS])
def test_every_look_is_taken_and_any_complaint_fails_the_unit(tmp_path: Path, wrong: str) -> None:
    """A letter that is late would hide, each morning, that the audit was changed."""
    program = tmp_path / "bin" / "idp"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$*"\n[ "$*" != "{wrong}" ]\n', "ascii")
    program.chmod(0o700)
    moved = {"/opt/koppel-idp/current/bin": str(program.parent), "/var/lib/koppel-idp": str(tmp_path)}
    machine = Machine(UNITS, tmp_path, moved)
    with pytest.raises(UnitFailed) if wrong else nullcontext():
        machine.start(machine.unit("koppel-idp-check"))
    assert (tmp_path / "koppel-idp-check.service.log").read_text("ascii").splitlines() == LOOKS
