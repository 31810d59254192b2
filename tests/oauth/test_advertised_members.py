"""Each member of the metadata has a test that does what it promises (RFC 8414, OpenID Connect Discovery, S44)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connectors.base import CERTIFICATE_METHODS
from idp.oauth.metadata import describe
from tests.oauth.certified import BEHIND_PROXY
from tests.oauth.test_metadata import WITH_CLIENTS

if TYPE_CHECKING:
    from tests.oauth.world import NewWorld

TESTS = Path(__file__).parents[1]

AS_IT_WORKS = "oauth/test_metadata.py::test_every_advertised_value_works"
SIGNED = "oauth/test_metadata.py::test_signing_is_advertised_where_a_connector_does_and_each_algorithm_works"
FOR_A_LOGIN = "oauth/test_metadata.py::test_an_id_token_is_as_it_is_advertised"
CERTIFIED = "oauth/test_metadata.py::test_certificates_are_advertised_where_somebody_asks_for_them"
REQUIRED = "oauth/test_metadata.py::test_the_required_members_are_there"
ASKED = "web/test_pushed_requests.py::test_what_is_advertised_of_it_works"
SIGNED_REQUESTS = "web/test_request_objects.py::test_each_advertised_algorithm_works"
TOLD = "web/test_backchannel_logout.py::test_the_strict_issuer_tells_its_applications_too"
LOGGED_OUT = "web/test_end_session.py::test_each_issuer_advertises_its_own_where_people_log_in"
REGISTERED = "oauth/test_registration.py::test_it_is_off_unless_an_operator_turns_it_on"

DRIVEN_BY = {
    "issuer": REQUIRED,
    "jwks_uri": REQUIRED,
    **dict.fromkeys(("token_endpoint", "introspection_endpoint", "revocation_endpoint", "userinfo_endpoint"), AS_IT_WORKS),
    "device_authorization_endpoint": AS_IT_WORKS,
    "registration_endpoint": REGISTERED,
    "grant_types_supported": AS_IT_WORKS,
    "scopes_supported": AS_IT_WORKS,
    "response_types_supported": ASKED,
    "response_modes_supported": ASKED,
    "authorization_endpoint": ASKED,
    "authorization_response_iss_parameter_supported": ASKED,
    "code_challenge_methods_supported": ASKED,
    "pushed_authorization_request_endpoint": ASKED,
    "require_pushed_authorization_requests": ASKED,
    "request_uri_parameter_supported": ASKED,
    "ui_locales_supported": ASKED,
    "request_parameter_supported": SIGNED_REQUESTS,
    "request_object_signing_alg_values_supported": SIGNED_REQUESTS,
    **{f"{endpoint}_endpoint_auth_methods_supported": AS_IT_WORKS for endpoint in WITH_CLIENTS},
    **{f"{endpoint}_endpoint_auth_signing_alg_values_supported": SIGNED for endpoint in WITH_CLIENTS},
    "dpop_signing_alg_values_supported": "oauth/test_metadata.py::test_a_key_of_each_algorithm_can_be_shown",
    "tls_client_certificate_bound_access_tokens": CERTIFIED,
    "mtls_endpoint_aliases": CERTIFIED,
    "id_token_signing_alg_values_supported": FOR_A_LOGIN,
    "subject_types_supported": FOR_A_LOGIN,
    "claims_supported": FOR_A_LOGIN,
    "claims_parameter_supported": FOR_A_LOGIN,
    "acr_values_supported": FOR_A_LOGIN,
    "display_values_supported": FOR_A_LOGIN,
    "end_session_endpoint": LOGGED_OUT,
    "backchannel_logout_supported": TOLD,
    "backchannel_logout_session_supported": TOLD,
}
"""By member, the test that does what it promises, at both issuers."""


@pytest.mark.row("S44")
def test_nothing_is_advertised_that_no_test_drives(new_world: NewWorld) -> None:
    """S44: whoever adds a member says what shows that it holds; one that is only written down would be believed all the same."""
    keys = {"client_auth_methods": ("private_key_jwt", *CERTIFICATE_METHODS)}
    everything = new_world(changes={"ing": keys}, oauth={"registration": True}, service=BEHIND_PROXY)
    for server in everything.servers:
        assert set(describe(server)) <= set(DRIVEN_BY), server.parts.issuer.id
    assert {name for server in everything.servers for name in describe(server)} == set(DRIVEN_BY)
    for name, test in DRIVEN_BY.items():
        file, _, function = test.partition("::")
        source = (TESTS / file).read_text(encoding="utf-8").partition(f"def {function}(")[2].partition("\ndef ")[0]
        # Of several endpoints the names are put together.
        told = re.sub(r"^(token|introspection|revocation|userinfo|device_authorization)(?=_endpoint)", "", name)
        assert told in source, (name, test)
