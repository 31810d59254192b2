"""What the tests of the services act in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from altcha.v2 import Payload, create_challenge, solve_challenge

from idp.adapters.altcha import ALGORITHM
from idp.domain.capability import Purpose
from tests.services.composition import DIGESTS, Composition

if TYPE_CHECKING:
    from pathlib import Path

    from idp.domain.audit import AuditEvent
    from idp.domain.client import Client
    from idp.domain.mail import OutboxRow
    from idp.domain.people import Koppelgebruiker, Owner
    from idp.domain.reset_request import ResetRequest

NAME = "U4BBGA0008"
FULL_NAME = f"{NAME}@u4bsw.nl"
SECOND_NAME = "U4BBGA0009"
OTHERS_NAME = "U4BBGA0100"
UNKNOWN_NAME = "U4BBGA9999"
UNKNOWN_FULL_NAME = f"{UNKNOWN_NAME}@u4bsw.nl"
IMPOSSIBLE_FULL_NAME = "*)(uid=*@u4bsw.nl"
ANNA_MAIL = "anna@example.nl"
BOB_MAIL = "bob@example.nl"
PORTAL_PASSWORD = "anna logt in met een zin"
PASSWORD = "vier losse woorden achter elkaar"
NEW_PASSWORD = "een heel andere wachtzin dan toen"
BACK = "https://app.example/back"
HOME, ELSEWHERE = "192.0.2.7", "198.51.100.9"

NewWorld = Callable[..., "World"]


class World(Composition):
    """Anna, who owns two koppelgebruikers, and Bob, who owns a third; and hands to reach into all of it."""

    def __init__(self, state: Path, **settings: dict[str, object]) -> None:
        """Put it together.

        Args:
            state: folder for the database.
            settings: other settings than the default ones, by section.
        """
        super().__init__(state, **settings)
        self.anna = self.admin.add_owner("Anna de Vries", ANNA_MAIL, PORTAL_PASSWORD)
        self.bob = self.admin.add_owner("Bob Bakker", BOB_MAIL, "bob logt anders in")
        for name, owner in ((NAME, self.anna), (SECOND_NAME, self.anna), (OTHERS_NAME, self.bob)):
            self.admin.add_user(name, owner)

    def user(self, name: str = NAME) -> Koppelgebruiker:
        """Read a koppelgebruiker as it is now."""
        return self.admin.find_user(name)

    def owner(self) -> Owner:
        """Read Anna as she is now."""
        return self.admin.find_owner(self.anna.dn)

    def client(self, kind: str = "basecone") -> Client:
        """Register an application."""
        client, _ = self.clients.add(kind, kind.title(), "operator:test", redirect_uris=(BACK,))
        return client

    def solve(self) -> str:
        """Solve a captcha; its challenge is real, and made to cost nothing."""
        challenge = create_challenge(
            ALGORITHM,
            1,
            counter=1,
            expires_at=int((self.clock.now() + timedelta(minutes=10)).timestamp()),
            hmac_secret=DIGESTS.derive(Purpose.CAPTCHA, "challenge"),
            hmac_key_secret=DIGESTS.derive(Purpose.CAPTCHA, "solution"),
        )
        solution = solve_challenge(challenge)
        assert solution is not None
        return Payload(challenge, solution).to_base64()

    def ticket(self, name: str = NAME, owner: Owner | None = None) -> str:
        """Click *Vraag aan* in the portal; gives the cookie's secret."""
        return self.portal.exchange(self.portal.ticket(owner or self.anna, name))

    def identify(self, typed: str = FULL_NAME, cookie: str | None = None, network: str = HOME) -> str:
        """Do the first step; gives the secret of the second."""
        return self.request_reset.identify(typed, self.solve(), cookie, network)

    def request(self, typed: str = FULL_NAME, cookie: str | None = None, network: str = HOME) -> str:
        """Do both steps; gives the request's id."""
        self.request_reset.verify(self.identify(typed, cookie, network), typed)
        return str(self.audit("reset.requested")[-1].detail["request"])

    def verify(self, step: str | None, typed: str = FULL_NAME) -> None:
        """Do the second step."""
        self.request_reset.verify(step, typed)

    def link(self, request_id: str) -> str:
        """Give the secret in the mail of a request."""
        return DIGESTS.derive(Purpose.RESET_LINK, request_id)

    def mailed_link(self, typed: str = FULL_NAME, cookie: str | None = None) -> str:
        """Do both steps, and have the mail sent; gives the link's secret."""
        link = self.link(self.request(typed, cookie))
        self.work_off()
        return link

    def reset(self, request_id: str) -> ResetRequest:
        """Read a request as it stands."""
        with self.database.reading() as work:
            found = work.resets.get(request_id)
        assert found is not None
        return found

    def audit(self, action: str | None = None) -> list[AuditEvent]:
        """Read the audit as it was written, or what it has of one kind."""
        with self.database.reading() as work:
            records = sorted(work.audit.read(limit=10_000), key=lambda record: record.id)
        return [record.event for record in records if action in (None, record.event.action)]

    def take_letters(self) -> list[OutboxRow]:
        """Take every letter that is due out of the queue, in order, without sending it."""
        taken = []
        with self.database.transaction() as work:
            while row := work.outbox.take_due(self.clock.now(), self.clock.now() + timedelta(hours=1)):
                taken.append(row)
        return taken

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()
