"""What is a mail address: what a mailbox needs passes, what would end a header or a command does not."""

from __future__ import annotations

import pytest

from idp.domain.mail_address import is_address, masked

LONGEST = 254
DOMAIN = "@bakkerij.example"


@pytest.mark.parametrize(
    "text",
    [
        "anna@bakkerij.example",
        "anna.de-vries+koppel@bakkerij.example",
        "o'brien@localhost",
        "caf\u00e9@bakkerij-\u00e9\u00e9n.example",
        "a" * (LONGEST - len(DOMAIN)) + DOMAIN,
    ],
)
def test_what_a_mailbox_needs_is_an_address(text: str) -> None:
    """An owner could not be invited."""
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "anna",
        "@bakkerij.example",
        "anna@",
        "anna..v@bakkerij.example",
        "anna@bakkerij..example",
        "anna@bakkerij.example, piet@elders.example",
        "Anna <anna@bakkerij.example>",
        "anna@bakkerij.example\r\nBcc: piet@elders.example",
        "anna\u2028@bakkerij.example",
        "a" * (LONGEST - len(DOMAIN) + 1) + DOMAIN,
    ],
)
def test_what_is_more_or_less_than_one_address_is_none(text: str) -> None:
    """A reset's link would go to somebody else too, or to nobody."""
    assert not is_address(text)


@pytest.mark.row("R22")
@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("jan@bakkerij.nl", "j•••@bakkerij.nl"),
        ("jo@bakkerij.nl", "j•••@bakkerij.nl"),
        ("administratie.de.warme.bakker@bakkerij.nl", "a•••@bakkerij.nl"),
        ("j@bakkerij.nl", "•••@bakkerij.nl"),
        ('"jan@huis"@bakkerij.nl', '"•••@bakkerij.nl'),  # as another program may have stored it
        ("\u00e9va@bakkerij-\u00e9\u00e9n.nl", "\u00e9•••@bakkerij-\u00e9\u00e9n.nl"),
    ],
)
def test_a_masked_address_is_known_again_by_its_owner_alone(address: str, shown: str) -> None:
    """Whoever looks over a shoulder, or finds the page open, would have the address, or how long it is."""
    assert masked(address) == shown
