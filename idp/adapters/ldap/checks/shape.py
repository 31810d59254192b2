"""Whether the directory has the shape that is looked for: containers and schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.adapters.ldap.checks.findings import Finding, unseen
from idp.adapters.ldap.people import look_ups as look_ups_of
from idp.adapters.ldap.spelling import equals
from idp.errors import LookUpsNotIndexed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.adapters.ldap.checks.site import Site

INSTALL = "run `idp directory install`"

_SCHEMA_DN = "cn=subschema"
_OURS = {
    "attributetypes": "administratie",
    "objectclasses": "koppelgebruiker",
}
_CONTROLS = {
    "1.3.6.1.1.12": "assertions (RFC 4528), which a reset can't do without",
    "1.2.840.113556.1.4.319": "lists in pages (RFC 2696)",
}


def containers(site: Site) -> Iterator[Finding]:
    """The service sees its containers; an operator sees those that are hidden from it too."""
    hidden = ("ou=services", "ou=support") if site.as_operator else ()
    wanted = dict.fromkeys(("ou=koppelgebruikers", "ou=people", "ou=policies"), site.as_service)
    if site.as_service.read(site.base_dn, "1.1") is None:
        yield Finding("containers", f"the service does not see {site.base_dn}", "mend directory.base_dn, or " + INSTALL)
        return
    for name in (*wanted, *hidden):
        view = wanted.get(name, site.as_anybody)
        if view.read(f"{name},{site.base_dn}", "1.1") is None:
            yield Finding("containers", f"{name},{site.base_dn} is missing, or hidden from {view.name}", INSTALL)


def look_ups(site: Site) -> Iterator[Finding]:
    """The server answers each look-up by an index; one that looks at its configuration tells more (`configuration.indexes`)."""
    if site.config is not None:
        return
    for search in look_ups_of(site.tree):
        try:
            site.as_service.some(search)
        except LookUpsNotIndexed as exc:
            yield Finding("look_ups", str(exc), INSTALL)


def schema(site: Site) -> Iterator[Finding]:
    """The server knows the attribute and the object class that are ours."""
    entry = site.as_anybody.read(_SCHEMA_DN, *_OURS, condition=equals("objectClass", "subschema"))
    if entry is None:
        yield unseen("schema", "the schema", site.as_anybody.name)
        return
    for kind, name in _OURS.items():
        if not any(f"NAME '{name}'" in value for value in entry.values.get(kind, [])):
            yield Finding("schema", f"the schema has no {name}", INSTALL)


def controls(site: Site) -> Iterator[Finding]:
    """The server understands what we ask of it."""
    entry = site.as_anybody.read("", "supportedControl")
    if entry is None:
        yield unseen("controls", "what the server understands", site.as_anybody.name)
        return
    supported = entry.values.get("supportedcontrol", [])
    for control, what in _CONTROLS.items():
        if control not in supported:
            yield Finding("controls", f"the server has no {what}", "use another server: docs/directory.md")
