"""A page as its reader has it: words, links, forms to fill in; and a visitor who reads and fills in."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from altcha.v2 import Challenge, Payload, solve_challenge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

_VOID = {"br", "hr", "img", "input", "link", "meta"}
_UNREAD = {"script", "style", "noscript"}


@dataclass
class Form:
    """One form: where it goes, and what it would send as it stands."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, dict[str, str]] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """What stands on a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.language = ""
        self.title = ""
        self._words: list[str] = []
        self._alert: list[str] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    @property
    def pieces(self) -> list[str]:
        """Each run of text between two tags."""
        return list(self._words)

    @property
    def words(self) -> str:
        """Everything that is read, with single spaces."""
        return " ".join(" ".join(self._words).split())

    @property
    def alert(self) -> str:
        """What a screen reader announces at once."""
        return " ".join(" ".join(self._alert).split())

    def form(self, action: str) -> Form:
        """Give the form that goes there."""
        return next(form for form in self.forms if form.action == action)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, a form, a field."""
        facts = {name: value or "" for name, value in attrs}
        self.tags.append((tag, facts))
        if tag == "html":
            self.language = facts["lang"]
        if tag == "form":
            self.forms.append(Form(facts.get("action", ""), facts.get("method", "get")))
        if tag == "input" and self.forms:
            if facts.get("type") != "radio" or "checked" in facts:
                self.forms[-1].fields[facts["name"]] = facts.get("value", "")
            else:
                self.forms[-1].choices.append(facts["value"])
            self.forms[-1].inputs[facts["name"]] = facts
        if tag not in _VOID:
            self._open.append((tag, facts))

    def handle_endtag(self, tag: str) -> None:
        """Leave a tag."""
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note words."""
        inside = [tag for tag, _facts in self._open]
        if inside[-1:] == ["title"]:
            self.title += data
        if _UNREAD.intersection(inside):
            return
        self._words.append(data)
        if any(facts.get("role") == "alert" for _tag, facts in self._open):
            self._alert.append(data)
        if "a" in inside:
            self.links[data.strip()] = next(facts["href"] for tag, facts in reversed(self._open) if tag == "a")
        if "button" in inside and self.forms:
            self.forms[-1].buttons.append(data.strip())


@dataclass
class Visitor:
    """A browser: it keeps cookies, and fills in forms as they stand on the page."""

    http: FlaskClient
    last: TestResponse | None = None
    base_url: str | None = None

    @property
    def page(self) -> Page:
        """The page that was opened last."""
        return Page(self.last_text)

    @property
    def last_text(self) -> str:
        """The bytes of that page, as text."""
        assert self.last is not None
        return self.last.text

    @property
    def last_cookies(self) -> list[str]:
        """The cookies that the last answer set, as it wrote them."""
        assert self.last is not None
        return self.last.headers.getlist("Set-Cookie")

    def open(self, path: str, **headers: str) -> TestResponse:
        """Open an address, and stay there."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.last = self.http.get(path, headers=named, base_url=self.base_url, buffered=True)
        return self.last

    def follow(self) -> TestResponse:
        """Go where the last answer leads."""
        assert self.last is not None
        assert self.last.location is not None, self.last.text
        return self.open(self.last.location)

    def submit(self, action: str, fields: Mapping[str, str] | None = None, at: str | None = None) -> TestResponse:
        """Fill in and send a form of the page that was opened last.

        Args:
            action: which form.
            fields: what is filled in; the rest goes as it stands.
            at: where it goes, when the form does not say.
        """
        form = self.page.form(action)
        self.last = self.http.post(at or action, data={**form.fields, **(fields or {})}, base_url=self.base_url)
        return self.last

    def solve_captcha(self) -> str:
        """Do the work that the widget does."""
        challenge = Challenge.from_dict(self.http.get("/captcha/challenge", base_url=self.base_url).get_json())
        solution = solve_challenge(challenge)
        assert solution is not None
        return Payload(challenge, solution).to_base64()
