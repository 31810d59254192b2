"""A mid-range telephone on a slow mobile network, as Lighthouse takes one to be: how long until a page can be used."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from tests.browser.chromium import Browser

LONGEST_MS = 1000
_SLOWER_CPU = 4
_ROUND_TRIP_MS = 150
_BYTES_PER_SECOND = 1_638_400 / 8
_LOADS = 12

# It is seen, all of it is there to be filled in and pressed (nothing waits for a script), and what began before is done.
# A page that came in may not have been painted yet: what was seen of it first is waited for.
_USABLE = """
const [done] = arguments;
new PerformanceObserver((list) => {
  const painted = list.getEntriesByName("first-contentful-paint")[0];
  if (!painted) return;
  const [{ domInteractive }] = performance.getEntriesByType("navigation");
  const usable = Math.max(domInteractive, painted.startTime);
  let busy = 0;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) if (startTime < usable) busy = Math.max(busy, startTime + duration);
  }).observe({ type: "longtask", buffered: true });
  setTimeout(() => done(Math.max(usable, busy)), 0);
}).observe({ type: "paint", buffered: true });
"""


def hold(browser: Browser) -> None:
    """Be such a telephone from now on."""
    browser.look(width=360, dark=False, height=740)
    command = browser.driver.execute_cdp_cmd
    command("Emulation.setCPUThrottlingRate", {"rate": _SLOWER_CPU})
    command("Network.enable", {})
    network = {"offline": False, "latency": _ROUND_TRIP_MS}
    command(
        "Network.emulateNetworkConditions", network | dict.fromkeys(("downloadThroughput", "uploadThroughput"), _BYTES_PER_SECOND)
    )


def usable_after_ms(browser: Browser, address: str) -> float:
    """Tell after how many milliseconds a page can be used by who has never been there.

    The shortest of some loads, as many as it takes: what else runs on this machine only makes one longer.
    """
    shortest = math.inf
    for _ in range(_LOADS):
        shortest = min(shortest, _load(browser, address))
        if shortest <= LONGEST_MS:
            break
    return shortest


def _load(browser: Browser, address: str) -> float:
    browser.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    browser.open(address)
    return cast("float", browser.driver.execute_async_script(_USABLE))
