"""`idp connector try` as each kind of application that has no password: support sees of every one what the matter is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import connectors
from connectors.base import DEVICE_CODE
from idp.adapters.system_clock import SystemClock
from idp.oauth_client.application import Application
from idp.oauth_client.by_device import ByDevice
from idp.oauth_client.endpoints import Place
from idp.oauth_client.http import Wire
from idp.oauth_client.proof import ByName
from idp.oauth_client.trial import Trial
from tests.cli.installation import Ran, run_here
from tests.client_signers import Signer
from tests.connectors.owner import Owner

if TYPE_CHECKING:
    from pathlib import Path

    from idp.oauth_client.step import Step
    from tests.connectors.conftest import Tried

BACK = ("--redirect-uri", "http://127.0.0.1/callback")
READ = ["token, read", "token, verified"]


def register(tried: Tried, kind: str, *more: str) -> dict[str, Any]:
    """Register an application of a kind."""
    made: dict[str, Any] = run_here(
        "--config", str(tried.service.config), "client", "add", kind, "--name", "App", "--json", *more
    ).json
    return made


def run(tried: Tried, kind: str, client_id: str, *more: str, stdin: str = "") -> Ran:
    """Try it, and be the owner if one is asked."""
    words = ("--client-id", client_id, "--url", tried.url, "--revoke", "--json", *more)
    return run_here("connector", "try", kind, *words, stdin=stdin, heeds=Owner(tried).heeds)


def steps_of(ran: Ran) -> dict[str, dict[str, Any]]:
    """Give the steps of one that went all the way, by name."""
    assert ran.code == 0, ran
    return {step["step"]: step for step in ran.json["steps"]}


@pytest.mark.row("S11", "S14", "S16", "S17", "S31")
def test_a_bank_at_the_strict_issuer(tried: Tried, tmp_path: Path) -> None:
    """A bank that moves from the password finds nobody who can say at which of its many steps it goes wrong."""
    signer = Signer()
    (tmp_path / "public.json").write_bytes(signer.key_set)
    (tmp_path / "key.json").write_text(json.dumps({**signer.public, **signer.key.as_dict(private=True)}))
    client = register(tried, "fapi", "--jwks", str(tmp_path / "public.json"), *BACK)
    ran = run(tried, "fapi", client["client_id"], "--client-key-file", str(tmp_path / "key.json"))
    steps = steps_of(ran)
    asked = ["introspection", "userinfo", "refresh", "revocation", "introspection afterwards"]
    assert list(steps) == ["metadata", "pushed request", "authorization", "token", *READ, *asked]
    assert steps["metadata"]["got"]["issuer"] == f"{tried.url}/fapi"
    assert steps["pushed request"]["sent"]["client_assertion aud"] == f"{tried.url}/fapi"
    assert set(steps["authorization"]["sent"]) == {"client_id", "request_uri"}
    jkt = steps["token"]["sent"]["DPoP jkt"]
    assert steps["token, read"]["got"]["cnf"] == {"jkt": jkt}
    assert steps["pushed request"]["sent"]["DPoP"].startswith("the first answer was a nonce")
    assert "DPoP ath" in steps["userinfo"]["sent"]
    for secret in ("eyJ", "urn:ietf:params:oauth:request_uri:"):
        assert secret not in ran.out


def test_a_bank_that_is_led_back_elsewhere_is_told(tried: Tried, tmp_path: Path) -> None:
    """It registers another address than it has told us, and would look for a parameter that is missing."""
    signer = Signer()
    (tmp_path / "public.json").write_bytes(signer.key_set)
    (tmp_path / "key.json").write_text(json.dumps({**signer.public, **signer.key.as_dict(private=True)}))
    elsewhere = ("--redirect-uri", "https://bank.example/back")
    client = register(tried, "fapi", "--jwks", str(tmp_path / "public.json"), *elsewhere)
    ran = run(tried, "fapi", client["client_id"], "--client-key-file", str(tmp_path / "key.json"))
    last = ran.json["steps"][-1]
    assert (ran.code, last["step"]) == (1, "pushed request")
    assert last["problem"].startswith("400 invalid_request: a parameter is missing, ")
    assert last["problem"].endswith(f"mend what the description that came names: {last['got']['error_description']}")


@pytest.mark.row("S30", "S37")
def test_an_app_that_can_prove_nothing(tried: Tried) -> None:
    """Who builds the vendor's app would have to find out alone why a refresh token works once, and introspection never."""
    client = register(tried, "vendor_app", *BACK)
    ran = run(tried, "vendor_app", client["client_id"], "--dpop")
    steps = steps_of(ran)
    asked = ["userinfo", "refresh", "revocation", "userinfo afterwards"]
    assert list(steps) == ["metadata", "authorization", "token", *READ, *asked]
    assert steps["authorization"]["request"] == f"GET {tried.url}/oauth/authorize"
    assert steps["authorization"]["sent"]["code_challenge_method"] == "S256"
    assert steps["token"]["sent"]["code_verifier"] == "(not shown)"
    assert (steps["token"]["sent"]["client_id"], "client_secret" in steps["token"]["sent"]) == (client["client_id"], False)
    assert steps["refresh"]["got"]["refresh_token"] != steps["token"]["got"]["refresh_token"]
    assert (steps["userinfo afterwards"]["status"], steps["userinfo afterwards"]["got"]["error"]) == (401, "invalid_token")


def test_a_device_without_a_browser(tried: Tried) -> None:
    """Who builds a till sees what it is to show, and what it is told, before there is a till."""
    client_id = register(tried, "vendor_app")["client_id"]
    kind, owner = connectors.load(plugins=())["vendor_app"], Owner(tried)
    application, way = Application(kind, client_id, ByName(client_id), Wire()), ByDevice(owner.types)

    def steps_taken(decision: str) -> dict[str, Step]:
        owner.decision = decision
        return {step.name: step for step in Trial(application, Place(tried.url), way, SystemClock(), revoke=True).steps()}

    refused = steps_taken("refuse")["token"].problem
    assert refused.startswith("400 access_denied: the owner has refused the device; ")
    steps = steps_taken("allow")
    assert list(steps)[:3] == ["metadata", "device authorization", "token"]
    assert list(steps)[-1] == "userinfo afterwards"
    shown = json.dumps([step.got | step.sent for step in steps.values()])
    assert way.secrets[0] not in shown
    ran = run(tried, "vendor_app", "nobody", "--grant", "device")
    assert [step["step"] for step in ran.json["steps"]] == ["metadata", "device authorization"]
    assert "401 invalid_client" in ran.err
    assert steps["token"].sent["grant_type"] == DEVICE_CODE


def test_a_program_that_works_for_itself(tried: Tried) -> None:
    """Whoever runs a back office could not tell a wrong secret from a service that is down."""
    client = register(tried, "vendor_service")
    words = ("--client-secret-file", "-")
    ran = run(tried, "vendor_service", client["client_id"], *words, stdin=client["client_secret"] + "\n")
    steps = steps_of(ran)
    assert list(steps) == ["metadata", "token", *READ, "introspection", "revocation", "introspection afterwards"]
    assert steps["token, read"]["got"]["sub"] == client["client_id"]
