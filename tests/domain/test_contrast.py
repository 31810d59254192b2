"""Contrast as WCAG 2.2 defines it; the ratios are those of its own examples and of two published checkers."""

from __future__ import annotations

import pytest

from idp.domain.contrast import contrast


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),  # the well-known grey that is just too light
        ("#767676", "#ffffff", 4.54),
        ("#0000ff", "#ffffff", 8.59),
        ("#ff0000", "#ffffff", 4.0),
        ("#00ff00", "#000000", 15.3),
        ("#0a0a0a", "#000000", 1.06),
    ],
)
def test_the_ratio_is_the_standards(one: str, other: str, ratio: float) -> None:
    """A checker that errs lets a customer's brand through that nobody over sixty can read."""
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


def test_dark_greys_are_told_apart() -> None:
    """A line on a dark sheet: below a tenth of a step the formula is another one."""
    assert contrast("#0a0a0a", "#000000") == pytest.approx(1.06071, abs=0.00001)
