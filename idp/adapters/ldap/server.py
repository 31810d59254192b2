"""How to reach a directory, and as whom."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from ldap3 import ANONYMOUS, NONE, SASL, SIMPLE, SYNC, Connection, Server, Tls
from ldap3.core.results import RESULT_SUCCESS

from idp.adapters.ldap.border import border, refusal
from idp.adapters.ldap.deadline import TimedSocket
from idp.errors import DirectoryUnavailable
from idp.tls import verifying_context

if TYPE_CHECKING:
    from pathlib import Path

_START_TLS = "1.3.6.1.4.1.1466.20037"  # RFC 4511 section 4.14

_A_PAGE_S = 60.0
"""A server that looks for few among 1,000,000 entries, by what is not indexed, takes seconds to find them."""


@dataclass(frozen=True, slots=True)
class SimpleBind:
    """An identity with a password.

    Args:
        dn: of its entry.
        password: never empty.
    """

    dn: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SocketIdentity:
    """Whoever runs this process, as the directory sees them on its socket: SASL EXTERNAL over `ldapi://`."""


Identity: TypeAlias = SimpleBind | SocketIdentity


class _VerifiedTls(Tls):
    """TLS 1.2 or later with certificate and host name checked (S48).

    ldap3's own checks nothing unless it is told to, and then names with a function that Python has dropped.
    """

    def __init__(self, ca_file: Path | None) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context = verifying_context(ca_file, "directory.ca_file")

    def wrap_socket(self, connection: Connection, do_handshake: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  # ldap3's signature
        """Shake hands, within the socket's timeout."""
        connection.socket = self._context.wrap_socket(connection.socket, server_hostname=connection.server.host)


@dataclass(frozen=True)
class LdapServer:
    """One server.

    Args:
        url: `ldaps://host[:port]`, `ldapi://` with the socket's path percent-encoded, or `ldap://` on loopback or with StartTLS.
        ca_file: PEM certificates of the authorities to trust with TLS; None: the system's.
        timeout_s: how long to wait for a connection, and for each answer, in seconds.
        start_tls: on `ldap://`, begin TLS before anything else is said.

    Raises:
        ConfigurationError: `ca_file` can't be read.
    """

    url: str
    ca_file: Path | None = None
    timeout_s: float = 5.0
    start_tls: bool = False
    _tls: _VerifiedTls | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        """Read the certificates once: that takes longer than a bind."""
        if self.start_tls or self.url.startswith("ldaps://"):
            object.__setattr__(self, "_tls", _VerifiedTls(self.ca_file))

    def connect(self, identity: Identity | None = None) -> tuple[Connection, int]:
        """Open a connection, to be given to `hang_up` in the end.

        Args:
            identity: whom to bind as; None: nobody yet.

        Returns:
            the connection, and the result of the bind.

        Raises:
            DirectoryUnavailable: no answer within `timeout_s`, or none that makes sense, or no TLS where there is to be some.
        """
        connection = self._prepare(identity)
        try:
            with border():
                connection.open(read_server_info=False)
            if self.start_tls and self._tls is not None:
                ask_for_tls(connection)
                with border():
                    self._tls.wrap_socket(connection)
            connection.socket = TimedSocket(connection.socket, self.timeout_s)
            return connection, RESULT_SUCCESS if identity is None else bind(connection)
        except BaseException:
            hang_up(connection)
            raise

    def _prepare(self, identity: Identity | None) -> Connection:
        # connect_timeout stays on the socket afterwards, so that it holds for the handshake as well. With a schema to check names
        # by, each bind would take 12 ms longer.
        with border():
            server = Server(self.url, get_info=NONE, tls=self._tls, connect_timeout=self.timeout_s)
            connection = Connection(server, auto_bind=False, client_strategy=SYNC, auto_referrals=False, check_names=False)
        match identity:
            case SimpleBind():
                become(connection, identity.dn, identity.password.encode())
            case SocketIdentity():
                connection.authentication, connection.sasl_mechanism = SASL, "EXTERNAL"
                connection.sasl_credentials = ""
            case None:
                connection.authentication = ANONYMOUS
        return connection


def ask_for_tls(connection: Connection) -> None:
    """Have the server begin TLS; the handshake comes next, whatever the server is.

    Nothing that came before it counts: ldap3 keeps no bytes behind an answer, and refuses answers that nobody asked for.

    Raises:
        DirectoryUnavailable: it refuses; or somebody on the way does.
    """
    with border():
        connection.extended(_START_TLS)
        code = int(connection.result["result"])
    if code != RESULT_SUCCESS:
        message = "The directory does not start TLS, and is told nothing in the clear."
        raise DirectoryUnavailable(message) from refusal(code)


def be_patient(connection: Connection) -> Connection:
    """Wait for each of the answers that come now as long as a list may take."""
    connection.socket.timeout_s = max(_A_PAGE_S, connection.socket.timeout_s)
    return connection


def become(connection: Connection, dn: str, password: bytes) -> None:
    """Prepare a simple bind.

    Args:
        connection: any.
        dn: whom to bind as.
        password: UTF-8, never empty. Text would be changed by ldap3 (SASLprep), and only at binds: a password with, say, a
            no-break space in it could be set, but never be used.
    """
    connection.user, connection.password, connection.authentication = dn, password, SIMPLE


def bind(connection: Connection) -> int:
    """Bind as prepared, and give the result's code. The password is forgotten."""
    try:
        with border():
            connection.bind(read_server_info=False)
            return int(connection.result["result"])
    finally:
        connection.password = connection.request = None


def hang_up(connection: Connection) -> None:
    """Close, whatever state it is in. Without an unbind request, which a stopped server could make us wait for."""
    connection.strategy.close()
    if connection.socket is not None:  # it did not come so far as to be open
        connection.socket.close()
