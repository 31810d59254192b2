"""What an application may say of itself when it registers, and what not (RFC 7591 section 2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from authlib.oauth2.rfc7591 import InvalidClientMetadataError, InvalidRedirectURIError, UnapprovedSoftwareStatementError

from connectors import BUILT_IN, Connector
from idp.oauth.client_metadata import ClientMetadata
from tests.client_signers import Signer
from tests.oauth.registering import WISH
from tests.oauth.world import BACK

if TYPE_CHECKING:
    from authlib.oauth2 import OAuth2Error

    from idp.domain.client import Narrowed

KINDS = {connector.id: connector for connector in BUILT_IN}
READ, WRITE = "administratie:read", "administratie:write"
VENDOR = replace(KINDS["vendor_api"], scopes=(READ, WRITE), default_scopes=(READ,))
SIGNING = replace(KINDS["ing"], client_auth_methods=("client_secret_post", "private_key_jwt"))
SIGNS = {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [Signer().public]}}
TODAY = datetime(2026, 3, 4, tzinfo=UTC).date()


def judge(kind: Connector = VENDOR, /, **members: Any) -> Narrowed:  # noqa: ANN401  # anything, as it comes
    """Judge what most applications send, with other members; None counts as left out. Gives what it may do."""
    return ClientMetadata({**WISH, **members}, kind, TODAY).wish().narrowed


def refusal(error: type[OAuth2Error], kind: Connector = VENDOR, /, **members: Any) -> str:  # noqa: ANN401  # as above
    """Give the sentence that it is refused with, which can stand in an answer (RFC 6749 section 5.2)."""
    with pytest.raises(error) as refused:
        judge(kind, **members)
    sentence = str(refused.value.description)
    assert sentence.isascii()
    assert not set('"\\') & set(sentence)
    return sentence


def test_each_value_that_its_kind_has_is_taken() -> None:
    """What an operator allows would be refused."""
    for method in ("client_secret_basic", "client_secret_post"):
        assert judge(token_endpoint_auth_method=method).auth_method == method
    assert judge(SIGNING, **SIGNS, grant_types=["password"], redirect_uris=None).auth_method == "private_key_jwt"
    assert judge(grant_types=["authorization_code"] * 2, response_types=["code"]).grants == ("authorization_code",)
    assert judge(grant_types=["password"], redirect_uris=[], response_types=[]).grants == ("password",)
    assert judge(scope=f"{WRITE}  {READ} {WRITE}").scopes == (WRITE, READ)


@pytest.mark.row("S14")
def test_whether_its_tokens_are_bound_is_said_plainly() -> None:
    """S14: an application that believes that its tokens are bound would have ones that are anybody's."""
    assert [judge(dpop_bound_access_tokens=said).dpop_bound for said in (True, False, None)] == [True, False, False]
    for said in ("true", 1, [True], {"a": True}):
        assert "true or false" in refusal(InvalidClientMetadataError, dpop_bound_access_tokens=said)
    always = replace(VENDOR, dpop_bound_tokens=True)
    assert "always show a key" in refusal(InvalidClientMetadataError, always, dpop_bound_access_tokens=False)
    assert judge(always).dpop_bound is False  # its kind says so, for as long as that does


def test_who_names_no_method_gets_one_that_its_kind_has() -> None:
    """RFC 7591 section 2 has a default, which not every kind of application may use."""
    assert judge().auth_method == "client_secret_basic"
    kind = replace(VENDOR, client_auth_methods=("client_secret_post",))
    assert judge(kind).auth_method == "client_secret_post"
    assert judge(KINDS["vendor_app"]).auth_method == "none"
    kind = replace(VENDOR, client_auth_methods=("tls_client_auth",))
    assert "none that can be registered" in refusal(InvalidClientMetadataError, kind)


def test_a_grant_whose_day_has_come_is_not_registered() -> None:
    """S28: an application would be built on what is refused from its first day on."""
    kind = replace(VENDOR, password_grant_sunset=TODAY)
    assert "grant_types" in refusal(InvalidClientMetadataError, kind, grant_types=["password"], redirect_uris=None)


@pytest.mark.parametrize(
    ("members", "about"),
    [
        ({"grant_types": ["client_credentials"]}, "grant_types"),
        ({"grant_types": ["authorization_code", "implicit"]}, "grant_types"),
        ({"grant_types": ["refresh_token"]}, "grant_types"),
        ({"grant_types": []}, "grant_types"),
        ({"response_types": ["code", "token"]}, "response_types"),
        ({"response_types": []}, "response_types"),
        ({"response_types": ["code"], "grant_types": ["password"], "redirect_uris": None}, "response_types"),
        ({"token_endpoint_auth_method": "none"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [Signer().public]}}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": ""}, "token_endpoint_auth_method"),
        ({"scope": "administratie:read openid2"}, "scope"),
        ({"scope": ""}, "scope"),
        ({"jwks_uri": "https://app.example/jwks"}, "jwks_uri"),
        ({"jwks": {"keys": [Signer().public]}}, "jwks"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else value,  # never a key: each process makes its own
)
def test_what_its_kind_may_not_is_refused_by_its_name(members: dict[str, Any], about: str) -> None:
    """RFC 7591 section 3.2.2: more than the token's connector has is never given, and never quietly left out."""
    assert about in refusal(InvalidClientMetadataError, **members)


@pytest.mark.row("S2")
@pytest.mark.parametrize(
    "uris",
    [
        [],
        None,
        ["http://app.example/back"],
        ["https://app.example/back#x"],
        ["https://*.example/"],
        ["http://localhost/"],
        ["app:/back"],
        ["javascript:alert(1)"],
        [BACK, "https://app.example/a b"],
        ["https://app.example/?code=1"],
        ["https://app.example/" + "x" * 2000],
        [f"https://app.example/{number}" for number in range(17)],
        BACK,
        [BACK, 1],
        [[BACK]],
    ],
    ids=str,
)
def test_an_address_that_is_not_safe_is_refused(uris: object) -> None:
    """S2: nor may a code be led to where its sender is not."""
    refusal(InvalidRedirectURIError, redirect_uris=uris)


def test_who_is_led_nowhere_registers_no_address() -> None:
    """It would believe that it can lead an owner here."""
    assert "none without it" in refusal(InvalidRedirectURIError, grant_types=["password"])


@pytest.mark.row("S23")
def test_keys_are_public_strong_and_there() -> None:
    """S23: a private key that was sent here by mistake is not kept, and its owner is told."""
    private = {**Signer().public, **Signer().key.as_dict(private=True)}
    wish = {**SIGNS, "grant_types": ["password"], "redirect_uris": None}
    for keys, about in (
        (None, "jwks"),
        ({"keys": [private]}, "private"),
        ({"keys": []}, "set has 0 keys"),
        ({"keys": {}}, "no JWK set"),
        ([], "no JWK set"),
        ("keys", "no JWK set"),
        ({"keys": [{"kty": ["EC"], "crv": {}}]}, "another kind"),
        ({"keys": [{**Signer().public, "x": "\ud800"}]}, "broken"),
        ({"keys": [{**Signer().public, "kid": "a\0"}]}, "kid"),
        ({"keys": [Signer().public] * 2}, "same kid"),
    ):
        assert about in refusal(InvalidClientMetadataError, SIGNING, **{**wish, "jwks": keys})


def test_nobody_elses_word_is_taken_for_it() -> None:
    """RFC 7591 section 2.3: a statement that nobody here can judge would be left out, and what it says with it."""
    refusal(UnapprovedSoftwareStatementError, software_statement="e30.e30.")


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        " Bank",
        "Bank\n",
        "Bank\nvan Anna",
        "x" * 61,
        "Bank\u202ekoob",
        "Ba\u200bnk",
        "Ba\u00adnk",
        "\ufeffBank",
        "Ba\u115fnk",
        "\u1160",
        "\u3164",
        "\uffa0",
        "\u2800",
        "\u0301\ufe0f",
        "a\0",
        "\ud800",
    ],
)
def test_a_name_is_one_short_line_of_what_can_be_seen(name: str) -> None:
    """An owner would be shown something else than is written there, or no longer what the page says below it."""
    assert "client_name" in refusal(InvalidClientMetadataError, client_name=name)
