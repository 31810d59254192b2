"""docs/accessibility.md: no criterion is left out, and each test that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "accessibility.md").read_text(encoding="utf-8")
CRITERIA = [line.split("|")[1] for line in DOCUMENT.splitlines() if re.match(r"\| \d", line)]

# Those of levels A and AA in WCAG 2.2; those of AAA lie between.
A_AND_AA = """
1.1.1 1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.3.3 1.3.4 1.3.5 1.4.1 1.4.2 1.4.3 1.4.4 1.4.5 1.4.10 1.4.11 1.4.12 1.4.13
2.1.1 2.1.2 2.1.4 2.2.1 2.2.2 2.3.1 2.4.1 2.4.2 2.4.3 2.4.4 2.4.5 2.4.6 2.4.7 2.4.11 2.5.1 2.5.2 2.5.3 2.5.4 2.5.7 2.5.8
3.1.1 3.1.2 3.2.1 3.2.2 3.2.3 3.2.4 3.2.6 3.3.1 3.3.2 3.3.3 3.3.4 3.3.7 3.3.8
4.1.2 4.1.3
"""


def test_every_criterion_is_there() -> None:
    """Whoever has to sign for the pages would find out that one was never looked at when somebody complains."""
    assert sorted(number for cell in CRITERIA for number in re.findall(r"\d\.\d\.\d+", cell)) == sorted(
        re.findall(r"\S+", A_AND_AA)
    )


def test_every_test_that_it_names_is_there() -> None:
    """What is said to be shown would be shown by nothing."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = re.findall(r"`(test_\w+)`", DOCUMENT)
    assert [name for name in named if f"def {name}(" not in code] == []
    assert [path for path in re.findall(r"`((?:tests|idp)/[\w/.-]+)`", DOCUMENT) if not (ROOT / path).exists()] == []
