"""The list of what is shipped, in CycloneDX: each package of requirements/run.txt, the captcha's widget, and ourselves.

    python -m requirements.sbom FOLDER    # beside the wheel that is in it

It depends on the locks, the wheel and the packages' own words alone: who builds the same gets the same bytes.
https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import base64
import hashlib
import sys
import tomllib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import LicenseAcknowledgement
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from hatchling.builders.utils import get_reproducible_timestamp
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from requirements.lock import NpmPackage, PythonPackage, npm_packages, python_packages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TREE = Path(__file__).parents[1]
LOCK = TREE / "requirements" / "run.txt"
WIDGET_LOCK = TREE / "idp" / "web" / "widget" / "package-lock.json"
PROJECT = TREE / "pyproject.toml"
WIDGET = "altcha"
# Of this kind of list alone, so that no other thing is numbered alike (RFC 9562 section 5.5).
_SPACE = uuid.UUID("5f0ad8f2-1c5e-5b41-9a39-5d3f6c9f1a77")
_LICENCE = "License :: "
_LONGEST_LICENCE_NAME = 60  # beyond it, a package has put the text itself where the name belongs


@dataclass(frozen=True, slots=True)
class Shipped:
    """What is listed.

    Args:
        wheel: ours.
        lock: of the packages beside it.
        widget_lock: of what npm put into it.
    """

    wheel: Path
    lock: Path = LOCK
    widget_lock: Path = WIDGET_LOCK

    def digest(self, path: Path) -> str:
        """SHA-256, in hexadecimal."""
        return hashlib.sha256(path.read_bytes()).hexdigest()

    @property
    def number(self) -> uuid.UUID:
        """The list's serial number: another one where anything else is shipped, and nowhere else."""
        return uuid.uuid5(_SPACE, " ".join(map(self.digest, (self.wheel, self.lock, self.widget_lock))))


def bill_of_materials(shipped: Shipped) -> str:
    """Write the list, as JSON.

    Args:
        shipped: what is listed. The time in it is SOURCE_DATE_EPOCH, or else the one that the wheel's files bear.
    """
    ourselves = _ourselves(shipped.digest(shipped.wheel))
    python = {package: _of_python(package) for package in python_packages(shipped.lock)}
    npm = {package: _of_npm(package) for package in npm_packages(shipped.widget_lock)}
    at = datetime.fromtimestamp(get_reproducible_timestamp(), UTC)
    bom = Bom(
        components=[*python.values(), *npm.values()],
        serial_number=shipped.number,
        metadata=BomMetaData(component=ourselves, timestamp=at),
    )
    edges = {name: _needs(name) for name in {package.name for package in python}}
    _depend(bom, python, edges, ourselves)
    _depend_npm(bom, npm, ourselves)
    written = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)
    return f"{written}\n"


def _ourselves(digest: str) -> Component:
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    return Component(
        name=project["name"],
        version=project["version"],
        description=project["description"],
        type=ComponentType.APPLICATION,
        bom_ref="ourselves",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
        licenses=[LicenseFactory().make_from_string(project["license"])],
        purl=PackageURL("pypi", None, project["name"], project["version"]),
    )


def _of_python(package: PythonPackage) -> Component:
    purl = PackageURL("pypi", None, package.name, package.version)
    licence = _licence_of(package.name)
    return Component(
        name=package.name,
        version=package.version,
        bom_ref=str(purl),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in package.digests],
        licenses=[LicenseFactory().make_from_string(licence, license_acknowledgement=LicenseAcknowledgement.DECLARED)],
        purl=purl,
    )


def _of_npm(package: NpmPackage) -> Component:
    purl = PackageURL("npm", None, package.name, package.version)
    digest = base64.b64decode(package.integrity.removeprefix("sha512-")).hex()
    return Component(
        name=package.name,
        version=package.version,
        bom_ref=str(purl),
        hashes=[HashType(alg=HashAlgorithm.SHA_512, content=digest)],
        licenses=[LicenseFactory().make_from_string(package.licence, license_acknowledgement=LicenseAcknowledgement.DECLARED)],
        purl=purl,
        scope=ComponentScope.REQUIRED,
    )


def _licence_of(name: str) -> str:
    """Tell the licence in the package's own words: as SPDX writes it where it does, or else as the index names it."""
    told = distribution(name).metadata
    classified = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier", []) if line.startswith(_LICENCE)]
    for words in (*told.get_all("License-Expression", []), *told.get_all("License", []), *reversed(classified)):
        if words and len(words) < _LONGEST_LICENCE_NAME:
            return str(words)
    message = f"{name} says no licence; what has none may not be shipped"
    raise LookupError(message)


def _needs(name: str) -> set[str]:
    """Name what a package asks for on this machine, without its extras."""
    try:
        asked = map(Requirement, distribution(name).requires or ())
    except PackageNotFoundError:
        return set()
    return {canonicalize_name(found.name) for found in asked if found.marker is None or found.marker.evaluate({"extra": ""})}


def _depend(bom: Bom, python: Mapping[PythonPackage, Component], edges: Mapping[str, set[str]], ourselves: Component) -> None:
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    direct = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    used = _reached(direct, edges)
    bom.register_dependency(ourselves, [found for package, found in python.items() if package.name in direct])
    for package, component in python.items():
        # The build backend and its own stand in the lock for clones, and no line of them runs in the service.
        component.scope = ComponentScope.REQUIRED if package.name in used else ComponentScope.OPTIONAL
        bom.register_dependency(component, [found for other, found in python.items() if other.name in edges[package.name]])


def _depend_npm(bom: Bom, npm: Mapping[NpmPackage, Component], ourselves: Component) -> None:
    bom.register_dependency(ourselves, [found for package, found in npm.items() if package.name == WIDGET])
    for package, component in npm.items():
        bom.register_dependency(component, [found for other, found in npm.items() if other.name in package.needs])


def _reached(first: Iterable[str], edges: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    ahead = set(first)
    while ahead:
        name = ahead.pop()
        found.add(name)
        ahead |= edges.get(name, set()) - found
    return found


def main(arguments: Sequence[str]) -> None:
    """Write the list beside the one wheel of a folder."""
    folder = Path(arguments[0])
    (wheel,) = folder.glob("*.whl")
    name = "-".join(wheel.name.split("-")[:2])
    (folder / f"{name}.cdx.json").write_text(bill_of_materials(Shipped(wheel)), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
