"""What applications get for a bare name and its password, over the wire, and what the token says (R21)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.system.tokens import VENDOR_SCOPE, is_active, password_grant, refresh, vendor_grant

if TYPE_CHECKING:
    from tests.system.demo import Demo
    from tests.system.visitor import Answer

UID = "U4BBGA2001"
ADMINISTRATIE = "Bakkerij 'De Vries' & Zn."
PASSWORD = "vijf losse woorden, één met een é"
CONNECTORS = ("basecone", "rabobank", "triodos", "ing")
API = "https://api.boekhoudgemak.nl/"


@pytest.fixture(scope="module")
def entry_uuid(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The `entryUUID` of a koppelgebruiker with a password."""
    admin = demo.tools(tmp_path_factory.mktemp("admin"))
    admin.add_user(UID, admin.add_owner("r21@example.nl"))
    admin.replace(admin.user_dn(UID), administratie=ADMINISTRATIE)
    admin.set_password(admin.user_dn(UID), PASSWORD)
    line = next(line for line in admin.read(admin.user_dn(UID), "entryUUID").splitlines() if line.startswith("entryUUID: "))
    return line.removeprefix("entryUUID: ")


def claims(demo: Demo, token: str) -> dict[str, Any]:
    """Verify a token as an API does: with the published keys, and nothing else."""
    keys = KeySet.import_key_set(demo.visitor().open("/oauth/jwks").json)  # type: ignore[arg-type]  # its own shape
    read = jwt.decode(token, keys, algorithms=["ES256"])
    assert read.header["typ"] == "at+jwt"  # RFC 9068 section 2.1
    registry = jwt.JWTClaimsRegistry(iss={"essential": True, "value": demo.url}, aud={"essential": True, "value": API})
    registry.validate(read.claims)
    return dict(read.claims)


@pytest.mark.row("R21", "S36")
@pytest.mark.parametrize("client", CONNECTORS)
def test_a_bare_name_and_its_password_give_a_token_at_each_application(demo: Demo, entry_uuid: str, client: str) -> None:
    """The whole point for the owner: type these two at Basecone or the bank, and the coupling works."""
    began = int(time.time())
    answer = password_grant(demo, client, UID, PASSWORD)
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["token_type"] == "Bearer"
    assert "refresh_token" not in answer.json
    said = claims(demo, answer.json["access_token"])
    assert said["sub"] == entry_uuid
    assert said["administratie"] == ADMINISTRATIE
    assert said["client_id"] == demo.told["clients"][client]["client_id"]
    assert said["scope"] == answer.json["scope"] == "administratie:read administratie:write"
    assert began <= said["iat"] <= said["exp"] - answer.json["expires_in"] <= time.time()
    assert said["jti"]


@pytest.mark.row("R21")
def test_the_vendors_present_address_gives_a_token_and_a_refresh_token(demo: Demo, entry_uuid: str) -> None:
    """Applications that know today's address and scope go on without a change of their own."""
    answer = vendor_grant(demo, UID, PASSWORD)
    assert answer.status == 200
    assert answer.json["scope"] == VENDOR_SCOPE
    first = claims(demo, answer.json["access_token"])
    again = refresh(demo, answer.json["refresh_token"])
    assert again.status == 200
    second = claims(demo, again.json["access_token"])
    assert first["sub"] == second["sub"] == entry_uuid
    assert first["jti"] != second["jti"]


@pytest.mark.row("R21")
@pytest.mark.parametrize("suffix", ["@u4bsw.nl", "@u4bb.nl", "@elsewhere.example"])
def test_a_name_with_its_suffix_is_refused_with_a_sentence(demo: Demo, entry_uuid: str, suffix: str) -> None:
    """The most likely error of all: the form wanted the suffix, the application must not have it, and says so."""
    assert entry_uuid
    for answer in (password_grant(demo, "basecone", UID + suffix, PASSWORD), vendor_grant(demo, UID + suffix, PASSWORD)):
        assert answer.status == 400
        assert answer.json == {
            "error": "invalid_grant",
            "error_description": "Leave off the part of the username from @ on; send the bare username.",
        }


@pytest.mark.row("R21", "S29")
def test_suffixed_names_count_no_failed_attempt(demo: Demo, entry_uuid: str) -> None:
    """Who typed the suffix eleven times, and then leaves it off, is not locked out for that."""
    assert entry_uuid
    for _ in range(11):
        assert password_grant(demo, "triodos", f"{UID}@u4bsw.nl", "x").status == 400
    assert password_grant(demo, "triodos", UID, PASSWORD).status == 200


@pytest.mark.row("S29")
def test_a_wrong_password_and_an_unknown_name_are_told_alike(demo: Demo, entry_uuid: str) -> None:
    """Nobody finds out at this address which koppelgebruikers there are."""
    assert entry_uuid

    def told(answer: Answer) -> tuple[int, str, set[str]]:
        return answer.status, answer.text, {name for name, _ in answer.headers.items()}

    wrong = told(password_grant(demo, "ing", UID, "dit is hem dus echt niet"))
    assert wrong == told(password_grant(demo, "ing", "U4BBGA9999", "dit is hem dus echt niet"))
    assert wrong[:1] == (400,)
    assert '"invalid_grant"' in wrong[1]


@pytest.mark.row("S37")
def test_a_token_means_something_to_its_own_client_only(demo: Demo, entry_uuid: str) -> None:
    """One bank can't find out what another one holds."""
    assert entry_uuid
    token = password_grant(demo, "rabobank", UID, PASSWORD).json["access_token"]
    assert is_active(demo, "rabobank", token)
    assert not is_active(demo, "ing", token)
