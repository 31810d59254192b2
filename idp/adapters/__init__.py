"""The outside: one adapter for each port. Siblings of the services; only `idp.app` and `idp.cli` know them by name."""
