"""Users as CSV: exact, harmless in a spreadsheet, and refused line by line (R1)."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.errors import LineRefused
from idp.ports.directory import NewUser
from idp.services.intake import FileRefused
from idp.services.user_csv import COLUMNS, csv_lines, read_csv
from tests.services.listed import USERS, read

HEADER = ",".join(COLUMNS)
ANNA = NewUser("U1", "A", "anna@example.nl", "Anna")
LINE = "U1,A,anna@example.nl,Anna,nl"


@given(st.lists(USERS))
def test_whatever_is_written_is_read_as_it_was(users: list[NewUser]) -> None:
    """A company would be called otherwise in every token, and nobody see why."""
    text = "".join(csv_lines(users))
    lines = read(read_csv, text)
    assert [line.wanted for line in lines] == users
    assert [line.number for line in lines] == list(range(2, len(users) + 2))
    assert read(read_csv, "\ufeff" + text) == lines
    assert read(read_csv, text.replace("\r\n", "\n")) == lines


@given(st.lists(USERS))
def test_no_cell_is_a_formula(users: list[NewUser]) -> None:
    """Whoever may name a company would have a formula run on the machine of whoever opens the list."""
    for row in csv.reader(io.StringIO("".join(csv_lines(users)))):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_a_name_is_forgiven_its_case_and_the_blanks_around_it() -> None:
    """People copy; but a company's name is taken as it is."""
    (line,) = read(read_csv, f"{HEADER}\n u1 ,' A ', anna@example.nl ,Anna,nl \n")
    assert line.wanted == NewUser("U1", "' A '", "anna@example.nl", "Anna", "nl")


def test_columns_are_found_by_name() -> None:
    """A spreadsheet in which somebody moved a column would mix people up."""
    (line,) = read(read_csv, "language,owner_name,note,mail,administratie,name\nnl,Anna,x,anna@example.nl,A,U1\n")
    assert line.wanted == ANNA


WRONG = {
    "U 1,A,anna@example.nl,Anna,nl": "name is missing or wrong",
    "U1@u4bsw.nl,A,anna@example.nl,Anna,nl": "The user name must be given without",
    "U1,,anna@example.nl,Anna,nl": "administratie is missing or wrong",
    '"U1","A\nB",anna@example.nl,Anna,nl': "administratie is missing or wrong",
    "U1,A,anna at example.nl,Anna,nl": "mail is missing or wrong",
    "U1,A,anna@example.nl, ,nl": "owner_name is missing or wrong",
    "U1,A,anna@example.nl,Anna,de": "language is missing or wrong",
    "U1,Bakkerij, Zn.,anna@example.nl,Anna,nl": "it has more cells than",
    "U1": "administratie is missing or wrong",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_line_that_is_no_user_says_why(text: str) -> None:
    """One typing error would cost the whole list, or be looked for in vain."""
    wrong, right = read(read_csv, f"{HEADER}\n{text}\n{LINE}\n")
    assert isinstance(wrong.wanted, LineRefused)
    assert str(wrong.wanted).startswith(WRONG[text])
    assert (right.number, right.wanted) == (3 + text.count("\n"), ANNA)


@pytest.mark.parametrize("text", [f'{HEADER}\n{LINE}\nU2,"A,anna@example.nl,Anna,nl\nU3,A,anna@example.nl,Anna,nl\n'])
def test_a_quote_that_is_never_closed_swallows_nothing_in_silence(text: str) -> None:
    """All lines after it would be one cell, and their users never be made."""
    with pytest.raises(FileRefused, match="no CSV"):
        read(read_csv, text)
