"""A nonce of OpenID Connect is for one request: whoever brings it again would have an old answer signed anew (S40)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.domain.capability import Purpose
from idp.errors import NonceUsed

if TYPE_CHECKING:
    from idp.domain.client import Client
    from idp.ports.store import Transaction
    from idp.services.secrets_kept import KeptSecrets


def use_nonce(kept: KeptSecrets, work: Transaction, client: Client, nonce: str, question: str | None) -> None:
    """Note that a code is made for a nonce.

    Args:
        kept: keeps it, as a digest, for as long as its purpose says.
        work: the transaction that the code is made in.
        client: the application.
        nonce: as it was sent.
        question: the secret of the request that was put off to ask an owner, or None. One who clicks twice answers one
            question, and gets the second answer.

    Raises:
        NonceUsed: a code was made for it, in answer to another request.
    """
    facts = {} if question is None else {"question": kept.digests.digest(Purpose.AUTHORIZATION_REQUEST, question)}
    # Neither of the two has a line's end in it.
    row = kept.capability(Purpose.AUTHORIZATION_NONCE, f"{client.client_id}\n{nonce}", facts)
    before = work.capabilities.get(row.purpose, row.digest)
    if before is not None and before.live_at(row.created_at) and (not facts or before.facts != facts):
        raise NonceUsed
    work.capabilities.renew(row)
