"""Whatever stands in a file, or in an entry of the directory, is taken or refused by a sentence, and in time."""

from __future__ import annotations

import io
import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from idp.adapters.ldap.change_record import RecordReader
from idp.adapters.ldap.entries import Entry, to_owner, to_user, user_faults
from idp.adapters.ldap.tree import Tree
from idp.errors import IdpError
from idp.oauth.client_keys import read_key_set
from idp.services.user_csv import read_csv
from idp.services.user_ldif import read_ldif
from idp.settings import load_settings
from tests.client_signers import Signer
from tests.fuzz.rounds import EACH
from tests.fuzz.spliced import spliced, values
from tests.fuzz.target import LONGEST_S
from tests.plugins.fuzz import SEEN
from tests.slapd import BASE_DN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

    from tests.fuzz.rounds import Rounds

NOW = datetime(2026, 11, 24, tzinfo=UTC)
CSV = b"name,administratie,mail,owner_name,language\nU4BBGA0008,Bakkerij De Vries,anna@bakkerij.example,Anna de Vries,nl\n"
LDIF = f"""version: 1

dn: uid=anna,ou=people,{BASE_DN}
objectClass: inetOrgPerson
uid: anna
cn: Anna de Vries
sn:: ZGUgVnJpZXM=
mail: anna@bakkerij.example

dn: uid=U4BBGA0008,ou=koppelgebruikers,{BASE_DN}
objectClass: account
objectClass: koppelgebruiker
uid: U4BBGA0008
administratie: Bakkerij De
  Vries
owner: uid=anna,ou=people,{BASE_DN}
""".encode()
TOML = b"""[service]
origin = "https://login.example"
trusted_proxies = ["127.0.0.1"]
[limits]
reset_name = "3 per hour; 6 per day"
[mail]
host = "mail.example"
port = 587
[brand]
products = ["Boekhoud Gemak"]
[connectors.basecone]
access_token_lifetime = 3600
password_grant_sunset = 2028-01-01
"""
KEYS = json.dumps({"keys": [Signer().public, Signer("PS256", "another key").public]}).encode()
ATTRIBUTES = {
    "entryUUID": ("7c5a1f0e-0000-4000-8000-000000000001",),
    "uid": ("U4BBGA0008", "u4bbga0008"),
    "owner": (f"uid=anna,ou=people,{BASE_DN}",),
    "administratie": ("Bakkerij De Vries",),
    "cn": ("Anna de Vries",),
    "mail": ("anna@bakkerij.example",),
    "preferredLanguage": ("nl", "en-GB, nl;q=0.5"),
    "pwdChangedTime": ("20261124120000Z", "20261124120000.123Z"),
    "pwdAccountLockedTime": ("000001010000Z",),
    "pwdEndTime": ("20270101000000Z", "99991231235959Z", "19700101000000Z"),
    "pwdStartTime": ("20200101000000Z", "20261124120000+0130"),
    "pwdReset": ("TRUE",),
    "entryCSN": ("20261124120000.123456Z#000000#001#000000",),
    "reqDN": (f"uid=U4BBGA0008,ou=koppelgebruikers,{BASE_DN}",),
    "reqType": ("modify", "add", "delete", "modrdn"),
    "reqAuthzID": (f"cn=service,{BASE_DN}",),
    "reqEntryUUID": ("7c5a1f0e-0000-4000-8000-000000000001",),
    "reqMod": ("mail:= a@b.example", "owner:- uid=x", "entryCSN:= x", "administratie:+ A"),
    "reqOld": ("mail: a@b.example", "uid: U4BBGA0008"),
    "reqNewRDN": ("uid=U4BBGA0009",),
    "reqNewSuperior": (f"ou=people,{BASE_DN}",),
}


def _entry(random: Random) -> Entry:
    return Entry(f"uid=x,{BASE_DN}", {name.lower(): values(right, random) for name, right in ATTRIBUTES.items()})


def _configuration(folder: Path) -> Callable[[Random], None]:
    file = folder / "idp.toml"

    def read(random: Random) -> None:
        file.write_bytes(spliced(TOML, random))
        load_settings(file)

    return read


def _owner(random: Random) -> None:
    to_owner(_entry(random)).locks.shut_at(NOW)


def _user(random: Random) -> None:
    entry = _entry(random)
    list(user_faults(entry))
    to_user(entry).locks.shut_at(NOW)


def _record(random: Random) -> None:
    RecordReader(Tree(BASE_DN), f"cn=service,{BASE_DN}").read(_entry(random))


READERS: dict[str, Callable[[Path], Callable[[Random], object]]] = {
    "users in CSV": lambda _folder: lambda random: list(read_csv(io.BytesIO(spliced(CSV, random)))),
    "users in LDIF": lambda _folder: lambda random: list(read_ldif(io.BytesIO(spliced(LDIF, random)))),
    "keys of an application": lambda _folder: lambda random: read_key_set(spliced(KEYS, random)),
    "configuration": _configuration,
    "entry of an owner": lambda _folder: _owner,
    "entry of a koppelgebruiker": lambda _folder: _user,
    "record of the directory's log": lambda _folder: _record,
}


@pytest.mark.parametrize("what", READERS)
def test_whatever_is_read_is_taken_or_refused(
    what: str, rounds: Rounds, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """An import, a start, or everybody's login would end with a traceback, for one line that somebody wrote."""
    read, taken, refused = READERS[what](tmp_path), 0, 0
    for seed, random in rounds.share(len(READERS)):
        for _ in range(EACH):
            began = time.process_time()
            try:
                read(random)
                taken += 1
            except IdpError:
                refused += 1
            except Exception as exc:
                message = f"{what}, with --fuzz-seed {seed}"
                raise AssertionError(message) from exc
            assert time.process_time() - began < LONGEST_S, seed
    record_property(SEEN, f"{what}: {taken} taken, {refused} refused")
    assert taken
    assert refused or what.startswith(("entry of an owner", "record"))
