"""The mail that arrived, read once each."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.crash.mailbox import Letter, Mailbox


class Post:
    """A mailbox that several threads look into.

    Args:
        mailbox: its folder.
    """

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._lock = threading.Lock()
        self._read: set[str] = set()
        self._letters: dict[str, list[Letter]] = defaultdict(list)
        self._arrivals: dict[str, list[float]] = defaultdict(list)
        self._began = time.time() - time.monotonic()

    def letters(self, to: str, kind: str = "") -> list[Letter]:
        """Give what somebody received, the oldest first.

        Args:
            to: their address.
            kind: what the first link's path begins with.
        """
        with self._lock:
            for file in sorted(self._mailbox.folder.glob("*.eml")):
                if file.name not in self._read:
                    self._read.add(file.name)
                    letter = self._mailbox.read(file)
                    self._letters[letter.to].append(letter)
                    self._arrivals[letter.message_id].append(int(file.name.partition("-")[0]) / 1e9 - self._began)
            return [letter for letter in self._letters[to] if letter.link.startswith(kind)]

    def arrivals(self) -> list[list[float]]:
        """Give when each letter came, on the monotonic clock; more than once, if it came twice."""
        self.letters("")
        with self._lock:
            return [sorted(moments) for moments in self._arrivals.values()]

    def all(self) -> list[Letter]:
        """Give all of it."""
        self.letters("")
        with self._lock:
            return [letter for letters in self._letters.values() for letter in letters]
