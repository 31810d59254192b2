"""Every test run is held to the rules of `tests/plugins`."""

pytest_plugins = [
    "tests.plugins.rows",
    "tests.plugins.no_skips",
    "tests.plugins.loopback",
    "tests.plugins.outlines",
    "tests.slapd",
    "tests.unlogged_slapd",
    "tests.signing_keys",
    "tests.empty_database",
]
