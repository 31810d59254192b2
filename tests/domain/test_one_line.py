"""What a name may be: anything on one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.one_line import LONGEST, is_one_line


@pytest.mark.parametrize(
    "text",
    [
        "A",
        " voor en achter ",
        "Bakkerij De Vries, Zn.",
        "=1+1",
        "caf\u00e9",
        "harde\u00a0spatie",
        "\u754c\u9762",
        "\U0001f468\u200d\U0001f373",
        "a" * LONGEST,
    ],
)
def test_names_in_any_script_are_names(text: str) -> None:
    """A customer could not be invited for what they are called."""
    assert is_one_line(text)


@pytest.mark.parametrize(
    "text", ["", "  ", "\u00a0", "a\nb", "a\rb", "a\tb", "a\0b", "a\u2028b", "a\x85b", "a\ud800", "a" * (LONGEST + 1)]
)
def test_what_is_blank_or_breaks_a_line_is_none(text: str) -> None:
    """A header of a mail, or a line of a list, would end in the middle of a name."""
    assert not is_one_line(text)


@given(st.text())
def test_no_line_has_two_lines(text: str) -> None:
    """Whatever Python takes for the end of a line."""
    if is_one_line(text):
        assert len(text.splitlines()) == 1
