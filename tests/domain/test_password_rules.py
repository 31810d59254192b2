"""What a new password must be: long enough, typeable, and not the first thing a guesser tries (R19)."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.password_rules import check_new_password
from idp.errors import (
    PasswordGuessable,
    PasswordHasControlCharacters,
    PasswordKeyboardRow,
    PasswordLeaked,
    PasswordLikeName,
    PasswordMissing,
    PasswordOfDates,
    PasswordOfEverydayWords,
    PasswordOfNames,
    PasswordOfWords,
    PasswordRejected,
    PasswordRepeats,
    PasswordsDiffer,
    PasswordSeries,
    PasswordTooLong,
    PasswordTooShort,
)

KNOWN = ("U4BBGA0008", "u4bsw.nl", "Boekhoud Gemak", "MultiVers", "Accounting")
LINE = "kaas op dinsdag, vla op zondag; maar nooit andersom! "

pytestmark = pytest.mark.row("R19")


def check(password: str, again: str | None = None) -> None:
    """Check a password that was typed twice."""
    check_new_password(password, password if again is None else again, KNOWN)


@pytest.mark.parametrize(
    "password",
    [
        "de eerste wachtzin is lang",
        " spaties aan de randen blijven ",
        "één ij en een € erbij",
        "пароль на русском языке",
        "alleen kleine letters zonder cijfer",
        "drie emoji 🐄🐑🐖 in de wei",
        "t%7Q&zp!4Lw+x#0",
        "vier losse woorden achter elkaar",
        "een nieuwe zin voor het portaal",
        "kaars lepel tapijt wolk",
        "fietspompdakgootzeewiermuts",
        "oma bakt in mei brood",
        "de hond van oma zit in de tuin",
        "zomer op terschelling met de buren",
        "fiets koffie bloem regenboog",
        "mijn vader rookte altijd sigaren",
        "geheim van de koppelgebruiker 4713",
        "kqvjzhwmxrtplsd",
    ],
)
def test_a_few_words_will_do(password: str) -> None:
    """People would be sent back for a sign of each kind, and write the password on a note."""
    check(password)


def test_nothing_typed_is_said_to_be_missing() -> None:
    """Who left both fields empty would be told that the password is short."""
    with pytest.raises(PasswordMissing):
        check("")
    with pytest.raises(PasswordMissing):
        check("", "de eerste wachtzin is lang")


@pytest.mark.parametrize("again", ["", "de eerste wachtzin is lang ", "De eerste wachtzin is lang"])
def test_the_two_fields_must_be_equal_to_the_letter(again: str) -> None:
    """A typing error would be the new password, which nobody knows."""
    with pytest.raises(PasswordsDiffer):
        check("de eerste wachtzin is lang", again)


def test_a_difference_is_told_before_anything_about_the_first_field() -> None:
    """Who made a typing error would go and look for another password."""
    with pytest.raises(PasswordsDiffer):
        check("kort", "korter")


def test_fifteen_characters_are_enough_and_fourteen_are_not() -> None:
    """The page promises fifteen."""
    check("t%7Q&zp!4Lw+x#0")
    with pytest.raises(PasswordTooShort):
        check("t%7Q&zp!4Lw+x#")


def test_a_hundred_and_twenty_eight_characters_are_taken_and_one_more_is_not() -> None:
    """An application's field would cut the password off."""
    longest = (LINE * 3)[:128]
    check(longest)
    with pytest.raises(PasswordTooLong):
        check(longest + "x")


@pytest.mark.parametrize("sign", ["\0", "\t", "\n", "\x7f", "\x85", "\ud800"])
def test_a_character_that_nobody_can_type_is_refused(sign: str) -> None:
    """The password could be set here, and be typed at no bank."""
    with pytest.raises(PasswordHasControlCharacters):
        check(f"de eerste wachtzin{sign} is lang")


@pytest.mark.parametrize(
    "password",
    [
        "wachtwoordwachtwoord",
        "welkom01welkom01",
        "aaaaaaaaaaaaaaa",
        "123456789012345",
        "qwertyuiopasdfgh",
        "letmein letmein 12",  # a score of 2: one below what is asked
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    """Length alone keeps nobody out."""
    with pytest.raises(PasswordGuessable):
        check(password)


@pytest.mark.parametrize(
    "password",
    [
        "polniypizdec110211",  # one of the list
        "POLNIYPIZDEC110211",
        "feyenoord feyenoord",  # the estimator takes these for two words, and is content
        "Feyenoord-feyenoord!",
        "welkom123welkom123",
        "qwerty2 qwerty2 qwerty2",
        "trustno1_trustno1",
    ],
)
def test_what_was_leaked_is_refused_and_said_to_be_so(password: str) -> None:
    """Programs try such lists first, with each word twice and in capitals too."""
    with pytest.raises(PasswordLeaked):
        check(password)


@pytest.mark.parametrize("password", ["welkom123 zeventien", "dakgoten dakgoten", "trustno1_trustno", "dragon8439208347293"])
def test_a_password_that_holds_a_leaked_one_among_others_is_taken(password: str) -> None:
    """Of a sentence of a few words one is always in the list."""
    check(password)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("u4bbga0008 multivers", PasswordLikeName),
        ("qwertyuiopasdfgh", PasswordLeaked),
        ("zxcvbnm,./asdfghjkl;'", PasswordKeyboardRow),
        ("aaaaaaaaaaaaaaa", PasswordRepeats),
        ("---------------", PasswordRepeats),
        ("abcdefghijklmnop", PasswordSeries),
        ("06-12-1978abcdef", PasswordOfDates),
        ("christopher mike", PasswordOfNames),
        ("characteristics a", PasswordOfWords),
        ("koppelgebruiker1", PasswordOfEverydayWords),
        ("wachtwoordbakkerij", PasswordOfEverydayWords),
        ("welkombijdebakkerij", PasswordOfEverydayWords),
        ("ikhouvanjouschatje", PasswordOfEverydayWords),
        ("rabobankwachtwoord", PasswordOfEverydayWords),
        ("Welkom01Welkom02", PasswordOfEverydayWords),
        ("Amsterdam2024!!!", PasswordOfEverydayWords),
        ("jesuschristislord", PasswordOfEverydayWords),
        ("boekhoudgemak welkom", PasswordLikeName),
        ("correcthorsebatterystaple", PasswordLeaked),
        ("Correct Horse Battery Staple", PasswordLeaked),
        ("finitalacomedia", PasswordLeaked),  # of fifteen characters
        ("!Tina.Dyn20122021!!123.", PasswordLeaked),  # as it was leaked, with its capitals
        ("amsterdamabcdefg", PasswordOfEverydayWords),
        ("multiversabcdefg", PasswordLikeName),
    ],
)
def test_why_a_password_can_be_guessed_is_told(password: str, why: type[PasswordGuessable]) -> None:
    """Told only that it is weak, people add a figure, and are refused again."""
    with pytest.raises(PasswordGuessable) as refused:
        check(password)
    assert type(refused.value) is why


@pytest.mark.parametrize("password", ["butterfly kitchen", "accounting qwerty1"])
def test_what_takes_a_hundred_million_guesses_is_taken(password: str) -> None:
    """With a score of 3 people would be refused what is good enough behind limits."""
    check_new_password(password, password, ())


@pytest.mark.parametrize("password", ["multiversqwerty1", "multiverswelkom01"])
def test_a_product_adds_nothing_to_a_weak_word(password: str) -> None:
    """The estimator alone finds these strong: it does not know what everybody here would try."""
    check_new_password(password, password, ())
    with pytest.raises(PasswordGuessable):
        check(password)


def test_words_that_a_guesser_knows_weigh_nothing() -> None:
    """The user's name and a product are long enough together, and the first that anybody tries."""
    password = "u4bbga0008 boekhoud gemak"
    check_new_password(password, password, ("", "boekhoud"))
    with pytest.raises(PasswordGuessable):
        check(password)


def test_the_longer_of_two_words_is_taken_out_first() -> None:
    """What is left of a name when a part of it is gone would count as a secret."""
    password = "q7x0zwiebelq7x0zwiebel uil"
    with pytest.raises(PasswordLikeName):
        check_new_password(password, password, ("zwiebel", "q7x0zwiebel"))


def test_seven_characters_must_be_left_when_the_known_words_are_taken_out() -> None:
    """`u4bsw.nl` and six characters more: the six are all there is to guess."""
    check("U4BSW.NLq7#Vx!z")
    with pytest.raises(PasswordGuessable):
        check("U4BSW.NL" + "u4bsw.nl" + "q7#Vx!")
    check("U4BSW.NL" + "u4bsw.nl" + "q7#Vx!z")


def test_a_long_password_is_judged_by_its_beginning() -> None:
    """The estimator refuses what is longer than 72 characters, and takes seconds for it: a page that hangs."""
    check((LINE * 2)[:73])
    with pytest.raises(PasswordGuessable):
        check("a" * 72 + "t%7Q&zp!4Lw+x#0")


@given(st.text(st.characters(), max_size=140), st.text(st.characters(), max_size=140) | st.none())
def test_whatever_is_typed_is_taken_or_refused_by_a_rule(password: str, again: str | None) -> None:
    """A strange character would be a page that broke, in the face of who typed it."""
    with contextlib.suppress(PasswordRejected):
        check(password, again)
        assert 15 <= len(password) <= 128
