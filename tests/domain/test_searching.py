"""Finding one among many by typing."""

from __future__ import annotations

import pytest

from idp.domain.searching import folded, is_found

CAFE = folded("Crème Café De Vries & Zn. U4BBGA0008@u4bsw.nl")


@pytest.mark.parametrize("wanted", ["", "  ", "creme", "CRÈME", "cafe", "vries café", "0008", "u4bbga0008@u4bsw.nl", "zn. de"])
def test_what_is_typed_in_part_and_in_any_order_is_found(wanted: str) -> None:
    """Who has forty administrations would have to remember how each of them is spelt."""
    assert is_found(wanted, CAFE)


@pytest.mark.parametrize("wanted", ["cafes", "vries bakkerij", "0009", "%", "*"])
def test_what_has_a_word_that_is_nowhere_is_not(wanted: str) -> None:
    """The list would stay as long as it was."""
    assert not is_found(wanted, CAFE)
