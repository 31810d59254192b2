"""An application gets in by a koppelgebruiker's name and password (RFC 6749 section 4.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from idp.oauth_client.conversation import Conversation
    from idp.oauth_client.step import Step
    from idp.oauth_client.ways import Before

PASSWORD_GRANT = "password"  # noqa: S105  # a grant type


@dataclass(frozen=True, slots=True)
class ByPassword:
    """This way.

    Args:
        username: as the user types it.
        password: of the user.
    """

    username: str
    password: str = field(repr=False)
    grant: str = PASSWORD_GRANT
    has_user: bool = True

    @property
    def secrets(self) -> tuple[str, ...]:
        """The password."""
        return (self.password,)

    def before(self, conversation: Conversation) -> Before:
        """Nothing."""
        del conversation
        return ()

    def token(self, step: Step, conversation: Conversation) -> dict[str, object]:
        """Send both (section 4.3.2)."""
        scope = conversation.application.scope
        form = {"grant_type": self.grant, "username": self.username, "password": self.password, "scope": scope}
        return conversation.ask_for_token(step, form, with_realm="@" in self.username)
