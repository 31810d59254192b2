"""Finds words that people would be shown as they stand in the source: in one language, whatever they read."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from jinja2 import Environment, nodes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NO_MATTER = frozenset(
    {
        *("Identify", "Verify"),  # the manual's own names of the steps
        "CAPTCHA",
        "BCDF-GHJK",  # what a code on a device looks like
        "password password_again",  # the fields that one button shows
        "minlength: %d; maxlength: %d; allowed: upper, lower, digit, [-];",  # for a program that makes passwords up
    }
)

_LETTER = re.compile(r"[^\W\d_]")
_WORDS = re.compile(r"[A-ZÀ-Þ]|[^\W\d_][,;:]? [^\W\d_]")
_SENTENCE = re.compile(r"[A-ZÀ-Þ][^\W\d_]*[,;:]? [^\W\d_]")
_CODE_SENTENCE = re.compile(r"(?<![<\w])[^\W\d_]+ [a-zß-ÿ]{2}")

_SHOWN_ATTRIBUTES = frozenset(
    {
        *("alt", "title", "placeholder", "label"),
        *("aria-label", "aria-description", "aria-placeholder", "aria-roledescription", "aria-valuetext"),
    }
)
_META_FOR_PROGRAMS = frozenset({"viewport", "color-scheme", "supported-color-schemes", "robots"})
_UNSEEN = frozenset({"style", "script"})

_CATALOGUE = frozenset({"_", "counted", "message", "plain", "markup"})
# RFC 6749 section 4.1.2.1 keeps error_description for developers, in ASCII; who runs the service reads metrics.
_FOR_OTHERS = frozenset({"with_error", "Counter", "Histogram", "GaugeMetricFamily"})

_JS_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.DOTALL)
_LITERAL = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`")
_JS_STATEMENT = re.compile(rf"(?:{_LITERAL.pattern}|[^;])+")
_JS_LOOKED_UP = re.compile(r"\b(?:querySelector(?:All)?|getElementById|createElement|closest|matches)\([^)]*\)|\$\{[^}]*\}")
_JS_SHOWN = re.compile(
    r"""\.(?:textContent|innerText|innerHTML|outerHTML|title|alt|placeholder|aria[A-Z]\w+)\s*\+?=(?!=)
      | \b(?:alert|confirm|prompt|append|prepend|replaceWith|createTextNode|insertAdjacentText|setCustomValidity)\(
      | \bsetAttribute\(\s*["'](?:aria-(?:label|description|valuetext|roledescription)|title|alt|placeholder)["']\s*,""",
    re.VERBOSE,
)
_CSS_CONTENT = re.compile(rf"\bcontent\s*:(?:{_LITERAL.pattern}|[^;}}])*")


def in_template(source: str, name: str) -> list[str]:
    """Give what a Jinja template says past the catalogue.

    Args:
        source: of the template.
        name: of its file; what ends in ``.txt`` is no HTML.
    """
    environment = Environment(autoescape=True)
    said = "".join(text for _line, kind, text in environment.lex(source) if kind == "data")
    found = said.splitlines() if name.endswith(".txt") else _seen_in_html(said)
    return _foreign([*filter(_LETTER.search, found), *_constants(environment.parse(source))])


def in_code(source: str) -> list[str]:
    """Give the sentences of a Python module that neither the catalogue has nor a developer or an operator reads."""
    tree = ast.parse(source)
    passed = {part for node in ast.walk(tree) if _is_for_others(node) for part in ast.walk(node)}
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and node not in passed)
    return _foreign(text for text in constants if isinstance(text, str) and _CODE_SENTENCE.search(text))


def in_script(source: str) -> list[str]:
    """Give the literals of a script that it puts before people, and what is a sentence wherever it stands."""
    found: list[str] = []
    for match in _JS_STATEMENT.finditer(_JS_COMMENT.sub("", source)):
        statement = _JS_LOOKED_UP.sub("", match[0])
        shown = _JS_SHOWN.search(statement)
        before, after = (statement[: shown.start()], statement[shown.end() :]) if shown else (statement, "")
        found += [text for text in _LITERAL.findall(before) if _SENTENCE.match(text[1:])]
        found += filter(_LETTER.search, _LITERAL.findall(after))
    return _foreign(text[1:-1] for text in found)


def in_style(source: str) -> list[str]:
    """Give the words that a stylesheet writes."""
    literals = (text for match in _CSS_CONTENT.finditer(source) for text in _LITERAL.findall(match[0]))
    return _foreign(text[1:-1] for text in literals if _LETTER.search(text))


class _Markup(HTMLParser):
    """Keeps what of a page is seen or read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        given = {name: value or "" for name, value in attrs}
        self.found += [value for name, value in given.items() if _is_shown(tag, name, given)]

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.found.append(data)


def _seen_in_html(said: str) -> list[str]:
    markup = _Markup()
    markup.feed(said)
    markup.close()
    return markup.found


def _is_shown(tag: str, name: str, given: dict[str, str]) -> bool:
    if name == "content":
        return given.get("name") not in _META_FOR_PROGRAMS
    if name == "value":
        return tag == "input" and given.get("type") in ("submit", "button", "reset")
    if name.startswith("data-"):  # names for scripts, and words that scripts show
        return bool(_WORDS.search(given[name]))
    return name in _SHOWN_ATTRIBUTES


def _constants(node: nodes.Node) -> Iterator[str]:
    """Give a template's strings that are words and are not looked up."""
    looked_up = isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in _CATALOGUE
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and _WORDS.search(node.value):
        yield node.value
    for child in node.iter_child_nodes(exclude=("args",) if looked_up else ()):
        yield from _constants(child)


def _is_for_others(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Raise():  # a docstring; what is raised is told from a table
            return True
        case ast.Assign(targets=[ast.Name(id="message")]):  # of an exception, on its way to `raise`
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _CATALOGUE | _FOR_OTHERS
        case _:
            return False


def _foreign(found: Iterable[str]) -> list[str]:
    return [text for text in map(str.strip, found) if text not in _NO_MATTER]
