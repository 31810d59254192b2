"""`idp client`: applications that may ask for tokens; a secret is shown once, and kept nowhere (S34)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.adapters.system_clock import SystemClock
from idp.errors import InvalidCredentials
from idp.outside import open_digests
from idp.services.clients import ClientRegistry

if TYPE_CHECKING:
    from tests.cli.installation import Installation


def is_let_in(at: Installation, client_id: str, secret: str) -> bool:
    """Tell whether an application can say who it is with this secret."""
    store = at.store()
    try:
        ClientRegistry(store, open_digests(at.settings), SystemClock()).authenticate(client_id, secret)
    except InvalidCredentials:
        return False
    finally:
        store.close()
    return True


def add(at: Installation, *more: str) -> dict[str, str]:
    """Register an application."""
    made: dict[str, str] = at.idp("client", "add", "basecone", "--name", "Basecone van Anna", "--json", *more).json
    return made


@pytest.mark.row("S34")
def test_a_secret_is_shown_once_and_kept_nowhere(at: Installation) -> None:
    """Whoever gets hold of a backup can't be Basecone."""
    made = add(at)
    assert is_let_in(at, made["client_id"], made["client_secret"])
    kept = b"".join(path.read_bytes() for path in at.state.iterdir())
    assert made["client_id"].encode() in kept
    assert made["client_secret"].encode() not in kept
    assert made["client_secret"] not in at.done("client", "list") + at.done("audit", "list")


def test_an_identifier_can_be_chosen_once(at: Installation) -> None:
    """An application that is set up already keeps its client_id, and nobody else takes it."""
    assert add(at, "--client-id", "koppeling-1")["client_id"] == "koppeling-1"
    again = at.idp("client", "add", "ing", "--name", "ING", "--client-id", "koppeling-1")
    assert again.sentence == "It exists already."


@pytest.mark.row("S1", "S2")
def test_where_authorizations_lead_back_to_is_registered_and_shown(at: Installation) -> None:
    """S1: what an operator does not see, nobody checks."""
    uris = ["https://app.example/back", "http://127.0.0.1/back"]
    given = [part for uri in uris for part in ("--redirect-uri", uri)]
    at.done("client", "add", "vendor_api", "--name", "App", *given)
    (row,) = at.idp("client", "list", "--json").json
    assert row["redirect uris"] == uris
    (record,) = at.idp("audit", "list", "--action", "client.added", "--json").json
    assert record["detail"]["redirect_uris"] == " ".join(uris)


@pytest.mark.row("S2")
def test_an_address_that_is_not_safe_is_not_registered(at: Installation) -> None:
    """S2: whoever listens on the way would read the code."""
    ran = at.idp("client", "add", "vendor_api", "--name", "App", "--redirect-uri", "http://app.example/back")
    assert ran.sentence.startswith("a redirect URI begins with https://")
    assert at.idp("client", "list", "--json").json == []


@pytest.mark.row("S37")
def test_an_api_is_registered_as_what_it_is(at: Installation) -> None:
    """S37: an API sees the tokens that are for it; a typing error would have it see none, or another's, and nobody would know."""
    given = ("--audience", "https://api.boekhoudgemak.nl/")
    at.done("client", "add", "vendor_service", "--name", "API", *given)
    (row,) = at.idp("client", "list", "--json").json
    assert row["audiences"] == ["https://api.boekhoudgemak.nl/"]
    (record,) = at.idp("audit", "list", "--action", "client.added", "--json").json
    assert record["detail"]["audiences"] == "https://api.boekhoudgemak.nl/"
    ran = at.idp("client", "add", "vendor_service", "--name", "API", "--audience", "https://api.boekhoudgemak.nl")
    assert (ran.code, ran.out) == (2, "")
    assert "no token is for 'https://api.boekhoudgemak.nl'" in " ".join(ran.err.split())


def test_an_app_has_no_secret_to_lose(at: Installation) -> None:
    """An operator would put a secret into an app that everybody can take apart, and believe it is one."""
    back = ("--redirect-uri", "https://app.example/back")
    made = at.idp("client", "add", "vendor_app", "--name", "App", *back, "--json").json
    assert list(made) == ["client_id"]
    said = at.idp("client", "rotate-secret", made["client_id"]).sentence
    assert said == "This client has no secret: it is an application that could keep none."
    ran = at.idp("client", "add", "vendor_app", "--name", "App", "--audience", "https://api.boekhoudgemak.nl/")
    assert (ran.code, ran.out) == (2, "")
    assert "can't prove who they are" in " ".join(ran.err.split())


def test_a_client_is_never_called_like_a_user(at: Installation) -> None:
    """A token on its own behalf would be taken for that user's, by whoever reads only its subject (RFC 9700 section 4.15)."""
    uuid = "6F9619FF-8B86-D011-B42D-00CF4FC964FF"
    for chosen in (uuid, uuid.lower()):
        ran = at.idp("client", "add", "vendor_service", "--name", "API", "--client-id", chosen)
        assert ran.sentence == "A client_id must not look like the entryUUID of a user; choose another one."
    assert at.idp("client", "list", "--json").json == []
    assert add(at, "--client-id", uuid[1:])["client_id"] == uuid[1:]


def test_an_application_without_authorizations_has_no_address(at: Installation) -> None:
    """An operator would believe that Basecone can be authorized."""
    ran = at.idp("client", "add", "basecone", "--name", "x", "--redirect-uri", "https://app.example/back")
    assert ran.code == 2
    assert "the grants of basecone are password" in " ".join(ran.err.split())


def test_an_unknown_kind_is_told_with_those_that_there_are(at: Installation) -> None:
    """A typing error is mended without looking anything up."""
    ran = at.idp("client", "add", "basecome", "--name", "x")
    assert (ran.code, ran.out) == (2, "")
    assert "there are basecone, fapi, ing, rabobank, triodos, vendor_api, vendor_app, vendor_service" in " ".join(ran.err.split())


def test_a_new_secret_works_beside_the_old_one_for_a_while(at: Installation) -> None:
    """The application's people need a day to put the new one in; without an overlap, the old one is dead at once."""
    made = add(at)
    new = at.idp("client", "rotate-secret", made["client_id"], "--json").json
    assert is_let_in(at, made["client_id"], made["client_secret"])
    assert is_let_in(at, made["client_id"], new["client_secret"])
    last = at.idp("client", "rotate-secret", made["client_id"], "--overlap-hours", "0", "--json").json
    assert not is_let_in(at, made["client_id"], made["client_secret"])
    assert not is_let_in(at, made["client_id"], new["client_secret"])
    assert is_let_in(at, made["client_id"], last["client_secret"])


def test_a_disabled_application_is_let_in_no_more(at: Installation) -> None:
    """A leaked secret is worth nothing from the moment that somebody notices."""
    made = add(at)
    assert at.done("client", "disable", made["client_id"]) == f"{made['client_id']} is disabled\n"
    assert not is_let_in(at, made["client_id"], made["client_secret"])
    assert [row["enabled"] for row in at.idp("client", "list", "--json").json] == [False]


@pytest.mark.parametrize("command", ["rotate-secret", "disable"])
def test_an_unknown_application_is_one_sentence(at: Installation, command: str) -> None:
    """A typing error disables nothing else."""
    assert at.idp("client", command, "nobody").sentence == "There is no such client."


def test_all_are_listed(at: Installation) -> None:
    """Operators see which applications there are, of which kind, and since when."""
    assert at.done("client", "list") == ""
    assert at.idp("client", "list", "--json").json == []
    made = add(at)
    (row,) = at.idp("client", "list", "--json").json
    assert (row["client_id"], row["connector"], row["name"], row["enabled"]) == (
        made["client_id"],
        "basecone",
        "Basecone van Anna",
        True,
    )
    assert at.done("client", "list").splitlines()[0].split() == [
        "CLIENT_ID", "CONNECTOR", "NAME", "ENABLED", "SINCE", "REDIRECT", "URIS", "KEYS", "CERTIFICATES", "AUDIENCES",
    ]  # fmt: skip


def test_the_audit_says_who_registered_and_who_ended(at: Installation) -> None:
    """Which of the operators it was, is known afterwards."""
    made = add(at)
    at.done("client", "rotate-secret", made["client_id"])
    at.done("client", "disable", made["client_id"])
    records = at.idp("audit", "list", "--subject", made["client_id"], "--json").json
    assert [record["action"] for record in records] == ["client.added", "client.secret-rotated", "client.disabled"]
    assert all(record["actor"].startswith("operator:") for record in records)
