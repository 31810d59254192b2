"""Takes what is sent, and tells what was wrong with how it was taken."""

from __future__ import annotations

import io
import re
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp.logs import configure_logging
from tests.logging_state import logging_put_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fuzz.live import Live
    from tests.fuzz.sent import Sent
    from tests.web.world import World

LONGEST_S = 2.0
"""Of the processor's time: how busy the machine is else is no fault of ours."""

_METHODS = {"GET", "POST"}  # others are tried at all addresses alike
_VARIABLE = re.compile(r"<[^>]+>")
_UNSAFE = re.compile(r"[^\x20-\x7e]")


@dataclass(slots=True)
class Target:
    """The service, and what it logs.

    Args:
        world: the service.
        log: what it says, until it was read.
        answers: how many there were so far, by status.
    """

    world: World
    log: io.StringIO = field(default_factory=io.StringIO)
    answers: Counter[int] = field(default_factory=Counter)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear all that is logged, as production logs it when it is asked for everything."""
        with logging_put_back():
            configure_logging("DEBUG", self.log)
            yield

    def addresses(self) -> list[tuple[str, str]]:
        """Give each method and path, by the map of addresses: what comes new is tried too."""
        rules = self.world.app.url_map.iter_rules()
        return sorted((method, _VARIABLE.sub("<>", rule.rule)) for rule in rules for method in _METHODS & set(rule.methods or ()))

    def faults(self, sent: Sent, good: Live) -> list[str]:
        """Send, and give a sentence for each thing that is wrong."""
        self._logged()
        cookie = "; ".join(f"{name}={_in_a_header(value)}" for name, value in sent.cookies.items())
        environ = {f"HTTP_{name.upper().replace('-', '_')}": _in_a_header(value) for name, value in sent.headers.items()}
        started = time.process_time()
        answer = self.world.app.test_client(use_cookies=False).open(
            sent.path,
            method=sent.method,
            query_string=sent.query,
            data=sent.body,
            content_type=_in_a_header(sent.content_type),
            environ_overrides={**environ, "HTTP_COOKIE": cookie, "REMOTE_ADDR": "192.0.2.7"},
        )
        self.answers[answer.status_code] += 1
        text = answer.get_data().decode("utf-8", "replace")
        spent = time.process_time() - started
        logged = self._logged()
        found = [f"answered {answer.status_code}"] if answer.status_code >= 500 else []
        found += ["took too long"] if spent > LONGEST_S else []
        found += ["a traceback"] if "Traceback" in text or "Traceback" in logged else []
        found += [f"led to {answer.location}"] if not self._is_ours(answer.location) else []
        found += [f"a line in a header: {name}" for name, value in answer.headers if "\n" in value or "\r" in value]
        found += ["a secret in the log"] if any(secret in logged for secret in good.secrets) else []
        return found

    def _logged(self) -> str:
        text = self.log.getvalue()
        self.log.seek(0)
        self.log.truncate()
        return text

    def told(self) -> str:
        """Give how many requests there were, and how they were answered."""
        by_status = ", ".join(f"{count} by {status}" for status, count in sorted(self.answers.items()))
        return f"{self.answers.total()} requests to {len(self.addresses())} addresses: {by_status}"

    @staticmethod
    def _is_ours(location: str | None) -> bool:
        return location is None or re.match(r"/(?![/\\])|https://app\.example/|http://localhost/", location) is not None


def _in_a_header(text: str) -> str:
    return _UNSAFE.sub("?", text)
