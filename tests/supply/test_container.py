"""The container file: no root, nothing without a hash, no secret. No engine runs here: what it says is read."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

import pytest

from idp.settings import ENVIRONMENT_PREFIX, Settings
from tests.supply.conftest import TREE

FILE = TREE / "config" / "container" / "Containerfile"


class Instruction(NamedTuple):
    """One, and what it is about."""

    name: str
    words: str


def _read() -> list[Instruction]:
    text = re.sub(r"\\\n\s*", "", FILE.read_text("utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [Instruction(*line.split(" ", 1)) for line in lines]


@pytest.fixture
def instructions() -> list[Instruction]:
    """All of them."""
    return _read()


def _last_stage(instructions: list[Instruction]) -> list[Instruction]:
    begins = max(index for index, found in enumerate(instructions) if found.name == "FROM")
    return instructions[begins:]


def test_it_runs_as_nobody_who_could_be_root(instructions: list[Instruction]) -> None:
    """Whoever breaks out of the program would be root in the container, one fault of the kernel away from the machine."""
    last = _last_stage(instructions)
    (user,) = (index for index, found in enumerate(last) if found.name == "USER")
    assert re.fullmatch(r"[1-9]\d{4}:[1-9]\d{4}", last[user].words), "a number: an engine can see that it is not root's"
    assert not [found for found in last[user:] if found.name in {"RUN", "COPY", "ADD"}]


def test_nothing_is_installed_without_a_hash_or_from_elsewhere(instructions: list[Instruction]) -> None:
    """What an index, or somebody in the way, gives out that day would run with everybody's passwords."""
    installs = [found.words for found in instructions if "pip install" in found.words]
    assert len(installs) == 2
    for words in installs:
        assert "--no-deps" in words
        assert "--require-hashes" in words or "--no-index" in words
    assert {found.name for found in instructions}.isdisjoint({"ADD", "ONBUILD", "SHELL"})
    assert not [found for found in instructions if re.search(r"https?://(?!127\.0\.0\.1)|curl|wget", found.words)]


def test_what_it_copies_is_ours(instructions: list[Instruction]) -> None:
    """A whole tree would take keys, databases and the history along."""
    copied = [found.words.split()[:-1] for found in instructions if found.name == "COPY"]
    assert copied == [["requirements/run.txt"], ["dist/*.whl"], ["--from=build", "/opt/koppel-idp"]]
    assert (TREE / "requirements" / "run.txt").exists()


def test_it_has_no_secret_and_every_setting_is_one(instructions: list[Instruction], monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret in an image is everybody's who can fetch it; a setting that is misspelt keeps it from starting."""
    (told,) = (found.words for found in instructions if found.name == "ENV")
    variables = dict(word.split("=", 1) for word in told.split())
    assert set(variables) == {"IDP_CONFIG", "IDP_SERVICE__STATE", "IDP_SERVICE__LISTEN", "PYTHONDONTWRITEBYTECODE"}
    for name, value in variables.items():
        if name.startswith(ENVIRONMENT_PREFIX) and "__" in name:
            monkeypatch.setenv(name, value)
    service = Settings().service
    assert (str(service.state), service.listen) == (variables["IDP_SERVICE__STATE"], variables["IDP_SERVICE__LISTEN"])
    (volume,) = (found.words for found in instructions if found.name == "VOLUME")
    assert volume == variables["IDP_SERVICE__STATE"]


def test_it_starts_without_a_shell_and_ends_when_it_is_told(instructions: list[Instruction]) -> None:
    """A shell in between swallows the signal, and ten seconds later whatever was under way is cut off."""
    told = dict(_last_stage(instructions))
    assert json.loads(told["ENTRYPOINT"]) == ["/opt/koppel-idp/bin/idp"]
    assert json.loads(told["CMD"]) == ["serve"]
    assert told["STOPSIGNAL"] == "SIGTERM"
    probe = json.loads(told["HEALTHCHECK"].partition(" CMD ")[2])
    assert probe[0] == "/opt/koppel-idp/bin/python"
    compile(probe[2], "probe", "exec")
    assert f":{Settings().service.port}/healthz" in probe[2]
    assert told["EXPOSE"] == str(Settings().service.port)
