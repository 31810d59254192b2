"""What a device shows, and what somebody makes of it."""

from __future__ import annotations

import re

from idp.domain.user_code import new_user_code, read_user_code


def test_a_code_is_read_as_it_was_made_however_it_is_typed() -> None:
    """Whoever types in small letters, or leaves the stroke out, would be told that there is no such code."""
    code = new_user_code()
    assert re.fullmatch("[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", code)
    plain = code.replace("-", "")
    for typed in (code, code.lower(), plain, f" {plain[:2]} {plain[2:]}\t", f"{plain}\u2013."):
        assert read_user_code(typed) == plain
    assert read_user_code("") == read_user_code("AEIOU 123 \U0001f600") == ""


def test_no_two_are_alike() -> None:
    """One that can be guessed lets a stranger's device in."""
    assert len({new_user_code() for _ in range(200)}) == 200
