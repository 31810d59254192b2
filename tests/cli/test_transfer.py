"""`idp user export` and `import`: many users at once (R1)."""

from __future__ import annotations

import base64
import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from tests.services.listed import AWKWARD
from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN

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
    assert told[0] == "line 2: name is missing or wrong"
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


# -- exact -----------------------------------------------------------------------------------------------------------------


def people(at: Installation) -> None:
    """Have owners and users with names of all kinds, made by an admin's tools: one owns nobody, one speaks English."""
    lines = []
    for number, text in enumerate(AWKWARD):
        name, dn = base64.b64encode(text.encode()).decode(), f"uid=o{number},{PEOPLE_DN}"
        language = "preferredLanguage: en-GB, nl;q=0.5\n" if number % 2 else ""
        lines += [f"dn: {dn}\nobjectClass: inetOrgPerson\ncn:: {name}\nsn:: {name}\nmail: +o{number}@example.nl\n{language}"]
        for uid in (f"U{number:03}", f"v{number:03}") if number else ():
            user = f"dn: uid={uid},{USERS_DN}\nobjectClass: account\nobjectClass: koppelgebruiker\n"
            lines += [f"{user}administratie:: {name}\nowner: {dn}\n"]
    at.slapd.tool("ldapadd", ldif="\n".join(lines))


@pytest.mark.row("R1")
@pytest.mark.parametrize("form", ["csv", "ldif"])
def test_what_went_out_comes_in_and_goes_out_as_it_was(at: Installation, form: str) -> None:
    """Two directories would drift apart with each move, and nobody could tell by comparing them."""
    people(at)
    exported = at.done("user", "export", "--format", form)
    at.slapd.empty()
    counts = {"invited": 2 * len(AWKWARD) - 2, "known": 0, "refused": 0}
    assert at.idp("user", "import", "-", "--json", stdin=exported).json == counts
    assert at.done("user", "export", "--format", form) == exported
    again = at.idp("user", "import", "--format", form, import_file(at, exported), "--json").json
    assert again == counts | {"invited": 0, "known": counts["invited"]}


def test_what_goes_out_as_ldif_is_taken_by_an_admins_own_tools(at: Installation) -> None:
    """An admin loads it with what they know; no attribute that only the server may write is in it, and no password."""
    people(at)
    at.slapd.write(f"uid=U001,{USERS_DN}", "userPassword", "vijf losse woorden achter elkaar")
    exported = at.done("user", "export", "--format", "ldif")
    assert "userPassword" not in exported
    at.slapd.empty()
    at.slapd.tool("ldapadd", ldif=exported)
    assert at.done("user", "export", "--format", "ldif") == exported
    assert "owners:" not in at.idp("directory", "check").out  # they are under the people's policy


def test_what_an_admins_own_tools_write_is_taken_in_or_said_not_to_be(at: Installation) -> None:
    """Their ldapsearch is at hand where idp isn't; its comments, folded lines and base64 are read, and passwords are not."""
    people(at)
    wanted = ("objectClass", "uid", "cn", "sn", "mail", "preferredLanguage", "administratie", "owner")
    found = at.slapd.tool("ldapsearch", "-b", BASE_DN, "(|(objectClass=person)(objectClass=koppelgebruiker))", *wanted).stdout
    everything = at.slapd.tool("ldapsearch", "-LLL", "-b", BASE_DN, "*", "+").stdout
    at.slapd.empty()
    ran = at.idp("user", "import", import_file(at, found), "--json")
    assert json.loads(ran.out) == {"invited": 2 * len(AWKWARD) - 2, "known": 0, "refused": 1}
    assert "a record begins with its dn" in ran.err  # ldapsearch's last lines tell how it went
    refused = at.idp("user", "import", import_file(at, everything))
    assert refused.code == 1
    assert refused.out.startswith("0 invited, 0 were there already")


def test_whoever_can_not_be_written_is_named_and_the_exit_code_tells(at: Installation) -> None:
    """They would be missing in the new directory, and nobody know before their banks are shut out."""
    at.done("user", "import", import_file(at, HEADER + LINES))
    nobody = f"uid=gone,{PEOPLE_DN}"
    user = f"dn: uid=U4BBGA0099,{USERS_DN}\nobjectClass: account\nobjectClass: koppelgebruiker\nadministratie: A\n"
    at.slapd.tool("ldapadd", ldif=f"{user}owner: {nobody}\n")
    for form, lines in (("csv", 4), ("ldif", None)):
        ran = at.idp("user", "export", "--format", form)
        assert ran.code == 1
        assert ran.err.splitlines() == [
            "U4BBGA0099 is left out: it has no owner who exists",
            "idp: 1 left out, which are named above; `idp directory check` tells more",
        ]
        assert "U4BBGA0099" not in ran.out
        assert lines is None or len(ran.out.splitlines()) == lines


def test_a_password_and_a_file_come_from_stdin_one_after_the_other(at: Installation) -> None:
    """What was read too far of the one would be missing in the other: its first users."""
    admin = at.slapd.embedded.admin_password_file.read_text()
    as_admin = ("--as", at.slapd.embedded.admin_dn, "--password-file", "-")
    said = at.done("user", *as_admin, "import", "-", stdin=f"{admin}\n{HEADER}{LINES}")
    assert said == "3 invited, 0 were there already, 0 refused\n"


def test_a_value_that_the_directory_does_not_take_costs_one_line(at: Installation) -> None:
    """The address of one customer would stop the list of all."""
    odd = "U4BBGA0001,A,an\u00e9@example.nl,An\u00e9,nl\n"
    ran = at.idp("user", "import", import_file(at, HEADER + odd + LINES))
    assert (ran.code, ran.out) == (1, "3 invited, 0 were there already, 1 refused\n")
    assert ran.err.splitlines()[0] == "line 2: The directory does not take a value of this form."
