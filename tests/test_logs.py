"""What the logs hold, and what they never hold (S35)."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import threading
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from idp.logs import AUDIT_LOGGER, configure_logging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]
SECRET = "Sw0rdf1sh-vier-losse-woorden"

Lines = list[dict[str, Any]]


@pytest.fixture
def written() -> Iterator[Callable[[str], Callable[[], Lines]]]:
    """Configure logging at a level, and read what was written; all is as before afterwards."""
    root, names = logging.getLogger(), ("idp", "connectors", "gunicorn", AUDIT_LOGGER)
    handlers, levels = root.handlers[:], {name: logging.getLogger(name).level for name in (None, *names)}
    hooks, configuration = (sys.excepthook, threading.excepthook), structlog.get_config()

    def configure(level: str) -> Callable[[], Lines]:
        stream = io.StringIO()
        configure_logging(level, stream)
        return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]

    yield configure
    logging.captureWarnings(capture=False)
    sys.excepthook, threading.excepthook = hooks
    structlog.configure(**configuration)
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_each_line_is_one_object(written: Callable[[str], Callable[[], Lines]]) -> None:
    """Whoever collects logs reads them by line and by key, whichever library wrote them."""
    lines = written("INFO")
    before = datetime.now(UTC)
    structlog.get_logger("idp.worker").info("letter", state="sent", words="two\nlines", when=before, where=Path("var"))
    logging.getLogger("idp.oauth.keys").info("rotated %s", "key\n1", extra={"kid": "abc"})
    structlogs, librarys = lines()
    assert structlogs.items() >= {"event": "letter", "level": "info", "logger": "idp.worker", "state": "sent"}.items()
    assert (structlogs["words"], structlogs["when"], structlogs["where"]) == ("two\nlines", before.isoformat(), "var")
    assert librarys.items() >= {"event": "rotated key\n1", "level": "info", "logger": "idp.oauth.keys", "kid": "abc"}.items()
    for line in (structlogs, librarys):
        written_at = datetime.fromisoformat(line["timestamp"])
        assert written_at.utcoffset() == timedelta()
        assert abs(written_at - before) < timedelta(minutes=1)


def test_lines_of_one_request_belong_together(written: Callable[[str], Callable[[], Lines]]) -> None:
    """Also those of libraries that know nothing of it."""
    lines = written("INFO")
    with structlog.contextvars.bound_contextvars(request_id="7f3a"):
        structlog.get_logger("idp.web").info("one")
        logging.getLogger("werkzeug").warning("two")
    structlog.get_logger("idp.web").info("three")
    assert [line.get("request_id") for line in lines()] == ["7f3a", "7f3a", None]


@pytest.mark.parametrize(
    ("level", "heard"), [("DEBUG", "debug info warning"), ("INFO", "info warning"), ("WARNING", "warning"), ("ERROR", "")]
)
def test_the_level_is_what_was_asked_for(written: Callable[[str], Callable[[], Lines]], level: str, heard: str) -> None:
    """Of our own records, by either way."""
    lines = written(level)
    for logger in (structlog.get_logger("idp.web"), logging.getLogger("idp.oauth")):
        for called in ("debug", "info", "warning"):
            getattr(logger, called)(called)
    assert [line["event"] for line in lines()] == heard.split() * 2


@pytest.mark.row("S35")
@pytest.mark.parametrize("name", ["authlib", "ldap3", "sqlalchemy.engine", "werkzeug", "smtplib", "mail.log", "whatever"])
def test_other_peoples_libraries_are_not_heard_below_warning(written: Callable[[str], Callable[[], Lines]], name: str) -> None:
    """S35: at DEBUG, Authlib writes tokens, ldap3 passwords and aiosmtpd whole mails."""
    lines = written("DEBUG")
    logger = logging.getLogger(name)
    before, propagate = logger.level, logger.propagate
    try:
        logger.propagate = True
        for level in (logging.NOTSET, logging.DEBUG):
            logger.setLevel(level)
            logger.debug("bind with %s", SECRET)
            logger.info("bind with %s", SECRET)
            logger.warning("a warning")
    finally:
        logger.setLevel(before)
        logger.propagate = propagate
    assert [line["event"] for line in lines()] == ["a warning", "a warning"]


def _fail(typed: str) -> None:
    try:
        int(typed)
    except ValueError as exc:
        message = f"{typed} is no number"
        raise LookupError(message) from exc


@pytest.mark.row("S35")
@pytest.mark.parametrize("get_logger", [structlog.get_logger, logging.getLogger])
def test_an_exception_loses_its_words(
    written: Callable[[str], Callable[[], Lines]], get_logger: Callable[[str], logging.Logger]
) -> None:
    """S35: what somebody typed ends up in messages and variables, a password in the name's field included."""
    lines = written("INFO")
    try:
        _fail(SECRET)
    except LookupError:
        get_logger("idp.web").exception("it failed", stack_info=True)
    (line,) = lines()
    assert SECRET not in json.dumps(line)
    assert [one["kind"] for one in line["exception"]] == ["LookupError", "ValueError"]
    assert all(frame.startswith(f"{__file__}:") for one in line["exception"] for frame in one["where"])
    assert len(line["exception"][0]["where"]) == 2
    assert not {"exc_info", "stack", "stack_info"} & set(line)


@pytest.mark.row("S35")
def test_an_exception_is_no_value_either(written: Callable[[str], Callable[[], Lines]]) -> None:
    """S35: nor is any other thing that would have to be printed to be written."""
    lines = written("INFO")
    structlog.get_logger("idp.web").info("it failed", reason=ValueError(SECRET), thing=Path, raw=SECRET.encode())
    assert lines()[0].items() >= {"reason": "ValueError", "thing": "type", "raw": "bytes"}.items()


@pytest.mark.row("S35")
@pytest.mark.parametrize(
    "key", ["password", "new_password", "passwd", "wachtwoord", "client_secret", "access_token", "Authorization", "Set-Cookie",
            "credentials", "client_assertion", "code_verifier", "private_key"],
)  # fmt: skip
def test_a_key_that_is_called_like_a_secret_loses_its_value(written: Callable[[str], Callable[[], Lines]], key: str) -> None:
    """S35: the last net, for the line that nobody thought about."""
    lines = written("INFO")
    structlog.get_logger("idp.web").info("form", **{key: SECRET}, nested={"form": [{key: [SECRET]}]})
    logging.getLogger("idp.web").info("form", extra={key: SECRET})
    with structlog.contextvars.bound_contextvars(**{key: SECRET}):
        structlog.get_logger("idp.web").info("form")
    assert SECRET not in json.dumps(lines())
    assert [line[key] for line in lines()] == ["***"] * 3


def test_a_count_is_no_secret(written: Callable[[str], Callable[[], Lines]]) -> None:
    """How many were deleted must be readable."""
    lines = written("INFO")
    structlog.get_logger("idp.worker").info("expired", refresh_tokens=3, secret_age_s=1.5, token=None)
    assert lines()[0].items() >= {"refresh_tokens": 3, "secret_age_s": 1.5, "token": None}.items()


@pytest.mark.row("S35")
@pytest.mark.parametrize("path", ["/reset/password/", "/not-me/", "/login/password/", "/reset?ticket="])
def test_an_address_loses_its_secret(written: Callable[[str], Callable[[], Lines]], path: str) -> None:
    """S35: gunicorn and Flask name the address of a request that they fail on."""
    lines = written("INFO")
    logging.getLogger("gunicorn.error").error("Error handling request %s", f"{path}{SECRET}")
    structlog.get_logger("idp.web").info("link", url=f"https://koppel.example.nl{path}{SECRET}", seen=[f"{path}{SECRET}"])
    assert SECRET not in json.dumps(lines())
    assert lines()[0]["event"].startswith("Error handling request /")


@pytest.mark.row("S35")
def test_a_line_that_can_not_be_written_is_named(
    written: Callable[[str], Callable[[], Lines]], capsys: pytest.CaptureFixture[str]
) -> None:
    """S35: the standard library would print the arguments instead."""
    lines = written("INFO")
    logging.getLogger("idp.oauth").info("only %d", SECRET)
    structlog.get_logger("idp.web").info("a key", keys={("a", SECRET): 1})
    assert [(line["event"], line["logger"]) for line in lines()] == [
        ("log_record_lost", "idp.oauth"),
        ("log_record_lost", "idp.web"),
    ]
    assert SECRET not in "".join(capsys.readouterr())


def test_a_warning_is_a_line_too(written: Callable[[str], Callable[[], Lines]]) -> None:
    """Everything in the file can be read by line."""
    lines = written("INFO")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("this will change", DeprecationWarning, stacklevel=1)
    assert [(line["logger"], line["level"]) for line in lines()] == [("py.warnings", "warning")]


def test_configuring_twice_writes_once(written: Callable[[str], Callable[[], Lines]]) -> None:
    """The second stream is the one."""
    first, second = written("INFO"), written("INFO")
    structlog.get_logger("idp.web").info("once")
    assert (len(first()), len(second())) == (0, 1)


@pytest.mark.row("S35")
@pytest.mark.parametrize("thread", ["", "import threading; fail = threading.Thread(target=fail).start\n"])
def test_what_nobody_caught_is_a_line_without_words(thread: str) -> None:
    """S35: the interpreter would print message and source."""
    program = (
        "import sys; from idp.logs import AUDIT_LOGGER, configure_logging; configure_logging('INFO', sys.stderr)\n"
        f"def fail(): raise ValueError('{SECRET}')\n{thread}fail()\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, cwd=ROOT)  # noqa: S603  # ours
    (line,) = [json.loads(line) for line in ran.stderr.splitlines()]
    assert (line["event"], line["level"], line["exception"][0]["kind"]) == ("uncaught", "critical", "ValueError")
    assert SECRET not in ran.stderr


@pytest.mark.parametrize("level", ["DEBUG", "ERROR"])
def test_what_is_said_of_the_audit_trail_is_heard_at_every_level(
    written: Callable[[str], Callable[[], Lines]], level: str
) -> None:
    """Whoever wants a quiet log would lose the evidence against whoever has the database."""
    lines = written(level)
    structlog.get_logger(AUDIT_LOGGER).info("audit.segment-sealed", writer="web", segment=1, records=2, head="ab12")
    structlog.get_logger("idp.worker").info("letter")
    said = {"event": "audit.segment-sealed", "writer": "web", "segment": 1, "records": 2, "head": "ab12"}
    assert lines()[0].items() >= said.items()
    assert len(lines()) == (2 if level == "DEBUG" else 1)
