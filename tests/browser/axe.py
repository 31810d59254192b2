"""axe-core, which reads a page as it stands for faults against WCAG."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.browser.chromium import Browser

_SOURCE = Path(__file__).parent / "programs" / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""Its rules for WCAG 2.2 AA, by their tags."""

_RULES_ABOUT_COLOURS = {"runOnly": {"type": "rule", "values": ("color-contrast", "link-in-text-block")}}
_RUN = """
const [options, done] = arguments;
const told = (violation) => violation.nodes.map((node) => `axe ${violation.id}: ${violation.help}: ${node.html}`);
// What is left out costs time, and says nothing here: no page has frames, and a fault is told by its HTML.
axe.run(document, {...options, resultTypes: ["violations"], iframes: false, preload: false, selectors: false})
  .then((results) => done(results.violations.flatMap(told)), (problem) => done([`axe failed: ${problem}`]));
"""


def faults(browser: Browser, tags: Sequence[str] = (*WCAG, "best-practice")) -> list[str]:
    """Give what is wrong with the page.

    Args:
        browser: where it stands.
        tags: of the rules.
    """
    named = {"target-size": {"enabled": True}}  # off otherwise, whatever the tags
    return _faults(browser, {"runOnly": {"type": "tag", "values": tags}, "rules": named})


def faults_of_colour(browser: Browser) -> list[str]:
    """Give what is wrong with its colours: all that another scheme changes."""
    return _faults(browser, _RULES_ABOUT_COLOURS)


def _faults(browser: Browser, options: Mapping[str, object]) -> list[str]:
    if not browser.driver.execute_script("return 'axe' in window"):
        browser.driver.execute_script(_source())
    return cast("list[str]", browser.driver.execute_async_script(_RUN, options))


@cache
def _source() -> str:
    return _SOURCE.read_text(encoding="utf-8")
