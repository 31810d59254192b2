"""Every test run is held to the rules of `tests/plugins`."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# How long an example takes, or is made, is the machine's business: a busy one is no fault of a rule.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

pytest_plugins = [
    "tests.plugins.rows",
    "tests.plugins.no_skips",
    "tests.plugins.named",
    "tests.plugins.loopback",
    "tests.plugins.outlines",
    "tests.plugins.fuzz",
    "tests.plugins.torture",
    "tests.plugins.life",
    "tests.slapd",
    "tests.unlogged_slapd",
    "tests.signing_keys",
    "tests.empty_database",
]
