"""`python -m tests.timing`: can refusals be told apart with a stop-watch, and would this run notice if they could?

Requests of each kind come in turn, in another order each round, so that what else the machine does befalls all. Their medians may
lie 5 % apart. Then the same run is made with a leak of 2 ms planted in whatever binds to the decoy, and has to find it.
A machine that is busy needs more rounds. Passwords are hashed at production's cost.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from idp.adapters.slapd_files import ARGON2_COST
from idp.adapters.system_clock import SystemClock
from idp.outside import open_digests, open_store
from idp.services.clients import ClientRegistry
from tests.contract.mailer.real_server import RealServer
from tests.easy_captcha import easy_captcha
from tests.opened_ports import opened_ports
from tests.slapd import RunningSlapd
from tests.system.service import Service
from tests.timing.pages import OWNERS, PORTAL_PASSWORD, Forms, mail_of
from tests.timing.refusals import PASSWORD, USERS, Refusals
from tests.timing.slow_decoy import SlowDecoy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

TOLERANCE = 0.05
LEAK_S = 0.002
_WARM_UP = 5
_NO_LIMIT = "1000000 per minute"
_LIMITS = (
    "token_address",
    "token_client",
    "token_client_user",
    "token_failures",
    "client_failures",
    "login_mail",
    "login_failures",
    "forgot_address",
    "forgot_mail",
    "reset_name",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and tell by the exit code whether all was as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.timing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    rounds = parser.parse_args(arguments).rounds
    with tempfile.TemporaryDirectory() as folder, _service(Path(folder)) as (service, refusals, decoy):
        forms = Forms(service, easy_captcha(open_digests(service.settings)))
        users, log_ins = _compare("users", refusals.users(), rounds), _compare("log-ins", forms.log_ins(), rounds)
        others = [
            _compare("clients", refusals.clients(), rounds),
            _compare("forgotten portal passwords", forms.forgotten(), rounds),
            _compare("Identify", forms.first_steps(), rounds),
            _compare("Verify", forms.second_steps(), rounds),
        ]
        alike = all(_spread(medians) <= TOLERANCE for medians in (users, log_ins, *others))
        decoy.leak_s = LEAK_S
        planted = f", with {LEAK_S * 1000:.0f} ms planted"
        leaking = [_compare(f"users{planted}", refusals.users(), rounds), _compare(f"log-ins{planted}", forms.log_ins(), rounds)]
        found = all(_later(after) - _later(before) > LEAK_S / 2 for after, before in zip(leaking, (users, log_ins), strict=True))
    say("alike" if alike else "NOT ALIKE", "and the planted leak was", "found" if found else "NOT FOUND")
    return 0 if alike and found else 1


def say(*words: str) -> None:
    """Write a line now."""
    print(*words, flush=True)  # noqa: T201  # what it is for


@contextmanager
def _service(folder: Path) -> Iterator[tuple[Service, Refusals, SlowDecoy]]:
    slapd = RunningSlapd.start_in(folder, ARGON2_COST)
    try:
        with RealServer() as smtp, SlowDecoy(slapd.embedded.port, "cn=decoy") as decoy:
            service = Service.install(folder, slapd, smtp)
            for user in USERS:
                service.add_user(user.upper(), f"{user}@example.nl", None if user == "passwordless" else PASSWORD)
            service.write("LOCKED", "pwdAccountLockedTime", "000001010000Z")
            service.write("BLOCKED", "pwdEndTime", "19700101000000Z")
            _add_owners(service)
            clients = _clients(service)
            _configure(service.config, decoy)
            with service.web():
                yield service, Refusals(service, *clients), decoy
    finally:
        slapd.stop()


def _add_owners(service: Service) -> None:
    for name in OWNERS:
        if name.upper() not in {user.upper() for user in USERS}:
            service.add_user(name.upper(), mail_of(name), PASSWORD)
    with opened_ports(service.settings, SystemClock()) as ports:
        entries = {name: ports.directory.find_owner_by_mail(mail_of(name)).dn for name in OWNERS}
    for name in ("known", "locked"):
        service.slapd.write(entries[name], "userPassword", PORTAL_PASSWORD)
    service.slapd.write(entries["locked"], "pwdAccountLockedTime", "000001010000Z")


def _clients(service: Service) -> tuple[tuple[str, str], tuple[str, str]]:
    digests = open_digests(service.settings)
    store = open_store(service.settings, digests)
    try:
        registry = ClientRegistry(store, digests, SystemClock())
        first, other = (registry.add("basecone", "a test", "a test") for _ in range(2))
        registry.disable(other[0].client_id, "a test")
        return (first[0].client_id, first[1]), (other[0].client_id, other[1])
    finally:
        store.close()


def _configure(config: Path, decoy: SlowDecoy) -> None:
    """Lead to the directory by way of the decoy's delay, with time enough and without limits."""
    lines = config.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith((*_LIMITS, "timeout_s = 0.5", "log_level", 'url = "ldapi'))]
    at = kept.index("[directory]") + 1
    kept[at:at] = [f'url = "{decoy.url}"', "timeout_s = 5.0"]
    at = kept.index("[limits]") + 1
    kept[at:at] = [f'{name} = "{_NO_LIMIT}"' for name in _LIMITS]
    config.write_text("\n".join(kept), encoding="utf-8")


def _compare(what: str, cases: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Time all cases in turn; give their medians in seconds, and print them as ratios to the first one's."""
    order, taken = list(cases), {name: list[float]() for name in cases}
    for number in range(rounds + _WARM_UP):
        random.shuffle(order)
        for name in order:
            took = cases[name]()
            if number >= _WARM_UP:
                taken[name].append(took)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    first = next(iter(medians.values()))
    say(f"{what}: {rounds} rounds, {first * 1000:.2f} ms")
    for name, median in medians.items():
        say(f"  {median / first:.3f}  {name}")
    return medians


def _spread(medians: Mapping[str, float]) -> float:
    first = next(iter(medians.values()))
    return (max(medians.values()) - min(medians.values())) / first


def _later(medians: Mapping[str, float]) -> float:
    # In seconds, not as a ratio: on a slow machine a bind takes so long that 2 ms are less than the ratios may differ.
    return medians["unknown"] - medians["wrong password"]


if __name__ == "__main__":
    sys.exit(main())
