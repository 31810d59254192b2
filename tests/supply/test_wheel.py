"""The wheel: the same bytes for whoever builds it, and nothing in it that does not belong there."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import zipfile
from typing import TYPE_CHECKING

from tests.supply.conftest import built, copied

if TYPE_CHECKING:
    from pathlib import Path

ITS_OWN = r"""
    (idp|connectors)/([a-z_]+/)*[a-z_]+\.py |
    idp/adapters/sql/migrations/versions/r\d{4}_[a-z_]+\.py |
    idp/py\.typed |
    idp/domain/(everyday|little)_words\.txt |
    idp/letters/[a-z-]+\.(html|txt) |
    idp/translations/[a-z]{2}/LC_MESSAGES/messages\.po |
    idp/web/templates/[a-z_]+\.(html|svg) |
    idp/web/static/[a-z_]+\.(css|js|svg) |
    idp/config/(backup|(brand|idp)\.toml) |
    idp/config/container/Containerfile |
    idp/config/ldap/[a-z]+\.ldif |
    idp/config/nginx/koppel-idp(\.mtls)?\.conf |
    idp/config/systemd/koppel-idp-[a-z]+\.(service|timer) |
    idp/config/systemd/koppel-idp-\.service\.d/all\.conf |
    koppel_idp-[0-9.]+\.dist-info/(METADATA|WHEEL|RECORD|entry_points\.txt|licenses/LICENSE)
"""
OF_OTHERS = {f"idp/web/static/altcha/{name}" for name in ("LICENSE.txt", "altcha.css", "altcha.min.js", "nl.js", "pbkdf2.js")}
LEFT_BY_TOOLS = (
    "idp/web/__pycache__/site.cpython-311.pyc",
    "idp/.mypy_cache/x.json",
    "connectors/.coverage.1",
    "config/.idp.toml.swp",
    "idp/web/site.py~",
    "idp/web/templates/base.html.orig",
    "idp/web/site.py.rej",
)


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as opened:
        return set(opened.namelist())


def test_nothing_is_in_it_that_does_not_belong_there(wheel: Path) -> None:
    """A key, a database or a backup that lay in the tree would go to every customer."""
    strange = {name for name in _names(wheel) - OF_OTHERS if not re.fullmatch(ITS_OWN, name, re.VERBOSE)}
    assert not strange


def test_what_others_made_has_its_licence_beside_it(wheel: Path) -> None:
    """The widget's authors ask for no more than that (MIT); and without one of its files nobody gets past the captcha."""
    assert _names(wheel) >= OF_OTHERS
    with zipfile.ZipFile(wheel) as opened:
        assert b"MIT License" in opened.read("idp/web/static/altcha/LICENSE.txt")


def test_it_has_all_that_the_tree_has(wheel: Path, tmp_path: Path) -> None:
    """A module or a template that is missing there is missing on the customer's machine alone."""
    tree = copied(tmp_path / "tree")
    there = {path.relative_to(tree) for part in ("idp", "connectors") for path in (tree / part).rglob("*") if path.is_file()}
    wanted = {str(path) for path in there if "__pycache__" not in path.parts and "widget" not in path.parts}
    assert wanted <= _names(wheel)


def test_who_builds_it_elsewhere_gets_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    """Otherwise nobody can tell whether the wheel that runs was made of the source that was read."""
    tree = copied(tmp_path / "another place" / "of another name")
    for name in LEFT_BY_TOOLS:
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_bytes(b"left by a tool")
    _laid_anew(tree)
    elsewhere = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "C", "HOME": str(tmp_path), "PYTHONHASHSEED": "4711"}
    other = built(tree, {"PATH": os.environ["PATH"], **elsewhere}, umask=0o077)
    assert other.name == wheel.name
    assert hashlib.sha256(other.read_bytes()).digest() == hashlib.sha256(wheel.read_bytes()).digest()


def _laid_anew(tree: Path) -> None:
    """Write each file again, the last one first, as somebody whom no one else may read, at another time."""
    for path in sorted((path for path in tree.rglob("*") if path.is_file()), reverse=True):
        beside = path.with_name(f"{path.name}.new")
        shutil.copy(path, beside)
        path.unlink()
        beside.rename(path)
        path.chmod(path.stat().st_mode & stat.S_IRWXU)
        os.utime(path, (1, 1))
