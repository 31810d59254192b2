"""The floors of the house hold: a module imports downwards only, and a forbidden import is caught.

Contracts that nothing can break are worth nothing, so each is shown to break, in a copy of the code with one import planted.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TIMEOUT_S = 60


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Give a copy of the code and of the contracts, to be spoilt."""
    for package in ("idp", "connectors"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def judge(copy: Path) -> tuple[int, str]:
    """Run import-linter on the copy; give its exit code and its words."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    run = subprocess.run(  # noqa: S603  # our own command
        command, cwd=copy, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    return run.returncode, run.stdout + run.stderr


def test_the_code_keeps_every_contract(copy: Path) -> None:
    """Whoever replaces an adapter or adds a grant finds it in one place, because nothing reaches around the floors."""
    code, words = judge(copy)
    assert code == 0, words
    assert "0 broken" in words


@pytest.mark.parametrize(
    ("module", "planted", "contract"),
    [
        ("idp/domain/username.py", "import idp.services.gate", "Each floor imports downwards only"),
        ("idp/services/gate.py", "import idp.adapters.sql", "Each floor imports downwards only"),
        ("idp/adapters/sql/__init__.py", "import idp.services.gate", "Each floor imports downwards only"),
        ("idp/errors.py", "import idp.domain.username", "Each floor imports downwards only"),
        ("idp/oauth/__init__.py", "import idp.web.health", "Each floor imports downwards only"),
        ("idp/web/health.py", "import idp.adapters.sql", "Only app, cli and demo know an adapter by name"),
        ("idp/domain/username.py", "import flask", "know no framework"),
        ("idp/domain/username.py", "import authlib.oauth2", "know no framework"),
        ("idp/services/gate.py", "import ldap3", "know no framework"),
        ("idp/services/gate.py", "import sqlalchemy", "know no framework"),
        ("idp/ports/__init__.py", "import smtplib", "know no framework"),
        ("idp/oauth_client/http.py", "import idp.oauth.keys", "Each floor imports downwards only"),
        ("idp/oauth_client/http.py", "import idp.services.gate", "Acting as an application takes nothing of the service"),
        ("idp/log_nets.py", "import idp.web.health", "Logs know nothing of what is logged"),
        ("connectors/basecone.py", "import idp.errors", "Connectors import nothing from idp"),
        ("connectors/basecone.py", "import connectors.ing", "Connectors never import each other"),
    ],
)
def test_a_forbidden_import_is_caught(copy: Path, module: str, planted: str, contract: str) -> None:
    """One stray import would tie the rules to a framework for good; it must not pass unseen."""
    with (copy / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{planted}\n")
    code, words = judge(copy)
    assert code == 1, words
    assert any(contract in line and "BROKEN" in line for line in words.splitlines()), words
