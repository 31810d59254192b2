"""What owners do: ask for a password, follow the link in the letter, choose one; log in to the portal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING

from tests.crash.mailbox import RESET
from tests.system import flows
from tests.torture.asking import JudgedVisitor, NotNow
from tests.torture.court import RECOVERY_S, Excuse
from tests.torture.facts import Asked, Forbidden, Link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.system.visitor import Answer
    from tests.torture.court import Court
    from tests.torture.model import Account
    from tests.torture.place import Place

ASKING, LINK, PORTAL = "asking for a reset", "link to a password", "portal"
_SENT = "Controleer je e-mail"
_DEAD = (HTTPStatus.GONE, HTTPStatus.CONFLICT)


@dataclass(frozen=True)
class Owners:
    """They, in their browsers.

    Args:
        place: whom they ask.
        court: hears the answers.
    """

    place: Place
    court: Court

    def ask(self, account: Account, *, with_ticket: bool) -> None:
        """Ask for a new password. Raises `Forbidden`, `NotNow`.

        Args:
            account: nothing stands in the way.
            with_ticket: from the portal, and not as a stranger.
        """
        before = len(self.place.post.letters(account.mail, RESET))
        account.resets[1] += 1
        began = monotonic()
        visitor = self._visitor(ASKING)
        try:
            if with_ticket:
                flows.log_in(visitor, account.mail, account.portal_password)
                flows.request_from_portal(visitor, account.uid)
            page = flows.ask_for_reset(visitor, f"{account.uid}@{self.place.settings.brand.canonical_realm}")
            is_sent = _SENT in page.text
        except (StopIteration, AttributeError):  # another page than the one that comes next
            is_sent = False
        if not is_sent:
            # By another clock, that page may have stood open too long.
            self._assert_clock(began, f"{account.uid}: asking ends at {_described(visitor.last)}")
            return
        account.resets[1] -= 1
        account.resets[0] += 1
        account.asked = Asked(monotonic(), before)

    def look_for_letter(self, account: Account) -> None:
        """Look whether the letter that was asked for has come. Raises `Forbidden`: it is late without a reason."""
        assert account.asked is not None
        letters = self.place.post.letters(account.mail, RESET)
        if len(letters) > account.asked.before:
            by_wrong_clock = self.court.is_excused(Excuse.CLOCK, account.asked.at)
            account.link = Link(letters[-1].link, account.password, by_wrong_clock=by_wrong_clock)
            account.asked = None
        elif monotonic() - account.asked.at > RECOVERY_S and not self.court.is_excused(Excuse.MAIL, account.asked.at):
            message = f"{account.uid}: a letter does not come"
            account.asked = None
            raise Forbidden(message)

    def choose(self, account: Account, link: Link, passwords: Sequence[str]) -> bool:
        """Set a password with a link; each of several in a browser of its own, all at once.

        Returns:
            whether the link is done with: it was used, or is dead; False: it is in use by who can't be asked any more.

        Raises:
            Forbidden: an answer that can't be.
            NotNow: somebody got none.
        """
        began = monotonic()
        opened = self._open(account, link, began)
        if opened != HTTPStatus.OK:
            return opened != HTTPStatus.CONFLICT
        for password in passwords:
            account.setting_password(password)
        link.tried = True
        with ThreadPoolExecutor(len(passwords)) as pool:
            statuses = list(pool.map(lambda password: self._submit(link, password), passwords))
        chosen = [password for password, status in zip(passwords, statuses, strict=True) if status == HTTPStatus.SEE_OTHER]
        if len(chosen) > 1:
            message = f"{account.uid}: a link was taken twice: {link}"
            raise Forbidden(message)
        if chosen:
            self._chosen(account, link, chosen[0], passwords)
            return True
        for password, status in zip(passwords, statuses, strict=True):
            if status is not None:
                account.left_password(password)
        if None in statuses:
            raise NotNow
        # Neither is a fault's doing, nor has anybody else this link.
        self._assert_clock(began, f"{account.uid}: a link that has opened takes no password: {statuses}, {link}")
        return True

    def submit_again(self, account: Account, link: Link, password: str) -> None:
        """Use a link that was used. Raises `Forbidden`: it works; `NotNow`."""
        status = self._submit(link, password)
        if status == HTTPStatus.SEE_OTHER:
            message = f"{account.uid}: a link works twice: {link}"
            raise Forbidden(message)
        if status is None:
            raise NotNow

    def look_at_portal(self, account: Account, password: str) -> None:
        """Log in to the portal. Raises `Forbidden`, `NotNow`."""
        began = monotonic()
        visitor = self._visitor(PORTAL)
        visitor.open("/login")
        answer = visitor.submit("/login", {"mail": account.mail, "password": password})
        if (answer.status == HTTPStatus.SEE_OTHER) != (password == account.portal_password):
            message = f"{account.mail}: the portal answers {answer.status}: {answer.text[:300]}"
            raise Forbidden(message)
        if answer.status != HTTPStatus.SEE_OTHER:
            return
        page = visitor.follow()
        if page.status == HTTPStatus.OK:
            account.portal_shows(there=account.uid in page.text)
        else:
            self._assert_clock(began, f"{account.mail}: the portal answers {page.status} after a login")

    def _open(self, account: Account, link: Link, began: float) -> int:
        answer = self._visitor(LINK).open(link.path)
        if answer.status == HTTPStatus.OK:
            account.link_opened(link)
        elif answer.status not in _DEAD:
            message = f"{account.uid}: a link is answered {answer.status}"
            raise Forbidden(message)
        elif not self.court.is_excused(Excuse.CLOCK, began):
            account.link_refused(link, busy=answer.status == HTTPStatus.CONFLICT)
        return answer.status

    def _submit(self, link: Link, password: str) -> int | None:
        """Send the form; gives the status, or None where nobody heard of it."""
        try:
            return int(flows.choose_password(self._visitor(LINK), link.path, password).status)
        except NotNow:
            return None

    @staticmethod
    def _chosen(account: Account, link: Link, password: str, passwords: Sequence[str]) -> None:
        for other in passwords:
            if other != password:
                account.left_password(other)
        account.set_password(password)
        link.used = True
        account.used.append(link)

    def _assert_clock(self, began: float, message: str) -> None:
        if not self.court.is_excused(Excuse.CLOCK, began):
            raise Forbidden(message)

    def _visitor(self, kind: str) -> JudgedVisitor:
        return JudgedVisitor(self.place.origin, self.court, kind)


def _described(answer: Answer | None) -> str:
    return "nothing" if answer is None else f"{answer.status} {answer.text[:300]}"
