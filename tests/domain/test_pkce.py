"""The proof that whoever redeems a code is who asked for it (RFC 7636)."""

from __future__ import annotations

import pytest

from idp.domain.pkce import METHOD, is_challenge, proves

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""Of RFC 7636 appendix B."""


@pytest.mark.row("S6", "S7")
def test_the_rfcs_own_example_holds() -> None:
    """Every client's proof would be refused."""
    assert proves(VERIFIER, CHALLENGE)
    assert METHOD == "S256"


@pytest.mark.row("S6")
@pytest.mark.parametrize("verifier", [VERIFIER[:-1] + "l", CHALLENGE, VERIFIER + "A", "", "\u00e9" * 43])
def test_another_verifier_proves_nothing(verifier: str) -> None:
    """S6: whoever has caught a code could redeem it."""
    assert not proves(verifier, CHALLENGE)


@pytest.mark.parametrize(
    ("verifier", "challenge", "right"),
    [
        ("a" * 42, "elOGB_2quSlplZKfRRVlu7gULhhEEXMiqv0rPXawGv8", False),
        ("a" * 43, "ZtNPunH49FD35FWYhT5Tv8I7vRKQJ8uxMaL0_9eHjNA", True),
        ("a" * 128, "aDbPE7rEAOkQUHHNavRwhN-srU5eMCyUv-0k4BOvtz4", True),
        ("a" * 129, "wSywJKLlVRzKDgj86PHF4xRVXMP-9jKe6ZSj23UhZq4", False),
        ("a" * 42 + " ", "yRMT0C56DfjhDGsdwIPX1T1Wi1Ee-Gr8X8_kFJSKYLw", False),
    ],
)
def test_a_verifier_has_the_length_and_the_letters_of_the_rfc(verifier: str, challenge: str, *, right: bool) -> None:
    """A short one can be guessed."""
    assert proves(verifier, challenge) is right


@pytest.mark.row("S7", "S8")
def test_neither_goes_without_the_other() -> None:
    """S8: a challenge that was taken out on the way would go unnoticed; S7: one that was sent would not be enforced."""
    assert not proves(VERIFIER, None)
    assert not proves(None, CHALLENGE)
    assert proves(None, None)


@pytest.mark.parametrize("text", ["", "a" * 42, "a" * 44, "a" * 42 + "=", "a" * 42 + "+", "a" * 42 + "\n"])
def test_what_can_be_no_challenge_is_told(text: str) -> None:
    """A client would learn that its challenge is wrong only when its code is."""
    assert not is_challenge(text)
    assert is_challenge(CHALLENGE)
