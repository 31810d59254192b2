"""How far long work has come, for people at a terminal; scripts see nothing of it."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from idp.services.user_csv import COLUMNS
from tests.cli.terminal import seen_on_a_terminal

if TYPE_CHECKING:
    from tests.cli.installation import Installation


def test_an_import_shows_how_far_it_has_come_and_how_fast(at: Installation) -> None:
    """Whoever imports a hundred thousand would not know whether to wait or to go home; and what is refused stays readable."""
    file = at.folder / "users.csv"
    users = [f"U{number:03},A,anna@example.nl,Anna,nl" for number in range(20)]
    file.write_text("\n".join([",".join(COLUMNS), *users[:10], "not a user,,,,", *users[10:], ""]))
    command = [sys.executable, "-m", "idp.cli", "--config", str(at.config), "user", "import", str(file)]
    code, seen = seen_on_a_terminal(command, of="stderr")
    assert code == 1
    lines = re.split(r"[\r\n]+", seen)
    assert re.search(r"\[#+\] +100% +21 read, \d+/s", seen)
    assert "\033[Kline 12: name is missing or wrong" in lines
    assert lines[-2] == "idp: some lines were refused; mend them and import the file again"


def test_a_look_at_everything_shows_what_it_looks_at(at: Installation) -> None:
    """A directory of a million takes minutes, in which nothing would be seen."""
    command = [sys.executable, "-m", "idp.cli", "--config", str(at.config), "directory", "check"]
    code, seen = seen_on_a_terminal(command, of="stderr")
    assert code == 0
    assert re.search(r"\[#+\] +100% ", seen)
    assert "uniqueness" in seen
