"""The one tree of errors.

Each class says what happened, in words that may be shown; the border that meets a foreign exception translates it once
(``raise DirectoryUnavailable() from exc``). No message holds a secret or a user name. What a page or an OAuth client is told
is decided by the faces (`idp.web`, `idp.oauth`, `idp.cli`), from the class.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class IdpError(Exception):
    """Root of everything that this service raises on purpose."""

    description = "Something went wrong."

    def __init__(self, description: str | None = None) -> None:
        """Keep one sentence for whoever reads it.

        Args:
            description: replaces the class's own sentence; never a secret.
        """
        super().__init__(description or self.description)


class ConfigurationError(IdpError):
    """The service can't start as it is configured; the sentence names the key and a way out."""

    description = "The configuration is not usable."


# -- what can't be done now -------------------------------------------------------------------------------------------


class Unavailable(IdpError):
    """A part does not answer. Nothing was changed; coming back later is the way on."""

    part = "service"
    description = "A part of the service does not answer."
    retry_after_s = 10


class DirectoryUnavailable(Unavailable):
    """No answer from the directory within its timeout, or none that makes sense."""

    part = "directory"
    description = "The directory does not answer."


class LookUpsNotIndexed(DirectoryUnavailable):
    """The directory refuses a look-up for which it would have to read everybody. Trying again does not help; an index does."""

    def __init__(self, attribute: str) -> None:
        """Say which index is missing. Anybody may read it, at `/readyz` too.

        Args:
            attribute: by which entries are looked up.
        """
        self.description = f"Look-ups by {attribute} are not indexed; add olcDbIndex: {attribute} eq to the directory's database."
        super().__init__()


class DirectoryRefuses(DirectoryUnavailable):
    """The directory answered, and did not do what it was asked: read-only, full, not allowed. Nothing was changed."""

    description = "The directory refuses this."


class PasswordNotWritable(DirectoryRefuses):
    """The directory lets the service set no password of this user, whichever it is; another one would not help."""

    description = "The directory lets the service set no password here."


class ChangesNotFollowed(IdpError):
    """What others change in this directory can't be followed; all the rest works without it."""

    description = "What others change in the directory can't be followed."


class ChangesNotLogged(ChangesNotFollowed):
    """The directory keeps no log of changes, or none that the service may read."""

    description = "The directory keeps no log of changes that the service may read."


class ChangesNotSynchronised(ChangesNotFollowed):
    """The directory takes no content synchronisation (RFC 4533) from the service either."""

    description = "The directory keeps no log of changes that the service may read, and takes no content synchronisation."


class PositionLost(IdpError):
    """The directory can't say what has changed since a position: all must be read."""

    description = "The directory can't say what has changed."


class EntriesMissing(IdpError):
    """So much is not shown any more that nobody should believe that it was deleted: rights of the service may be broken."""

    description = "Entries are not shown to the service any more."


class StoreUnavailable(Unavailable):
    """The database can't be read or written: locked, full, read-only or gone."""

    part = "store"
    description = "The store does not answer."


class MailUnavailable(Unavailable):
    """The mail server did not take the message for now (no answer, or a 4xx reply)."""

    part = "mail"
    description = "The mail server does not take mail for now."
    retry_after_s = 60


class ApplicationUnavailable(Unavailable):
    """An application that is to be told something does not answer."""

    part = "application"
    description = "The application does not answer."


class ApplicationOutOfReach(ApplicationUnavailable):
    """The address of an application leads to where applications may not be."""

    description = "The application is where none may be."


class CountersUnavailable(Unavailable):
    """The limits' storage does not answer; nothing passes uncounted."""

    part = "counters"
    description = "The counters do not answer."


class Throttled(IdpError):
    """A limit was reached; the same for names that exist and names that don't."""

    description = "Too many requests."

    def __init__(self, retry_after_s: int) -> None:
        """Say when to come back.

        Args:
            retry_after_s: seconds until the limit has room again, at least 1.
        """
        super().__init__()
        self.retry_after_s = max(1, retry_after_s)


class MailRefused(IdpError):
    """The mail server refused this message or this address for good (a 5xx reply)."""

    description = "The mail server refused the message."


class LetterDropped(IdpError):
    """A letter that goes nowhere; nobody but operators and the audit learns why."""

    description = "The letter was dropped."

    def __init__(self, reason: str, subject: str = "") -> None:
        """Keep the reason.

        Args:
            reason: one word, such as ``unknown`` or ``cooldown``.
            subject: `entryUUID` of whom it is about, where that was found out.
        """
        super().__init__()
        self.reason = reason
        self.subject = subject


class LetterWaits(IdpError):
    """A letter that has nowhere to go while the directory says of somebody what can't be; it goes when that was mended."""

    description = "The letter waits until an entry was mended."

    def __init__(self, wrong: str, subject: str, entry_uuid: str) -> None:
        """Say what has to be mended.

        Args:
            wrong: one word, such as ``owner`` or ``mail-address``.
            subject: `entryUUID` of whom the letter is about.
            entry_uuid: of the entry where it is wrong.
        """
        super().__init__()
        self.wrong = wrong
        self.subject = subject
        self.entry_uuid = entry_uuid


# -- who someone is ---------------------------------------------------------------------------------------------------


class UsernameError(IdpError):
    """What was typed can't be a user name here; raised before anything is looked up."""


class UsernameMissing(UsernameError):
    """Nothing was typed."""

    description = "A user name is required."


class UsernameIncomplete(UsernameError):
    """A bare name where the form asks for the name with its realm (R10)."""

    description = "The user name lacks its realm."


class UsernameHasSuffix(UsernameError):
    """A name with a realm at the token endpoint, which takes the bare name (R21)."""

    description = "The user name must be given without the part from the at sign on."


class UnknownUser(IdpError):
    """No such entry. Never told to a stranger."""

    description = "There is no such user."


class EntryMalformed(UnknownUser):
    """There is an entry, but what it says can't be: two owners, say. It is nobody, until somebody mends it."""

    def __init__(self, fault: str, entry_uuid: str = "") -> None:
        """Say what is wrong with which.

        Args:
            fault: for operators; no names in it.
            entry_uuid: of the entry, where the service can read it.
        """
        super().__init__()
        self.fault = fault
        self.entry_uuid = entry_uuid


class InvalidCredentials(IdpError):
    """Wrong password, unknown, blocked, locked or without a password: one error for all of them (S29)."""

    description = "The user name or the password is wrong."


class Refusal(StrEnum):
    """What is wrong with something that a client has signed; for operators, who help a client's developers."""

    MALFORMED = "malformed"
    ALGORITHM = "algorithm"
    TYPE = "type"
    AUDIENCE = "audience"
    TIME = "time"
    JTI = "jti"
    CLIENT = "client"
    SIGNATURE = "signature, client or replay"
    REPLAY = "replay"


class AssertionRefused(InvalidCredentials):
    """What a client signed proves nothing; the client is told no more than of a wrong secret."""

    description = "The assertion proves nothing."

    def __init__(self, refusal: Refusal) -> None:
        """Keep what is wrong.

        Args:
            refusal: for operators.
        """
        super().__init__()
        self.refusal = refusal


class NotUsable(IdpError):
    """The gate is shut: this subject may not, or may no longer, be acted for."""

    description = "This access has ended."


class SubjectBlocked(NotUsable):
    """A lock, an end time in the past or a start time in the future stands on the entry."""

    description = "The user is blocked."


class SubjectChanged(NotUsable):
    """Another entry, or another password, than when access was given."""

    description = "The user was changed since access was given."


class ClientDisabled(NotUsable):
    """The client exists but was switched off, or does not exist any more."""

    description = "The client is disabled."


class NonceUsed(IdpError):
    """An application asks again with a nonce that it was given a code for (OpenID Connect Core section 15.5.2)."""

    description = "The nonce was used before."


class GrantEnded(NotUsable):
    """The grant or the token was revoked, or has expired."""

    description = "The grant has ended."


class KeyNotShown(NotUsable):
    """A token that is bound to a key came without it, or with another one (S15)."""

    description = "The token is bound to a key that was not shown."


class CodeUsed(NotUsable):
    """The authorization code was redeemed before; what was issued for it has ended (S4)."""

    description = "The authorization code was used before."


class NotDecided(IdpError):
    """The owner has not typed a device's code yet, or not decided."""

    description = "Nobody has decided yet."


class AskedTooSoon(NotDecided):
    """And the device asks more often than it was told."""

    description = "Nobody has decided yet; ask less often."


class DeviceCodeExpired(IdpError):
    """Nobody has decided in time."""

    description = "The code has expired."


class DeviceRefused(IdpError):
    """The owner has refused."""

    description = "The owner has refused."


class UserCodeUnknown(IdpError):
    """No device waits that shows this code."""

    description = "There is no such code, or not any more."


class TokenInvalid(NotUsable):
    """Not a token of ours, or not one that is valid now; nothing was looked up."""

    description = "The token is not valid."


class ScopeTooWide(IdpError):
    """A refresh asked for more than was granted (RFC 6749 section 6)."""

    description = "The scope is wider than what was granted."


class ResourceNotGranted(IdpError):
    """A code was brought for another resource than its owner has allowed (RFC 8707 section 2.2)."""

    description = "The resource is another one than was granted."


class UnknownRecord(IdpError):
    """The audit trail has no such record, or none any more."""

    description = "There is no such record in the audit trail, or it has expired."


class NothingToErase(IdpError):
    """Nothing in the audit trail identifies whom was asked for, or nothing does any more."""

    description = "The audit trail holds nothing that identifies them."


class UnknownClient(IdpError):
    """No such client is registered."""

    description = "There is no such client."


class UnknownCoupling(IdpError):
    """No such coupling of this owner's; whether it is another's is told to nobody."""

    description = "There is no such coupling."


class RequestUntrusted(IdpError):
    """An authorization request of an unknown client, or one that leads back to an address that is not its own (S3)."""

    description = "The application is unknown, or the address to go back to is not its own."


class RequestEnded(IdpError):
    """An authorization request that was pushed is not there for this client, or not any more (S13): which of them is not told."""

    description = "The pushed request is unknown, decided, or past its time."


class UserNotChosen(IdpError):
    """An owner of several koppelgebruikers did not say which of them it is about."""

    description = "No user was chosen."


class ClientIdRefused(IdpError):
    """A client of this name could be taken for a user."""

    description = "A client_id must not look like the entryUUID of a user; choose another one."


class RedirectUriRefused(IdpError):
    """An address that no authorization may lead to; the sentence says why."""


class RegistrationTokenRefused(IdpError):
    """An initial access token that lets nobody register: unknown, used up, ended or expired, one error for all of them."""


class UnknownRegistrationToken(IdpError):
    """No such initial access token is good."""

    description = "There is no such registration token, or it was ended already."


class ClientHasKeys(IdpError):
    """A client without a secret was to get another one."""

    description = (
        "This client has keys and no secret: give its new keys with --jwks FILE, those of before among them for as long as "
        "it uses both."
    )


class ClientHasCertificate(IdpError):
    """A client that proves itself by a certificate was to get a secret."""

    description = (
        "This client proves itself by its certificate and has no secret: say what the new one is known by, with --certificate "
        "FILE (the one of before in the same file, for as long as it uses both) or --tls-subject-dn and the like."
    )


class ClientHasNoSecret(IdpError):
    """A public client was to get another secret."""

    description = "This client has no secret: it is an application that could keep none."


class KeysRefused(IdpError):
    """A file that is no set of public keys, or one that no client may have; the sentence says why."""


class CertificateRefused(IdpError):
    """A certificate that proves nothing, or none that a client may be registered with; the sentence says why."""


class Forbidden(IdpError):
    """The directory or the service refuses this to this identity."""

    description = "This identity may not do that."


class ValueRefused(Forbidden):
    """A value of a form that the directory does not take, whoever writes it."""

    description = "The directory does not take a value of this form."


class LineRefused(IdpError):
    """A line or a record of a file that is no user, or none that can be taken in; the sentence says why."""


class AlreadyExists(IdpError):
    """Something with this name is there already."""

    description = "It exists already."


# -- passwords --------------------------------------------------------------------------------------------------------


class PasswordRejected(IdpError):
    """The new password breaks a rule; nothing was changed and the link still works."""

    description = "This password can't be used."


class PasswordMissing(PasswordRejected):
    """Nothing was typed."""

    description = "A password is required."


class PasswordTooShort(PasswordRejected):
    """Fewer characters than the minimum."""

    description = "This password is too short."


class PasswordTooLong(PasswordRejected):
    """More characters than any application could pass on."""

    description = "This password is too long."


class PasswordBelowPolicy(PasswordTooShort):
    """Shorter than the directory's own policy wants, which wants more than our form does."""


class PasswordAbovePolicy(PasswordTooLong):
    """Longer than the directory's own policy allows, which allows less than our form does."""


class PasswordTooWeak(PasswordRejected):
    """The directory's own check of quality refuses it."""

    description = "This password is not strong enough."


class PasswordHasControlCharacters(PasswordRejected):
    """A character that can't be typed into another application's form."""

    description = "This password holds characters that can't be typed."


class PasswordGuessable(PasswordRejected):
    """Easy to guess."""

    description = "This password is easy to guess."


class PasswordLikeName(PasswordGuessable):
    """There is little in it besides what a guesser knows of its user: names, addresses, products, applications."""


class PasswordLeaked(PasswordGuessable):
    """It, or what it repeats, stands in a list of passwords that were leaked."""


class PasswordKeyboardRow(PasswordGuessable):
    """Mostly keys that lie side by side."""


class PasswordRepeats(PasswordGuessable):
    """Mostly the same again and again."""


class PasswordSeries(PasswordGuessable):
    """Mostly a series such as abc or 123."""


class PasswordOfDates(PasswordGuessable):
    """Mostly a date or a year."""


class PasswordOfNames(PasswordGuessable):
    """Mostly well-known names of people."""


class PasswordOfWords(PasswordGuessable):
    """Too few words, all of them common."""


class PasswordOfEverydayWords(PasswordGuessable):
    """Two or three words that people here put into passwords, and little besides."""


class PasswordUsedBefore(PasswordRejected):
    """In the directory's history of this user."""

    description = "This password was used before."


class PasswordsDiffer(PasswordRejected):
    """The two fields are not equal."""

    description = "The passwords differ."


class PasswordTooYoung(IdpError):
    """The directory's `pwdMinAge` has not passed since the last change (R27)."""

    description = "The password was changed recently."


class EntryChanged(IdpError):
    """The assertion failed: the entry is not as it was seen, or a block stands on it. Nothing was written."""

    description = "The user was changed meanwhile."


# -- the reset --------------------------------------------------------------------------------------------------------


class CaptchaRefused(IdpError):
    """No solution, a wrong one, one too old or one used before."""

    description = "The captcha was not solved."


class CaptchaMissing(CaptchaRefused):
    """Nobody has tried to solve it."""


class LoginWantsCaptcha(IdpError):
    """For this mail address so much was guessed that a browser which was never let in has to solve a captcha, and has not."""

    description = "A captcha has to be solved first."


class FlowExpired(IdpError):
    """Too much time between the steps, or a step skipped or replayed (R14, R15)."""

    description = "This took too long."


class StepUsed(FlowExpired):
    """The step was used: its request is queued. Whoever sends it again has not seen the answer."""


class NamesDiffer(IdpError):
    """The name at Verify is not the name at Identify (R13)."""

    description = "The two names differ."


class NotYourName(IdpError):
    """With a ticket: not the name that the portal showed (R6)."""

    description = "This is not the name from the portal."


class ResetCause(StrEnum):
    """Which of the manual's three causes applies first (R22)."""

    UNKNOWN = "unknown"
    COOLDOWN = "cooldown"
    DATA = "data"


class ResetRefused(IdpError):
    """Told only to who may know: why no reset is possible for this user (R22)."""

    description = "A reset is not possible now."

    def __init__(self, cause: ResetCause, next_reset_at: datetime | None = None) -> None:
        """Name the cause that applies.

        Args:
            cause: which one.
            next_reset_at: when a next reset is possible, for the cooldown.
        """
        super().__init__()
        self.cause = cause
        self.next_reset_at = next_reset_at


class LinkDead(IdpError):
    """A mailed link that does nothing any more; its page offers a new one."""

    description = "This link no longer works."


class LinkUnknown(LinkDead):
    """No such link was ever sent, or it was forgotten long ago."""


class LinkExpired(LinkDead):
    """The link's time is over."""


class LinkSpent(LinkDead):
    """The link was used, or what it is bound to has changed."""


class LinkUsed(LinkSpent):
    """The link was used: what it was for has been done."""


class LinkBusy(IdpError):
    """Another submission of the same link is under way."""

    description = "This link is being used at this moment."
    retry_after_s = 30


# -- forms ------------------------------------------------------------------------------------------------------------


class MalformedRequest(IdpError):
    """A form or a query that no page of ours sends: a field twice, NUL, bad UTF-8, another media type."""

    description = "The request is malformed."


class StaleForm(IdpError):
    """The form's anti-forgery token does not fit this browser's cookie (any more); sending it again helps."""

    description = "The form is stale."


class CookiesOff(StaleForm):
    """The form came without any cookie of ours: this browser keeps none, and sending it again will not help."""

    description = "The browser sent no cookie."


class SessionEnded(IdpError):
    """A form came in without the portal session that it needs. Nothing was done with it."""

    description = "The portal session has ended."


# -- as an application ------------------------------------------------------------------------------------------------


class NotGranted(IdpError):
    """What an application asked a service for did not come, or is not what it should be; the sentence says what to do."""

    description = "The service did not give what was asked for."


# -- backups ----------------------------------------------------------------------------------------------------------


class BackupNotTaken(IdpError):
    """No backup was made, or the former ones could not be taken away; the sentence says why."""

    description = "No backup was made."


class NotRestored(IdpError):
    """A backup can't be put back: it is not whole, not of this service, or there is no room; the sentence says what stands."""

    description = "The backup was not restored."
