"""Finding one among many by typing."""

from __future__ import annotations

import pytest

from idp.domain.searching import folded, is_found

CAFE = folded("Crème Café De Vries & Zn. U4BBGA0008@u4bsw.nl")


@pytest.mark.parametrize(
    "wanted", ["", "  ", "creme", "CRÈME", "cafe", "vries café", "0008", "u4bbga0008@u4bsw.nl", "08@U4b", "zn. de"]
)
def test_what_is_typed_in_part_and_in_any_order_is_found(wanted: str) -> None:
    """Who has forty administrations would have to remember how each of them is spelt."""
    assert is_found(wanted, CAFE)


@pytest.mark.parametrize("wanted", ["cafes", "vries bakkerij", "0009", "%", "*", "nl", "u4bsw"])
def test_what_has_a_word_that_is_nowhere_is_not(wanted: str) -> None:
    """The list would stay as long as it was."""
    assert not is_found(wanted, CAFE)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Strauß", "STRAUSS"),
        ("STRAUẞ", "strauß"),
        ("\u0130zmir", "izmir"),
        ("Izmir", "\u0131zmir"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("ﬁets", "FIETS"),
        ("किताब", "कतब"),
    ],
)
def test_letters_that_are_one_are_found_however_they_are_written(written: str, typed: str) -> None:
    """Who types what they see on the page would be told that it is not there."""
    assert is_found(typed, folded(written))
    assert folded(written) == folded(folded(written))


def test_of_several_signs_the_last_one_begins_the_realm() -> None:
    """An administration with such a sign in its name could not be found by what stands behind it."""
    assert is_found("home thuis", folded("Studio @Home Thuis U4BBGA0008@u4bsw.nl"))
