"""What each outside application is: plain, frozen facts, each with its source.

The registry is explicit: those that come with the service stand here by name. Another package adds its own by an entry
point in the group ``idp.connectors`` that names a `Connector`. One that can't be loaded, or whose id is taken, stops the start.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from connectors.base import Connector, ConnectorInvalid
from connectors.basecone import CONNECTOR as BASECONE
from connectors.fapi import CONNECTOR as FAPI
from connectors.ing import CONNECTOR as ING
from connectors.rabobank import CONNECTOR as RABOBANK
from connectors.triodos import CONNECTOR as TRIODOS
from connectors.vendor_api import CONNECTOR as VENDOR_API
from connectors.vendor_app import CONNECTOR as VENDOR_APP
from connectors.vendor_service import CONNECTOR as VENDOR_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.metadata import EntryPoint

__all__ = ["BUILT_IN", "Connector", "ConnectorInvalid", "DuplicateConnector", "load"]

ENTRY_POINT_GROUP = "idp.connectors"
BUILT_IN = (BASECONE, RABOBANK, TRIODOS, ING, VENDOR_API, VENDOR_SERVICE, VENDOR_APP, FAPI)


class DuplicateConnector(ValueError):
    """Two connectors have the same id."""


def load(
    changes: Mapping[str, Mapping[str, object]] | None = None, plugins: Iterable[EntryPoint] | None = None
) -> Mapping[str, Connector]:
    """Give all connectors, those that come with the service and those that other packages add.

    Args:
        changes: by connector id, the facts that the configuration replaces.
        plugins: the entry points to look at; None for those of the installed packages.

    Raises:
        DuplicateConnector: an id comes twice; whose connector it is that came second is named.
        ConnectorInvalid: a package's connector can't be loaded, or is none, or a change does not fit.
    """
    known = {connector.id: connector for connector in BUILT_IN}
    for plugin in installed() if plugins is None else plugins:
        connector = _loaded(plugin)
        if connector.id in known:
            message = f"{_origin(plugin)}: there is a connector {connector.id} already, and nobody takes its place"
            raise DuplicateConnector(message)
        known[connector.id] = connector
    wanted = changes or {}
    for unknown in sorted(set(wanted) - set(known)):
        message = f"there is no connector {unknown}"
        raise ConnectorInvalid(message)
    return {name: connector.configured(wanted.get(name, {})) for name, connector in known.items()}


@cache
def installed() -> tuple[EntryPoint, ...]:
    """Look through the packages, once: they don't change while a process runs."""
    return tuple(entry_points(group=ENTRY_POINT_GROUP))


def _loaded(plugin: EntryPoint) -> Connector:
    try:
        connector = plugin.load()
    except Exception as exc:  # another's code, which may do anything while it is imported
        message = f"{_origin(plugin)}: it can't be loaded: {type(exc).__name__}: {' '.join(str(exc).split())}"
        raise ConnectorInvalid(message) from exc
    if not isinstance(connector, Connector):
        message = f"{_origin(plugin)}: {plugin.value} is no connector"
        raise ConnectorInvalid(message)
    return connector


def _origin(plugin: EntryPoint) -> str:
    """Say where it is from, so that somebody knows what to mend, or to uninstall."""
    package = f"the package {plugin.dist.name}" if plugin.dist else "a package"
    return f"{package} brings the connector {plugin.name}"
