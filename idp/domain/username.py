"""User names of koppelgebruikers, normalised once, here (R10).

slapd matches `uid` by caseIgnoreMatch, so that full-width letters and doubled spaces would match as well; limits, look-ups and
comparisons therefore use only what this module returns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from idp.errors import UsernameHasSuffix, UsernameIncomplete, UsernameMissing

_BARE = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Realms:
    """The realm that names end in, and the spellings that are forgiven (R9).

    Args:
        canonical: what pages name, such as ``u4bsw.nl``; lower case.
        aliases: accepted as if they were the canonical one; lower case.
    """

    canonical: str
    aliases: tuple[str, ...] = ()

    def accepts(self, realm: str) -> bool:
        """Tell whether `realm`, in any case, is ours."""
        return realm.lower() in (self.canonical, *self.aliases)

    def full(self, bare: str) -> str:
        """Give a bare name with the canonical realm, as the reset form wants it."""
        return f"{bare}@{self.canonical}"


@dataclass(frozen=True, slots=True)
class Username:
    """A name as typed, normalised.

    Args:
        key: what limits and comparisons use; equal for equal names, also for names that can't exist.
        bare: `[A-Z0-9]{1,32}`, or None when no entry can have this name.
    """

    key: str
    bare: str | None


def parse_full(text: str, realms: Realms) -> Username:
    """Read a name with its realm, as the Identify form takes it.

    Args:
        text: what was typed; case and surrounding white space are forgiven.
        realms: the accepted realms.

    Raises:
        UsernameMissing: nothing but white space.
        UsernameIncomplete: no realm behind the name.
    """
    typed = text.strip()
    if not typed:
        raise UsernameMissing
    local, at, realm = typed.rpartition("@")  # pragma: no mutate  # with two at signs neither half is a name or a realm
    if not at:
        raise UsernameIncomplete
    if realms.accepts(realm) and _BARE.fullmatch(local):
        return _known_form(local)
    return _unknown_form(typed)


def parse_bare(text: str) -> Username:
    """Read a bare name, as applications send it to the token endpoint (R21).

    Raises:
        UsernameHasSuffix: an at sign, whatever stands behind it: no bare name has one.
    """
    typed = text.strip()
    if "@" in typed:
        raise UsernameHasSuffix
    if _BARE.fullmatch(typed):
        return _known_form(typed)
    return _unknown_form(typed)


def _known_form(local: str) -> Username:
    bare = local.upper()
    return Username(key=bare, bare=bare)


def _unknown_form(typed: str) -> Username:
    # The colon can't stand in a bare name: an impossible name never shares a limit with a possible one.
    return Username(key="?:" + typed.casefold(), bare=None)
