"""User names are normalised once, in one place; whatever can't be a name is an unknown one (R9, R10, R13, R21)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.username import Realms, Username, parse_bare, parse_full
from idp.errors import UsernameError, UsernameHasSuffix, UsernameIncomplete, UsernameMissing

REALMS = Realms("u4bsw.nl", ("u4bb.nl", "oud.u4b.nl"))
NAME = Username("U4BBGA0008", "U4BBGA0008")
ANYTHING = st.text(st.characters())  # lone surrogates included: a form can hold them
ALMOST_NAMES = st.from_regex(r"[ \t]{0,2}[A-Za-z0-9]{0,34}@?[uU]4[bB](b|sw)\.nl[ \t]{0,2}", fullmatch=True)


@pytest.mark.row("R10")
@pytest.mark.parametrize(
    "typed",
    [
        "U4BBGA0008@u4bsw.nl",
        "u4bbga0008@u4bsw.nl",
        "U4BBGA0008@U4BSW.NL",
        "  U4BBGA0008@u4bsw.nl\t",
        "\u00a0U4BBGA0008@u4bsw.nl\r\n",
    ],
)
def test_case_and_white_space_around_a_name_are_forgiven(typed: str) -> None:
    """Who copies a name with a space, or types it in lower case, gets no mail."""
    assert parse_full(typed, REALMS) == NAME


@pytest.mark.row("R9")
@pytest.mark.parametrize("realm", ["u4bsw.nl", "u4bb.nl", "U4BB.nl", "oud.u4b.nl"])
def test_every_accepted_realm_means_the_canonical_one(realm: str) -> None:
    """The manual says @u4bb.nl in one place: who follows it there is told nothing, and gets nothing."""
    name = parse_full(f"U4BBGA0008@{realm}", REALMS)
    assert name == NAME
    assert REALMS.full("U4BBGA0008") == "U4BBGA0008@u4bsw.nl"


@pytest.mark.row("R9")
def test_the_realms_are_configurable() -> None:
    """Another vendor's names would all be unknown."""
    realms = Realms("boek.example")
    assert parse_full("ABC1@boek.example", realms).bare == "ABC1"
    assert parse_full("ABC1@u4bsw.nl", realms).bare is None


@pytest.mark.row("R10")
@pytest.mark.parametrize("typed", ["", " ", "\t\r\n", "\u2003"])
def test_nothing_typed_is_said_to_be_missing(typed: str) -> None:
    """Who presses the button too early is told that their name is unknown."""
    with pytest.raises(UsernameMissing):
        parse_full(typed, REALMS)


@pytest.mark.row("R10")
@pytest.mark.parametrize("typed", ["U4BBGA0008", " u4bbga0008 ", "no name at all", "u4bsw.nl", "*)(uid=*"])
def test_a_name_without_a_realm_is_said_to_be_incomplete(typed: str) -> None:
    """Who types the bare name, as at the bank, would wait for a mail that never comes."""
    with pytest.raises(UsernameIncomplete):
        parse_full(typed, REALMS)


@pytest.mark.row("R10")
@pytest.mark.parametrize(
    "typed",
    [
        "U4BBGA0008@example.nl",
        "U4BBGA0008@u4bsw.nl.example",
        "U4BBGA0008@ u4bsw.nl",
        "U4BBGA0008 @u4bsw.nl",
        "U4BB GA0008@u4bsw.nl",
        "U4BBGA0008@u4bsw.nl@u4bsw.nl",
        "@u4bsw.nl",
        "U4BBGA0008@",
        "U4BBGA-008@u4bsw.nl",
        "*)(uid=*@u4bsw.nl",
        "U4BBGA0008\0@u4bsw.nl",
        "\uff35\uff14BBGA0008@u4bsw.nl",  # full-width U4, which slapd would match
        "U4BBGA000\u0668@u4bsw.nl",  # an Arabic 8
        "\u00dfU4@u4bsw.nl",  # sharp s, which becomes SS in upper case
        "A" * 33 + "@u4bsw.nl",
    ],
)
def test_anything_else_is_an_unknown_name(typed: str) -> None:
    """A spelling that slapd matches, but that no limit counts, would be a way round the limits."""
    name = parse_full(typed, REALMS)
    assert name.bare is None
    assert name.key == "?:" + typed.casefold()


@pytest.mark.row("R10")
@pytest.mark.parametrize("bare", ["A", "7", "A" * 32])
def test_a_name_has_one_to_thirty_two_characters(bare: str) -> None:
    """A customer whose name is as long as allowed could never reset their password."""
    assert parse_full(f"{bare}@u4bsw.nl", REALMS) == Username(bare, bare)
    assert parse_bare(bare) == Username(bare, bare)


@pytest.mark.row("R13")
def test_two_spellings_of_one_name_are_equal_and_two_names_differ() -> None:
    """At Verify a pasted name with the other realm would be refused; or another name would do."""
    first = parse_full("U4BBGA0008@u4bsw.nl", REALMS)
    assert parse_full(" u4bbga0008@U4BB.NL ", REALMS).key == first.key
    assert parse_full("U4BBGA0007@u4bsw.nl", REALMS).key != first.key


@pytest.mark.row("R13")
def test_names_that_can_not_exist_compare_like_names_that_can() -> None:
    """Whoever types an impossible name would get on with it, or not, and learn that it is impossible."""
    assert parse_full("Piet@Elders.nl ", REALMS).key == parse_full("piet@elders.NL", REALMS).key
    assert parse_full("piet@elders.nl", REALMS).key != parse_full("jan@elders.nl", REALMS).key


@pytest.mark.row("R21")
@pytest.mark.parametrize("typed", ["U4BBGA0008", " u4bbga0008\n"])
def test_applications_send_the_bare_name(typed: str) -> None:
    """Basecone and the banks could not log in."""
    assert parse_bare(typed) == NAME


@pytest.mark.row("R21")
@pytest.mark.parametrize("typed", ["U4BBGA0008@u4bsw.nl", "U4BBGA0008@", "@", "U4BBGA0008@elders.nl", "a@b@c"])
def test_a_name_with_an_at_sign_is_told_apart_from_a_wrong_one(typed: str) -> None:
    """Who typed the suffix at the bank would try passwords until they are locked out."""
    with pytest.raises(UsernameHasSuffix):
        parse_bare(typed)


@pytest.mark.row("R21")
@pytest.mark.parametrize("typed", ["", " ", "U4BB GA0008", "*)(uid=*", "A" * 33, "\uff35\uff14BBGA0008"])
def test_what_is_no_bare_name_is_an_unknown_one(typed: str) -> None:
    """An answer of its own would tell which names are possible, or reach the directory as a filter."""
    assert parse_bare(typed) == Username("?:" + typed.strip().casefold(), None)


@pytest.mark.row("R10", "S47")
@given(ANYTHING | ALMOST_NAMES)
def test_whatever_is_typed_is_a_name_an_unknown_name_or_said_to_be_none(typed: str) -> None:
    """A strange character would be a page that broke, or a key that another name's limit has."""
    try:
        name = parse_full(typed, REALMS)
    except UsernameError:
        return
    _assert_normalised(name)
    if name.bare is not None:
        assert parse_full(f"\t{name.bare.lower()}@u4bb.nl", REALMS) == name


@pytest.mark.row("R21", "S47")
@given(ANYTHING | ALMOST_NAMES)
def test_whatever_an_application_sends_is_a_name_an_unknown_name_or_has_a_suffix(typed: str) -> None:
    """A strange character would be an answer of its own."""
    try:
        name = parse_bare(typed)
    except UsernameHasSuffix:
        assert "@" in typed
        return
    _assert_normalised(name)


def _assert_normalised(name: Username) -> None:
    if name.bare is None:
        assert name.key.startswith("?:")  # no possible name has a colon
    else:
        assert re.fullmatch("[A-Z0-9]{1,32}", name.bare)
        assert name.key == name.bare
