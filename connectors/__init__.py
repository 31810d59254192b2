"""What each outside application is: plain, frozen facts, each with its source.

The registry is explicit: the five that come with the service stand here by name. Another package adds its own by an entry
point in the group ``idp.connectors`` that names a `Connector`. An id that comes twice stops the start.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from connectors.base import Connector, ConnectorInvalid
from connectors.basecone import CONNECTOR as BASECONE
from connectors.ing import CONNECTOR as ING
from connectors.rabobank import CONNECTOR as RABOBANK
from connectors.triodos import CONNECTOR as TRIODOS
from connectors.vendor_api import CONNECTOR as VENDOR_API

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.metadata import EntryPoint

__all__ = ["BUILT_IN", "Connector", "ConnectorInvalid", "DuplicateConnector", "load", "registry"]

ENTRY_POINT_GROUP = "idp.connectors"
BUILT_IN = (BASECONE, RABOBANK, TRIODOS, ING, VENDOR_API)


class DuplicateConnector(ValueError):
    """Two connectors have the same id."""


def registry(connectors: Iterable[Connector]) -> Mapping[str, Connector]:
    """Put connectors under their ids.

    Raises:
        DuplicateConnector: an id comes twice.
    """
    found: dict[str, Connector] = {}
    for connector in connectors:
        if connector.id in found:
            message = f"two connectors have the id {connector.id}"
            raise DuplicateConnector(message)
        found[connector.id] = connector
    return found


def load(
    changes: Mapping[str, Mapping[str, object]] | None = None, plugins: Iterable[EntryPoint] | None = None
) -> Mapping[str, Connector]:
    """Give all connectors, those that come with the service and those that other packages add.

    Args:
        changes: by connector id, the facts that the configuration replaces.
        plugins: the entry points to look at; None for those of the installed packages.

    Raises:
        DuplicateConnector: an id comes twice.
        ConnectorInvalid: an entry point names something that is no connector, or a change does not fit.
    """
    chosen = entry_points(group=ENTRY_POINT_GROUP) if plugins is None else plugins
    known = registry((*BUILT_IN, *(_loaded(plugin) for plugin in chosen)))
    wanted = changes or {}
    for unknown in sorted(set(wanted) - set(known)):
        message = f"there is no connector {unknown}"
        raise ConnectorInvalid(message)
    return {name: connector.configured(wanted.get(name, {})) for name, connector in known.items()}


def _loaded(plugin: EntryPoint) -> Connector:
    connector = plugin.load()
    if not isinstance(connector, Connector):
        message = f"the entry point {plugin.name} names no connector"
        raise ConnectorInvalid(message)
    return connector
