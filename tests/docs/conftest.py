"""The installation of the command line's tests, for documents that are run."""

from tests.cli.conftest import at, begun, new

__all__ = ["at", "begun", "new"]
