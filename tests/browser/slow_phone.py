"""`python -m tests.browser.slow_phone`: how long the captcha keeps somebody waiting who has a slow telephone.

DevTools' own throttling slows a page's main thread, and the work is done in workers: here all of the page's process is stopped
for three quarters of the time, as if its processor were four times slower. Lighthouse takes that for a telephone of the middle
range too, which has as many cores as the widget has workers, or more.
"""

from __future__ import annotations

import os
import signal
import statistics
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from tests.browser.chromium import Browser, running_browser
from tests.system.demo import running_demo
from tests.system.processes import below

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TIMES = 10
SLOWER = 4
_RUNS_S = 0.004
_SOLVE = """
  const [done] = arguments, widget = document.querySelector("altcha-widget"), start = performance.now();
  widget.addEventListener("statechange", ({ detail: { state } }) => {
    if (state === "verified" || state === "error") { done([state, performance.now() - start]); }
  });
  document.getElementById("altcha-checkbox-captcha").click();
"""


@contextmanager
def slowed_down(pids: Sequence[int], times: int) -> Iterator[None]:
    """Let processes run for one part of the time only.

    Args:
        pids: which.
        times: how many parts there are.
    """
    ended = Event()
    thread = Thread(target=_stop_and_go, args=(pids, times, ended))
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _stop_and_go(pids: Sequence[int], times: int, ended: Event) -> None:
    while not ended.is_set():
        for sign, pause_s in ((signal.SIGSTOP, _RUNS_S * (times - 1)), (signal.SIGCONT, _RUNS_S)):
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, sign)
            ended.wait(pause_s)
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _pages_of(browser: Browser) -> list[int]:
    driver = browser.driver.service.process.pid
    return [process.pid for process in below(driver) if "--type=renderer" in process.command]


def _worked_s(pids: Sequence[int]) -> float:
    """Give the seconds of processor time that processes have used (proc(5)): those don't depend on who else is at work."""
    fields = [Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split() for pid in pids]
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


def _solve(browser: Browser, address: str, times: int) -> tuple[float, float]:
    """Give the seconds from the click to the tick, and those of work."""
    browser.open(address)
    browser.find("#altcha-checkbox-captcha")
    pids = _pages_of(browser)
    before = _worked_s(pids)
    with slowed_down(pids if times > 1 else [], times):
        state, took_ms = browser.driver.execute_async_script(_SOLVE)
    assert state == "verified", state
    return float(took_ms) / 1000, _worked_s(pids) - before


def main() -> int:
    """Measure, and tell."""
    with tempfile.TemporaryDirectory() as scratch, running_demo(Path(scratch) / "state") as demo, running_browser() as browser:
        for times in (1, SLOWER):
            solved = [_solve(browser, f"{demo.url}/reset?lang=nl", times) for _ in range(TIMES)]
            for what, seconds in zip(("waited", "worked"), zip(*solved, strict=True), strict=True):
                median, most = statistics.median(seconds), max(seconds)
                sys.stdout.write(f"{times} times slower, {what}: median {median:.2f} s, at most {most:.2f} s, of {TIMES}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
