"""Each answer means what docs/connector.md says, and says what to do."""

from __future__ import annotations

import pytest

from idp.oauth_client.http import Reply
from idp.oauth_client.meanings import MEANINGS, Meaning, meaning_of
from tests.connectors.another_package import DOCUMENT

URL = "https://login.example/oauth/token"


def reply(status: int, **headers: str) -> Reply:
    """Make an answer."""
    return Reply(URL, status, {name.replace("_", "-"): value for name, value in headers.items()}, b"")


def test_the_document_has_the_same_table() -> None:
    """Whoever reads the document and whoever runs the command are told the same."""
    table = DOCUMENT.read_text("utf-8").partition("| answer | means | do |\n|---|---|---|\n")[2].partition("\n\n")[0]
    assert table.splitlines() == [f"| {known.status} `{known.error}` | {known.means} | {known.do} |" for known in MEANINGS]


@pytest.mark.parametrize("known", MEANINGS, ids=lambda known: f"{known.status}-{known.error}-{known.means[:8]}")
def test_each_answer_is_one_sentence(known: Meaning) -> None:
    """Nobody has to look up what a code of the RFC means."""
    with_realm = known is MEANINGS[0]
    said = meaning_of(reply(known.status), {"error": known.error}, with_realm=with_realm)
    assert said == f"{known.status} {known.error}: {known.means}; {known.do}"


def test_how_long_to_wait_is_said() -> None:
    """Whoever tries again too early is counted again."""
    said = meaning_of(reply(429, retry_after="12"), {"error": "temporarily_unavailable"})
    assert said == "429 temporarily_unavailable: too often; wait for 12 seconds"


@pytest.mark.parametrize("error", ["invalid_request", "invalid_dpop_proof"])
def test_which_of_many_causes_it_is_stands_there(error: str) -> None:
    """An application that shows no key, or whose address is not registered, would be told that a parameter comes twice."""
    said = meaning_of(reply(400), {"error": error, "error_description": "The redirect_uri is another."})
    assert said.endswith(": The redirect_uri is another.")


@pytest.mark.parametrize("document", [{}, {"error": 7}, {"error": "other"}])
def test_an_answer_that_nobody_foresaw_leads_to_the_log(document: dict[str, object]) -> None:
    """Operators find the one request among thousands."""
    said = meaning_of(reply(500, x_request_id="5f1c"), document)
    assert said.endswith(": nothing that is foreseen; look in the service's log for the request 5f1c")
