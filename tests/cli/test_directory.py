"""The directory's own command: what it says, to people and to programs, and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.slapd import BASE_DN

if TYPE_CHECKING:
    from tests.cli.installation import Installation

PROBLEM = "uid is not indexed: each look-up reads everybody"
REMEDY = "add olcDbIndex: uid eq, or run `idp directory install`"

DATABASE_DN = "olcDatabase={2}mdb,cn=config"


def index(how: str) -> str:
    """Write a change of the index of names."""
    return f"dn: {DATABASE_DN}\nchangetype: modify\n{how}: olcDbIndex\nolcDbIndex: uid eq\n"


def test_a_sound_directory_is_well(at: Installation) -> None:
    """On the socket, whoever runs it is the admin; over the network the service says what it could not see."""
    assert at.done("directory", "check") == "all is well\n"
    at.more["directory"] = {"url": at.slapd.embedded.ldap_url}
    assert at.done("directory", "check").startswith("unseen  configuration: cn=config")
    admin = at.slapd.embedded.admin_dn, str(at.slapd.embedded.admin_password_file)
    assert at.done("directory", "check", "--as", admin[0], "--password-file", admin[1]) == "all is well\n"


def test_the_embedded_directory_lacks_nothing(at: Installation) -> None:
    """Both are made from the same templates; were they not, one of the two would not be what is tested."""
    ran = at.idp("directory", "install")
    assert (ran.code, ran.out, ran.err) == (0, "", "# nothing to add\n")


def test_what_is_wrong_is_one_line_with_its_remedy(at: Installation) -> None:
    """And the exit code tells it to whatever watches."""
    at.slapd.modify(index("delete"))
    try:
        ran = at.idp("directory", "check")
        assert ran.code == 1
        assert ran.out == f"wrong   indexes: {PROBLEM}; {REMEDY}\n"
        rows = at.idp("directory", "check", "--json").json
        assert [(row["check"], row["wrong"]) for row in rows] == [("indexes", True)]
    finally:
        at.slapd.modify(index("add"))


def test_an_operator_who_sees_nothing_is_told_so(at: Installation) -> None:
    """Otherwise, all that is hidden from them would look as if it were missing."""
    password = at.folder / "password"
    password.write_text("dit is hem niet")
    ran = at.idp("directory", "check", "--as", at.slapd.embedded.admin_dn, "--password-file", str(password))
    assert ran.sentence == f"{at.slapd.embedded.admin_dn} is refused, or sees nothing of {BASE_DN}"
