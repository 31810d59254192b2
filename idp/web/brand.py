"""What of a brand browsers fetch: its colours as custom properties of CSS, and its logo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from idp.brand import LOGO_TYPES
from idp.errors import ConfigurationError
from idp.web.assets import FOLDER, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from idp.brand import BrandSettings, Palette

COLOURS = "/brand/colours.css"
LOGO = "/brand/logo"
_OUR_LOGO = FOLDER / "icon.svg"


@dataclass(frozen=True, slots=True)
class BrandFiles:
    """The files of one brand, ready to be answered with.

    Args:
        files: content and type, by path.
        urls: their addresses, by path; each changes with its content.
    """

    files: Mapping[str, tuple[bytes, str]]
    urls: Mapping[str, str]

    @classmethod
    def build(cls, brand: BrandSettings) -> BrandFiles:
        """Read the logo, once.

        Raises:
            ConfigurationError: it is gone.
        """
        path = brand.logo or _OUR_LOGO
        try:
            logo = path.read_bytes()
        except OSError as exc:
            message = f"brand.logo can't be read: {type(exc).__name__}"
            raise ConfigurationError(message) from exc
        colours = _stylesheet(brand.light, brand.dark).encode()
        files = {COLOURS: (colours, "text/css"), LOGO: (logo, LOGO_TYPES[path.suffix.lower()])}
        return cls(files, {path: f"{path}?v={digest(content)}" for path, (content, _kind) in files.items()})

    def blueprint(self) -> Blueprint:
        """Routes."""
        routes = Blueprint("brand", __name__)
        for path, (content, kind) in self.files.items():
            routes.add_url_rule(path, path.strip("/").replace("/", "_").replace(".", "_"), _answering(content, kind))
        return routes


def _answering(content: bytes, kind: str) -> Callable[[], Response]:
    return lambda: Response(content, content_type=kind)


def _stylesheet(light: Palette, dark: Palette) -> str:
    return f":root{{{_properties(light)}}}@media(prefers-color-scheme:dark){{:root{{{_properties(dark)}}}}}"


def _properties(palette: Palette) -> str:
    return "".join(f"--{name.replace('_', '-')}:{colour};" for name, colour in palette.model_dump().items())
