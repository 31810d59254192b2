"""An application gets in on its own behalf (RFC 6749 section 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from idp.oauth_client.conversation import Conversation
    from idp.oauth_client.step import Step
    from idp.oauth_client.ways import Before

CLIENT_GRANT = "client_credentials"


@dataclass(frozen=True, slots=True)
class ByItself:
    """This way: with nothing but its own proof, and into nobody's administration."""

    grant: str = CLIENT_GRANT
    has_user: bool = False
    secrets: tuple[str, ...] = ()

    def before(self, conversation: Conversation) -> Before:
        """Nothing."""
        del conversation
        return ()

    def token(self, step: Step, conversation: Conversation) -> dict[str, object]:
        """Ask (section 4.4.2)."""
        return conversation.ask_for_token(step, {"grant_type": self.grant, "scope": conversation.application.scope})
