"""Makes pages: one language each, every word from the catalogue, nothing from `Host`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response, g, request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from idp.domain.password_rules import MAX_CHARACTERS, MIN_CHARACTERS
from idp.logs import request_id
from idp.translations import LANGUAGES, SOURCE_LANGUAGE, load_words
from idp.web.access_log import note_refusal
from idp.web.assets import Assets
from idp.web.brand import COLOURS, LOGO, BrandFiles
from idp.web.cookies import CookieName, Cookies
from idp.web.csrf import fresh_token
from idp.web.sentences import Problem, problem_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.errors import IdpError
    from idp.ports.outside import Clock
    from idp.settings import Settings
    from idp.translations import Words

_LANGUAGE_KEPT_FOR = timedelta(days=365)
_LANGUAGE_NAMES = {"nl": "Nederlands", "en": "English"}


@cache  # nothing in it is of one application, and to compile them takes longer than most requests
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("idp.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = Assets.of_package().url
    return environment


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders templates for the request under way.

    Args:
        environment: the templates.
        words: by language.
        cookies: where the language is kept.
        clock: for moments in sentences.
        settings: the words that a configuration gives: phone, products, realm, sender, subject.
        brand: colours and logo.
    """

    environment: Environment
    words: Mapping[str, Words]
    cookies: Cookies
    clock: Clock
    settings: Settings
    brand: BrandFiles

    @classmethod
    def build(cls, settings: Settings, clock: Clock) -> Pages:
        """Read templates, catalogues and logo, once. Raises `ConfigurationError`: there is no logo."""
        cookies = Cookies(secure=settings.service.origin.startswith("https:"))
        return cls(
            _templates(), load_words(settings.service.time_zone), cookies, clock, settings, BrandFiles.build(settings.brand)
        )

    def show(self, template: str, status: int = HTTPStatus.OK, **facts: object) -> Response:
        """Make a page.

        Args:
            template: below `templates`.
            status: of the answer.
            facts: what the template names besides the facts of every page.
        """
        words = self.words_here()
        # Where something is wrong, whoever phones can say which lines of the log are about it. Other pages are the same for all.
        number = request_id() if status >= HTTPStatus.BAD_REQUEST else ""
        facts_of_every_page = self._facts_of_every_page(words)
        html = self.environment.get_template(template).render(**facts_of_every_page, request_id=number, **facts)
        response = Response(html, status, content_type="text/html; charset=utf-8")
        response.headers["Content-Language"] = words.language
        response.vary.update(["Accept-Language", "Cookie"])
        if request.args.get("lang") == words.language:
            self.cookies.put(response, CookieName.LANGUAGE, words.language, _LANGUAGE_KEPT_FOR)
        return response

    def show_problem(self, template: str, error: IdpError, **facts: object) -> Response:
        """Make a page that says what went wrong, with the error's own status."""
        problem = self.problem(error)
        response = self.show(template, problem.status, problem=problem, **facts)
        if problem.retry_after_s is not None:
            response.headers["Retry-After"] = str(problem.retry_after_s)
        return response

    def show_form(self, template: str, error: IdpError | None, **facts: Any) -> Response:  # noqa: ANN401  # what templates name
        """Make a page with a form: at first, or again with what was wrong with it."""
        return self.show(template, problem=None, **facts) if error is None else self.show_problem(template, error, **facts)

    def problem(self, error: IdpError) -> Problem:
        """Say an error in the language of the request."""
        note_refusal(type(error).__name__)
        words = self.words_here()
        facts = {"phone": self._phone(), "realm": self.settings.brand.canonical_realm}
        return problem_of(error, words, facts | {"when": self._when(error, words)})

    def words_here(self) -> Words:
        """Give the words of the request's language: asked for, kept, of who sent its reader here, or preferred by the browser."""
        for wish in (request.args.get("lang"), self.cookies.read(request, CookieName.LANGUAGE), g.get("language")):
            if wish is not None and wish in self.words:
                return self.words[wish]
        return self.words[request.accept_languages.best_match(LANGUAGES, SOURCE_LANGUAGE)]

    def prefer(self, locales: str) -> None:
        """Note what the reader of the request under way reads; a language that they have chosen here goes before it.

        Args:
            locales: language tags (RFC 5646), the best one first, separated by spaces; anything.
        """
        languages = (tag.partition("-")[0].lower() for tag in locales.split(" "))
        g.language = next((language for language in languages if language in self.words), None)

    @staticmethod
    def see_other(path: str) -> Response:
        """Send a browser on after a POST, so that a reload repeats nothing (S39).

        Args:
            path: one of ours, from its slash on.
        """
        return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": path})

    def _facts_of_every_page(self, words: Words) -> dict[str, object]:
        brand, mail = self.settings.brand, self.settings.mail
        return {
            "_": words.markup,
            "colours": self.brand.urls[COLOURS],
            "logo": self.brand.urls[LOGO],
            "counted": words.counted,
            "date": words.date,
            "time": words.time,
            "language": words.language,
            "other_languages": [(code, _LANGUAGE_NAMES[code]) for code in LANGUAGES if code != words.language],
            "series": words.series,
            "switch": "?lang=",  # this same address; who answers a POST may say otherwise
            "csrf_token": fresh_token,
            "phone": self._phone(),
            "products": words.series(brand.products),
            "realm": brand.canonical_realm,
            "sender": brand.name,
            "subject": mail.subject,
            "min_characters": MIN_CHARACTERS,
            "max_characters": MAX_CHARACTERS,
            "cooldown_h": f"{self.settings.directory.cooldown_h:g}",
        }

    def _phone(self) -> Markup:
        """Give the number (R29) as a link that a telephone dials."""
        shown = self.settings.brand.phone
        dialled = "".join(sign for sign in shown if sign.isdigit() or sign == "+")
        return Markup('<a class="phone" href="tel:{}">{}</a>').format(dialled, shown)

    def _when(self, error: IdpError, words: Words) -> str:
        wait_s = getattr(error, "retry_after_s", 0)
        now = self.clock.now()
        # Told in whole minutes, so never a minute too early.
        then = now + timedelta(seconds=wait_s + 59)
        if words.date(then) == words.date(now):
            return words.plain("om {time}", time=words.time(then))
        return words.plain("op {date} om {time}", date=words.date(then), time=words.time(then))
