"""An operator's own signing keys: a folder of PEM files, each named after the one algorithm that its key is for."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any

from joserfc import jwk
from joserfc.errors import JoseError, SecurityWarning

from idp.domain.audit import AuditEvent
from idp.errors import ConfigurationError
from idp.oauth.algorithms import ALGORITHMS, key_kind
from idp.oauth.keys import KeyRing
from idp.oauth.signing_key import SigningKey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from idp.domain.audit import Change
    from idp.ports.outside import Clock
    from idp.ports.store import Store

_OTHERS = 0o077
_SUFFIX = ".pem"


def read_own_keys(folder: Path | None, now: datetime) -> list[SigningKey]:
    """Read the keys of a folder, in the order of their names.

    Args:
        folder: holds private keys as `ES256.pem`, `PS256-2027.pem` and the like, and nothing else; None: there are none.
        now: the present moment.

    Raises:
        ConfigurationError: the folder or a file can't be read, others may read it, its name tells no algorithm, or its key is
            weak, encrypted, of another kind, or there twice.
    """
    if folder is None:
        return []
    try:
        # A mounted secret keeps its versions in hidden folders beside the files.
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as exc:
        message = f"oauth.key_folder {folder} can't be read: {exc.strerror}"
        raise ConfigurationError(message) from exc
    keys = {path: _read(path, now) for path in paths}
    if len({key.kid for key in keys.values()}) != len(keys):
        message = f"oauth.key_folder {folder} holds a key twice"
        raise ConfigurationError(message)
    return list(keys.values())


def audited(store: Store, clock: Clock) -> Callable[[Change], None]:
    """Give what writes into the audit that an operator's keys are others than they were.

    Args:
        store: has the audit.
        clock: the time.
    """

    def tell(change: Change) -> None:
        with store.transaction() as work:
            work.audit.append(AuditEvent(clock.now(), "key.own-changed", "service", changes={"own_keys": change}))

    return tell


def open_key_ring(state: Path, signing_algorithm: str, folder: Path | None, store: Store, clock: Clock) -> KeyRing:
    """Open the ring for a process of the service; that an operator's keys are others than they were is audited.

    Args:
        state: directory of the key file.
        signing_algorithm: what access tokens are signed with.
        folder: see `read_own_keys`.
        store: has the audit.
        clock: the time.

    Raises:
        ConfigurationError: as `read_own_keys` and `KeyRing`.
        StoreUnavailable: there is something to be audited, and it can't be.
    """
    return KeyRing(state, clock, signing_algorithm, own=read_own_keys(folder, clock.now()), tell=audited(store, clock))


def _read(path: Path, now: datetime) -> SigningKey:
    alg = path.name.removesuffix(_SUFFIX).partition("-")[0]
    if alg not in ALGORITHMS or not path.name.endswith(_SUFFIX):
        names = ", ".join(ALGORITHMS)
        message = f"{path} tells no algorithm by its name; it begins with one of {names}, as in ES256.pem or ES256-2027.pem"
        raise ConfigurationError(message)
    members = _members(path, alg)
    try:
        return SigningKey(alg, members, created_at=now, sign_from=now, is_own=True)
    except ConfigurationError as exc:
        message = f"the key in {path} can't be used: {exc}"
        raise ConfigurationError(message) from exc


def _members(path: Path, alg: str) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            _check_mode(path, os.fstat(file.fileno()).st_mode)
            # That a key is short is ours to say, and it is no warning.
            warnings.simplefilter("ignore", SecurityWarning)
            key = jwk.import_key(file.read(), key_kind(alg))  # type: ignore[call-overload]  # one of the names that it takes
    except OSError as exc:
        message = f"the key file {path} can't be read: {exc.strerror}"
        raise ConfigurationError(message) from exc
    # A TypeError is an encrypted key: there is nobody to ask for its password.
    except (JoseError, ValueError, TypeError):
        message = f"{path} holds no private key for {alg}, in PEM and without a password"
        raise ConfigurationError(message) from None
    if not key.is_private:
        message = f"{path} holds a public key only, and can't sign"
        raise ConfigurationError(message)
    return key.as_dict(private=True)  # type: ignore[no-any-return]  # untyped after the ignored call


def _check_mode(path: Path, mode: int) -> None:
    if mode & _OTHERS:
        message = f"the key file {path} may be read by others; make it chmod 600, and if others did, put a new key in its place"
        raise ConfigurationError(message)
