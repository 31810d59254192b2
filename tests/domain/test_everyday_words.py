"""What people here put into passwords is weighed: two or three such words are no password, four are."""

from __future__ import annotations

import pytest

from idp.domain.everyday_words import EVERYDAY, plain, too_few_words, words_of

NOBODY: frozenset[str] = frozenset()

pytestmark = pytest.mark.row("R19")


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("welkom bakkerij", {"welkom", "bakkerij"}),
        ("Welkom-Bij-De-Bakkerij", {"welkom", "bakkerij"}),  # the same sign between them is one
        ("Wélkom Bäkkerij", {"welkom", "bakkerij"}),
        ("W@chtw00rd B4kk3r1j", {"wachtwoord", "bakkerij"}),
        ("lentezomerherfst1", {"lente", "zomer", "herfst"}),
        ("welkom 2024 bakkerij 1234567", {"welkom", "bakkerij"}),
        ("welkombakkerijjw", {"welkom", "bakkerij"}),
        ("jwelkomw bakkerij", {"welkom", "bakkerij"}),
        ("welkombakkerij999999", {"welkom", "bakkerij"}),
        ("welkombakkerij87654", {"welkom", "bakkerij"}),
        ("welkom welkom welkom welkom 12 3", {"welkom"}),
        ("bakkerij4713!", {"bakkerij"}),
        ("welkom in bakkerij 4_", {"welkom", "bakkerij"}),
        ("koppelgebruiker", {"koppelgebruiker"}),  # the longest, not *koppel* and *gebruiker*
    ],
)
def test_what_is_made_of_two_or_three_of_them(password: str, words: set[str]) -> None:
    """Whoever knows Dutch guesses it in a minute, and the estimator takes it for strong."""
    assert too_few_words(password, NOBODY) == words


@pytest.mark.parametrize(
    "password",
    [
        "lente zomer herfst winter",
        "welkom bakkerij 4713",
        "welkom bakkerij 1975431",
        "welkom in de bakkerij van mij",
        "welkom bakkerij !?#%",
        "welkom bakkerij uil",
        "welkom bakkerij jw 87 1",
        "welkomxbakkerijyz",
        "welkombijbakkerijx",
        "een ander wachtwoord",  # *der* stands in another word
        "kaars lepel tapijt wolk",
        "de het een van",
        "15-03-20-",
        "",
    ],
)
def test_what_has_enough_beside_them_or_none_of_them(password: str) -> None:
    """People would be sent back with what nobody guesses, and not know what is wanted."""
    assert too_few_words(password, NOBODY) == frozenset()


def test_what_is_known_of_somebody_counts_as_such_a_word() -> None:
    """A guesser knows whose account it is."""
    known = words_of(["Kwekerij Van Zwiebelenburghausen B.V."])
    assert too_few_words("Zwiebelenburghausen 2024", known) == {"zwiebelenburghausen"}
    assert too_few_words("KwekerijVanZwiebelenburghausenBV", known) == {"kwekerijvanzwiebelenburghausenbv"}
    assert too_few_words("Zwiebelenburghausen 2024", NOBODY) == frozenset()


def test_known_words_are_whole_and_in_parts() -> None:
    """Typed without its spaces, or by its last part alone, a name would be strange to us."""
    assert words_of(["Anné de Vries", "anna@bakkerij-9999.nl", "ING", "", "A-54"]) == {
        *("annedevries", "anne", "vries"),
        *("annabakkerij9999nl", "anna", "bakkerij"),
    }


def test_the_list_is_written_as_it_is_looked_up() -> None:
    """A word with a capital or an accent would never be found."""
    assert [word for word in EVERYDAY if word != plain(word)] == []
    assert len(EVERYDAY) == len(set(EVERYDAY))
    assert "welkom" in EVERYDAY[:5]
