"""Fetching the tokens of a device (RFC 8628 section 3.4), and what it is told until they are there (section 3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidGrantError
from authlib.oauth2.rfc8628 import AuthorizationPendingError, ExpiredTokenError, SlowDownError

from connectors.base import DEVICE_CODE
from idp.errors import AskedTooSoon, DeviceCodeExpired, DeviceRefused, NotDecided, NotUsable
from idp.oauth.grant import GatedGrant
from idp.services.issued import TokenPlan

if TYPE_CHECKING:
    from idp.oauth.client import OAuthClient
    from idp.services.issued import Issued

_LESS_OFTEN = "Nobody has decided yet. Ask less often: wait 5 seconds longer."
_PENDING = "Nobody has decided yet."
_EXPIRED = "The device code has expired. Begin again."
_REFUSED = "The owner has refused."
_NOT_VALID = "The device code is not valid, or not any more."


class DeviceGrant(GatedGrant):
    """Tokens for a device code, as soon as its owner has decided elsewhere."""

    GRANT_TYPE = DEVICE_CODE

    def issue(self, client: OAuthClient) -> Issued:
        """Have the code redeemed: once, by the client that it was made for.

        Raises:
            InvalidRequestError: no device_code.
            OAuth2Error: of section 3.5.
            InvalidGrantError: unknown, used, another client's; or the user was blocked or changed (S46).
            TargetRefused: see `wanted_audience`.
            ResourceNotGranted: one of ours, but another one than was allowed.
        """
        code, audience = self.request.required("device_code"), self.wanted_audience()
        connector = client.connector
        plan = TokenPlan(
            scope="",
            audience="",
            access_lifetime=connector.access_token_lifetime,
            refresh_lifetime=connector.refresh_token_lifetime,
            confirmation=self.confirmation,
        )
        try:
            return self.parts.devices.redeem(client.client, code, plan, audience, self.request.raw.address)
        except AskedTooSoon as exc:
            raise SlowDownError(_LESS_OFTEN) from exc
        except NotDecided as exc:
            raise AuthorizationPendingError(_PENDING) from exc
        except DeviceCodeExpired as exc:
            raise ExpiredTokenError(_EXPIRED) from exc
        except DeviceRefused as exc:
            raise AccessDeniedError(_REFUSED) from exc
        except NotUsable as exc:
            raise InvalidGrantError(_NOT_VALID) from exc
