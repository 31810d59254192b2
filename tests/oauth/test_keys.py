"""The signing keys: made once, kept to ourselves, changed without anybody noticing (S22, S23)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jwk

from idp.errors import ConfigurationError
from idp.oauth.algorithms import MIN_RSA_BITS
from idp.oauth.key_life import JWKS_MAX_AGE, PUBLISH_AHEAD, RETIRE_AFTER
from idp.oauth.keys import KEY_FILE_NAME, KeyRing
from tests.fakes.clock import SetClock

if TYPE_CHECKING:
    from tests.oauth.world import World

Edit = Callable[[dict[str, Any]], object]

PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
START = """
import sys
from pathlib import Path
from idp.oauth.keys import KeyRing
from datetime import UTC, datetime
class Clock:
    def now(self): return datetime.now(UTC)
sys.stdin.read()
print(*sorted(key.kid for key in KeyRing(Path(sys.argv[1]), Clock()).published()))
"""


@pytest.fixture
def clock() -> SetClock:
    """The machine's time, when the keys of the day were made too, or a little later."""
    return SetClock()


@pytest.fixture
def state(tmp_path: Path, keys_of_the_day: Path) -> Path:
    """A state directory that has keys."""
    content = keys_of_the_day.read_bytes()
    file = tmp_path / KEY_FILE_NAME
    file.touch(mode=0o600)
    file.write_bytes(content)
    return tmp_path


def edited(state: Path, edit: Edit) -> None:
    """Change the key file as an operator with an editor would."""
    file = state / KEY_FILE_NAME
    document = json.loads(file.read_text())
    edit(document)
    file.write_text(json.dumps(document))


@pytest.mark.row("S22")
def test_the_first_start_makes_an_ec_and_an_rsa_key(tmp_path: Path, clock: SetClock) -> None:
    """S22: nobody has to make keys by hand; RS256 is there since OpenID Connect requires it."""
    ring = KeyRing(tmp_path / "state", clock)
    assert sorted(key.alg for key in ring.published()) == ["ES256", "RS256"]
    assert ring.signing_key().alg == "ES256"
    file = tmp_path / "state" / KEY_FILE_NAME
    assert file.stat().st_mode & 0o777 == 0o600
    assert not list(file.parent.glob("*.new"))


def test_the_second_start_takes_up_the_same_keys(state: Path, clock: SetClock) -> None:
    """A restart ends nobody's token."""
    assert KeyRing(state, clock).public() == KeyRing(state, clock).public()


def test_two_processes_that_start_at_once_have_the_same_keys(tmp_path: Path) -> None:
    """Otherwise half of the tokens would not verify."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    starts = [
        subprocess.Popen(  # noqa: S603  # our own arguments
            [sys.executable, "-c", START, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        for _ in range(4)
    ]
    for start in starts:  # all are waiting by now, or nearly; the end of their input lets them go
        assert start.stdin is not None
        start.stdin.close()
        start.stdin = None
    said = [start.communicate(timeout=60)[0] for start in starts]
    assert len(set(said)) == 1
    assert len(said[0].split()) == 2


@pytest.mark.row("S23")
def test_only_public_members_are_published(world: World) -> None:
    """S23: one private member in the key set and anybody signs."""
    document = world.http.get("/oauth/jwks").json
    assert len(document["keys"]) == 2
    for key in document["keys"]:
        assert not set(key) & PRIVATE_MEMBERS
        assert set(key) <= {"kty", "crv", "x", "y", "n", "e", "kid", "alg", "use"}
        assert key["use"] == "sig"


@pytest.mark.row("S23")
def test_a_kid_is_the_thumbprint_of_its_key(state: Path, clock: SetClock) -> None:
    """S23: unique by itself (RFC 7638)."""
    ring = KeyRing(state, clock)
    for _ in range(3):
        ring.rotate()
    keys = ring.published()
    assert len({key.kid for key in keys}) == len(keys) == 5
    for key in keys:
        published: dict[str, str | list[str]] = {**key.public()}
        assert key.kid == jwk.import_key(published).thumbprint()


@pytest.mark.row("S23")
def test_the_rsa_key_is_long_enough(state: Path, clock: SetClock) -> None:
    """S23: 2048 bits at least."""
    key = KeyRing(state, clock).signing_key("RS256").key
    assert isinstance(key, jwk.RSAKey)
    assert key.raw_value.key_size >= MIN_RSA_BITS


@pytest.mark.row("S23")
@pytest.mark.parametrize("bits", [1024, 2047])
def test_a_short_rsa_key_stops_the_start(state: Path, clock: SetClock, bits: int) -> None:
    """S23: a key that an operator brought along is held to the same."""

    def shorten(document: dict[str, Any]) -> None:
        entry = next(entry for entry in document["keys"] if entry["alg"] == "RS256")
        modulus = ((1 << (bits - 1)) + 1).to_bytes((bits + 7) // 8)
        entry["jwk"]["n"] = jwk.OctKey.import_key(modulus).as_dict(private=True)["k"]

    edited(state, shorten)
    with pytest.raises(ConfigurationError, match="2048"):
        KeyRing(state, clock)


@pytest.mark.row("S23")
def test_the_same_key_twice_stops_the_start(state: Path, clock: SetClock) -> None:
    """S23: which of the two lives would count?"""
    edited(state, lambda document: document["keys"].append(dict(document["keys"][0])))
    with pytest.raises(ConfigurationError, match="twice"):
        KeyRing(state, clock)


BROKEN: dict[str, Edit] = {
    "no list": lambda document: document.update(keys={}),
    "no algorithm": lambda document: document["keys"][0].pop("alg"),
    "a symmetric key": lambda document: document["keys"][0].update(alg="HS256", jwk={"kty": "oct", "k": "AAAA"}),
    "the wrong curve": lambda document: document["keys"][0].update(alg="ES256", jwk={"kty": "EC", "crv": "P-384"}),
    "no time": lambda document: document["keys"][0].update(sign_from="soon"),
}


@pytest.mark.parametrize("edit", BROKEN.values(), ids=BROKEN)
def test_a_broken_key_file_stops_the_start(state: Path, clock: SetClock, edit: Edit) -> None:
    """An operator reads one sentence; new keys are not made over the old ones, which would end all tokens."""
    edited(state, edit)
    content = (state / KEY_FILE_NAME).read_bytes()
    with pytest.raises(ConfigurationError):
        KeyRing(state, clock)
    assert (state / KEY_FILE_NAME).read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_file_that_is_no_key_file_stops_the_start(state: Path, clock: SetClock, content: bytes) -> None:
    """The same for a disk that was full, or a wrong file."""
    (state / KEY_FILE_NAME).write_bytes(content)
    with pytest.raises(ConfigurationError, match="key file"):
        KeyRing(state, clock)


def test_a_key_that_does_not_load_is_named(state: Path, clock: SetClock) -> None:
    """A damaged private part is found when it is first used."""
    edited(state, lambda document: [entry["jwk"].update(d="AAAA") for entry in document["keys"]])
    with pytest.raises(ConfigurationError, match="broken"):
        _ = KeyRing(state, clock).signing_key("RS256").key


@pytest.mark.row("S34")
def test_a_key_file_that_others_may_read_stops_the_start(state: Path, clock: SetClock) -> None:
    """Whoever read it signs for everybody; the sentence says what to do."""
    (state / KEY_FILE_NAME).chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        KeyRing(state, clock)


def test_a_state_directory_that_can_not_be_written_is_named(clock: SetClock) -> None:
    """An operator reads which directory, not a traceback."""
    with pytest.raises(ConfigurationError, match="state directory /proc/idp"):
        KeyRing(Path("/proc/idp"), clock)


def test_what_a_crash_left_behind_is_no_trap(state: Path, clock: SetClock) -> None:
    """A half-written successor, or a link laid in its place, is taken away and not written through."""
    victim = state / "victim"
    victim.write_text("untouched")
    (state / KEY_FILE_NAME).with_suffix(".new").symlink_to(victim)
    KeyRing(state, clock).rotate()
    assert victim.read_text() == "untouched"
    assert (state / KEY_FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_a_new_key_is_published_before_it_signs(state: Path, clock: SetClock) -> None:
    """An API that keeps our keys for some minutes never meets a token whose key it can't know."""
    ring = KeyRing(state, clock)
    old = ring.signing_key()
    fresh = ring.rotate()
    assert fresh.kid in {key["kid"] for key in ring.public()["keys"]}
    assert ring.signing_key().kid == old.kid
    clock.go(PUBLISH_AHEAD - timedelta(seconds=1))
    assert ring.signing_key().kid == old.kid
    clock.go(timedelta(seconds=1))
    assert ring.signing_key().kid == fresh.kid
    assert PUBLISH_AHEAD > JWKS_MAX_AGE


def test_an_old_key_verifies_until_its_last_token_is_over(state: Path, clock: SetClock) -> None:
    """A rotation ends nobody's token."""
    ring = KeyRing(state, clock)
    old = ring.signing_key()
    ring.rotate()
    clock.go(PUBLISH_AHEAD + RETIRE_AFTER - timedelta(seconds=1))
    assert ring.find(old.kid) is not None
    clock.go(timedelta(seconds=1))
    assert ring.find(old.kid) is None
    assert old.kid not in {key["kid"] for key in ring.public()["keys"]}
    ring.rotate()
    assert str(old.members["x"]) not in (state / KEY_FILE_NAME).read_text()


@pytest.mark.row("S22")
@pytest.mark.parametrize("alg", ["PS256", "EdDSA"])
def test_another_algorithm_is_published_before_it_signs(state: Path, clock: SetClock, alg: str) -> None:
    """S22: a change of the algorithm is met by nobody who keeps our keys for some minutes, as with any other rotation."""
    ring = KeyRing(state, clock, alg)
    assert alg in {key.alg for key in ring.published()}
    assert ring.signing_key().alg == "ES256"
    assert ring.signing_key(alg).alg == alg
    clock.go(PUBLISH_AHEAD - timedelta(seconds=1))
    assert KeyRing(state, clock, alg).signing_key().alg == "ES256"
    clock.go(timedelta(seconds=1))
    assert ring.signing_key().alg == alg
    assert {key.alg for key in ring.published()} == {"ES256", "RS256", alg}


@pytest.mark.row("S22")
def test_an_algorithm_of_the_first_start_signs_at_once(tmp_path: Path, clock: SetClock) -> None:
    """S22: nobody has keys of a service that never ran."""
    ring = KeyRing(tmp_path, clock, "EdDSA")
    assert ring.signing_key().alg == "EdDSA"
    assert {key.alg for key in ring.published()} == {"ES256", "RS256", "EdDSA"}


@pytest.mark.row("S22")
def test_a_key_is_made_for_any_of_ours_and_for_no_other(state: Path, clock: SetClock) -> None:
    """S22: `idp key rotate --alg`."""
    assert KeyRing(state, clock).rotate("PS256").alg == "PS256"
    for wrong in ("none", "HS256", "RSA-OAEP"):
        with pytest.raises(ConfigurationError, match="unknown signing algorithm"):
            KeyRing(state, clock).rotate(wrong)


def test_an_algorithm_without_a_key_is_named(state: Path, clock: SetClock) -> None:
    """A fault of ours is a sentence, too."""
    with pytest.raises(ConfigurationError, match="PS256"):
        KeyRing(state, clock).signing_key("PS256")


def test_a_running_process_notices_a_rotation(state: Path, clock: SetClock) -> None:
    """`idp key rotate` needs no restart; keys at hand are not loaded again."""
    web, operator = KeyRing(state, clock), KeyRing(state, clock)
    before = web.signing_key()
    fresh = operator.rotate()
    assert fresh.kid in {key.kid for key in web.published()}
    clock.go(PUBLISH_AHEAD)
    assert web.signing_key().kid == fresh.kid
    assert web.find(before.kid) is not None


@pytest.mark.parametrize("break_it", [lambda file: file.write_text("{"), lambda file: file.unlink()], ids=["broken", "gone"])
def test_a_running_process_keeps_the_keys_it_has(state: Path, clock: SetClock, break_it: Callable[[Path], object]) -> None:
    """A slip of an operator's hand stops no bank."""
    ring = KeyRing(state, clock)
    before = ring.public()
    break_it(state / KEY_FILE_NAME)
    assert ring.public() == before
    with pytest.raises(ConfigurationError):
        ring.rotate()


def test_a_clock_that_was_set_back_still_signs(state: Path, clock: SetClock) -> None:
    """There is always a key."""
    clock.moment = datetime(2001, 1, 1, tzinfo=UTC)
    assert KeyRing(state, clock).signing_key().alg == "ES256"


def test_secrets_do_not_show(state: Path, clock: SetClock) -> None:
    """A key in a traceback or a log is a key lost."""
    for key in KeyRing(state, clock).published():
        assert str(key.members["d"]) not in repr(key)
