"""Debian's Apache with mod_auth_openidc before a page, in a folder of its own; never the system's own service."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.free_ports import free_port
from tests.system.processes import waiting
from tests.system.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.interop.application import Application

BACK, PAGE, OUT = "/back", "/index.html", "/out.html"
_TIMEOUT_S = 20
_CONFIGURATION = """
ServerRoot {folder}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
LogLevel info
User www-data
Group www-data
DefaultRuntimeDir {folder}
Mutex posixsem
DocumentRoot {folder}/pages
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authn_core_module /usr/lib/apache2/modules/mod_authn_core.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so
LoadModule auth_openidc_module /usr/lib/apache2/modules/mod_auth_openidc.so

OIDCProviderMetadataURL {application.issuer}/.well-known/openid-configuration
OIDCClientID {application.client_id}
OIDCClientSecret {application.client_secret}
OIDCProviderTokenEndpointAuth {application.auth}
OIDCRedirectURI {application.redirect_uri}
OIDCCryptoPassphrase of-this-folder
OIDCScope "{application.scope}"
OIDCPKCEMethod S256
OIDCResponseMode {mode}
OIDCRemoteUserClaim preferred_username
OIDCInfoHook access_token id_token userinfo refresh_token
OIDCCacheType file
OIDCCacheDir {folder}/cache

<Location />
AuthType openid-connect
Require user {username}
</Location>
<Location {OUT}>
AuthType None
Require all granted
</Location>
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A site that only one koppelgebruiker's owner sees.

    Args:
        url: where it is.
        folder: its configuration, log and cache.
    """

    url: str
    folder: Path

    @property
    def log(self) -> str:
        """What went wrong."""
        return (self.folder / "error.log").read_text(encoding="utf-8")


@contextmanager
def running_site(application: Application, port: int, mode: str, username: str) -> Iterator[Site]:
    """Run it for a while.

    Args:
        application: what it is registered as.
        port: of its redirect address.
        mode: how it wants its answer (`response_mode`).
        username: whom it lets in.
    """
    # Started by root it becomes www-data, who may not enter the folders that pytest makes.
    with tempfile.TemporaryDirectory(prefix="koppel-idp-apache-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        _furnish(folder, application, port, mode, username)
        url = f"http://127.0.0.1:{port}"
        with subprocess.Popen(["apache2", "-f", str(folder / "apache.conf"), "-D", "FOREGROUND"]) as process:  # noqa: S603, S607  # ours
            try:
                _wait(process, url)
                yield Site(url, folder)
            finally:
                process.terminate()


def new_address() -> tuple[int, str, str]:
    """Give a port, and where a site there is led back to from a login, and from a logout."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    return port, origin + BACK, origin + OUT


def _furnish(folder: Path, application: Application, port: int, mode: str, username: str) -> None:
    for name in ("pages", "cache"):
        (folder / name).mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder / "cache", "www-data")
    for path, word in ((PAGE, "Binnen"), (OUT, "Buiten")):
        (folder / "pages" / path[1:]).write_text(f"<!doctype html><title>Site</title><main>{word}</main>", encoding="utf-8")
    configuration = _CONFIGURATION.format(
        folder=folder, application=application, port=port, mode=mode, username=username, OUT=OUT
    )
    (folder / "apache.conf").write_text(configuration, encoding="utf-8")


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    for _ in waiting(_TIMEOUT_S):
        if process.poll() is not None:
            break
        try:
            Visitor(url).open(PAGE)
        except OSError:
            continue
        return
    message = f"no Apache answers at {url}"
    raise RuntimeError(message)
