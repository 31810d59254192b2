"""OAuth clients and the subjects that tokens are made for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


_LIKE_A_USERS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""An `entryUUID` (RFC 4530), the subject of users' tokens."""


def could_be_a_users(client_id: str) -> bool:
    """Tell whether a client of this name could be taken for a user, in a token on its own behalf (RFC 9700 section 4.15)."""
    return _LIKE_A_USERS.fullmatch(client_id) is not None


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """One secret of a client, kept as a keyed digest.

    Args:
        digest: keyed digest of the secret.
        expires_at: end of the overlap after a rotation, or None.
    """

    digest: str = field(repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClientKey:
    """One public key of a client, with which what it signs is verified.

    Args:
        kid: what it is called; no other key of this client is called the same.
        algorithms: what it may sign with (names of RFC 7518 section 3.1).
        members: the public members of its JWK (RFC 7518 section 6).
    """

    kid: str
    algorithms: tuple[str, ...]
    members: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """What the certificate is known by with which a client authenticates in TLS (RFC 8705 section 2).

    Args:
        by: ``x5t#S256`` for one certificate alone (section 2.2); or, for those of an authority that the proxy trusts, the kind of
            name in it, as section 2.1.2 calls them: ``tls_client_auth_subject_dn`` and the like.
        value: base64url of its SHA-256; or the name.
    """

    by: str
    value: str


Proof = ClientKey | ClientCertificate
"""What an application without a secret proves itself by."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a client that registered itself asked for, of what its connector allows (RFC 7591 section 2); it gets no more.

    Args:
        auth_method: the one way in which it authenticates; None: any of its connector's, since an operator has given it another.
        grants: grant types that it may use.
        scopes: all that it may ask for.
        dpop_bound: it always shows a key when it asks for tokens, and is given none without (RFC 9449 section 5.2).
    """

    auth_method: str | None
    grants: tuple[str, ...]
    scopes: tuple[str, ...]
    dpop_bound: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """A registered application. What its kind may do stands in its connector; here is what one registration adds.

    Args:
        client_id: public identifier.
        connector: id of the connector that describes it.
        name: shown to owners and operators.
        enabled: a disabled client gets nothing.
        created_at: when it was registered.
        secrets: the current secret and, after a rotation, the former ones.
        redirect_uris: where an authorization may send a browser back to.
        keys: its public keys; a client with keys needs no secret.
        audiences: the resources that it is itself: it may ask what a token is worth that is for one of them.
        certificates: what its certificate is known by, one of these; a client with certificates needs no secret either.
        narrowed: what is left to it of what its connector allows; None: all.
        self_named: it said itself what it is called, and nobody here has looked at that.
        post_logout_redirect_uris: where a browser may be sent once its owner has logged out at the application's wish.
        backchannel_logout_uri: where it is told that somebody has logged out; None: nowhere.
    """

    client_id: str
    connector: str
    name: str
    enabled: bool
    created_at: datetime
    secrets: tuple[ClientSecret, ...] = field(default=(), repr=False)
    redirect_uris: tuple[str, ...] = ()
    keys: tuple[ClientKey, ...] = ()
    audiences: tuple[str, ...] = ()
    certificates: tuple[ClientCertificate, ...] = ()
    narrowed: Narrowed | None = None
    self_named: bool = False
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None

    @property
    def can_prove_itself(self) -> bool:
        """Whether it has anything to do so by; a public client has not (RFC 6749 section 2.1)."""
        return bool(self.secrets or self.keys or self.certificates)


@dataclass(frozen=True, slots=True)
class UserSubject:
    """A koppelgebruiker as the subject of a token."""

    entry_uuid: str


@dataclass(frozen=True, slots=True)
class ClientSubject:
    """A client on its own behalf; a subject in its own right, never an absent one."""

    client_id: str


Subject = UserSubject | ClientSubject
