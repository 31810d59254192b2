"""The list of what is shipped: true, whole, and the same for whoever makes it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from requirements.lock import npm_packages, python_packages
from requirements.sbom import LOCK, WIDGET_LOCK, Shipped, bill_of_materials

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any


@pytest.fixture
def written(wheel: Path) -> str:
    """The list beside the wheel."""
    return bill_of_materials(Shipped(wheel))


@pytest.fixture
def listed(written: str) -> dict[str, Any]:
    """The same, read."""
    read = json.loads(written)
    assert isinstance(read, dict)
    return read


def test_it_is_a_bill_of_materials_of_the_standard(written: str) -> None:
    """A customer's scanner would refuse it, and nobody would look at what we ship."""
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(written) is None
    assert validator.validate_str(written.replace('"type": "library"', '"type": "book"')) is not None


def test_it_lists_what_the_locks_name_and_nothing_else(listed: dict[str, Any]) -> None:
    """A package that it lacks is one that nobody is warned about."""
    python = {(f"pkg:pypi/{found.name}@{found.version}", *sorted(found.digests)) for found in python_packages(LOCK)}
    npm = {f"pkg:npm/{found.name}@{found.version}" for found in npm_packages(WIDGET_LOCK)}
    hashes = {found["purl"]: sorted(found["hashes"], key=lambda each: each["content"]) for found in listed["components"]}
    assert {(purl, *(each["content"] for each in hashes[purl])) for purl in hashes.keys() - npm} == python
    assert npm <= hashes.keys()
    assert {each["alg"] for purl in npm for each in hashes[purl]} == {"SHA-512"}


def test_every_package_says_its_licence(listed: dict[str, Any]) -> None:
    """What has none may not be shipped."""
    assert all(found["licenses"] for found in listed["components"])


def test_it_tells_what_is_ours_and_which_wheel(listed: dict[str, Any], wheel: Path) -> None:
    """A list that fits any wheel is of none."""
    ours = listed["metadata"]["component"]
    assert ours["purl"] == "pkg:pypi/koppel-idp@0.1.0"
    assert [each["content"] for each in ours["hashes"]] == [hashlib.sha256(wheel.read_bytes()).hexdigest()]


def test_it_tells_who_needs_what(listed: dict[str, Any]) -> None:
    """With an advisory in hand, an operator asks whether we run that package at all, and by whom."""
    needs = {found["ref"].partition("@")[0]: found.get("dependsOn", []) for found in listed["dependencies"]}
    assert any(ref.startswith("pkg:npm/altcha@") for ref in needs["ourselves"])
    assert any(ref.startswith("pkg:pypi/cffi@") for ref in needs["pkg:pypi/cryptography"])
    optional = {found["name"] for found in listed["components"] if found["scope"] == "optional"}
    assert optional == {"hatchling", "pathspec", "pluggy", "tomlkit", "trove-classifiers"}


def test_it_is_the_same_each_time_and_another_for_another_wheel(written: str, wheel: Path, tmp_path: Path) -> None:
    """Who builds from the same source must be able to see that theirs is ours."""
    assert bill_of_materials(Shipped(wheel)) == written
    other = tmp_path / wheel.name
    other.write_bytes(wheel.read_bytes() + b"\n")
    assert json.loads(bill_of_materials(Shipped(other)))["serialNumber"] != json.loads(written)["serialNumber"]


def test_its_time_is_the_one_that_is_asked_for(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """https://reproducible-builds.org/specs/source-date-epoch/: whoever packages it sets the time of their release."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert json.loads(bill_of_materials(Shipped(wheel)))["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"
