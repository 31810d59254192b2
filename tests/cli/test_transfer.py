"""`idp user export` and `import`: many users at once (R1)."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from tests.slapd import USERS_DN

if TYPE_CHECKING:
    from tests.cli.installation import Installation

HEADER = "name,administratie,mail,owner_name,language\n"
LINES = (
    'U4BBGA0008,"Bakkerij De Vries, Zn.",anna@example.nl,Anna de Vries,nl\n'
    "U4BBGA0012,Lunchroom,anna@example.nl,Anna de Vries,nl\n"
    "u4bbga0007,Fietsen,bram@example.nl,Bram Jansen,en\n"
)


def import_file(at: Installation, text: str | bytes) -> str:
    """Write a file; gives its name."""
    file = at.folder / "users.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(file)


@pytest.mark.row("R1")
def test_a_file_is_imported_and_importing_it_again_changes_nothing(at: Installation) -> None:
    """Whoever is not sure whether it went through runs it again; nobody is made twice, nobody is mailed twice."""
    file = import_file(at, HEADER + LINES)
    assert at.done("user", "import", file) == "3 invited, 0 were there already, 0 refused\n"
    mails = at.sent()
    assert sorted({mail["To"] for mail in mails}) == ["anna@example.nl", "bram@example.nl"]
    exported = at.done("user", "export")
    assert at.done("user", "import", file) == "0 invited, 3 were there already, 0 refused\n"
    assert at.done("user", "export") == exported
    assert len(at.sent()) == len(mails)


def test_what_is_exported_can_be_imported_elsewhere(at: Installation) -> None:
    """Two directories, one list: names, owners and languages arrive as they were, and no password travels."""
    at.done("user", "import", import_file(at, HEADER + LINES))
    at.slapd.write(f"uid=U4BBGA0008,{USERS_DN}", "userPassword", "vijf losse woorden achter elkaar")
    exported = at.done("user", "export")
    rows = list(csv.DictReader(io.StringIO(exported)))
    assert rows[0] == {
        "name": "U4BBGA0008",
        "administratie": "Bakkerij De Vries, Zn.",
        "mail": "anna@example.nl",
        "owner_name": "Anna de Vries",
        "language": "nl",
    }
    assert "ARGON2" not in exported
    at.slapd.empty()
    assert at.done("user", "import", "-", stdin=exported) == "3 invited, 0 were there already, 0 refused\n"
    assert at.done("user", "export") == exported


def test_a_line_that_is_no_user_is_named_and_the_others_are_imported(at: Installation) -> None:
    """One typing error in a thousand lines costs one line, which is told by its number."""
    bad = (
        "U4BBGA 1,A,anna@example.nl,Anna,nl\n"
        "U4BBGA0002@u4bsw.nl,A,anna@example.nl,Anna,nl\n"
        "U4BBGA0003,,anna@example.nl,Anna,nl\n"
        "U4BBGA0004,A,anna at example.nl,Anna,nl\n"
        "U4BBGA0005,A,anna@example.nl,,nl\n"
        "U4BBGA0006,A,anna@example.nl,Anna,de\n"
        "U4BBGA0009\n"
        ",,,,\n"
    )
    ran = at.idp("user", "import", import_file(at, HEADER + bad + LINES))
    assert (ran.code, ran.out) == (1, "3 invited, 0 were there already, 8 refused\n")
    told = ran.err.splitlines()
    assert [line.split(":")[0] for line in told[:-1]] == [f"line {number}" for number in range(2, 10)]
    assert told[-1] == "idp: some lines were refused; mend them and import the file again"
    assert len(at.idp("user", "list", "--json").json) == 3


COLUMNS = "the first line must name the columns name, administratie, mail, owner_name, language; name is missing"
UNREADABLE = "the file is no CSV in UTF-8 with commas; save it so, and import it again"
NO_SUCH_FILES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", COLUMNS),
    "no header": (LINES, COLUMNS),
    "semicolons": (HEADER.replace(",", ";"), COLUMNS),
    "bytes": (b"\xff\xfe\x00\x01", UNREADABLE),
    "UTF-16": ((HEADER + LINES).encode("utf-16"), UNREADABLE),
    "Latin-1": (HEADER.encode() + b"U4BBGA0008,caf\xe9,anna@example.nl,Anna,nl\n", UNREADABLE),
    "a long field": (HEADER + 'U4BBGA0008,"' + "a" * 200_000 + '",anna@example.nl,Anna,nl\n', UNREADABLE),
}


@pytest.mark.parametrize("kind", NO_SUCH_FILES)
def test_what_is_no_such_file_is_one_sentence(at: Installation, kind: str) -> None:
    """Spreadsheets write all kinds of files; who tries one hears what is expected."""
    content, sentence = NO_SUCH_FILES[kind]
    assert at.idp("user", "import", import_file(at, content)).sentence == sentence
    assert at.done("user", "list") == ""


def test_a_spreadsheets_byte_order_mark_and_more_columns_do_no_harm(at: Installation) -> None:
    """Excel puts a mark before the first name, and people keep notes in columns of their own."""
    text = "\ufeffname,note,administratie,mail,owner_name,language\nU4BBGA0008,x,A,anna@example.nl,Anna,nl\n"
    assert at.done("user", "import", import_file(at, text)) == "1 invited, 0 were there already, 0 refused\n"


def test_a_missing_file_is_wrong_use(at: Installation) -> None:
    """A typing error in the file's name is no empty import."""
    ran = at.idp("user", "import", str(at.folder / "none.csv"))
    assert (ran.code, ran.out) == (2, "")
    assert "none.csv" in ran.err
