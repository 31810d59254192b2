"""The recipes that turn slapd's log up and down while it runs: it tells who did what, and no password."""

from __future__ import annotations

import base64
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.docs.office import Office
from tests.docs.recipe import recipes
from tests.docs.syslog import Syslog
from tests.system.two_ways import PASSWORD, PORTAL_PASSWORD, Customer

if TYPE_CHECKING:
    from pathlib import Path

RECIPES = recipes()
NEW_PASSWORD = "een wachtzin voor de beheerder"
WRONG = "een verkeerde wachtzin 4716"


@pytest.mark.row("S35")
@pytest.mark.parametrize("way", ["on_the_server", "admin"])
def test_the_log_tells_what_happens_and_no_password(tmp_path: Path, way: str) -> None:
    """Whoever looks for a fault would see nothing, or see everybody's passwords; or the log would grow for ever."""
    with Syslog.listening(tmp_path) as syslog, Office.opened(tmp_path, syslog.before) as office:
        desk = getattr(office, way)(tmp_path)
        bind(office, "before")
        desk.paste(RECIPES["Turn the logs up"].block)
        customer = busy(office, tmp_path)
        bind(office, "meanwhile")
        desk.paste(RECIPES["Turn the logs down"].block)
        bind(office, "afterwards")
        secrets = {office.slapd.embedded.admin_password_file.read_text(), office.slapd.embedded.service_password_file.read_text()}
    told = "\n".join(syslog.said)
    assert f'BIND dn="{customer.dn}" method=128' in told
    assert f'MOD dn="{customer.dn}"' in told
    assert "attr=userPassword pwdReset" in told
    assert f'PASSMOD id="{customer.dn}"' in told
    assert "RESULT tag=97 err=49" in told
    assert "uid=meanwhile" in told
    assert "uid=before" not in told
    assert "uid=afterwards" not in told
    for secret in {PASSWORD, NEW_PASSWORD, PORTAL_PASSWORD, WRONG, *secrets}:
        assert secret not in told
        assert base64.b64encode(secret.encode()).decode() not in told
    assert "ARGON2" not in told


def bind(office: Office, name: str) -> None:
    """Try a password."""
    words = ["ldapwhoami", "-x", "-H", office.slapd.embedded.ldapi_url, "-D", f"uid={name},dc=u4bsw,dc=nl", "-w", WRONG]
    assert subprocess.run(words, check=False, capture_output=True).returncode != 0  # noqa: S603  # our own words


def busy(office: Office, folder: Path) -> Customer:
    """Do all that has to do with passwords: tokens, a portal, and an admin's recipes."""
    customer = Customer.begin(office.service)
    assert customer.ask(WRONG) == {}
    desk = office.admin(folder).about(customer.user.uid)
    desk.write("new-password.txt", NEW_PASSWORD)
    for title in ("Set a password", "Set a password with ldappasswd", "Find"):
        desk.paste(RECIPES[title].block)
    assert customer.ask(NEW_PASSWORD)
    return customer
