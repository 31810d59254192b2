"""How an application gets in; each way has a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from idp.oauth_client.conversation import Conversation
    from idp.oauth_client.step import Step

    Before = Iterable[tuple[str, Callable[[Step, Conversation], None]]]


class Way(Protocol):
    """One of them."""

    @property
    def grant(self) -> str:
        """The grant type."""

    @property
    def has_user(self) -> bool:
        """Whether it is somebody's administration that the application gets into."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What is never shown, wherever it turns up."""

    def before(self, conversation: Conversation) -> Before:
        """Give the steps before a token is asked for, by name; each raises `NotGranted`."""

    def token(self, step: Step, conversation: Conversation) -> dict[str, object]:
        """Ask for tokens. Raises `NotGranted`."""
