"""What a koppelgebruiker and an owner must be to be taken in from a file; and so what is written into one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.domain.mail_address import is_address
from idp.domain.one_line import is_one_line
from idp.domain.username import parse_bare
from idp.errors import LineRefused, UsernameError

if TYPE_CHECKING:
    from idp.ports.directory import NewUser

LANGUAGES = ("nl", "en")


def assert_sound(new: NewUser) -> None:
    """Raise `LineRefused`, with the fact that is wrong."""
    for fact, holds in (
        ("name", _is_name(new.uid)),
        ("administratie", is_one_line(new.administratie)),
        ("mail", is_address(new.owner_mail)),
        ("owner_name", is_one_line(new.owner_name)),
        ("language", new.language in LANGUAGES),
    ):
        if not holds:
            message = f"{fact} is missing or wrong"
            raise LineRefused(message)


def _is_name(text: str) -> bool:
    try:
        return parse_bare(text).bare == text
    except UsernameError as exc:
        raise LineRefused(str(exc)) from exc
