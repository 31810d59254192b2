"""Exit codes are 0, 1 and 2; an error is a sentence, never a traceback; and no secret is ever an argument."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from idp.cli.root import root
from idp.worker import only_worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.installation import Installation


def commands(group: click.Group | None = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Give every command, with the words that lead to it."""
    found = group or root
    context = click.Context(found)
    for name in found.list_commands(context):
        command = found.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(commands())
SHOWING = [
    ("user", "list"),
    ("user", "show", "U4BBGA0008"),
    ("client", "list"),
    ("client", "add", "ing", "--name", "ING"),
    ("client", "rotate-secret", "koppeling-1"),
    ("connector", "list"),
    ("key", "list"),
    ("audit", "list"),
    ("doctor",),
    ("config", "show"),
]


def test_the_commands_of_the_interface_are_there() -> None:
    """What is promised to people and scripts can be called."""
    promised = {
        *((name,) for name in ("serve", "worker", "demo", "doctor", "backup", "restore")),
        *(("user", name) for name in ["invite", "list", "show", "release", "block", "unblock", "mail", "export", "import"]),
        *(("client", name) for name in ("list", "add", "rotate-secret", "disable")),
        *(("connector", name) for name in ("list", "try")),
        *(("key", name) for name in ("list", "rotate")),
        *(("audit", name) for name in ("list", "verify")),
        ("config", "show"),
    }
    assert promised <= set(ALL)


@pytest.mark.parametrize("words", ALL, ids=[" ".join(words) for words in ALL])
def test_every_command_explains_itself(at: Installation, words: tuple[str, ...]) -> None:
    """Whoever does not know a command asks it."""
    said = at.done(*words, "--help")
    assert said.startswith(f"Usage: idp {words[0]}")
    assert len(said.splitlines()) > 3


@pytest.mark.row("S35")
@pytest.mark.parametrize("words", ALL, ids=[" ".join(words) for words in ALL])
def test_no_command_takes_a_secret_as_an_argument(words: tuple[str, ...]) -> None:
    """Arguments are in the list of processes, and in the shell's history."""
    options = [option for parameter in ALL[words].params for option in (*parameter.opts, parameter.name or "")]
    taken = [option for option in options if any(word in option for word in ("password", "secret", "token"))]
    assert [option for option in taken if "file" not in option] == []


@pytest.mark.parametrize("words", SHOWING, ids=[" ".join(words[:2]) for words in SHOWING])
def test_whatever_is_shown_is_shown_to_programs_too(at: Installation, words: tuple[str, ...]) -> None:
    """A script reads JSON, and nothing besides."""
    at.invite("U4BBGA0008")
    at.done("client", "add", "ing", "--name", "ING", "--client-id", "koppeling-1")
    with only_worker(at.state):  # the doctor looks for one
        ran = at.idp(*words, "--json")
        assert (ran.code, ran.err) == (0, "")
        assert isinstance(json.loads(ran.out), list | dict)
        assert at.done(*words)


WRONG = [
    ("client", "add", "ing", "--name", " "),
    ("client", "add", "ing", "--name", "ING", "--client-id", "a\nb"),
    ("client", "add", "ing", "--name", "ING", "--client-id", "é x:y"),
    ("user", "invite", "U1", "--administratie", "", "--mail", "a@example.nl", "--owner-name", "A"),
    ("user", "invite", "U1", "--administratie", "A\x00", "--mail", "a@example.nl", "--owner-name", "A"),
    ("connector", "try", "ing"),
    ("connector", "try", "nonsense", "--client-id", "x", "--username", "U1"),
    ("connector", "try", "ing", "--client-id", "x", "--username", "U1", "--url", "http://login.example"),
    ("connector", "try", "ing", "--client-id", "x", "--username", "U1", "--url", "https://login.example/oauth/token"),
    ("nonsense",),
    ("user",),
    ("user", "nonsense"),
    ("user", "show"),
    ("user", "show", "a", "b"),
    ("user", "list", "--nonsense"),
    ("user", "invite", "U4BBGA0008"),
    ("user", "invite", "U1", "--administratie", "A", "--mail", "a@example.nl", "--owner-name", "A", "--language", "de"),
    ("audit", "list", "--limit", "0"),
    ("audit", "list", "--after", "x"),
    ("audit", "list", "--since", "x"),
    ("client", "rotate-secret", "koppeling-1", "--overlap-hours", "-1"),
    ("demo", "--port", "0"),
    ("demo", "--port", "65536"),
]


@pytest.mark.parametrize("words", WRONG, ids=[" ".join(words) for words in WRONG])
def test_wrong_use_is_2(at: Installation, words: tuple[str, ...]) -> None:
    """A script tells a typing error of its own from a refusal."""
    ran = at.idp(*words)
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: idp" in ran.err
    assert "Traceback" not in ran.err


CONFIGURATIONS: dict[str, tuple[dict[str, dict[str, object]], str]] = {
    "an unknown key": ({"service": {"prot": 1}}, "unknown key service.prot; did you mean service.port?"),
    "a wrong value": ({"service": {"port": "x"}}, "service.port: "),
    "plain LDAP": ({"directory": {"url": "ldap://ldap.example.nl"}}, "directory.url: "),
    "a password file that is not there": ({"directory": {"password_file": "/nowhere"}}, ""),
    "a state folder that is not there": ({"service": {"state": "/proc/nowhere"}}, ""),
    "a store of another kind": ({"store": {"url": "mysql://x"}}, "store.url "),
}
EVERYDAY = [
    ("user", "list"),
    ("client", "list"),
    ("key", "list"),
    ("audit", "verify"),
    ("serve",),
    ("worker",),
    ("connector", "list"),
]


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_wrong_configuration_is_a_sentence_at_every_command(at: Installation, name: str) -> None:
    """Which key it is, is said at once, by whatever command comes first."""
    changes, beginning = CONFIGURATIONS[name]
    at.more.update(changes)
    for words in EVERYDAY:
        ran = at.idp(*words)
        if ran.code:  # not every command needs every key
            assert ran.sentence.startswith(beginning), words
    assert any(at.idp(*words).code == 1 for words in EVERYDAY)


def test_a_configuration_file_that_is_not_there_is_named(at: Installation) -> None:
    """With another file than meant, everything would look empty."""
    ran = at.idp("--config", "/nowhere/idp.toml", "user", "list")
    assert "/nowhere/idp.toml can't be read" in ran.sentence


def test_without_a_directory_the_way_on_is_told(at: Installation) -> None:
    """Whoever just installed it, and starts it, learns of the demo."""
    at.config.write_text(f'[service]\nstate = "{at.state}"\nport = {at.port}\n')
    command = [sys.executable, "-m", "idp.cli", "--config", str(at.folder / "idp.toml"), "serve"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # ours
    way_on = "name your directory, or try `idp demo`, which brings one of its own"
    assert (done.returncode, done.stderr) == (1, f"idp: directory.url is missing; {way_on}\n")


def test_a_reader_who_has_seen_enough_is_no_error(at: Installation) -> None:
    """Who leaves a pager, or pipes into `head`, reads no complaint about it."""
    command = f"{sys.executable} -m idp.cli --config {at.config} connector list | true"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)  # noqa: S603  # ours
    assert (done.stdout, done.stderr) == ("", "")


def test_output_that_can_not_be_written_is_a_sentence(at: Installation) -> None:
    """An export onto a full disk must not look like one that is done."""
    command = [sys.executable, "-m", "idp.cli", "--config", str(at.config), "connector", "list"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603  # ours
    assert (done.returncode, done.stderr) == (1, "idp: input or output failed: No space left on device\n")


@pytest.mark.parametrize(
    "words", [("audit", "verify"), ("audit", "list"), ("client", "list"), ("key", "list"), ("key", "rotate"), ("user", "list")]
)
def test_a_command_at_the_wrong_place_makes_nothing_there(new: Installation, words: tuple[str, ...]) -> None:
    """Without the right --config, "the audit trail is whole" would be said of one that was made on the spot."""
    assert new.idp(*words).sentence.startswith(f"there is nothing in {new.state} yet; name the service's configuration")
    assert list(new.state.iterdir()) == []


@pytest.mark.row("S35")
def test_no_log_in_of_an_address_is_shown(at: Installation) -> None:
    """What is sent to a colleague, or pasted into a report, must not open the database."""
    at.more["store"] = {"url": "postgresql://idp:geheim@db.example/idp"}
    for more in ((), ("--json",)):
        said = at.done("config", "show", *more)
        assert "geheim" not in said
        assert "postgresql://***@db.example/idp" in said
