"""`idp connector try` by its owner's yes, and by a key: what support does for an application that has no password."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey

import connectors
from idp.adapters.system_clock import SystemClock
from idp.oauth_client.application import Application
from idp.oauth_client.by_code import ByCode
from idp.oauth_client.endpoints import Place
from idp.oauth_client.http import Wire
from idp.oauth_client.loopback import listening
from idp.oauth_client.proof import BySecret
from idp.oauth_client.trial import Trial
from tests.cli.installation import run_here
from tests.client_certificates import MadeCertificate
from tests.client_signers import Signer
from tests.connectors.conftest import NAME, PASSWORD
from tests.connectors.owner import Owner

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.installation import Ran
    from tests.connectors.conftest import Tried

ALL_THE_WAY = [
    "metadata", "authorization", "token", "token, read", "token, verified", "introspection", "userinfo", "refresh",
    "revocation", "introspection afterwards",
]  # fmt: skip


def register(tried: Tried, *more: str) -> dict[str, Any]:
    """Register an application of the vendor's kind that is led back to this machine."""
    config = str(tried.service.config)
    words = ("client", "add", "vendor_api", "--name", "App", "--redirect-uri", "http://127.0.0.1/callback", "--json", *more)
    made: dict[str, Any] = run_here("--config", config, *words).json
    return made


def tried_by_code(tried: Tried, client_id: str, secret: str) -> tuple[Ran, str]:
    """Run it as support does, and be the owner; gives what was shown, and where the owner was led to."""
    words = ("--client-id", client_id, "--grant", "code", "--client-secret-file", "-", "--url", tried.url, "--revoke", "--json")
    owner = Owner(tried)
    ran = run_here("connector", "try", "vendor_api", *words, stdin=secret + "\n", heeds=owner.heeds)
    return ran, owner.led_to


@pytest.mark.row("R21")
def test_an_application_is_let_in_by_its_owner_and_each_step_is_seen(tried: Tried) -> None:
    """R21: support could try everything but what applications are to use from now on. No code or secret is on the screen."""
    client = register(tried)
    ran, led_to = tried_by_code(tried, client["client_id"], client["client_secret"])
    assert ran.code == 0, ran
    assert ran.err.startswith("Open this in a browser, as the owner of a koppelgebruiker:\n")
    steps = {step["step"]: step for step in ran.json["steps"]}
    assert list(steps) == ALL_THE_WAY
    asked = steps["authorization"]["sent"]
    assert (steps["authorization"]["request"], asked["client_id"]) == (
        f"GET {tried.url}/V221/OAuth/Authorize",
        client["client_id"],
    )
    assert {"code_challenge", "code_verifier"}.isdisjoint(asked | steps["token"]["sent"])  # as its present clients do
    assert urlsplit(asked["redirect_uri"]).hostname == "127.0.0.1"
    assert steps["authorization"]["got"]["iss"] == tried.url
    assert steps["introspection"]["got"]["active"] is True
    (spent,) = parse_qs(urlsplit(led_to).query)["code"]
    for secret in (client["client_secret"], spent, "eyJ"):
        assert secret not in ran.out + ran.err


@pytest.mark.row("S43")
@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_a_refusal_is_told(tried: Tried, mode: str) -> None:
    """S43: support would wait for what never comes, or could not try a kind whose answers come as a form."""
    client = register(tried)
    kind = connectors.load({"vendor_api": {"response_modes": (mode,)}}, plugins=())["vendor_api"]
    owner = Owner(tried, decision="refuse")
    proof = BySecret(client["client_id"], client["client_secret"], "client_secret_post")
    with listening() as here:
        way = ByCode(here, owner.heeds)
        trial = Trial(Application(kind, client["client_id"], proof, Wire()), Place(tried.url), way, SystemClock())
        *_, last = trial.steps()
    assert (last.name, last.problem.partition(".")[0]) == ("authorization", "access_denied: The owner has refused")
    assert ("?" in owner.led_to) == (mode == "query")


@pytest.mark.row("S20")
@pytest.mark.parametrize("form", ["a JWK", "PEM"])
def test_an_application_with_a_key_is_tried_by_its_file(tried: Tried, tmp_path: Path, form: str) -> None:
    """S20: support could not try a bank that signs; the key stands in no argument and on no screen."""
    signer = Signer()
    (tmp_path / "public.json").write_bytes(signer.key_set)
    client = register(tried, "--jwks", str(tmp_path / "public.json"))
    private = {**signer.public, **signer.key.as_dict(private=True)}
    key = tmp_path / "key"
    assert isinstance(signer.key, ECKey)
    key.write_bytes(json.dumps(private).encode() if form == "a JWK" else signer.key.as_pem(private=True))
    words = ("--client-id", client["client_id"], "--username", NAME, "--password-file", "-", "--client-key-file", str(key))
    ran = run_here("connector", "try", "vendor_api", *words, "--url", tried.url, "--json", stdin=PASSWORD + "\n")
    assert (ran.code, ran.err) == (0, ""), ran
    sent = [step["sent"] for step in ran.json["steps"] if step["step"] in ("token", "introspection")]
    assert sent[0]["client_assertion aud"] == tried.url
    assert sent[0]["client_assertion jti"] != sent[1]["client_assertion jti"]
    assert sent[0]["client_assertion"].startswith("sha256:")
    assert str(private["d"]) not in ran.out


def sentence(tried: Tried, kind: str, *more: str) -> str:
    """Try what can't be; gives what is said."""
    ran = run_here("connector", "try", kind, "--client-id", "x", "--url", tried.url, *more, stdin="x\nx\n")
    assert ran.code in (1, 2)
    return " ".join(ran.err.split())


def test_what_is_missing_is_told_before_anything_is_sent(tried: Tried, tmp_path: Path) -> None:
    """Whoever tries would look for the fault at the service."""
    (tmp_path / "public").write_text(json.dumps(Signer().public))
    (tmp_path / "none").write_text("no key")
    (tmp_path / "alone").write_bytes(MadeCertificate.made().pem)
    signing = ("--auth-method", "private_key_jwt", "--grant", "code")
    assert "name the koppelgebruiker with --username" in sentence(tried, "basecone")
    assert "give its private key" in sentence(tried, "vendor_api", *signing)
    for file in ("public", "none"):
        assert "holds no private key" in sentence(tried, "vendor_api", *signing, "--client-key-file", str(tmp_path / file))
    assert "give its private key" in sentence(tried, "fapi")
    assert "give it, with its key" in sentence(tried, "fapi", "--auth-method", "tls_client_auth")
    for file, said in (("none", "holds no certificate in PEM"), ("alone", "holds no private key of its certificate")):
        assert said in sentence(tried, "fapi", "--client-certificate-file", str(tmp_path / file))


def test_a_port_that_is_taken_is_told(tried: Tried) -> None:
    """The owner would be led to another program."""
    port = str(urlsplit(tried.url).port)
    said = sentence(tried, "vendor_api", "--grant", "code", "--client-secret-file", "-", "--port", port)
    assert said.startswith(f"idp: port {port} of this machine can't be used")
