"""What people read comes out of the catalogue, or it is Dutch on an English page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import idp
from tests.translations.outside_catalogue import in_code, in_script, in_style, in_template

if TYPE_CHECKING:
    from collections.abc import Callable

IDP = Path(idp.__file__).parent
TEMPLATES = sorted([*(IDP / "web" / "templates").iterdir(), *(IDP / "letters").iterdir()])
CODE = sorted([*(IDP / "web").rglob("*.py"), *(IDP / "translations").glob("*.py"), IDP / "adapters" / "letters.py"])
SCRIPTS = sorted((IDP / "web" / "static").glob("*.js"))  # not the widget's, whose words the page gives it
STYLES = sorted((IDP / "web" / "static").glob("*.css"))

pytestmark = pytest.mark.row("R12")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_says_nothing_by_itself(path: Path) -> None:
    """A sentence in the template itself is never translated, and no count of the catalogue misses it."""
    assert in_template(path.read_text("utf-8"), path.name) == []


@pytest.mark.parametrize(("find", "paths"), [(in_code, CODE), (in_script, SCRIPTS), (in_style, STYLES)])
def test_code_says_nothing_by_itself(find: Callable[[str], list[str]], paths: list[Path]) -> None:
    """What code puts on a page or into a letter would be Dutch for everybody."""
    assert paths
    assert {path.name: found for path in paths if (found := find(path.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "<p>Zomaar een zin.</p>",
        "{% if a %}<p>{{ _('Taal') }}: zomaar</p>{% endif %}",
        "<p>{% if a %}zomaar{% else %}{{ b }}{% endif %}</p>",
        "<style>p { color: red }</style><p>zomaar</p>",
        "<input aria-label='zomaar'>",
        '<abbr title="{{ b }} zomaar">{{ c }}</abbr>',
        "<img alt=zomaar>",
        "<input placeholder='zomaar'>",
        "<meta name='description' content='zomaar'>",
        "<input type='submit' value='zomaar'>",
        "<button data-copied='Gekopieerd'>{{ c }}</button>",
        "{{ 'Zomaar' }}",
        "{{ field('name', 'Zomaar') }}",
        "{{ _('Taal', name='Zomaar een naam') }}",
    ],
)
def test_words_in_a_template_are_found(planted: str) -> None:
    """Otherwise the test above is green whatever stands there."""
    assert in_template(f"{{% block main %}}\n{planted}\n{{% endblock %}}", "a.html") != []


def test_words_in_a_letter_of_plain_text_are_found() -> None:
    """Otherwise the test above is green whatever stands there."""
    assert in_template("{{ _('Hallo,') }}\n<zomaar>\n", "a.txt") == ["<zomaar>"]


@pytest.mark.parametrize(
    "planted",
    [
        'a.textContent = "zomaar";',
        "a.innerText += 'zomaar';",
        "a.textContent = b ? `${c} zomaar; ja` : d;",
        "const a = b;\na.title = document.querySelector('a b').content ?? 'zomaar';",
        'alert("zomaar");',
        'a.setAttribute("aria-label", "zomaar");',
        'a.append("zomaar");',
        'const words = "Er is geen verbinding";',
    ],
)
def test_words_in_a_script_are_found(planted: str) -> None:
    """Otherwise the test above is green whatever stands there."""
    assert in_script(f'a.setAttribute("role", "status");\n{planted}\nb.hidden = true;\n') != []


@pytest.mark.parametrize(
    "planted",
    [
        'show("a.html", problem="Zomaar een zin.")',
        'A = "er is geen verbinding"',
        'words = f"om precies {time} uur"',
        'return_ = counted(plain("Taal"), "a", 2) + "het lukt niet."',
    ],
)
def test_words_in_code_are_found(planted: str) -> None:
    """Otherwise the test above is green whatever stands there."""
    assert in_code(f'"""What it is for."""\n{planted}\n') != []


def test_words_in_a_stylesheet_are_found() -> None:
    """Otherwise the test above is green whatever stands there."""
    assert in_style('a::after { color: red; content: "zomaar"; }') == ["zomaar"]
