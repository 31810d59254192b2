"""nginx, as Debian starts it, below a folder: it serves what is in `nginx/conf.d`, on other ports and with other folders."""

from __future__ import annotations

import getpass
import os
import socket
from typing import TYPE_CHECKING

from tests.system.processes import waiting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROXY_UNIT = "nginx"
_PROGRAM = "/usr/sbin/nginx"
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def until_it_answers(*ports: int) -> None:
    """Wait until it listens: it is told to start, or to read its configuration again, and does so by itself.

    Raises:
        TimeoutError: it doesn't within ten seconds.
    """
    for _ in waiting(10):
        if all(_is_open(port) for port in ports):
            return
    raise TimeoutError


def prepare_proxy(folder: Path, ports: Mapping[int, int], moved: Mapping[str, str]) -> None:
    """Write its main configuration, its unit, and a command `nginx` that means this one.

    Args:
        folder: with `nginx`, `bin`, `units`, `logs` and `run` in it.
        ports: of the machine, by those that configurations name.
        moved: folders that configurations name, and where they are instead.
    """
    for name in ("nginx/conf.d", "nginx/sites-enabled", "run/served"):
        (folder / name).mkdir()
    main, served = folder / "nginx" / "nginx.conf", folder / "run" / "served"
    main.write_text(_main(folder, served), "utf-8")
    listened = {f"listen {there}{end}": f"listen 127.0.0.1:{here}{end}" for there, here in ports.items() for end in (" ", ";")}
    changes = {**listened, **moved}
    edits = " ".join(f"-e 's#{old}#{new}#g'" for old, new in changes.items())
    command = folder / "bin" / "nginx"
    command.write_text(
        f"#!/bin/sh\nset -eu\nfor file in {folder}/nginx/conf.d/*.conf; do\n"
        f'    [ ! -e "$file" ] || sed -e \'/listen \\[::\\]/d\' {edits} "$file" > {served}/"${{file##*/}}"\ndone\n'
        f'exec {_PROGRAM} -e {folder}/logs/error.log -c {main} "$@"\n',
        "utf-8",
    )
    command.chmod(0o755)
    reload = f"ExecReload={command} -t\nExecReload=/bin/kill -HUP $MAINPID\n"
    unit = f"[Service]\nType=exec\nExecStart={command} -g 'daemon off;'\n{reload}"
    (folder / "units" / f"{PROXY_UNIT}.service").write_text(unit, "utf-8")


def _main(folder: Path, served: Path) -> str:
    paths = "".join(f"    {name}_temp_path {folder}/run/{name};\n" for name in _TEMPORARY)
    # Only root may choose; its processes then see this folder, which is root's alone.
    user = f"user {getpass.getuser()};\n" if os.geteuid() == 0 else ""
    return (
        f"{user}worker_processes 1;\npid {folder}/run/nginx.pid;\nerror_log {folder}/logs/error.log;\nevents {{}}\n"
        f"http {{\n    access_log {folder}/logs/access.log;\n{paths}    include {served}/*.conf;\n}}\n"
    )


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
