"""The embedded directory behind TLS: a certificate of its own, that whoever checks it can rely on, and that doesn't run out."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from idp.adapters.ldap import LdapServer, SimpleBind
from idp.adapters.ldap.server import hang_up
from idp.adapters.slapd import EmbeddedSlapd, stop
from idp.adapters.slapd_certificate import make_certificate
from idp.errors import ConfigurationError, DirectoryUnavailable
from tests.free_ports import free_port
from tests.slapd import BASE_DN, CHEAP, WITHOUT_TLS, configure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def embedded(tmp_path: Path) -> EmbeddedSlapd:
    """A directory that was made, and is not up."""
    made = EmbeddedSlapd(tmp_path / "directory", BASE_DN, free_port(), CHEAP, tls_port=free_port())
    made.create()
    return made


def binds(embedded: EmbeddedSlapd, host: str = "127.0.0.1", ca_file: Path | None = None) -> bool:
    """Tell whether the service can bind over LDAPS; it checks who answers."""
    server = LdapServer(f"ldaps://{host}:{embedded.tls_port}", ca_file, 5)
    connection, code = server.connect(SimpleBind(embedded.service_dn, embedded.service_password_file.read_text()))
    hang_up(connection)
    return code == 0


@pytest.mark.row("S48")
def test_it_is_reached_behind_tls_by_who_trusts_its_own_authority_and_by_nobody_else(embedded: EmbeddedSlapd) -> None:
    """S48: passwords would go over in the clear, or to whoever answers."""
    process = embedded.start()
    try:
        assert embedded.ldaps_url == f"ldaps://127.0.0.1:{embedded.tls_port}"
        for host in ("127.0.0.1", "localhost"):
            assert binds(embedded, host, embedded.ca_file)
        with pytest.raises(DirectoryUnavailable):
            binds(embedded)  # the system's authorities don't know it
    finally:
        stop(process)


def test_nobody_else_reads_the_key(embedded: EmbeddedSlapd) -> None:
    """Any user of the machine could be the directory."""
    assert stat.S_IMODE((embedded.state / "tls.key").stat().st_mode) == 0o600
    assert not any(path.name.endswith(".new") for path in embedded.state.iterdir())
    assert b"PRIVATE" not in embedded.ca_file.read_bytes()


@pytest.mark.parametrize(("left", "renewed"), [(timedelta(days=61), False), (timedelta(days=59), True)])
def test_a_certificate_that_is_about_to_end_is_replaced_at_a_start(
    embedded: EmbeddedSlapd, left: timedelta, *, renewed: bool
) -> None:
    """After two years every tool would refuse the directory."""
    make_certificate(embedded.state, datetime.now(UTC) - timedelta(days=824) + left)
    before = embedded.ca_file.read_bytes()
    embedded.create()
    assert (embedded.ca_file.read_bytes() != before) is renewed
    process = embedded.start()
    assert binds(embedded, ca_file=embedded.ca_file)
    stop(process)


def test_a_certificate_that_can_not_be_read_is_said(embedded: EmbeddedSlapd) -> None:
    """Slapd would end at once, and nobody know why."""
    (embedded.state / "tls.pem").write_text("no certificate")
    with pytest.raises(ConfigurationError, match="certificate of the embedded directory"):
        embedded.create()


def test_a_directory_that_was_made_without_one_goes_on_without(embedded: EmbeddedSlapd) -> None:
    """A demo of last month would not start any more."""
    configure(embedded, WITHOUT_TLS)
    for name in ("tls.pem", "tls.key", "ca.pem"):
        (embedded.state / name).unlink()
    embedded.create()
    process = embedded.start()
    assert embedded.ldaps_url is None
    assert embedded.answers()
    stop(process)


def test_a_port_that_is_taken_is_said(embedded: EmbeddedSlapd, tmp_path: Path) -> None:
    """Another program would be taken for the directory."""
    other = EmbeddedSlapd(tmp_path / "other", BASE_DN, free_port(), CHEAP)
    other.create()
    process = other.start()
    with pytest.raises(ConfigurationError, match=f"port {other.port} on 127.0.0.1 is taken"):
        replace(embedded, tls_port=other.port).check()
    stop(process)
