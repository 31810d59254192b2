"""The rules of a test run hold: each is shown in a small run of its own."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.docs.asvs import named_tests
from tests.plugins.loopback import LeftThisMachine

pytest_plugins = ["pytester"]

OPTIONS = ("-p", "tests.plugins.rows", "-p", "tests.plugins.no_skips", "-o", "markers=row")


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Give a folder for a run that knows the plugins."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # what the small runs don't need costs each a second
    return pytester


def test_row_runs_exactly_the_tests_of_that_row(run: pytest.Pytester) -> None:
    """Who asks for R12 must not believe that R1's tests, or none, were R12's."""
    run.makepyfile("""
        import pytest
        @pytest.mark.row("R12", "S29")
        def test_both(): pass
        @pytest.mark.row("R1")
        def test_other(): raise AssertionError
        def test_none(): raise AssertionError
    """)
    for row in ("R12", "s29"):
        run.runpytest_subprocess(*OPTIONS, "--row", row).assert_outcomes(passed=1, deselected=2)


def test_a_row_without_a_test_is_an_error(run: pytest.Pytester) -> None:
    """A typing error in the row's name must not look like success."""
    run.makepyfile("def test_none(): pass")
    result = run.runpytest_subprocess(*OPTIONS, "--row", "R12")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*no test shows row R12*"])


def test_a_marker_that_names_no_row_is_an_error(run: pytest.Pytester) -> None:
    """A test marked R012 would never be run for R12."""
    run.makepyfile("""
        import pytest
        @pytest.mark.row("R012")
        def test_it(): pass
    """)
    result = run.runpytest_subprocess(*OPTIONS)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*'R012' is no row*"])


@pytest.mark.parametrize(
    "module",
    [
        "import pytest\ndef test_it(): pytest.skip('not today')",
        "import pytest\npytest.skip('not today', allow_module_level=True)",
        "import pytest\n@pytest.mark.xfail\ndef test_it(): raise AssertionError",
        "import pytest\n@pytest.mark.xfail\ndef test_it(): pass",
    ],
    ids=["test", "module", "expected to fail", "passes though expected to fail"],
)
@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "1")], ids=["alone", "with workers"])
def test_a_run_that_skipped_something_has_not_passed(run: pytest.Pytester, module: str, workers: tuple[str, ...]) -> None:
    """A green run must mean that everything was seen to work."""
    run.makepyfile(test_passing="def test_passing(): pass", test_module=module)
    result = run.runpytest_subprocess(*OPTIONS, *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*this run has not passed*"])


def test_a_run_that_skipped_nothing_passes(run: pytest.Pytester) -> None:
    """The rule may not turn every run red."""
    run.makepyfile("def test_passing(): pass")
    assert run.runpytest_subprocess(*OPTIONS).ret == pytest.ExitCode.OK


NAMED = ("-p", "tests.plugins.rows", "-p", "tests.plugins.named", "-o", "markers=row")
FILE = "tests/test_never_used.py"  # docs/asvs.md names tests of it


def make_named(run: pytest.Pytester, leave_out: int = 0) -> None:
    """Write a file that has the tests that the document names of it, but for some."""
    names = sorted(test.partition("::")[2] for test in named_tests() if test.startswith(f"{FILE}::"))
    assert len(names) > 1
    (run.mkdir("tests") / "test_never_used.py").write_text(
        "\n".join(f"def {name}(): pass" for name in [*names[leave_out:], "test_another"]), encoding="utf-8"
    )


def test_a_run_that_passes_what_is_named_passes(run: pytest.Pytester) -> None:
    """The rule may not turn every run red, nor that of a file in which nothing is named."""
    make_named(run)
    assert run.runpytest_subprocess(*NAMED, "-p", "xdist", "-n", "1", FILE).ret == pytest.ExitCode.OK
    run.makepyfile(test_other="def test_other(): pass")
    assert run.runpytest_subprocess(*NAMED, "test_other.py").ret == pytest.ExitCode.OK


@pytest.mark.parametrize(
    ("place", "workers"),
    [(FILE, ()), ("tests", ()), (".", ("-p", "xdist", "-n", "1"))],
    ids=["file", "folder", "all, with workers"],
)
def test_a_named_test_that_is_gone_fails_the_run(run: pytest.Pytester, place: str, workers: tuple[str, ...]) -> None:
    """What docs/asvs.md calls met would be shown by nothing."""
    make_named(run, leave_out=1)
    result = run.runpytest_subprocess(*NAMED, *workers, place)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*named in docs/asvs.md, and not passed*", f"{FILE}::*"])


def test_a_named_test_that_is_deselected_fails_the_run_unless_somebody_chose(run: pytest.Pytester) -> None:
    """A marker that is left out by default would take the proof away, and every run would be green."""
    make_named(run)
    assert run.runpytest_subprocess(*NAMED, "-k", "another", FILE).ret == pytest.ExitCode.OK
    assert run.runpytest_subprocess(*NAMED, f"{FILE}::test_another").ret == pytest.ExitCode.OK
    assert run.runpytest_subprocess(*NAMED, "--ignore", FILE, "tests").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    run.makeconftest("def pytest_collection_modifyitems(items): items.pop(0)")
    assert run.runpytest_subprocess(*NAMED, FILE).ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "0.0.0.0"])  # noqa: S104  # RFC 5737, RFC 3849
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM], ids=["stream", "datagram"])
def test_nothing_leaves_this_machine(address: str, kind: socket.SocketKind) -> None:
    """A test that quietly needs the outside fails on a train, and tells the outside what we do."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, kind) as outside, pytest.raises(LeftThisMachine):
        outside.connect((address, 9))


def test_no_name_is_looked_up_outside() -> None:
    """A look-up leaves the machine as much as a connection does."""
    with pytest.raises(LeftThisMachine):
        socket.getaddrinfo("idp.example.org", 443)


def test_loopback_and_unix_sockets_work(tmp_path: Path) -> None:
    """Real slapd and real SMTP are on loopback, or on a socket in the file system."""
    path = str(tmp_path / "s")
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(path)
        server.listen()
        client.connect(path)
