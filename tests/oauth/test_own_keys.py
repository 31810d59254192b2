"""An operator's own keys, from files: refused when no good, used as carefully as those that the service makes (S22, S23)."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc import jwk, jws

from idp.domain.audit import Change
from idp.errors import ConfigurationError, StoreUnavailable
from idp.oauth.key_life import PUBLISH_AHEAD, RETIRE_AFTER
from idp.oauth.keys import KEY_FILE_NAME, KeyRing
from idp.oauth.own_keys import read_own_keys
from tests.fakes.clock import SetClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from idp.oauth.signing_key import SigningKey
    from tests.oauth.world import NewWorld
    from tests.signing_keys import NewState

PLAIN = NoEncryption()


@pytest.fixture
def clock() -> SetClock:
    """The time."""
    return SetClock()


@pytest.fixture
def state(new_state: NewState) -> Path:
    """The state of a service that has run, with keys that it made."""
    return new_state()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the operator's keys lie."""
    (tmp_path / "own").mkdir()
    return tmp_path / "own"


def pem(key: PrivateKeyTypes, form: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    """Write a private key as openssl does."""
    return key.private_bytes(Encoding.PEM, form, PLAIN)


def put(folder: Path, name: str, content: bytes) -> Path:
    """Lay a file there, as an operator should."""
    path = folder / name
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path


def put_ec(folder: Path, name: str = "ES256.pem") -> str:
    """Lay a new key there, and give its kid."""
    content = pem(ec.generate_private_key(ec.SECP256R1()))
    put(folder, name, content)
    return jwk.ECKey.import_key(content).thumbprint()


def started(state: Path, clock: SetClock, folder: Path) -> KeyRing:
    """The keys as the service has them after a start."""
    return KeyRing(state, clock, own=read_own_keys(folder, clock.now()))


GOOD: dict[str, Callable[[], PrivateKeyTypes]] = {
    "ES256.pem": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA-first.pem": ed25519.Ed25519PrivateKey.generate,
    "RS256-2027-01.pem": lambda: rsa.generate_private_key(65537, 2048),
    "PS256.pem": lambda: rsa.generate_private_key(65537, 2048),
}


@pytest.mark.row("S22", "S23")
@pytest.mark.parametrize("name", GOOD)
def test_a_key_of_each_algorithm_is_read(folder: Path, clock: SetClock, name: str) -> None:
    """S22: whatever an operator's own rules ask for, of the four, can be had; what it signs verifies with what is published."""
    put(folder, name, pem(GOOD[name]()))
    (key,) = read_own_keys(folder, clock.now())
    assert (key.alg, key.created_at, key.sign_from, key.retire_at) == (name[:5], clock.now(), clock.now(), None)
    published: dict[str, str | list[str]] = {**key.public()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # joserfc says that EdDSA has a newer name
        token = jws.serialize_compact({"alg": key.alg}, b"text", key.key, algorithms=[key.alg])
        assert jws.deserialize_compact(token, jwk.import_key(published), algorithms=[key.alg]).payload == b"text"


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_both_forms_of_pem_are_read(folder: Path, clock: SetClock, form: PrivateFormat) -> None:
    """`openssl genpkey` and `openssl ecparam -genkey` write the same key in different forms."""
    put(folder, "ES256.pem", pem(ec.generate_private_key(ec.SECP256R1()), form))
    assert [key.alg for key in read_own_keys(folder, clock.now())] == ["ES256"]


def test_without_a_folder_there_are_none(clock: SetClock) -> None:
    """Who has no keys of their own need not think of them."""
    assert read_own_keys(None, clock.now()) == []


def p256() -> ec.EllipticCurvePrivateKey:
    """A key that is fine for ES256."""
    return ec.generate_private_key(ec.SECP256R1())


def short_rsa(bits: int) -> rsa.RSAPrivateKey:
    """A key that can be guessed, or nearly."""
    return rsa.generate_private_key(65537, bits)


WRONG: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a short RSA key": ("RS256.pem", lambda: pem(short_rsa(1024)), "2048 bits"),
    "a short RSA key for PS256": ("PS256.pem", lambda: pem(short_rsa(2047)), "2048 bits"),
    "another curve": ("ES256.pem", lambda: pem(ec.generate_private_key(ec.SECP384R1())), "does not fit its algorithm 'ES256'"),
    "the curve of coins": ("ES256.pem", lambda: pem(ec.generate_private_key(ec.SECP256K1())), "does not fit its algorithm"),
    "Ed448": ("EdDSA.pem", lambda: pem(ed448.Ed448PrivateKey.generate()), "does not fit its algorithm 'EdDSA'"),
    "a key to encrypt with": ("EdDSA.pem", lambda: pem(x25519.X25519PrivateKey.generate()), "does not fit its algorithm"),
    "another kind": ("RS256.pem", lambda: pem(p256()), "no private key for RS256"),
    "a public key": (
        "ES256.pem",
        lambda: p256().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "a public key only",
    ),
    "encrypted": (
        "ES256.pem",
        lambda: p256().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"Sw0rdf1sh")),
        "without a password",
    ),
    "empty": ("ES256.pem", lambda: b"", "no private key for ES256"),
    "rubbish": ("ES256.pem", lambda: b"\xff\xfe rubbish", "no private key for ES256"),
    "a JWK": ("ES256.pem", lambda: b'{"kty": "EC", "crv": "P-256"}', "no private key for ES256"),
    "half a key": ("ES256.pem", lambda: pem(p256())[:90], "no private key for ES256"),
    "no algorithm in its name": ("tokens.pem", lambda: pem(p256()), "tells no algorithm"),
    "a symmetric algorithm": ("HS256.pem", lambda: b"AAAA", "tells no algorithm"),
    "none": ("none.pem", lambda: b"", "tells no algorithm"),
    "an editor's copy": ("ES256.pem~", lambda: pem(p256()), "tells no algorithm"),
}


@pytest.mark.row("S22", "S23")
@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_a_wrong_key_stops_the_start(folder: Path, clock: SetClock, case: tuple[str, Callable[[], bytes], str]) -> None:
    """S23: one sentence names the file and what is wrong; no key that can be guessed signs, and none is left out unnoticed."""
    name, content, sentence = case
    path = put(folder, name, content())
    with pytest.raises(ConfigurationError, match=sentence) as refused:
        read_own_keys(folder, clock.now())
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.row("S34")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_stops_the_start(folder: Path, clock: SetClock, mode: int) -> None:
    """S34: the same as for every other secret of the service; who read it signs for everybody."""
    put_ec(folder)
    (folder / "ES256.pem").chmod(mode)
    with pytest.raises(ConfigurationError, match=rf"^the key file {folder}/ES256\.pem may be read by others; make it chmod 600"):
        read_own_keys(folder, clock.now())


def test_a_key_file_that_can_not_be_read_is_named(folder: Path, clock: SetClock) -> None:
    """A folder in its place, or a disk that fails: one sentence."""
    (folder / "ES256.pem").mkdir(mode=0o700)
    with pytest.raises(ConfigurationError, match=rf"^the key file {folder}/ES256\.pem can't be read: Is a directory$"):
        read_own_keys(folder, clock.now())


def test_the_names_that_there_are_are_told(folder: Path, clock: SetClock) -> None:
    """Nobody has to look them up."""
    put(folder, "key.pem", b"")
    with pytest.raises(ConfigurationError, match="begins with one of ES256, PS256, EdDSA, RS256, as in ES256"):
        read_own_keys(folder, clock.now())


@pytest.mark.row("S23")
def test_the_same_key_twice_stops_the_start(folder: Path, clock: SetClock) -> None:
    """S23: kids are unique."""
    put_ec(folder)
    put(folder, "ES256-again.pem", (folder / "ES256.pem").read_bytes())
    with pytest.raises(ConfigurationError, match="twice"):
        read_own_keys(folder, clock.now())


def test_a_folder_that_is_not_there_is_named(folder: Path, clock: SetClock) -> None:
    """A slip in the configuration does not have the service sign with keys of its own, unnoticed."""
    with pytest.raises(ConfigurationError, match=f"oauth.key_folder {folder}/nowhere can't be read: No such file"):
        read_own_keys(folder / "nowhere", clock.now())


def test_what_a_mounted_secret_hides_is_left_alone(folder: Path, clock: SetClock) -> None:
    """Container platforms lay hidden folders beside the files that they mount."""
    (folder / "..data").mkdir()
    put_ec(folder)
    assert len(read_own_keys(folder, clock.now())) == 1


@pytest.mark.row("S22")
def test_at_the_first_start_of_all_ones_own_key_signs_at_once(tmp_path: Path, folder: Path, clock: SetClock) -> None:
    """S22: no token is ever signed with another one; RS256 is there all the same."""
    kid = put_ec(folder)
    ring = started(tmp_path / "state", clock, folder)
    assert ring.signing_key().kid == kid
    assert sorted(key.alg for key in ring.published()) == ["ES256", "RS256"]


@pytest.mark.row("S22", "S23")
def test_ones_own_key_is_published_before_it_signs_and_ours_verifies_on(state: Path, folder: Path, clock: SetClock) -> None:
    """S22: who takes up keys of their own ends nobody's token, and has nobody meet an unknown key."""
    ours = KeyRing(state, clock).signing_key()
    kid = put_ec(folder)
    ring = started(state, clock, folder)
    assert kid in {key["kid"] for key in ring.public()["keys"]}
    assert ring.signing_key().kid == ours.kid
    clock.go(PUBLISH_AHEAD)
    assert ring.signing_key().kid == kid
    clock.go(RETIRE_AFTER)
    assert ring.find(ours.kid) is None
    assert started(state, clock, folder).signing_key().kid == kid


@pytest.mark.row("S22")
@pytest.mark.parametrize("alg", ["ES256", "EdDSA"])
def test_the_service_signs_with_what_its_configuration_names(new_world: NewWorld, folder: Path, alg: str) -> None:
    """S22: the folder and the algorithm are read at the start, and an API finds the key where it finds all others."""
    put(folder, f"{alg}.pem", pem(GOOD["ES256.pem" if alg == "ES256" else "EdDSA-first.pem"]()))
    world = new_world(oauth={"key_folder": folder, "signing_algorithm": alg})
    (own,) = read_own_keys(folder, world.clock.now())
    world.clock.go(PUBLISH_AHEAD)
    header = jws.extract_compact(world.token().json["access_token"].encode()).headers()
    assert (header["alg"], header["kid"]) == (alg, own.kid)
    assert own.kid in {key["kid"] for key in world.http.get("/oauth/jwks").json["keys"]}


def test_a_restart_changes_nothing(state: Path, folder: Path, clock: SetClock) -> None:
    """The moment at which a key comes to sign is not put off by restarts, and the file is not written for nothing."""
    kid = put_ec(folder)
    started(state, clock, folder)
    content = (state / KEY_FILE_NAME).read_bytes()
    clock.go(PUBLISH_AHEAD)
    assert started(state, clock, folder).signing_key().kid == kid
    assert (state / KEY_FILE_NAME).read_bytes() == content


@pytest.mark.row("S34")
def test_the_private_part_stays_where_it_is(state: Path, folder: Path, clock: SetClock) -> None:
    """S34: who keeps keys apart has their reasons; a backup of the state holds none of them, and no log shows one."""
    put_ec(folder)
    (own,) = read_own_keys(folder, clock.now())
    ring = started(state, clock, folder)
    assert own.members["x"] in (state / KEY_FILE_NAME).read_text()
    assert own.members["d"] not in (state / KEY_FILE_NAME).read_text()
    assert all(own.members["d"] not in repr(key) for key in ring.published())
    assert not any("d" in key for key in ring.public()["keys"])


@pytest.mark.row("S22")
def test_a_process_that_has_no_such_keys_sees_them_all_the_same(state: Path, folder: Path, clock: SetClock) -> None:
    """S22: one that started before, or only looks, publishes and verifies with them, signs with what it has, drops none."""
    web = KeyRing(state, clock, own=())
    ours = web.signing_key()
    kid = put_ec(folder)
    other = started(state, clock, folder)
    assert web.public() == other.public() == KeyRing(state, clock).public()
    assert web.find(kid) is not None
    clock.go(PUBLISH_AHEAD)
    assert other.signing_key().kid == kid
    assert web.signing_key().kid == ours.kid
    assert other.find(ours.kid) is not None


@pytest.mark.row("S22", "S23")
def test_a_newer_one_takes_the_place_of_the_former(state: Path, folder: Path, clock: SetClock) -> None:
    """S22: put beside it, it signs when everybody can know it; the former verifies as long as it lies there, and a day more."""
    former = put_ec(folder, "ES256-z.pem")
    started(state, clock, folder)
    clock.go(PUBLISH_AHEAD)
    newer = put_ec(folder, "ES256-a.pem")
    ring = started(state, clock, folder)
    assert ring.signing_key().kid == former
    clock.go(PUBLISH_AHEAD)
    assert ring.signing_key().kid == newer
    clock.go(RETIRE_AFTER * 2)
    ring = started(state, clock, folder)
    assert ring.find(former) is not None
    (folder / "ES256-z.pem").unlink()
    ring = started(state, clock, folder)
    clock.go(RETIRE_AFTER)
    assert ring.find(former) is None
    assert ring.signing_key().kid == newer


def test_of_several_that_are_new_the_last_by_name_signs(tmp_path: Path, folder: Path, clock: SetClock) -> None:
    """Names with a year in them are in the order in which they were made."""
    kids = {year: put_ec(folder, f"ES256-{year}.pem") for year in (2028, 2026, 2027)}
    assert started(tmp_path / "state", clock, folder).signing_key().kid == kids[2028]


@pytest.mark.row("S22")
def test_where_the_last_one_is_taken_away_the_service_signs_with_its_own(state: Path, folder: Path, clock: SetClock) -> None:
    """S22: at once with the former one if that is still published, else with a new one; tokens under the operator's verify on."""
    ours = KeyRing(state, clock).signing_key()
    kid = put_ec(folder)
    started(state, clock, folder)
    clock.go(PUBLISH_AHEAD)
    (folder / "ES256.pem").unlink()
    ring = started(state, clock, folder)
    assert ring.signing_key().kid == ours.kid
    assert ring.find(kid) is not None
    clock.go(RETIRE_AFTER * 2)
    ring = started(state, clock, folder)
    assert ring.find(ours.kid) is not None
    assert ring.find(kid) is None


def test_one_that_comes_back_signs_again(state: Path, folder: Path, clock: SetClock) -> None:
    """A file that was taken away by mistake is put back, and nobody notices."""
    kid = put_ec(folder)
    started(state, clock, folder)
    clock.go(PUBLISH_AHEAD)
    content = (folder / "ES256.pem").read_bytes()
    (folder / "ES256.pem").unlink()
    started(state, clock, folder)
    put(folder, "ES256.pem", content)
    ring = started(state, clock, folder)
    assert ring.signing_key().kid == kid
    clock.go(RETIRE_AFTER * 2)
    assert ring.find(kid) is not None


def test_long_after_the_service_makes_a_new_one(tmp_path: Path, folder: Path, clock: SetClock) -> None:
    """There is always a key to sign with."""
    kid = put_ec(folder)
    started(tmp_path / "state", clock, folder)
    (folder / "ES256.pem").unlink()
    assert started(tmp_path / "state", clock, folder).signing_key().kid != kid


@pytest.mark.row("S22")
def test_a_key_stays_with_its_algorithm(state: Path, folder: Path, clock: SetClock) -> None:
    """S22: RFC 8725 section 3.1; under another name its tokens would not verify any more."""
    path = put(folder, "RS256.pem", pem(rsa.generate_private_key(65537, 2048)))
    started(state, clock, folder)
    path.rename(folder / "PS256.pem")
    content = (state / KEY_FILE_NAME).read_bytes()
    with pytest.raises(ConfigurationError, match="is for RS256; a key stays with one algorithm"):
        started(state, clock, folder)
    assert (state / KEY_FILE_NAME).read_bytes() == content


def test_an_algorithm_of_ones_own_is_rotated_by_files(state: Path, folder: Path, clock: SetClock) -> None:
    """`idp key rotate` would take the operator's key out of use behind their back; other algorithms are as before."""
    put_ec(folder)
    ring = started(state, clock, folder)
    for one in (ring, KeyRing(state, clock)):
        with pytest.raises(ConfigurationError, match="files of your own; put the new one beside them"):
            one.rotate()
    assert ring.rotate("EdDSA").alg == "EdDSA"
    (folder / "ES256.pem").unlink()
    assert started(state, clock, folder).rotate().alg == "ES256"


def kid_of(key: SigningKey) -> str:
    """For sorting."""
    return key.kid


def test_two_processes_that_start_with_the_same_folder_agree(state: Path, folder: Path, clock: SetClock) -> None:
    """Otherwise one of them would sign with what the other does not publish."""
    put_ec(folder, "ES256-1.pem")
    put_ec(folder, "ES256-2.pem")
    one, other = started(state, clock, folder), started(state, clock, folder)
    clock.go(PUBLISH_AHEAD)
    assert one.signing_key().kid == other.signing_key().kid
    assert sorted(map(kid_of, one.published())) == sorted(map(kid_of, other.published()))


@pytest.mark.row("S22")
def test_the_audit_tells_once_that_they_are_others_than_they_were(new_world: NewWorld, folder: Path) -> None:
    """S22: whoever lays a key of theirs there signs as the service; nobody could tell since when it is trusted."""

    def told() -> list[tuple[str, object, object]]:
        world = new_world(oauth={"key_folder": folder})
        with world.database.reading() as work:
            events = [record.event for record in work.audit.read() if record.event.action == "key.own-changed"]
        world.close()
        return [(event.actor, event.changes["own_keys"].before, event.changes["own_keys"].after) for event in events]

    assert told() == []
    first = f"ES256:{put_ec(folder)}"
    assert told() == told() == [("service", None, first)]
    both = " ".join(sorted([first, f"ES256:{put_ec(folder, 'ES256-2.pem')}"]))
    assert told()[1:] == [("service", first, both)]
    for path in folder.iterdir():
        path.unlink()
    assert told()[2:] == [("service", both, None)]


def test_of_two_that_start_at_once_one_takes_them_up(state: Path, folder: Path, clock: SetClock) -> None:
    """Each would tell of it, and put off the moment at which the key comes to sign."""
    kid = put_ec(folder)
    own = read_own_keys(folder, clock.now())
    told: list[Change] = []
    looked_before = KeyRing(state, clock)
    KeyRing(state, clock, own=own, tell=told.append)
    looked_before._take_up(own, told.append)  # noqa: SLF001  # what it goes on with
    assert told == [Change(None, f"ES256:{kid}")]


def test_without_the_audit_they_are_not_taken_up(state: Path, folder: Path, clock: SetClock) -> None:
    """A key could come to sign that nobody was ever told of."""
    kid = put_ec(folder)

    def away(_: Change) -> None:
        raise StoreUnavailable

    with pytest.raises(StoreUnavailable):
        KeyRing(state, clock, own=read_own_keys(folder, clock.now()), tell=away)
    assert KeyRing(state, clock).find(kid) is None
