"""Another brand is one file; what could not be read stops the start."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from idp.brand import MAX_LOGO_BYTES, BrandSettings
from idp.demo.configuration import write_settings
from idp.errors import ConfigurationError
from idp.settings import Settings, load_settings

SAMPLE = Path(__file__).parent.parent / "config" / "brand.toml"
BAKERY = """
name = "Bakkers Boekhouding"
phone = "010 - 123 45 67"
products = ["Deegboek"]
logo = "logo.svg"
[light]
accent = "#7A1F5C"
"""

# What `site.css` and the letters put on what, and the least contrast there (WCAG 2.2, 1.4.3 and 1.4.11).
PAIRS = [
    ("ink", "ground", "4.5"),
    ("ink", "sheet", "4.5"),
    ("ink", "danger_ground", "4.5"),
    ("ink", "success_ground", "4.5"),
    ("soft", "ground", "4.5"),
    ("soft", "sheet", "4.5"),
    ("accent", "ground", "4.5"),
    ("accent", "sheet", "4.5"),
    ("accent", "danger_ground", "4.5"),
    ("accent", "success_ground", "4.5"),
    ("on_accent", "accent", "4.5"),
    ("danger", "sheet", "4.5"),
    ("danger", "danger_ground", "4.5"),
    ("on_danger", "danger", "4.5"),
    ("success", "sheet", "4.5"),
    ("success", "success_ground", "4.5"),
    ("edge", "sheet", "3"),
]


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    """A configuration that leaves its brand to another file."""
    path = tmp_path / "idp.toml"
    path.write_text(f'[brand]\nfile = "{tmp_path / "brand.toml"}"\nphone = "088"\n', encoding="utf-8")
    (tmp_path / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    return path


def test_a_brand_is_one_file(configured: Path) -> None:
    """Whoever runs the service for ten brands keeps ten small files, and one configuration."""
    configured.with_name("brand.toml").write_text(BAKERY, encoding="utf-8")
    brand = load_settings(configured).brand
    assert (brand.name, brand.products, brand.light.accent) == ("Bakkers Boekhouding", ("Deegboek",), "#7a1f5c")
    assert brand.logo == configured.with_name("logo.svg")  # beside the file that names it
    assert brand.phone == "088"  # the configuration itself wins
    assert (brand.light.ink, brand.dark) == (BrandSettings().light.ink, BrandSettings().dark)


def test_settings_can_be_handed_on(configured: Path) -> None:
    """A process that starts another one hands it what it has read."""
    configured.with_name("brand.toml").write_text(BAKERY, encoding="utf-8")
    for settings in (Settings(), load_settings(configured)):
        assert Settings.model_validate_json(settings.model_dump_json()) == settings


def test_the_sample_is_what_we_look_like() -> None:
    """Whoever copies it begins with something that is whole."""
    sample = BrandSettings.model_validate({"file": SAMPLE})
    assert sample.model_copy(update={"file": None}) == BrandSettings()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('[light]\naccent = "#7fd0e4"\n', "accent on ground is 1.61 and has to be 4.5"),
        ('[light]\nedge = "#cccccc"\n', "edge on sheet is 1.61 and has to be 3"),
        ('[dark]\non_accent = "#ffffff"\n', "on_accent on accent is 1.74 and has to be 4.5"),
        ('[light]\naccent = "red"\n', "a colour is written as #0a5c73"),
        ('[light]\naccents = "#7a1f5c"\n', "brand.light.accents"),
        ('logo = "logo.exe"\n', "a logo is one of .svg, .png, .webp"),
        ('logo = "nowhere.svg"\n', "the logo's file can't be read"),
        ("name = ", "brand.file can't be read: TOMLDecodeError"),
        (None, "brand.file can't be read: FileNotFoundError"),
    ],
)
def test_what_is_wrong_with_a_brand_is_said(configured: Path, content: str | None, told: str) -> None:
    """An operator would hear of grey on grey from a customer's customers."""
    if content is not None:
        configured.with_name("brand.toml").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="brand") as refused:
        load_settings(configured)
    assert told in str(refused.value)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("colour", "ground", "wanted"), PAIRS)
def test_what_stands_on_something_differs_from_it(scheme: str, colour: str, ground: str, wanted: str) -> None:
    """A brand's message in red on red is one that nobody reads, in the scheme that its maker did not look at."""
    ours = BrandSettings().model_dump()[scheme]
    with pytest.raises(ValidationError, match=f"{colour} on {ground} is 1.00 and has to be {wanted}(,| )"):
        BrandSettings.model_validate({scheme: {colour: ours[ground]}})


def test_a_logo_is_small(configured: Path) -> None:
    """Each page carries it, to a telephone in a cellar."""
    configured.with_name("brand.toml").write_text('logo = "logo.svg"\n', encoding="utf-8")
    configured.with_name("logo.svg").write_bytes(b" " * (MAX_LOGO_BYTES + 1))
    with pytest.raises(ConfigurationError, match="a logo has at most 20000 bytes"):
        load_settings(configured)


def test_the_demo_wears_it_too(configured: Path, tmp_path: Path) -> None:
    """Whoever tries a brand tries it in the demo, which writes a configuration of its own."""
    configured.with_name("brand.toml").write_text(BAKERY, encoding="utf-8")
    settings = load_settings(configured)
    write_settings(settings, tmp_path / "demo.toml")
    assert load_settings(tmp_path / "demo.toml").brand == settings.brand
