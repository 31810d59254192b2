"""A package adds an application (docs/connector.md, *One more application*), and can take the place of none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from connectors import installed
from tests.connectors.another_package import CHAPTER, FILES, AnotherPackage, blocks_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.installation import Installation
    from tests.connectors.conftest import Tried


@pytest.fixture
def spoilt(package: AnotherPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AnotherPackage]:
    """A copy, installed where this process looks, and not yet imported."""
    installed.cache_clear()
    shutil.copytree(package.site, tmp_path / "site", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.delitem(sys.modules, FILES["python"].removesuffix(".py"), raising=False)
    yield AnotherPackage(tmp_path / "site")
    installed.cache_clear()


def test_two_files_are_all_that_it_takes() -> None:
    """Whoever knows an application describes it in an hour, and reads no code of ours for it."""
    assert len(blocks_of(CHAPTER)["python"].splitlines()) <= 25


def test_the_list_has_it(package: AnotherPackage, at: Installation) -> None:
    """An operator sees that the package is there, and what was only guessed in it."""
    command = [sys.executable, "-m", "idp.cli", "--config", str(at.config), "connector", "list", "--json"]
    environment = {**os.environ, **package.environment}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)  # noqa: S603  # ours
    assert (done.returncode, done.stderr) == (0, "")
    rows = {row["id"]: row for row in json.loads(done.stdout)}
    assert list(rows) == [
        "basecone",
        "rabobank",
        "triodos",
        "ing",
        "vendor_api",
        "vendor_service",
        "vendor_app",
        "fapi",
        "bookkeeper",
    ]
    facts = rows["bookkeeper"]["facts"]
    assert facts["scopes"] == {"value": ["administratie:read"], "source": "https://bookkeeper.example/developers"}
    assert facts["source_networks"]["source"] == "our assumption, configurable"


def test_the_token_endpoint_lets_its_clients_in_as_it_says(tried: Tried, spoilt: AnotherPackage) -> None:
    """The application works on the day that its package is installed, and gets no more than it was described with."""
    assert spoilt.module.exists()
    ran = tried.run("bookkeeper", "--json")
    assert (ran.code, ran.err) == (0, "")
    token = next(step["got"] for step in ran.json["steps"] if step["step"] == "token")
    assert (token["scope"], token["expires_in"]) == ("administratie:read", 1800)


WRONG = {
    "an import that fails": (
        "from datetime import timedelta",
        "import nowhere",
        "ModuleNotFoundError: No module named 'nowhere'",
    ),
    "a name that is missing": ("CONNECTOR =", "OTHER =", "AttributeError: module 'bookkeeper_connector' has no attribute"),
    "a contradiction": ("timedelta(minutes=30)", "timedelta(days=30)", "its access tokens live too short or too long"),
    "a fact that is missing": ("    source_networks=(),\n", "", "missing 1 required keyword-only argument: 'source_networks'"),
    "no connector": ("CONNECTOR = Connector(", "CONNECTOR = dict(", "bookkeeper_connector:CONNECTOR is no connector"),
    "an id that is ours": (
        'id="bookkeeper"',
        'id="basecone"',
        "there is a connector basecone already, and nobody takes its place",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_one_that_is_wrong_stops_the_start_and_is_named(at: Installation, spoilt: AnotherPackage, name: str) -> None:
    """An operator uninstalls the right package, and no package ever poses as a bank."""
    right, wrong, said = WRONG[name]
    text = spoilt.module.read_text("utf-8")
    assert right in text
    spoilt.module.write_text(text.replace(right, wrong), encoding="utf-8")
    for words in (("serve",), ("connector", "list")):
        sentence = at.idp(*words).sentence
        assert sentence.startswith("the package bookkeeper-connector brings the connector bookkeeper: ")
        assert said in sentence
