"""What may become of a registration afterwards."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent, Change
from idp.domain.redirect_uri import assert_redirect_uri
from idp.errors import UnknownClient

if TYPE_CHECKING:
    from idp.domain.client import Client
    from idp.ports.outside import Clock
    from idp.ports.store import Store


@dataclass(frozen=True, slots=True)
class Changed:
    """What is to be another than it was; None: it stays.

    Args:
        name: shown to owners and operators; whoever changes it vouches for it.
        redirect_uris: all addresses that the client has from now on.
        post_logout_redirect_uris: likewise, where browsers go after a logout.
        backchannel_logout_uri: where it is told of logouts; empty: nowhere any more.
        audiences: all resources that it is itself from now on, about whose tokens it may ask.
    """

    name: str | None = None
    redirect_uris: tuple[str, ...] | None = None
    post_logout_redirect_uris: tuple[str, ...] | None = None
    backchannel_logout_uri: str | None = None
    audiences: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ChangeClient:
    """Changes what one registration adds to its connector; what is proved with, `ClientRegistry` changes."""

    store: Store
    clock: Clock

    def change(self, client_id: str, changed: Changed, actor: str) -> Client:
        """Change a client; a code on its way to an address that is gone is worth nothing from then on (S1).

        Args:
            client_id: the client.
            changed: what becomes another.
            actor: who changes, for the audit.

        Returns:
            the client as it is now.

        Raises:
            UnknownClient: there is none.
            RedirectUriRefused: not such an address (S2); nothing was changed.
        """
        for uri in (*(changed.redirect_uris or ()), *(changed.post_logout_redirect_uris or ())):
            assert_redirect_uri(uri)
        if changed.backchannel_logout_uri:
            assert_redirect_uri(changed.backchannel_logout_uri)
        wanted = {each.name: getattr(changed, each.name) for each in fields(changed) if getattr(changed, each.name) is not None}
        if changed.backchannel_logout_uri == "":
            wanted["backchannel_logout_uri"] = None
        if changed.name is not None:
            wanted["self_named"] = False
        with self.store.transaction() as work:
            client = work.clients.get(client_id)
            if client is None:
                raise UnknownClient
            after = replace(client, **wanted)
            if after == client:
                return client
            work.clients.replace(after)
            changes = {
                name: Change(_text(getattr(client, name)), _text(value))
                for name, value in wanted.items()
                if value != getattr(client, name)
            }
            work.audit.append(AuditEvent(self.clock.now(), "client.changed", actor, client_id, changes=changes))
        return after


def _text(value: object) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "yes" if value else "no"
        case tuple():
            return " ".join(value)
        case _:
            return str(value)
