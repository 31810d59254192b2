"""The answers of the authorization endpoint, which go back by the browser (RFC 6749 section 4.1.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from idp.domain.redirect_uri import with_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.base import Connector

QUERY = "query"
FORM_POST = "form_post"


def mode_of(found: Mapping[str, tuple[str, ...]], connector: Connector) -> str:
    """Give the mode in which a request is answered, whatever may be wrong with it: the one that it names, if it is this client's.

    Args:
        found: the parameters, as they came.
        connector: what the client is.
    """
    # OAuth 2.0 Multiple Response Types section 2.1: of a code it is the query where nothing is said.
    said = [mode for mode in found.get("response_mode", ()) if mode] or [QUERY]
    return said[0] if len(said) == 1 and said[0] in connector.response_modes else connector.response_modes[0]


@dataclass(frozen=True, slots=True)
class SentBack:
    """An answer to the application.

    Args:
        redirect_uri: where it goes: an address that the client has registered.
        parameters: what it says.
        mode: how they go there: in the query, or as a form that the browser posts (OAuth 2.0 Form Post Response Mode).
        shown_first: whoever sits before the browser is told where it leads, and goes there themselves or not.
    """

    redirect_uri: str
    parameters: Mapping[str, str]
    mode: str
    shown_first: bool = False

    @property
    def location(self) -> str:
        """Where the browser is sent when they go in the query."""
        return with_parameters(self.redirect_uri, self.parameters)


@dataclass(frozen=True, slots=True)
class Return:
    """The way back, once client and address are known to belong together.

    Args:
        issuer: goes into every answer (RFC 9207, S9).
        redirect_uri: as it was sent.
        state: as it was sent, or None.
        mode: `QUERY` or `FORM_POST`.
        unchecked: the client has registered itself. Anybody's page can then be its address, and an error, to which nobody has to
            say yes, would make our own address lead there (RFC 9700 section 4.11.2).
    """

    issuer: str
    redirect_uri: str
    state: str | None
    mode: str
    unchecked: bool = False

    def with_code(self, code: str) -> SentBack:
        """Answer that the owner has allowed it (section 4.1.2)."""
        return self._with({"code": code})

    def with_error(self, error: str, description: str) -> SentBack:
        """Answer that it was not given (section 4.1.2.1)."""
        return replace(self._with({"error": error, "error_description": description}), shown_first=self.unchecked)

    def _with(self, answer: Mapping[str, str]) -> SentBack:
        state = {} if self.state is None else {"state": self.state}
        return SentBack(self.redirect_uri, {**answer, **state, "iss": self.issuer}, self.mode)
