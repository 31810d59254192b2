"""nginx as config/nginx has it, with the part that asks for certificates, before a token service in this process."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.client_certificates import MadeCertificate
from tests.contract.directory.certificates import Authority
from tests.docs.proxy import prepare_proxy
from tests.free_ports import free_port
from tests.oauth.world import World
from tests.system.processes import waiting
from tests.system.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIGURATIONS = ("koppel-idp.conf", "koppel-idp.mtls.conf")
OPEN, ASKING, SERVICE = 443, 8443, 8000
"""Where everybody asks, where certificates are asked for, and the service's own port: as the configurations have them."""

STRANGER = "127.0.0.9"
"""An address on this machine that is not the proxy's."""

SAMPLES = Path(__file__).parents[2] / "config" / "nginx"


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  # the base class's
        """Say nothing."""


@dataclass(frozen=True)
class Front:
    """What stands before the service.

    Args:
        folder: of nginx, and of the certificates.
        ports: where nginx and the service listen, by where they usually do.
        world: the service.
        trusted: the authority that nginx trusts.
        authority: of nginx's own certificate.
    """

    folder: Path
    ports: dict[int, int]
    world: World
    trusted: MadeCertificate
    authority: Authority

    @classmethod
    @contextmanager
    def open_in(cls, folder: Path, state: Path) -> Iterator[Front]:
        """Start it, and end it.

        Args:
            folder: empty.
            state: with the keys that tokens are signed with.
        """
        for name in ("nginx", "bin", "units", "logs", "run", "etc", "etc/tls"):
            (folder / name).mkdir()
        ports = {there: free_port() for there in (80, OPEN, ASKING, SERVICE)}
        origins = {"origin": f"https://localhost:{ports[OPEN]}", "mtls_origin": f"https://localhost:{ports[ASKING]}"}
        service = {"trusted_proxies": ("127.0.0.1/32",), **origins}
        world = World.build(state, service=service)
        front = cls(folder, ports, world, MadeCertificate.made("CN=trusted", is_authority=True), Authority.found(folder, "own"))
        server = make_server("127.0.0.1", ports[SERVICE], world.app, threaded=True, request_handler=_Quiet)
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        proxy = front._proxy()
        try:
            front._until_it_answers(proxy)
            yield front
        finally:
            proxy.terminate()
            proxy.wait()
            server.shutdown()
            serving.join()
            server.server_close()
            world.close()

    def visitor(self, port: int, *shown: MadeCertificate, address: str = "127.0.0.1") -> Visitor:
        """Give a program that shows a certificate, those of who issued it behind it, or none.

        Args:
            port: `OPEN`, `ASKING`, or the `SERVICE` itself.
            shown: the certificate, and its issuers.
            address: to ask from.
        """
        origin = "http://127.0.0.1" if port == SERVICE else "https://localhost"
        return Visitor(f"{origin}:{self.ports[port]}", address, self.tls(*shown))

    def tls(self, *shown: MadeCertificate) -> ssl.SSLContext:
        """Give what a program speaks TLS by, that shows a certificate and its issuers', or none."""
        context = ssl.create_default_context(cafile=self.authority.certificate)
        if shown:
            chain, key = shown[0].written(self.folder, "shown")
            chain.write_bytes(b"".join(made.pem for made in shown))
            context.load_cert_chain(chain, key)
        return context

    def is_asked(self, port: int) -> bool:
        """Tell whether who comes to a port of nginx is asked for a certificate."""
        ask = ["openssl", "s_client", "-connect", f"127.0.0.1:{self.ports[port]}", "-msg"]
        said = subprocess.run(ask, input="", capture_output=True, text=True, check=False).stdout  # noqa: S603  # our own words
        assert "ServerHello" in said
        return "CertificateRequest" in said

    def _proxy(self) -> subprocess.Popen[bytes]:
        moved = {"/etc/koppel-idp": f"{self.folder}/etc", "/var/log/nginx": f"{self.folder}/logs"}
        moved |= {"127.0.0.1:8000": f"127.0.0.1:{self.ports[SERVICE]}", "idp.example.nl": "localhost"}
        prepare_proxy(self.folder, {there: self.ports[there] for there in (80, OPEN, ASKING)}, moved)
        tls = self.folder / "etc" / "tls"
        for given, name in zip(self.authority.issue(self.folder, "localhost"), ("chain.pem", "key.pem"), strict=True):
            given.rename(tls / name)
        (tls / "client-authorities.pem").write_bytes(self.trusted.pem)
        for name in CONFIGURATIONS:
            (self.folder / "nginx" / "conf.d" / name).write_bytes((SAMPLES / name).read_bytes())
        return subprocess.Popen([self.folder / "bin" / "nginx", "-g", "daemon off;"])  # noqa: S603  # ours

    def _until_it_answers(self, proxy: subprocess.Popen[bytes]) -> None:
        for _ in waiting(10):
            assert proxy.poll() is None, (self.folder / "logs" / "error.log").read_text("utf-8")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.ports[ASKING])) == 0:
                    return
        raise TimeoutError
