"""The recipe for ldapvi: an edit in an editor, at a terminal, is the same change as any other."""

from __future__ import annotations

import os
import pty
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.docs.desk import SEARCHED, SHELL
from tests.docs.recipe import recipes
from tests.slapd import BASE_DN
from tests.system.two_ways import WAYS, Customer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.docs.office import Office

BLOCK = recipes()["In an editor: ldapvi"].block


def edit(office: Office, customer: Customer, folder: Path, change: str, *, named: str = "") -> str:
    """Edit the user's entry at a terminal, and say yes; gives what the terminal shows.

    Args:
        office: where.
        customer: whose entry.
        folder: for the editor.
        change: of sed, which is the editor.
        named: attributes that are asked for.
    """
    editor = folder / "editor"
    editor.write_text(f"#!/bin/sh\nfor file; do :; done\nexec sed -i '{change}' \"$file\"\n")
    editor.chmod(0o700)
    environment = {name: value for name, value in os.environ.items() if name != "VISUAL"}
    environment |= {"LDAP": office.slapd.embedded.ldapi_url, "BASE": BASE_DN, "NAME": customer.user.uid, "PATH": SEARCHED}
    environment |= {"EDITOR": str(editor), "TERM": "dumb", "HOME": str(folder)}
    ours, theirs = pty.openpty()
    os.write(ours, b"y")
    command = [SHELL, "-eu", "-c", BLOCK.strip() + named]
    ran = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)  # noqa: S603  # our own words
    os.close(theirs)
    shown = _read(ours)
    assert ran.wait() == 0, shown
    return shown


def _read(terminal: int) -> str:
    shown = b""
    try:
        while part := os.read(terminal, 4096):
            shown += part
    except OSError:  # a terminal that everybody has left
        pass
    finally:
        os.close(terminal)
    return shown.decode()


def test_a_block_and_an_unblock_in_an_editor(office: Office, customer: Customer, tmp_path: Path) -> None:
    """An admin who works in an editor would believe that a user is out, or in again."""
    shown = edit(office, customer, tmp_path, r"/^administratie:/a pwdEndTime: 19700101000000Z")
    assert "modify: 1" in shown
    assert customer.ways() == dict.fromkeys(WAYS, False)
    edit(office, customer, tmp_path, "/^pwdEndTime:/d", named=" '*' pwdReset pwdEndTime")
    assert customer.ways() == dict.fromkeys(WAYS, True)


@pytest.mark.row("R24")
def test_a_release_in_an_editor(office: Office, customer: Customer, tmp_path: Path) -> None:
    """R24: a release would count for nothing."""
    office.slapd.write(customer.dn, "userPassword", "een wachtzin van zojuist gekozen")
    assert 'value="' + customer.user.uid not in customer.portal.open("/").text
    edit(office, customer, tmp_path, r"/^administratie:/a pwdReset: TRUE")
    assert 'value="' + customer.user.uid in customer.portal.open("/").text
