"""Operators act as themselves: the directory decides what each of them may, not this program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.slapd import SUPPORT_DN, USERS_DN

if TYPE_CHECKING:
    from tests.cli.installation import Installation

UID = "U4BBGA0008"
DESK_DN = f"cn=desk,{SUPPORT_DN}"
DESK_PASSWORD = "een wachtzin van de servicedesk"


@pytest.fixture
def desk(at: Installation) -> tuple[str, ...]:
    """Somebody of support, as options; and a koppelgebruiker to help."""
    at.invite(UID)
    classes = "objectClass: applicationProcess\nobjectClass: simpleSecurityObject\n"
    at.slapd.tool("ldapadd", ldif=f"dn: {DESK_DN}\n{classes}cn: desk\nuserPassword: {DESK_PASSWORD}\n")
    return ("user", "--as", DESK_DN, "--password-file", secret_file(at, DESK_PASSWORD + "\n"))


def secret_file(at: Installation, text: str) -> str:
    """Put a password into a file."""
    file = at.folder / "password"
    file.write_text(text)
    return str(file)


@pytest.mark.row("R24", "R25")
def test_support_releases_blocks_and_mends_but_creates_nobody(at: Installation, desk: tuple[str, ...]) -> None:
    """Support helps on the phone; who exists is for administrators, and the directory itself holds that."""
    at.done(*desk, "release", UID)
    at.done(*desk, "block", UID)
    at.done(*desk, "unblock", UID)
    at.done(*desk, "mail", UID, "nieuw@example.nl")
    assert at.slapd.read(f"uid={UID},{USERS_DN}", "pwdReset") == ["TRUE"]
    wanted = ("invite", "U4BBGA0009", "--administratie", "A", "--mail", "nieuw@example.nl", "--owner-name", "Anna")
    assert at.idp(*desk, *wanted).sentence == "This identity may not do that."
    assert [row["name"] for row in at.idp(*desk, "list", "--json").json] == [UID]


@pytest.mark.row("R25")
def test_the_audit_says_who_it_was(at: Installation, desk: tuple[str, ...]) -> None:
    """When an address was 'mended' by the wrong person, somebody must be able to find out who that was."""
    at.done(*desk, "mail", UID, "nieuw@example.nl")
    at.done("user", "release", UID)
    records = at.idp("audit", "list", "--json").json
    actors = {record["action"]: record["actor"] for record in records}
    assert actors["owner.mail-changed"] == f"operator:dn:{DESK_DN}"
    assert actors["user.released"] == "operator:dn:cn=admin,dc=u4bsw,dc=nl"


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_password_comes_from_stdin_as_well(at: Installation, desk: tuple[str, ...], ending: str) -> None:
    """A password program writes to stdin, with or without a line's end."""
    options = (*desk[:4], "-")
    assert at.done(*options, "release", UID, stdin=DESK_PASSWORD + ending) == f"{UID} can reset its password now\n"


def test_the_identity_comes_from_the_environment_too(
    at: Installation, desk: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Support types it once a day, not once a command."""
    monkeypatch.setenv("IDP_AS", desk[2])
    monkeypatch.setenv("IDP_PASSWORD_FILE", desk[4])
    at.done("user", "release", UID)
    assert at.idp("audit", "list", "--json").json[-1]["actor"] == f"operator:dn:{DESK_DN}"


WRONG = "The directory does not accept this identity with this password."


@pytest.mark.parametrize("password", ["dit is hem dus echt niet", "x", "é" * 100])
@pytest.mark.parametrize("dn", [DESK_DN, f"cn=nobody,{SUPPORT_DN}", "no DN at all"])
def test_a_wrong_identity_is_refused_in_one_sentence(at: Installation, desk: tuple[str, ...], dn: str, password: str) -> None:
    """Nobody learns which of the two was wrong; and nothing happens under another identity instead."""
    assert desk
    ran = at.idp("user", "--as", dn, "--password-file", secret_file(at, password), "release", UID)
    assert ran.sentence in (WRONG, "The directory answers invalidDNSyntax.")
    assert at.slapd.read(f"uid={UID},{USERS_DN}", "pwdReset") == []


@pytest.mark.row("S50")
@pytest.mark.parametrize("password", ["", "\n"])
def test_an_empty_password_never_reaches_the_directory(at: Installation, desk: tuple[str, ...], password: str) -> None:
    """It would be an anonymous bind, which succeeds, as nobody (RFC 4513 section 5.1.2)."""
    file = ("user", "--as", DESK_DN, "--password-file", secret_file(at, password), "release", UID)
    stdin = (*desk[:4], "-", "release", UID)
    assert at.idp(*file).sentence.endswith("is empty")
    assert at.idp(*stdin, stdin=password).sentence == "no password came from stdin"


def test_without_a_socket_somebody_must_be_named(at: Installation) -> None:
    """Over the network there is no identity that this program could take by itself, least of all the service's."""
    at.more["directory"] = {"url": at.slapd.embedded.ldap_url}
    assert at.idp("user", "list").sentence == "say who you are in the directory: --as DN"


def test_a_password_file_that_is_not_there_is_named(at: Installation) -> None:
    """A typing error in its name is told as such."""
    ran = at.idp("user", "--as", DESK_DN, "--password-file", str(at.folder / "none"), "list")
    assert ran.sentence == f"the secret file {at.folder}/none can't be read: FileNotFoundError"


def test_asked_for_a_password_nothing_is_shown(at: Installation, desk: tuple[str, ...]) -> None:
    """Who types it with a colleague at the next desk sees no letter of it."""
    command = f"{sys.executable} -m idp.cli --config {at.config} {' '.join(desk[:3])} release {UID}"
    shown = at_a_terminal(command, f"Password of {DESK_DN}: ", DESK_PASSWORD + "\n")
    assert f"{UID} can reset its password now" in shown
    assert DESK_PASSWORD not in shown


def at_a_terminal(command: str, question: str, answer: str) -> str:
    """Run a command at a terminal, and type one answer; gives all that was shown."""
    script = shutil.which("script")
    assert script is not None  # of bsdutils, which is essential in Debian
    with subprocess.Popen(  # noqa: S603  # ours
        [script, "--quiet", "--command", command, "/dev/null"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as terminal:
        assert terminal.stdin is not None
        assert terminal.stdout is not None
        shown = b""
        while question.encode() not in shown and (piece := os.read(terminal.stdout.fileno(), 1024)):
            shown += piece
        terminal.stdin.write(answer.encode())
        terminal.stdin.flush()
        shown += terminal.stdout.read()
    return shown.decode()
