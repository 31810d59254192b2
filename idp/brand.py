"""Whose service people see: name, logo, telephone, products and colours, all from one file if that is wanted.

A white-label customer changes these and nothing else. Colours that somebody could not read stop the start.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from idp.domain.contrast import SHAPE, TEXT, contrast
from idp.domain.username import Realms
from idp.setting_values import Line, Realm

_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)

# What stands on what, and the least contrast that it needs there.
_PAIRS = (
    *((text, ground, TEXT) for text in ("ink", "soft", "accent") for ground in ("ground", "sheet")),
    *((text, ground, TEXT) for text in ("ink", "accent") for ground in ("danger_ground", "success_ground")),
    ("on_accent", "accent", TEXT),
    ("danger", "sheet", TEXT),
    ("danger", "danger_ground", TEXT),
    ("on_danger", "danger", TEXT),
    ("success", "sheet", TEXT),
    ("success", "success_ground", TEXT),
    ("edge", "sheet", SHAPE),
)

LOGO_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}
"""What a logo may be, by the end of its file's name."""

MAX_LOGO_BYTES = 20_000
"""A page weighs less than 60 kB with everything that belongs to it."""


def _colour(text: str) -> str:
    if not _COLOUR.fullmatch(text):
        message = "a colour is written as #0a5c73"
        raise ValueError(message)
    return text.lower()


def _logo(path: Path) -> Path:
    if path.suffix.lower() not in LOGO_TYPES:
        message = f"a logo is one of {', '.join(LOGO_TYPES)}"
        raise ValueError(message)
    try:
        size = path.stat().st_size
    except OSError:
        message = "the logo's file can't be read"
        raise ValueError(message) from None
    if size > MAX_LOGO_BYTES:
        message = f"a logo has at most {MAX_LOGO_BYTES} bytes"
        raise ValueError(message)
    return path


Colour = Annotated[str, AfterValidator(_colour)]


class Palette(BaseModel):
    """The colours of one scheme, by what they are for.

    Attributes:
        ground: behind everything.
        sheet: the sheet that the page is on, and its fields.
        ink: text.
        soft: text that matters less.
        line: what divides; never the only sign of anything.
        edge: around a field.
        accent: links, buttons, the focus.
        on_accent: text on a button.
        danger: what can't be undone, and what went wrong.
        on_danger: text on a button of that kind.
        danger_ground: behind a message about what went wrong.
        success: what went well.
        success_ground: behind a message about that.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ground: Colour
    sheet: Colour
    ink: Colour
    soft: Colour
    line: Colour
    edge: Colour
    accent: Colour
    on_accent: Colour
    danger: Colour
    on_danger: Colour
    danger_ground: Colour
    success: Colour
    success_ground: Colour

    @model_validator(mode="after")
    def _can_be_read(self) -> Palette:
        faint = [_words(self, *pair) for pair in _PAIRS if contrast(getattr(self, pair[0]), getattr(self, pair[1])) < pair[2]]
        if faint:
            message = f"too little contrast (WCAG 2.2 AA): {', '.join(faint)}"
            raise ValueError(message)
        return self


LIGHT = Palette(
    ground="#f3f6f7",
    sheet="#ffffff",
    ink="#16262b",
    soft="#4b5f66",
    line="#d3dde0",
    edge="#6c8289",
    accent="#0a5c73",
    on_accent="#ffffff",
    danger="#a3211f",
    on_danger="#ffffff",
    danger_ground="#fdeceb",
    success="#1c6a3c",
    success_ground="#e8f5ec",
)
DARK = Palette(
    ground="#10191c",
    sheet="#18252a",
    ink="#e6eff1",
    soft="#a9bcc2",
    line="#33454c",
    edge="#7f959c",
    accent="#7fd0e4",
    on_accent="#0b2129",
    danger="#ff9d97",
    on_danger="#2c0806",
    danger_ground="#3a1816",
    success="#86d6a3",
    success_ground="#14301f",
)


class BrandSettings(BaseModel):
    """What people read, and how it looks. All of it may stand in a file of its own, which `file` names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path | None = None
    name: Line = "Mijn Support Gemak"
    logo: Annotated[Path, AfterValidator(_logo)] | None = None
    phone: Line = "088 – 247 247 2"  # noqa: RUF001  # the manual writes it with an en dash
    products: tuple[str, ...] = ("Boekhoud Gemak", "MultiVers", "Accounting")
    light: Palette = LIGHT
    dark: Palette = DARK
    canonical_realm: Realm = "u4bsw.nl"
    realm_aliases: tuple[Realm, ...] = ("u4bb.nl",)

    @model_validator(mode="before")
    @classmethod
    def _with_its_file(cls, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("file") is not None:
            given = {**_read(Path(given["file"])), **given}
        return {**given, **{scheme: _completed(given[scheme], scheme) for scheme in _DEFAULTS if scheme in given}}

    @property
    def realms(self) -> Realms:
        """The realms, in lower case."""
        return Realms(self.canonical_realm.lower(), tuple(alias.lower() for alias in self.realm_aliases))


_DEFAULTS: dict[Literal["light", "dark"], Palette] = {"light": LIGHT, "dark": DARK}


def _completed(colours: object, scheme: Literal["light", "dark"]) -> object:
    """Put the usual colours where a table names none."""
    return {**_DEFAULTS[scheme].model_dump(), **colours} if isinstance(colours, dict) else colours


def _read(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        message = f"brand.file can't be read: {type(exc).__name__}"
        raise ValueError(message) from None
    if "logo" in found:  # beside the file that names it
        found["logo"] = path.parent / str(found["logo"])
    return found


def _words(palette: Palette, text: str, ground: str, wanted: float) -> str:
    ratio = contrast(getattr(palette, text), getattr(palette, ground))
    return f"{text} on {ground} is {ratio:.2f} and has to be {wanted:g}"
