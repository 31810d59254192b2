"""The answers of the authorization endpoint, which go back by the browser (RFC 6749 section 4.1.2)."""

from __future__ import annotations

from dataclasses import dataclass
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
    """

    redirect_uri: str
    parameters: Mapping[str, str]
    mode: str

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
    """

    issuer: str
    redirect_uri: str
    state: str | None
    mode: str

    def with_code(self, code: str) -> SentBack:
        """Answer that the owner has allowed it (section 4.1.2)."""
        return self._with({"code": code})

    def with_error(self, error: str, description: str) -> SentBack:
        """Answer that it was not given (section 4.1.2.1)."""
        return self._with({"error": error, "error_description": description})

    def _with(self, answer: Mapping[str, str]) -> SentBack:
        state = {} if self.state is None else {"state": self.state}
        return SentBack(self.redirect_uri, {**answer, **state, "iss": self.issuer}, self.mode)
