"""The settings: what an operator writes is what runs, and what is wrong is named."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors import BUILT_IN, Connector
from connectors.base import ASSUMED
from idp.errors import ConfigurationError
from idp.settings import ConnectorSettings, LimitSettings, Settings, known_keys, load_settings, read_secret

EXAMPLE = Path(__file__).parents[1] / "config" / "idp.toml"
KEY = re.compile(r"^#(\w+ = .*)$", re.MULTILINE)
SECRET = "Sw0rdf1sh"

Load = Callable[[str], Settings]


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("IDP_"):
            monkeypatch.delenv(name)


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Write a file and read it."""

    def read(toml: str) -> Settings:
        path = tmp_path / "idp.toml"
        path.write_text(toml, encoding="utf-8")
        return load_settings(path)

    return read


def _flat(settings: Settings) -> dict[str, Any]:
    document = settings.model_dump()
    return {key: document[key.partition(".")[0]][key.partition(".")[2]] for key in known_keys()}


def _example() -> str:
    return EXAMPLE.read_text(encoding="utf-8")


def _examples_keys() -> dict[str, Any]:
    document = tomllib.loads(KEY.sub(r"\1", _example()))
    return {f"{section}.{key}": value for section, keys in document.items() for key, value in keys.items()}


# ---- the file that explains every key ----------------------------------------------------------------------------------------


def test_every_key_is_explained() -> None:
    """What an operator can't find there, they can't set."""
    assert sorted(_examples_keys()) == sorted(known_keys())


def test_what_it_shows_is_the_default() -> None:
    """An operator who leaves a line as it is relies on it."""
    document = tomllib.loads(KEY.sub(r"\1", _example()))
    # These two are looked into at once.
    document["brand"] |= {"file": EXAMPLE.with_name("brand.toml"), "logo": EXAMPLE.parent.parent / "idp/web/static/icon.svg"}
    shown = Settings.model_validate(document)
    without_default = {key for key, value in _flat(Settings()).items() if value is None}
    assert without_default == {
        "directory.url", "directory.password_file", "directory.ca_file", "store.url", "mail.host", "mail.ca_file",
        "mail.username", "mail.password_file", "oauth.key_folder", "service.mtls_origin", "brand.file", "brand.logo",
    }  # fmt: skip
    for key, value in _flat(shown).items():
        assert (value is not None) if key in without_default else (value == _flat(Settings())[key]), key
    for key in without_default:
        paragraph = next(
            part for part in _example().split("\n\n") if re.search(rf"^#{key.partition('.')[2]} =", part, re.MULTILINE)
        )
        assert "example" in paragraph, key


def test_as_it_stands_it_changes_nothing(load: Load) -> None:
    """Whoever copies it and sets what must be set runs with the defaults."""
    assert load(_example()) == Settings()


def test_what_must_be_set_is_marked_and_enough(load: Load) -> None:
    """The shortest configuration that a production site can have."""
    parts = [part for part in _example().split("\n\n") if "MUST" in part and KEY.search(part)]
    must = {key for part in parts for key in re.findall(r"^#(\w+) = ", part, re.MULTILINE)}
    assert must >= {"origin", "url", "password_file", "host", "from_address"}
    settings = load("""
        [service]
        origin = "https://koppel.example.nl"
        [directory]
        url = "ldaps://ldap.example.nl"
        password_file = "/etc/koppel-idp/directory-password"
        [mail]
        host = "smtp.example.nl"
        from_address = "noreply@example.nl"
    """)
    assert settings.mail.tls == "starttls"


@pytest.mark.parametrize("limit", [key for key in LimitSettings.model_fields if key != "storage"])
def test_what_to_do_about_each_limit_is_said(limit: str) -> None:
    """An operator whose bank gets 429 finds the key in the log, and nowhere else."""
    section = (EXAMPLE.parents[1] / "docs" / "operations.md").read_text("utf-8").partition("\n## Too often\n")[2]
    assert f"`{limit}`" in section.partition("\n## ")[0]


@pytest.mark.parametrize("connector", BUILT_IN, ids=lambda connector: connector.id)
def test_what_is_only_assumed_can_be_configured(connector: Connector) -> None:
    """A bank tells otherwise than we guessed, and the operator who believes the list is refused at the start."""
    assumed = {fact for fact, source in connector.sources.items() if ASSUMED in source}
    assert assumed <= set(ConnectorSettings.model_fields)


def test_the_example_of_a_connectors_facts_is_right(load: Load) -> None:
    """It names every fact that can be configured, in a form that is taken."""
    lines = [line.removeprefix("# ") for line in _example().splitlines() if re.match(r"# (\[connectors\.|\w+ = )", line)]
    settings = load("\n".join(lines))
    assert set(settings.connector_changes["basecone"]) == set(ConnectorSettings.model_fields)


# ---- what is wrong is named --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("[mial]\nhost = 'x'", "unknown key mial; did you mean mail?"),
        ("[mail]\nhots = 'x'", "unknown key mail.hots; did you mean mail.host?"),
        ("[mail]\ntime_out_s = 1", "unknown key mail.time_out_s; did you mean mail.timeout_s?"),
        ("[limits]\nreset_names = '1 per day'", "unknown key limits.reset_names; did you mean limits.reset_name?"),
        (
            "[connectors.basecone]\ngrnats = []",
            "unknown key connectors.basecone.grnats; did you mean connectors.basecone.grants?",
        ),
        ("qqq = 1", "unknown key qqq"),
        ("self = 1", "unknown key self"),
        ("_env_file = 'x'", "unknown key _env_file"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_right_one(load: Load, toml: str, sentence: str) -> None:
    """A key that is silently ignored is a limit, or a certificate, that nobody checks."""
    with pytest.raises(ConfigurationError, match=f"^{re.escape(sentence)}$"):
        load(toml)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("IDP_MAIL__HOTS", "unknown environment variable IDP_MAIL__HOTS; did you mean IDP_MAIL__HOST?"),
        ("IDP_MAIL_HOST", "unknown environment variable IDP_MAIL_HOST; did you mean IDP_MAIL__HOST?"),
        ("idp_mail__hots", "unknown environment variable idp_mail__hots; did you mean IDP_MAIL__HOST?"),
        ("IDP_MAIL", "unknown environment variable IDP_MAIL; did you mean IDP_MAIL__TLS?"),
        ("IDP_CONNECTORS__BASECONE__GRANTS", "unknown environment variable IDP_CONNECTORS__BASECONE__GRANTS"),
    ],
)
def test_an_unknown_variable_is_named_with_the_nearest_right_one(
    load: Load, monkeypatch: pytest.MonkeyPatch, name: str, sentence: str
) -> None:
    """As with keys."""
    monkeypatch.setenv(name, SECRET)
    with pytest.raises(ConfigurationError, match=f"^{re.escape(sentence)}$"):
        load("")


def test_the_command_lines_own_variables_are_left_alone(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """They name the file, and who somebody is."""
    for name in ("IDP_CONFIG", "IDP_AS", "IDP_PASSWORD_FILE"):
        monkeypatch.setenv(name, "x")
    assert load("") == Settings()


@pytest.mark.row("S35")
@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("service", "port", SECRET),
        ("service", "port", 70000),
        ("service", "origin", f"https://{SECRET}/path"),
        ("service", "origin", f"http://{SECRET}"),
        ("service", "origin", "HTTPS://Login.Example"),
        ("service", "origin", f"https://anna:{SECRET}@login.example"),
        ("service", "origin", "https://login.example:99999"),
        ("service", "listen", ""),
        ("service", "listen", SECRET),
        ("service", "trusted_proxies", [SECRET]),
        ("service", "trusted_proxies", ["10.0.0.1/8"]),
        ("service", "metrics_networks", SECRET),
        ("service", "time_zone", SECRET),
        ("service", "time_zone", "Europe"),
        ("service", "time_zone", f"/{SECRET}"),
        ("service", "log_level", SECRET),
        ("brand", "phone", f"{SECRET}\n"),
        ("brand", "products", SECRET),
        ("directory", "url", SECRET),
        ("directory", "url", f"ldap://{SECRET}"),
        ("directory", "url", "ldaps://"),
        ("directory", "url", "ldap://127.0.0.1:abc"),
        ("brand", "canonical_realm", ""),
        ("brand", "canonical_realm", f"@{SECRET}"),
        ("brand", "realm_aliases", [""]),
        ("limits", "storage", f"redsi://:{SECRET}@127.0.0.1"),
        ("limits", "storage", f"redis://:{SECRET}@127.0.0.1"),
        ("directory", "timeout_s", 0),
        ("mail", "host", ""),
        ("mail", "tls", SECRET),
        ("brand", "name", f"{SECRET}\r\nBcc: eve@example.org"),
        ("mail", "subject", f"{SECRET}\x00"),
        ("reset", "message", SECRET),
        ("limits", "reset_name", SECRET),
        ("limits", "token_failures", f"3 per {SECRET}"),
        ("limits", "login_mail", 3),
        ("limits", "mailbox_per_day", 0),
        ("connectors", "basecone", SECRET),
    ],
)
def test_a_wrong_value_is_named_and_not_printed(section: str, key: str, value: object, load: Load) -> None:
    """S35: a secret in the wrong place must not end up on a screen and in a log; and nothing is noticed only at a request."""
    with pytest.raises(ConfigurationError, match=f"^{section}[.]{key}") as error:
        load(f"[{section}]\n{key} = {json.dumps(value)}")
    assert SECRET not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__
    assert "Value error" not in str(error.value)


@pytest.mark.row("S48")
@pytest.mark.parametrize("url", ["ldaps://ldap.example.nl", "ldapi://%2Frun%2Fldapi"])
def test_start_tls_is_for_plain_ldap_alone(url: str, load: Load) -> None:
    """S48: who has mixed two ways up hears it at the start."""
    with pytest.raises(ConfigurationError, match=r"^directory\.url: start_tls is for ldap:// only"):
        load(f"[directory]\nurl = '{url}'\nstart_tls = true")


@pytest.mark.row("S48")
def test_plain_ldap_to_another_machine_wants_start_tls(load: Load) -> None:
    """S48: passwords never cross a network in the clear."""
    with pytest.raises(
        ConfigurationError, match=r"^directory\.url: plain ldap:// is for loopback only; use ldaps://, or start_tls"
    ):
        load("[directory]\nurl = 'ldap://ldap.example.nl'")
    assert load("[directory]\nurl = 'ldap://ldap.example.nl'\nstart_tls = true").directory.start_tls
    assert load("[directory]\nurl = 'ldap://127.0.0.1:3890'\nstart_tls = true").directory.start_tls


def test_all_that_is_wrong_is_named_at_once(load: Load) -> None:
    """Who mends one fault at a time starts as often."""
    with pytest.raises(ConfigurationError, match=r"service\.port: .*; mail\.tls: .*"):
        load("[service]\nport = 0\n[mail]\ntls = 'maybe'")


@pytest.mark.parametrize("content", ["[mail", f"password = {SECRET}", f"x = '{SECRET}", f"[mail]\nhost = 'x'\nhost = '{SECRET}'"])
def test_a_file_that_is_no_toml_is_named(load: Load, tmp_path: Path, content: str) -> None:
    """With the line, without what stands in it."""
    with pytest.raises(ConfigurationError, match=str(tmp_path)) as error:
        load(content)
    assert SECRET not in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A service that ran with the defaults instead would talk to nobody, or to the wrong ones."""
    with pytest.raises(ConfigurationError, match=str(tmp_path / "nowhere.toml")):
        load_settings(tmp_path / "nowhere.toml")


@pytest.mark.row("S48")
@pytest.mark.parametrize("host", ["smtp.example.nl", "10.0.0.1", "::2", "127.example.nl"])
def test_mail_goes_in_the_clear_within_this_machine_only(load: Load, host: str) -> None:
    """S48, for mail: every reset link could be read on the way."""
    with pytest.raises(ConfigurationError, match=r"^mail\.tls: .*starttls"):
        load(f"[mail]\nhost = '{host}'\ntls = 'none'")
    for here in ("localhost", "127.0.0.1", "::1"):
        assert load(f"[mail]\nhost = '{here}'\ntls = 'none'").mail.tls == "none"


# ---- the environment ---------------------------------------------------------------------------------------------------------


def test_the_environment_wins_over_the_file(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers are configured by it; the rest of the section stays the file's."""
    monkeypatch.setenv("IDP_MAIL__HOST", "smtp.example.nl")
    monkeypatch.setenv("IDP_LIMITS__MAILBOX_PER_DAY", "7")
    monkeypatch.setenv("IDP_BRAND__REALM_ALIASES", '["a.nl", "b.nl"]')
    settings = load("[mail]\nhost = 'other.example.nl'\nport = 25\n[limits]\nmailbox_per_day = 3")
    assert (settings.mail.host, settings.mail.port) == ("smtp.example.nl", 25)
    assert settings.limits.mailbox_per_day == 7
    assert settings.brand.realm_aliases == ("a.nl", "b.nl")


@pytest.mark.parametrize("value", [SECRET, "1", f'"{SECRET}"', f'{{"{SECRET}": 1}}', "["])
def test_a_list_that_is_none_is_named(load: Load, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """A sentence and not a traceback."""
    monkeypatch.setenv("IDP_BRAND__PRODUCTS", value)
    with pytest.raises(ConfigurationError, match=r"^IDP_BRAND__PRODUCTS: ") as error:
        load("")
    assert SECRET not in str(error.value)


@pytest.mark.parametrize("value", ["nonsense", "0", ""])
def test_a_wrong_value_in_the_environment_is_named_by_its_key(load: Load, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """As in the file."""
    monkeypatch.setenv("IDP_SERVICE__PORT", value)
    with pytest.raises(ConfigurationError, match=r"^service\.port: "):
        load("")


# ---- secrets -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_is_read_without_its_lines_end(tmp_path: Path, end: str) -> None:
    """Editors put one there; a blank at the end may belong to a password."""
    file = tmp_path / "password"
    file.write_bytes(f" {SECRET} {end}".encode())
    assert read_secret(file) == f" {SECRET} "


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_a_secret_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    """An empty password would be an anonymous bind."""
    file = tmp_path / "password"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=str(file)):
        read_secret(file)


def test_a_secret_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A sentence and not a traceback."""
    with pytest.raises(ConfigurationError, match=str(tmp_path / "nowhere")):
        read_secret(tmp_path / "nowhere")


def test_what_was_read_can_not_be_changed(load: Load) -> None:
    """Two parts of one process must not see two configurations."""
    settings = load("")
    with pytest.raises(ValueError, match="frozen"):
        settings.mail.port = 25  # type: ignore[misc]  # what is shown
