"""docs/production.md, followed from top to bottom, and what stands at its end."""

from __future__ import annotations

import json
import re
import socket
import ssl
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from idp.masking import MASK, SECRET_PATHS
from tests.client_certificates import MadeCertificate
from tests.docs.customer import MAIL, NAME, Application, Customer
from tests.docs.production import DOCUMENT, TREE, Site
from tests.docs.proxy import until_it_answers
from tests.docs.unserved import FORGED, SECRET, Unserved
from tests.system.processes import waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

STEPS = (
    "The machine",
    "The program",
    "The configuration",
    "The directory",
    "The proxy",
    "The processes",
    "The first application, the first user",
)
LATER = ("Applications with a certificate", "Back up", "Restore", "Upgrade", "Out of the load balancer", "New secrets")
STANDS = "/login"  # a page that needs nobody


class Followed(NamedTuple):
    """The site, what each step said, what came of asking in between, Anna, and an application of the vendor's kind."""

    site: Site
    said: dict[str, str]
    unserved: Unserved
    anna: Customer
    vendor: Application


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    """Somebody has followed the document as far as the first user, and Anna has a password."""
    with Site.open_in(tmp_path_factory.mktemp("production")) as site:
        said = {title: site.paste(title) for title in STEPS[:5]}
        unserved = Unserved.ask(site)
        said |= {title: site.paste(title) for title in STEPS[5:]}
        told = json.loads(site.run("idp client add vendor_api --name 'of a test' --json"))
        anna = Customer(site)
        anna.accept_invitation()
        anna.ask_for_password()
        anna.choose_password()
        yield Followed(site, said, unserved, anna, Application(site, **told))


@pytest.fixture
def site(followed: Followed) -> Site:
    """The site, serving; each test leaves it so."""
    return followed.site


def test_all_of_it_is_run(site: Site) -> None:
    """A block that no test runs is a block that fails on somebody's machine first."""
    assert tuple(site.blocks) == (*STEPS, *LATER)


def test_each_step_says_that_it_is_done(followed: Followed) -> None:
    """An operator sees at each step whether to go on."""
    shown, _, added = followed.said["The directory"].partition("added to ")
    assert "changetype: add" in shown
    assert added.endswith("all is well\n")
    assert {line.split()[-1] for line in followed.said["The processes"].splitlines()[1:-1]} == {"ok"}
    assert json.loads(followed.said["The processes"].splitlines()[-1]) == {"directory": "ok", "store": "ok"}
    assert f"{NAME} belongs to Anna de Vries, {MAIL}" in followed.said[STEPS[-1]]
    assert not re.search(r"\[(warn|emerg)\]", (followed.site.folder / "logs" / "error.log").read_text("utf-8"))


def test_nobody_else_reads_what_is_secret(site: Site) -> None:
    """Keys and passwords of a service that everybody on the machine can read are everybody's."""
    modes = {path.relative_to(site.folder): path.stat().st_mode & 0o777 for path in site.folder.glob("[es]t*/**/*")}
    assert {str(path): mode for path, mode in modes.items() if mode & 0o007} == {
        "etc/idp.toml": 0o644, "etc/directory-ca.pem": 0o644, "etc/mail-ca.pem": 0o644, "etc/tls/chain.pem": 0o644,
    }  # fmt: skip
    assert {modes[Path("etc", name)] for name in ("directory-password", "mail-password")} == {0o640}
    assert {(site.folder / name).stat().st_mode & 0o777 for name in ("state", "backups", "etc/tls")} == {0o700}
    assert (site.folder / "etc").stat().st_mode & 0o777 == 0o750


@pytest.mark.row("R17", "S45", "S48")
def test_people_and_applications_are_served_through_the_proxy(followed: Followed) -> None:
    """A customer chooses a password by mail, and applications get in with it: all over TLS, to mail and directory too."""
    assert "Wachtwoord wijzigen" in [mail["Subject"] for mail in followed.anna.mails]
    assert all(mail.was_encrypted for mail in followed.site.mail.delivered)
    answer = followed.vendor.password_grant()
    assert answer.status == 200
    # Each once: nginx says of its own answers what the service says of these.
    assert answer.headers.get_all("Strict-Transport-Security") == ["max-age=63072000"]
    assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert len(answer.headers.get_all("Content-Security-Policy") or ()) == 1
    first = dict(line.split() for line in followed.said[STEPS[-1]].splitlines()[:2])
    assert Application(followed.site, **first).password_grant().status == 200
    browser = "curl --silent --output page --write-out '%{http_version} %{http_code}'"
    assert followed.site.run(f'{browser} --cacert {followed.site.authority.certificate} "$ORIGIN{STANDS}"') == "2 200"


@pytest.mark.row("S35")
def test_no_secret_stands_in_the_proxys_logs(followed: Followed) -> None:
    """Whoever reads logs could choose a customer's password; a program may have spelt the link in its own way."""
    assert followed.unserved.statuses == {503}
    logs = "".join(log.read_text("utf-8") for log in (followed.site.folder / "logs").iterdir())
    for secret in (SECRET, *followed.anna.secrets):
        assert secret not in logs
    for path in SECRET_PATHS:
        assert f'"path":"{path}{MASK}"' in logs
    assert "Connection refused" in logs  # errors are logged, other than theirs


def test_the_way_without_tls_leads_to_tls(site: Site) -> None:
    """A link that was typed without https would end at a dead page, or worse, in the clear."""
    answer = site.beside(site.http_port).open("/reset?x=1", Host="somebody.example")
    assert (answer.status, answer.location) == (301, "https://localhost/reset?x=1")
    ask = ["openssl", "s_client", "-connect", f"127.0.0.1:{site.https_port}", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]
    old = subprocess.run(ask, input="", capture_output=True, text=True, check=False)  # noqa: S603  # our own words
    assert "alert protocol version" in old.stderr


def test_what_is_for_operators_is_not_for_the_world(site: Site) -> None:
    """Figures tell how many customers there are, and states when to try."""
    for path in ("/metrics", "//metrics", "/%6detrics", "/metrics/", "/metrics?x"):
        assert site.visitor().open(path).status == 404, path
    assert "idp_http_requests" in site.beside(site.variables["PORT"]).open("/metrics").text
    assert [site.visitor(address).open("/readyz").status for address in ("127.0.0.1", "127.0.0.2")] == [200, 403]


@pytest.mark.row("S49")
def test_a_visitor_can_not_say_who_they_are(site: Site) -> None:
    """With an address of their choice they would never meet a limit."""
    answer = site.visitor("127.0.0.9").open(STANDS, X_Forwarded_For="203.0.113.7", Forwarded="for=203.0.113.7")
    lines = [json.loads(line) for line in site.said().splitlines() if answer.headers["X-Request-ID"] in line]
    assert [line["network"] for line in lines] == ["127.0.0.9"]


@pytest.mark.row("S49")
def test_what_the_service_believes_is_the_proxys_own(followed: Followed) -> None:
    """The service can't tell a forged word from the proxy's when both come from the proxy."""
    assert FORGED not in followed.unserved.handed_on
    assert re.findall(r"^X-Forwarded-\w+: (.*)\r$", followed.unserved.handed_on, re.MULTILINE) == ["127.0.0.1", "https"]


def test_the_proxy_takes_requests_in_whole(site: Site) -> None:
    """The service has few threads: visitors who never finish a form would have them all, and a huge one its memory."""
    before = site.said()
    huge = site.visitor().post(STANDS, b"x" * (64 * 1024 + 1))
    assert (huge.status, huge.headers["X-Request-ID"]) == (413, None)
    context = ssl.create_default_context(cafile=site.authority.certificate)
    half = f"POST {STANDS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nmail=".encode()
    plain = [socket.create_connection(("127.0.0.1", site.https_port)) for _ in range(12)]
    slow = [context.wrap_socket(each, server_hostname="localhost") for each in plain]
    for each in slow:
        each.sendall(half)
    assert site.visitor().open(STANDS).status == 200
    assert '"POST"' not in site.said()[len(before) :]  # a thread that had one would give it up before it served the page
    for each in slow:
        each.close()


def test_a_backup_brings_back_what_was(followed: Followed) -> None:
    """A disk breaks: applications go on with the tokens of before, and the audit is whole."""
    site, vendor = followed.site, followed.vendor
    before = vendor.refresh_token()
    kept = Path(site.paste("Back up").splitlines()[-1])
    assert {path.name: path.stat().st_mode & 0o777 for path in kept.iterdir()} == dict.fromkeys(
        ("idp.db", "idp.key", "manifest.json", "oauth-keys.json"), 0o600
    )
    since = vendor.refresh_token()
    for file in (site.folder / "state").iterdir():
        file.write_bytes(b"what is left of it")
    assert "the audit trail is whole" in site.paste("Restore")
    assert vendor.refresh(since).json["error"] == "invalid_grant"
    assert vendor.refresh(before).status == 200


def test_an_upgrade_and_the_way_back(followed: Followed) -> None:
    """A new version goes wrong on a Friday, and the old one is a link away.

    Here the new one is the tree, as it is installed to be tested.
    """
    site, vendor = followed.site, followed.vendor
    token = vendor.refresh_token()
    (site.folder / "program" / "next").symlink_to(TREE / ".venv")
    steps = (("next", None, TREE / ".venv"), ("0.1.0", 1, site.folder / "program" / "0.1.0"))
    for version, block, home in steps:
        site.paste("Upgrade", block, VERSION=version)
        for unit in ("koppel-idp-web", "koppel-idp-worker"):
            assert f" {home}/lib/" in loaded(site, unit), unit
        answer = vendor.refresh(token)
        assert answer.status == 200
        token = answer.json["refresh_token"]


def test_the_load_balancer_is_told_to_send_nobody(site: Site) -> None:
    """Visitors who are there go on; no new ones come before the machine is taken down."""
    site.paste("Out of the load balancer", 0)
    assert [site.visitor().open(path).status for path in ("/readyz", STANDS)] == [503, 200]
    site.paste("Out of the load balancer", 1)
    assert site.visitor().open("/readyz").status == 200


def test_the_services_password_is_changed(followed: Followed) -> None:
    """Somebody leaves who knew it: the old one is worth nothing, and nobody else notices."""
    site = followed.site
    old = site.folder / "old-password"
    old.write_bytes((site.folder / "etc" / "directory-password").read_bytes())
    bind = 'LDAPTLS_CACERT="$LDAP_CA" ldapwhoami -x -H "$LDAP" -D "cn=idp,ou=services,$BASE" -y'
    site.run(f"{bind} {old}")
    site.paste("New secrets", 0)
    assert (site.folder / "etc" / "directory-password").stat().st_mode & 0o777 == 0o640
    site.run(f"! {bind} {old} && {bind} $CONFIG/directory-password")
    site.slapd.restart()  # who was connected stays so, whatever password they know
    assert followed.vendor.password_grant().status == 200


def test_the_signing_key_is_changed_while_the_service_works(site: Site) -> None:
    """Others learn of the key before it signs, or all tokens would be refused for minutes."""
    kid = site.paste("New secrets", 1).split()[0]
    assert kid in {key["kid"] for key in site.visitor().open("/oauth/jwks").json["keys"]}


def test_the_certificate_is_changed_while_the_service_works(site: Site) -> None:
    """It ends every few months; nobody may notice."""
    new, _ = site.authority.issue(site.folder / "given", "localhost")
    site.paste("New secrets", 2)
    # `systemctl reload` is done before nginx is.
    assert any(
        ssl.get_server_certificate(("127.0.0.1", site.https_port)).split() == new.read_text("ascii").split() for _ in waiting(10)
    )
    assert site.visitor().open(STANDS).status == 200


@pytest.mark.row("S18", "S49")
def test_an_application_shows_a_certificate(site: Site) -> None:
    """A bank that has nothing else gets in, and nobody who only says that they are that bank."""
    made = MadeCertificate.made()
    certificate, key = made.written(site.folder / "given", "bank")
    site.paste("Applications with a certificate")
    until_it_answers(site.mtls_port)
    told = json.loads(site.run(f"idp client add fapi --name 'A bank' --certificate {certificate} --json"))
    form = {"client_id": told["client_id"], "token": "x"}
    aliases = site.visitor().open("/fapi/.well-known/openid-configuration").json["mtls_endpoint_aliases"]
    sent = " ".join(f"--data {name}={value}" for name, value in form.items())
    curl = f"curl --silent --cacert {site.authority.certificate} {sent} {aliases['introspection_endpoint']}"
    assert json.loads(site.run(f"{curl} --cert {certificate} --key {key}")) == {"active": False}
    assert json.loads(site.run(curl))["error"] == "invalid_client"
    assert site.visitor().post("/fapi/introspect", form, **made.headers()).status == 401


def test_the_morning_look_finds_nothing_to_mend(site: Site) -> None:
    """Whoever is called each morning for nothing stops looking."""
    site.run("systemctl start koppel-idp-check")


def test_the_units_are_what_systemd_wants() -> None:
    """A key that systemd doesn't know is passed over, and protects nothing."""
    units = sorted(str(unit) for unit in (TREE / "config" / "systemd").glob("koppel-idp-*.*er*") if unit.is_file())
    verified = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)  # noqa: S603, S607
    complaints = [line for line in verified.stderr.splitlines() if "/opt/koppel-idp/" not in line]  # they are elsewhere here
    assert complaints == []
    for unit in (unit for unit in units if unit.endswith(".service")):
        judge = ["systemd-analyze", "security", "--offline=true", unit]
        judged = subprocess.run(judge, capture_output=True, text=True, check=True).stdout  # noqa: S603  # our own words
        figure = re.findall(r"Overall exposure level for \S+: (\S+)", judged)[0]
        assert f"{figure}" in ("1.2", "0.8")
        assert figure in DOCUMENT.read_text("utf-8")


def loaded(site: Site, unit: str) -> str:
    """Give what a unit's process has loaded."""
    pid = (site.folder / "run" / f"{unit}.service.pid").read_text("ascii")
    return Path(f"/proc/{pid}/maps").read_text("utf-8")
