"""The store: what expires or must be remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from idp.domain.audit_query import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from idp.domain.audit import AuditEvent, AuditRecord, Broken, RecordId, SealedHead
    from idp.domain.audit_query import Tally, Wanted
    from idp.domain.capability import Capability, Purpose
    from idp.domain.client import Client
    from idp.domain.directory_change import Kind
    from idp.domain.directory_entry import KnownEntry
    from idp.domain.grant import Coupling, Grant, Token
    from idp.domain.logout_notice import LogoutNotice
    from idp.domain.mail import Letter, OutboxRow
    from idp.domain.registration_token import RegistrationToken
    from idp.domain.reset_request import ResetRequest


class Resets(Protocol):
    """Reset requests."""

    def add(self, request: ResetRequest) -> None:
        """Keep a new one."""

    def get(self, request_id: str) -> ResetRequest | None:
        """Find one by id."""

    def by_digest(self, digest: str) -> ResetRequest | None:
        """Find one by the digest of its link's secret."""

    def advance(self, before: ResetRequest, after: ResetRequest) -> bool:
        """Compare and swap on `version`; False when somebody else was first."""

    def claimed(self) -> list[ResetRequest]:
        """Those with a claim under way, oldest first."""


class Outbox(Protocol):
    """Letters that wait or were sent."""

    def add(self, row: OutboxRow) -> None:
        """Queue a letter."""

    def take_due(self, now: datetime, lease_until: datetime) -> OutboxRow | None:
        """Give the letter that is due longest, with `attempts` raised, and put it off to `lease_until`.

        Its outcome is `sending` meanwhile. A worker that dies leaves it due again when the lease ends.
        """

    def release_leases(self, now: datetime) -> int:
        """Make every letter due whose outcome is `sending`; tells how many."""

    def put_off(self, row: OutboxRow, next_attempt_at: datetime, outcome: str) -> None:
        """Try again later."""

    def finish(self, row: OutboxRow) -> None:
        """Keep its state, outcome, mailbox and finished_at."""

    def sent_to(self, mailbox: str, letter: Letter, with_ticket: bool, since: datetime) -> int:  # noqa: FBT001  # names a column
        """Count the letters of one kind that were sent to a mailbox."""

    def amend(self, row: OutboxRow) -> None:
        """Keep its facts and when it is due, unless it is being sent or was; one that was dropped waits again."""

    def about_owner(self, letter: Letter, owner_uuid: str, since: datetime) -> list[OutboxRow]:
        """Give the letters of one kind about an owner that wait, or that were sent since a moment."""

    def waiting(self) -> tuple[int, datetime | None]:
        """Count the letters that wait, and tell when the oldest was queued."""


class Capabilities(Protocol):
    """Secrets that let their holder do something for a while."""

    def add(self, capability: Capability) -> bool:
        """Keep a new one; False when this digest is there already."""

    def renew(self, capability: Capability) -> bool:
        """Keep a new one, or put it in the place of the one of this digest; False when that was used, and stays so."""

    def get(self, purpose: Purpose, digest: str) -> Capability | None:
        """Find one, used or expired too."""

    def use(self, capability: Capability, now: datetime) -> bool:
        """Use it up; False when somebody else was first."""

    def about(self, purpose: Purpose, subject: str) -> list[Capability]:
        """Give those of a kind about a subject that nobody has used, expired ones too."""

    def withdraw(self, purpose: Purpose, subject: str, facts: Mapping[str, str] | None = None) -> int:
        """Delete those of a kind about a subject that nobody has used; tells how many.

        Args:
            purpose: the kind.
            subject: whom they let somebody in for.
            facts: only those that are bound to these, and maybe to more; None: all.
        """

    def withdraw_all(self, purpose: Purpose) -> int:
        """Delete those of a kind that nobody has used, whomever they are about; tells how many."""


class Grants(Protocol):
    """Grants and tokens."""

    def add(self, grant: Grant) -> None:
        """Keep a new grant."""

    def get(self, grant_id: str) -> Grant | None:
        """Find one by id."""

    def of_user(self, entry_uuid: str) -> list[Grant]:
        """Those of one koppelgebruiker that were not revoked, oldest first."""

    def of_client(self, client_id: str) -> Grant | None:
        """Find what a client has on its own behalf, unless it was revoked."""

    def couplings_of(self, entry_uuids: Collection[str], now: datetime) -> list[Coupling]:
        """Those of some koppelgebruikers that were not revoked and whose client is enabled, oldest first; in one look-up."""

    def used(self, grant: Grant) -> None:
        """Keep its last_used_at and network."""

    def allowed(self, grant: Grant) -> None:
        """Keep its consent."""

    def revoke(self, grant_id: str, now: datetime) -> bool:
        """End one, and forget network and consent; False when it was ended already."""

    def revoke_all(self, entry_uuid: str, now: datetime) -> int:
        """End all grants of one koppelgebruiker, as `revoke`; tells how many."""

    def revoke_everybodys(self, now: datetime) -> int:
        """End all grants there are, as `revoke`; tells how many."""

    def add_token(self, token: Token) -> None:
        """Keep a token's row."""

    def token(self, kind: str, digest: str) -> Token | None:
        """Find a token, revoked or expired too."""

    def revoke_token(self, token: Token, now: datetime) -> bool:
        """End one token; False when it was ended already."""

    def revoke_issued_for(self, code: str, now: datetime) -> int:
        """End all tokens that go back to an authorization code, by its digest; tells how many.

        Their grant's consent is forgotten, also when they had all ended before: two have had the code, and one of them stole it.
        """


class LogoutNotices(Protocol):
    """Logouts that applications are still to be told of."""

    def add(self, notice: LogoutNotice) -> None:
        """Queue one."""

    def take_due(self, now: datetime, lease_until: datetime) -> LogoutNotice | None:
        """Give the one that is due longest, with `attempts` raised, and put it off to `lease_until`."""

    def put_off(self, notice: LogoutNotice) -> None:
        """Keep its next_attempt_at and attempts."""

    def put_off_all(self, client_id: str, until: datetime) -> None:
        """Have no notice of a client due before a moment; what waits longer already stays as it is."""

    def remove(self, notice: LogoutNotice) -> None:
        """Forget one that was told, or never will be."""


class Clients(Protocol):
    """Registered applications."""

    def add(self, client: Client) -> bool:
        """Register; False when the client_id is taken."""

    def get(self, client_id: str) -> Client | None:
        """Find one."""

    def all(self) -> list[Client]:
        """All, ordered by client_id."""

    def replace(self, client: Client) -> None:
        """Keep all that may change: its name, who gave it, enabled, secrets, keys, certificates, and where it is sent back to."""

    def last_used(self) -> Mapping[str, datetime]:
        """Tell by client_id when a grant was last used, ended ones too; a client that has none (any more) is left out."""


class RegistrationTokens(Protocol):
    """Initial access tokens."""

    def add(self, token: RegistrationToken) -> None:
        """Keep a new one."""

    def all(self) -> list[RegistrationToken]:
        """All, oldest first."""

    def by_digest(self, digest: str) -> RegistrationToken | None:
        """Find one, used up or expired too."""

    def use(self, token: RegistrationToken, now: datetime) -> bool:
        """Count one use; False when it was ended, is past its end, or has no use left."""

    def end(self, token_id: str, now: datetime) -> bool:
        """End one; False when there is none, or it was ended already."""


class Audit(Protocol):
    """The audit trail: a chain for each writer. Rows are only ever added, until a whole segment expires."""

    def append(self, event: AuditEvent) -> None:
        """Add an event to this writer's chain."""

    def read(self, after: RecordId | None = None, limit: int = 100, wanted: Wanted = EVERYTHING) -> list[AuditRecord]:
        """Read on behind a record, oldest first, whoever wrote it.

        The place of a record never changes; what happened before it may still come in before it, by a writer who was slower.

        Raises:
            UnknownRecord: there is none of this name (any more).
        """

    def newest(self, limit: int, wanted: Wanted = EVERYTHING) -> list[AuditRecord]:
        """Read the newest records, the oldest of them first."""

    def tally(self, wanted: Wanted) -> list[Tally]:
        """Count records by actor and subject."""

    def subjects_named(self, value: str) -> set[str]:
        """Give all subjects that a value, such as a name or an address, was kept for."""

    def subject_of(self, value: str) -> str:
        """Give the subject of somebody of whom nothing is known but this: their DN, or their account."""

    def erase(self, subject: str, at: datetime, actor: str) -> int:
        """Delete all that identifies a person, and say so in the trail; tells how many values there were."""

    def seal(self, now: datetime) -> list[SealedHead]:
        """Close the open segments of all writers when their time has come, and give what is to be said in the log of them."""

    def sealed(self) -> list[SealedHead]:
        """Give the newest sealed segment of each writer."""

    def ends(self) -> list[RecordId]:
        """Give the last record of each chain, as far as it says so itself."""

    def verify(self, logged: Iterable[SealedHead] = ()) -> list[Broken]:
        """Give, for each chain that doesn't hold, its first wrong record.

        Args:
            logged: what the log says of sealed segments.
        """


class Changes(Protocol):
    """What was read of changes in the directory, and what was told of it."""

    def bookmark(self) -> str | None:
        """Give the position that was read up to; None before the first time."""

    def move_bookmark(self, position: str) -> None:
        """Keep the position that was read up to; nothing is in doubt there."""

    def doubted_since(self, now: datetime) -> datetime:
        """Keep in mind that what comes behind the bookmark is doubtful; tells since when it is."""

    def claim(self, position: str, now: datetime, attributes: Collection[str] = ()) -> bool:
        """Say that this transaction tells a change; False when it was told already.

        Whoever makes a change and whoever reads it in the log both claim it, in the transaction in which they tell it: so it is
        told once, and, when one of them dies, by the other.

        Args:
            position: of the change, which is the `entryCSN` that the entry got by it.
            now: the present moment.
            attributes: what it changed; none: whatever it changed.
        """

    def told(self, position: str) -> frozenset[str]:
        """Give the attributes that a change was claimed with."""


class KnownEntries(Protocol):
    """What entries of the directory were when they were looked at last, where it keeps no log."""

    def get(self, entry_uuid: str) -> KnownEntry | None:
        """Find one."""

    def keep(self, entry: KnownEntry) -> None:
        """Remember one, in the place of what it was."""

    def forget(self, entry_uuid: str) -> None:
        """Forget one."""

    def forget_all(self) -> None:
        """Forget everybody."""

    def uuids(self, kind: Kind, limit: int | None = None) -> set[str]:
        """Give the `entryUUID`s of all of a kind, or of some."""


class Transaction(Protocol):
    """All repositories, in one unit of work."""

    @property
    def resets(self) -> Resets:
        """Reset requests."""

    @property
    def outbox(self) -> Outbox:
        """Letters."""

    @property
    def logout_notices(self) -> LogoutNotices:
        """Logouts to tell of."""

    @property
    def capabilities(self) -> Capabilities:
        """Secrets."""

    @property
    def grants(self) -> Grants:
        """Grants and tokens."""

    @property
    def clients(self) -> Clients:
        """Registered applications."""

    @property
    def registration_tokens(self) -> RegistrationTokens:
        """Initial access tokens."""

    @property
    def audit(self) -> Audit:
        """What happened."""

    @property
    def changes(self) -> Changes:
        """What others changed in the directory."""

    @property
    def entries(self) -> KnownEntries:
        """What the directory's entries were."""


class Store(Protocol):
    """The database. Each method, and each method of a transaction, may raise `StoreUnavailable`."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Open a unit of work that writes: all of it is kept, or, after an exception, none of it.

        Writers come one after the other; what is read inside is what will be swapped.
        """

    def reading(self) -> AbstractContextManager[Transaction]:
        """Open a unit of work that only reads, from one snapshot; it waits for no writer."""

    def expire(self, now: datetime, limit: int) -> Mapping[str, int]:
        """Delete up to `limit` rows of each kind that nothing needs any more; tells how many."""

    def ping(self) -> None:
        """Read and write one thing. Raises `StoreUnavailable`."""
