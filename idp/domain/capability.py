"""Things that whoever holds a secret may do for a while: a ticket, a session, a step of the reset, a mailed link."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Purpose(StrEnum):
    """What a secret is for. It is part of the digest, so that one purpose's secret is nothing to another."""

    PORTAL_SESSION = "portal-session"
    TICKET = "ticket"
    TICKET_COOKIE = "ticket-cookie"
    RESET_STEP = "reset-step"
    RESET_LINK = "reset-link"
    NOT_ME = "not-me"
    PORTAL_PASSWORD = "portal-password"  # noqa: S105  # a purpose, not a password
    CAPTCHA = "captcha"
    CLIENT_SECRET = "client-secret"  # noqa: S105  # a purpose
    CLIENT_ASSERTION = "client-assertion"
    DPOP_PROOF = "dpop-proof"
    DPOP_NONCE = "dpop-nonce"
    ACCESS_TOKEN = "access-token"  # noqa: S105  # a purpose
    REFRESH_TOKEN = "refresh-token"  # noqa: S105  # a purpose
    SESSION_CLIENT = "session-client"
    AUTHORIZATION_REQUEST = "authorization-request"
    AUTHORIZATION_CODE = "authorization-code"
    DEVICE_CODE = "device-code"
    USER_CODE = "user-code"
    DEVICE_STEP = "device-step"
    AUTHORIZATION_NONCE = "authorization-nonce"
    PUSHED_REQUEST = "pushed-request"
    REGISTRATION_TOKEN = "registration-token"  # noqa: S105  # a purpose
    STALE_TOLD = "stale-told"
    KNOWN_BROWSER = "known-browser"
    LIMIT = "limit"
    MAILBOX = "mailbox"
    AUDIT = "audit"
    FORM = "form"


LIFETIMES = {
    Purpose.PORTAL_SESSION: timedelta(hours=8),
    Purpose.TICKET: timedelta(minutes=10),
    Purpose.TICKET_COOKIE: timedelta(minutes=10),
    Purpose.RESET_STEP: timedelta(minutes=10),
    Purpose.NOT_ME: timedelta(days=7),
    Purpose.PORTAL_PASSWORD: timedelta(minutes=60),
    Purpose.AUTHORIZATION_REQUEST: timedelta(minutes=30),
    Purpose.AUTHORIZATION_CODE: timedelta(seconds=60),
    Purpose.AUTHORIZATION_NONCE: timedelta(days=1),
    # FAPI 2.0 section 5.3.2.2: less than ten minutes; an owner logs in and decides within them.
    Purpose.PUSHED_REQUEST: timedelta(minutes=9),
    Purpose.DEVICE_CODE: timedelta(minutes=10),
    Purpose.USER_CODE: timedelta(minutes=10),
    Purpose.DEVICE_STEP: timedelta(minutes=10),
    # As long as it is remembered that an application was ever let in.
    Purpose.STALE_TOLD: timedelta(days=400),
}
FETCHED_FOR = (Purpose.AUTHORIZATION_CODE, Purpose.DEVICE_CODE)
"""What an application that was let in fetches its tokens for."""

LET_IN = (
    Purpose.PORTAL_SESSION,
    Purpose.TICKET,
    Purpose.TICKET_COOKIE,
    Purpose.AUTHORIZATION_REQUEST,
    Purpose.PUSHED_REQUEST,
    *FETCHED_FOR,
)
"""What lets in whoever was let in before, or leads there. Mailed links are none of them: they are for whoever reads the mail."""

INVITATION_LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Capability:
    """A secret's row.

    Args:
        digest: keyed digest of the secret.
        purpose: what it is for.
        facts: what it is bound to; no secrets.
        created_at: when it was made.
        expires_at: its end.
        used_at: when it was used up, for those that work once.
        subject: `entryUUID` of whom it lets somebody in for, of those that end with all other access to them; of a
            `SESSION_CLIENT` the session; else empty.
    """

    digest: str = field(repr=False)
    purpose: Purpose
    facts: Mapping[str, str]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    subject: str = ""

    def live_at(self, now: datetime) -> bool:
        """Tell whether it is unused and within its time; a clock set back before its beginning ends it too."""
        early = self.created_at - timedelta(minutes=5)
        return self.used_at is None and early <= now < self.expires_at
