"""What is wrong with a configuration, in sentences: the key, the nearest right one, what it may be; never the value."""

from __future__ import annotations

import difflib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import ValidationError

_LIKENESS = 0.7
_PYDANTICS_OWN_WORDS = "Value error, "


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """The keys that there are.

    Args:
        sections: their names.
        keys: as ``section.key``.
        lists: those of the keys that take a list.
        connector_keys: what stands in ``[connectors.<id>]``, whatever the id.
    """

    sections: tuple[str, ...]
    keys: tuple[str, ...]
    lists: frozenset[str]
    connector_keys: tuple[str, ...]

    def refuse_unknown_sections(self, names: Iterable[str]) -> None:
        """Raise `ConfigurationError` for a section that does not exist."""
        for name in names:
            if name not in self.sections:
                raise ConfigurationError(self._unknown(name))

    def refuse_unknown_variables(self, prefix: str) -> None:
        """Look at the environment.

        Args:
            prefix: of the variables that are ours. The command line has some of its own, which resemble no key.

        Raises:
            ConfigurationError: a variable that names no key, or a list that is no JSON.
        """
        variables = {prefix + key.replace(".", "__").upper(): key for key in self.keys}
        nearly = {_squeezed(name) for name in (*variables, *(prefix + section for section in self.sections))}
        for name, value in os.environ.items():
            key = variables.get(name.upper())
            if key is None and name.upper().startswith(prefix) and ("__" in name or _squeezed(name) in nearly):
                message = f"unknown environment variable {name}{_nearest(name.upper(), variables)}"
                raise ConfigurationError(message)
            if key in self.lists and not _is_json_list(value):
                message = f'{name}: a list is written as ["one", "two"] in the environment'
                raise ConfigurationError(message)

    def sentence(self, error: ValidationError) -> str:
        """Tell all that pydantic found."""
        sentences = []
        for fault in error.errors(include_url=False, include_input=False, include_context=False):
            key = ".".join(str(part) for part in fault["loc"])
            words = fault["msg"].removeprefix(_PYDANTICS_OWN_WORDS)
            sentences.append(self._unknown(key) if fault["type"] == "extra_forbidden" else f"{key}: {words}")
        return "; ".join(sentences)

    def _unknown(self, key: str) -> str:
        section, _, rest = key.partition(".")
        of_one = self.connector_keys if rest else ()
        of_connector = [f"{section}.{rest.partition('.')[0]}.{name}" for name in of_one]
        return f"unknown key {key}{_nearest(key, [*self.keys, *self.sections, *of_connector])}"


def _nearest(key: str, names: Iterable[str] | Mapping[str, str]) -> str:
    found = difflib.get_close_matches(key, list(names), n=1, cutoff=_LIKENESS)
    return f"; did you mean {found[0]}?" if found else ""


def _squeezed(name: str) -> str:
    """Give a name as it is when its underscores were forgotten."""
    return name.replace("_", "").upper()


def _is_json_list(text: str) -> bool:
    try:
        return isinstance(json.loads(text), list)
    except ValueError:
        return False
