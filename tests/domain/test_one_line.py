"""What a name may be: anything on one line; and what of it is shown to people as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.one_line import LONGEST, LONGEST_NAME, has_nothing_hidden, is_one_line, is_plain_name


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


@pytest.mark.parametrize(
    "text", ["A", "Bakkerij De Vries, Zn.", "1", "\u20ac", "!", "caf\u00e9", "\u754c\u9762", "\u2764\ufe0f", "a" * LONGEST_NAME]
)
def test_a_name_that_can_be_seen_is_plain(text: str) -> None:
    """An application could not be registered for what it is called."""
    assert is_plain_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "a" * (LONGEST_NAME + 1),
        " voor",
        "achter ",
        "a\nb",
        "\u202eabc",  # turns the direction of what stands behind it
        "ab\u200b",  # has no width
        "ab\ue000",  # is nobody's but a font's
        "ab\u0378",  # is no character yet
        "ab\u3164",  # a letter, and nothing to see
        "\ufe0f",  # chooses the form of a character that is not there
        "\u0301",
    ],
)
def test_a_name_that_hides_something_is_not_plain(text: str) -> None:
    """A page would ask an owner to trust an application under a name that looks like another's."""
    assert not is_plain_name(text)


@pytest.mark.parametrize("text", ["", "https://app.example/a?b=c", "caf\u00e9 & co"])
def test_what_is_seen_hides_nothing(text: str) -> None:
    """An address or a contact of a registration would be refused for what everybody can read in it."""
    assert has_nothing_hidden(text)


@pytest.mark.parametrize(
    "text",
    [
        "a\u200bb",
        "\u2066a",
        "a\ue000",
        "a\u0378",
        *(f"a{filler}" for filler in "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"),
    ],
)
def test_what_nobody_sees_is_hidden(text: str) -> None:
    """Two addresses that look the same to a person who compares them would not be the same."""
    assert not has_nothing_hidden(text)
