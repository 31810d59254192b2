"""When a key signs and for how long it verifies: rules on plain keys, whoever made them.

A key is published before it signs, so that nobody meets a token whose key they can't know, and it stays published until its last
token is over. An operator's own keys live by the same rules; they count as long as their files are there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from idp.oauth.signing_key import SigningKey

JWKS_MAX_AGE = timedelta(minutes=5)
"""How long others may keep our public keys."""

PUBLISH_AHEAD = timedelta(minutes=15)
"""A new key is published this long before it signs, well over `JWKS_MAX_AGE`."""

RETIRE_AFTER = timedelta(hours=24)
"""A replaced key stays published this long after its last signature: longer than any access token lives."""


def with_fresh(keys: Iterable[SigningKey], fresh: SigningKey) -> list[SigningKey]:
    """Add a key, and let those of its algorithm that were made here verify on for a while.

    Args:
        keys: those that there are.
        fresh: signs from its own moment on.
    """
    return [*(_outlived(key, fresh) for key in keys if key.kid != fresh.kid), fresh]


def with_own(keys: Iterable[SigningKey], own: Collection[SigningKey], now: datetime) -> list[SigningKey]:
    """Take up an operator's keys that are new, and let those go whose files are gone.

    Args:
        keys: those that there are.
        own: what lies in the operator's folder, in the order in which they come to sign.
        now: the present moment.

    Raises:
        ConfigurationError: a key was for another algorithm until now; its tokens would not verify any more.
    """
    kept = {key.kid: _let_go(key, own, now) for key in keys if key.published_at(now)}
    others = {key.alg for key in kept.values()}
    for key in own:
        before = kept.get(key.kid)
        if before is not None and before.alg != key.alg:
            message = f"the key {key.kid} is for {before.alg}; a key stays with one algorithm, so make another one for {key.alg}"
            raise ConfigurationError(message)
        if before is None or not before.is_own or before.retire_at is not None:
            # Where there is no other key to sign with meanwhile, or it is known already, there is nothing to wait for.
            waits = before is None and key.alg in others
            taken = replace(key, sign_from=now + PUBLISH_AHEAD if waits else now)
            kept = {each.kid: each for each in with_fresh(kept.values(), taken)}
    return _revived(list(kept.values()))


def lives(key: SigningKey) -> bool:
    """Tell whether a key may come to sign: no other one has taken its place."""
    return key.retire_at is None


def _outlived(key: SigningKey, fresh: SigningKey) -> SigningKey:
    if key.alg != fresh.alg or key.is_own or not lives(key):
        return key
    return replace(key, retire_at=fresh.sign_from + RETIRE_AFTER)


def _revived(keys: list[SigningKey]) -> list[SigningKey]:
    # Where an operator's last key of an algorithm is gone, the one before it signs on, which everybody knows already.
    ours = {key.alg: key for key in sorted(keys, key=lambda key: key.sign_from) if not key.is_own}
    orphans = set(ours) - {key.alg for key in keys if lives(key)}
    return [replace(key, retire_at=None) if key.alg in orphans and key is ours[key.alg] else key for key in keys]


def _let_go(key: SigningKey, own: Collection[SigningKey], now: datetime) -> SigningKey:
    if not key.is_own or not lives(key) or key.kid in {each.kid for each in own}:
        return key
    return replace(key, retire_at=now + RETIRE_AFTER)
