"""Clients, and the grants and tokens they were given."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.client import Client, ClientCertificate, ClientKey, ClientSecret
from idp.domain.grant import Coupling, Grant, Token
from idp.domain.people import Seen

if TYPE_CHECKING:
    from idp.ports.store import Store

NOW = datetime(2026, 3, 4, 10, 11, 12, 345678, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def grant(name: str = "one", user: str = "uuid-1", at: datetime = NOW) -> Grant:
    """Make a grant in force."""
    return Grant(f"id-{name}", "basecone", "U4BBGA0008", Seen(user, None), at, at, "192.0.2.1")


def token(digest: str = "digest", kind: str = "access") -> Token:
    """Make a token under the first grant."""
    return Token(digest, kind, "id-one", "basecone", "a b", "https://api.example/", NOW, NOW + 60 * MINUTE)


def client(name: str = "basecone", *secrets: ClientSecret) -> Client:
    """Make an enabled client."""
    return Client(name, "basecone", "Basecone", enabled=True, created_at=NOW, secrets=secrets)


# -- grants and tokens ------------------------------------------------------------------------------------------------


def test_a_users_grants_are_listed_oldest_first_without_revoked_ones(store: Store) -> None:
    """An owner would see links that have ended, or a second grant would be made beside the first."""
    with store.transaction() as work:
        work.grants.add(grant("late", at=NOW + MINUTE))
        work.grants.add(grant("early"))
        work.grants.add(replace(grant("ended"), revoked_at=NOW))
        work.grants.add(grant("anothers", "uuid-2"))
    with store.reading() as work:
        assert work.grants.of_user("uuid-1") == [grant("early"), grant("late", at=NOW + MINUTE)]
        assert work.grants.get("id-ended") == replace(grant("ended"), revoked_at=NOW)
        assert work.grants.get("id-unknown") is None


@pytest.mark.row("S42")
def test_couplings_are_those_of_some_users_that_can_still_be_used(store: Store) -> None:
    """S42: an owner would see what has ended, what is another's, or what no application may use any more."""
    with store.transaction() as work:
        work.clients.add(client())
        work.clients.add(replace(client("ing"), name="ING Bank", self_named=True))
        work.clients.add(replace(client("triodos"), enabled=False))
        work.grants.add(grant("late", at=NOW + MINUTE))
        work.grants.add(replace(grant("early"), client_id="ing"))
        work.grants.add(grant("second user", "uuid-2"))
        work.grants.add(grant("anothers", "uuid-3"))
        work.grants.add(replace(grant("ended"), revoked_at=NOW))
        work.grants.add(replace(grant("of a disabled client"), client_id="triodos"))
        work.grants.add(replace(grant("of nobody"), client_id="never-registered"))
    with store.reading() as work:
        found = work.grants.couplings_of({"uuid-1", "uuid-2"}, NOW)
        assert found == [
            Coupling(replace(grant("early"), client_id="ing"), "ING Bank", None, self_named=True),
            Coupling(grant("second user", "uuid-2"), "Basecone", None),
            Coupling(grant("late", at=NOW + MINUTE), "Basecone", None),
        ]
        assert work.grants.couplings_of([], NOW) == []


@pytest.mark.row("S42")
def test_a_coupling_tells_how_long_its_longest_living_token_works(store: Store) -> None:
    """S42: an owner would read that a forgotten application has access, or that one with access has none."""
    end = NOW + 60 * MINUTE
    with store.transaction() as work:
        work.clients.add(client())
        work.grants.add(grant())
        work.grants.add(grant("two"))
        work.grants.add_token(token())
        work.grants.add_token(replace(token("shorter"), expires_at=end - MINUTE))
        work.grants.add_token(replace(token("revoked", "refresh"), expires_at=end + MINUTE, revoked_at=NOW))
    with store.reading() as work:
        for now, until in ((NOW, end), (end - timedelta(microseconds=1), end), (end, None)):
            one, two = work.grants.couplings_of(["uuid-1"], now)
            assert (one.access_until, two.access_until) == (until, None)


@pytest.mark.row("S47")
@pytest.mark.parametrize("typed", ["", "\0", "id-one\0", "\ud800", "x" * 2**20, "%", "ID-ONE"])
def test_a_grant_id_that_no_grant_has_finds_none(store: Store, typed: str) -> None:
    """S47: a changed form would make a 500."""
    with store.transaction() as work:
        work.grants.add(grant())
    with store.reading() as work:
        assert work.grants.get(typed) is None


def test_a_use_of_a_grant_keeps_when_and_from_where(store: Store) -> None:
    """An owner could not tell a link in use from a forgotten one, or would be asked again for what they have allowed."""
    used = replace(grant(), last_used_at=NOW + MINUTE, network="2001:db8::1")
    allowed = grant().allowed("owner", "https://api.example/", "b a")
    with store.transaction() as work:
        work.grants.add(grant())
        work.grants.allowed(allowed)
        work.grants.used(used)
    with store.reading() as work:
        assert work.grants.get("id-one") == replace(used, consent=allowed.consent)


def test_what_a_client_has_on_its_own_behalf_is_nobodys(store: Store) -> None:
    """An owner would see it among their couplings, or end it; or each token of a program would make one grant more."""
    own = replace(grant("own"), seen=None, uid="")
    with store.transaction() as work:
        work.grants.add(grant())
        assert work.grants.of_client("basecone") is None
        work.grants.add(replace(own, id="id-ended", revoked_at=NOW))
        work.grants.add(replace(own, id="id-anothers", client_id="ing"))
        work.grants.add(own)
    with store.reading() as work:
        assert work.grants.of_client("basecone") == work.grants.get("id-own") == own
        assert work.grants.of_client("nobody") is None
        assert work.grants.of_user("uuid-1") == [grant()]
        assert (own.sub, grant().sub) == ("basecone", "uuid-1")


@pytest.mark.row("S46")
def test_revoking_ends_one_grant_or_all_of_a_user_and_keeps_the_first_moment(store: Store) -> None:
    """S46: tokens would live on after a block or a new password."""
    with store.transaction() as work:
        for name in ("one", "two", "three"):
            work.grants.add(grant(name).allowed("owner", "https://api.example/", "a"))
        assert work.grants.get("id-one") == grant().allowed("owner", "https://api.example/", "a")
        work.grants.add(grant("anothers", "uuid-2"))
        assert work.grants.revoke("id-one", NOW)
        assert not work.grants.revoke("id-one", NOW + MINUTE)
        assert not work.grants.revoke("id-unknown", NOW)
        assert work.grants.revoke_all("uuid-1", NOW + MINUTE) == 2
        assert work.grants.revoke_all("uuid-1", NOW + MINUTE) == 0
    with store.reading() as work:
        assert work.grants.get("id-one") == replace(grant(), revoked_at=NOW, network="")
        assert work.grants.get("id-two") == replace(grant("two"), revoked_at=NOW + MINUTE, network="")
        assert work.grants.of_user("uuid-1") == []
        assert work.grants.of_user("uuid-2") == [grant("anothers", "uuid-2")]


def test_everybodys_grants_end_at_once_and_those_that_had_ended_keep_their_moment(store: Store) -> None:
    """After a restore in doubt, somebody's coupling that had ended would live on."""
    with store.transaction() as work:
        for one in (
            grant(),
            grant("anothers", "uuid-2"),
            replace(grant("clients"), seen=None),
            replace(grant("ended"), revoked_at=NOW),
        ):
            work.grants.add(one)
        assert work.grants.revoke_everybodys(NOW + MINUTE) == 3
        assert work.grants.get("id-one") == replace(grant(), revoked_at=NOW + MINUTE, network="")
        assert work.grants.get("id-ended") == replace(grant("ended"), revoked_at=NOW)
        assert work.grants.revoke_everybodys(NOW + MINUTE) == 0


def test_a_token_is_found_by_kind_and_digest_and_revoked_once(store: Store) -> None:
    """A refresh token could pass for an access token, and a revocation would be recorded twice."""
    with store.transaction() as work:
        work.grants.add(grant())
        work.grants.add_token(token())
        work.grants.add_token(token(kind="refresh"))
        assert work.grants.revoke_token(token(), NOW)
        assert not work.grants.revoke_token(token(), NOW + MINUTE)
        assert not work.grants.revoke_token(token("unknown"), NOW)
    with store.reading() as work:
        assert work.grants.token("access", "digest") == replace(token(), revoked_at=NOW)
        assert work.grants.token("refresh", "digest") == token(kind="refresh")
        assert work.grants.token("refresh", "unknown") is None


@pytest.mark.row("S4")
def test_all_that_goes_back_to_a_code_is_ended_and_nothing_else(store: Store) -> None:
    """S4: after a second use of a code, a thief's tokens would live on, or everybody's would end."""
    issued = [replace(token("one"), code="of a code"), replace(token("two", "refresh"), code="of a code")]
    others = [replace(token("three"), code="of another"), token("four")]
    with store.transaction() as work:
        work.grants.add(grant())
        for each in (*issued, *others):
            work.grants.add_token(each)
        assert work.grants.revoke_token(issued[0], NOW)
        work.grants.allowed(grant().allowed("owner", "https://api.example/", "a"))
        assert work.grants.revoke_issued_for("of none", NOW) == 0
        assert work.grants.get("id-one") != grant()
        assert work.grants.revoke_issued_for("of a code", NOW + MINUTE) == 1
        assert work.grants.get("id-one") == grant()
        work.grants.allowed(grant().allowed("owner", "https://api.example/", "a"))
        assert work.grants.revoke_issued_for("of none", NOW) == 0
        assert work.grants.get("id-one") != grant()
        assert work.grants.revoke_issued_for("of a code", NOW + MINUTE) == 0
        assert work.grants.get("id-one") == grant()  # the application had ended its tokens itself, but not the thief
    with store.reading() as work:
        assert work.grants.token("access", "one") == replace(issued[0], revoked_at=NOW)
        assert work.grants.token("refresh", "two") == replace(issued[1], revoked_at=NOW + MINUTE)
        assert [work.grants.token("access", each.digest) for each in others] == others


# -- clients ----------------------------------------------------------------------------------------------------------


def test_a_client_id_is_taken_once_and_all_are_listed_in_order(store: Store) -> None:
    """A second registration would take over the first one's id."""
    secrets = (ClientSecret("current"), ClientSecret("former", NOW + MINUTE))
    with store.transaction() as work:
        assert work.clients.add(client("triodos"))
        assert work.clients.add(client("ing", *secrets))
        assert not work.clients.add(client("ing"))
    with store.reading() as work:
        assert work.clients.get("ing") == client("ing", *secrets)
        assert work.clients.all() == [client("ing", *secrets), client("triodos")]


@pytest.mark.row("S1")
def test_where_a_client_may_be_sent_back_to_is_kept_as_it_was_registered(store: Store) -> None:
    """S1: an address that changes on its way through the database is not the one that was registered; nor one that stays."""
    uris = ("https://app.example/back?a=%2F", "http://127.0.0.1/back")
    served = ("https://api.example/", "urn:a")
    registered, other = (replace(client(name), redirect_uris=uris, audiences=served) for name in ("ing", "triodos"))
    exits = ("https://app.example/bye?a=%2F",)
    moved = replace(registered, post_logout_redirect_uris=exits, backchannel_logout_uri="https://app.example/out?a=%2F")
    changed = replace(moved, redirect_uris=("https://new.example/?b=%2f", uris[1]), audiences=served[1:], name="ING")
    with store.transaction() as work:
        work.clients.add(registered)
        work.clients.add(other)
        assert work.clients.all() == [registered, other]
        work.clients.replace(changed)
    with store.reading() as work:
        assert work.clients.all() == [changed, other]


def test_replacing_a_client_keeps_name_enabled_and_secrets_in_their_order(store: Store) -> None:
    """After a rotation the former secret would be taken for the current one."""
    before = client("ing", ClientSecret("first"))
    after = replace(before, name="ING Bank", enabled=False, secrets=(ClientSecret("second"), ClientSecret("first", NOW)))
    with store.transaction() as work:
        work.clients.add(before)
        work.clients.add(client("triodos", ClientSecret("its own")))
        work.clients.replace(after)
        work.clients.replace(client("never-registered", ClientSecret("x")))
    with store.reading() as work:
        assert work.clients.all() == [after, client("triodos", ClientSecret("its own"))]


def test_the_last_use_of_each_client_is_that_of_any_of_its_grants(store: Store) -> None:
    """An operator would switch off an application that a customer uses, or keep one that nobody does."""
    with store.transaction() as work:
        for name in ("basecone", "ing", "triodos"):
            work.clients.add(client(name))
        work.grants.add(grant("late", at=NOW + MINUTE))
        work.grants.add(replace(grant("ended", "uuid-2", at=NOW + 2 * MINUTE), revoked_at=NOW + 3 * MINUTE))
        work.grants.add(grant("early", "uuid-3"))
        work.grants.add(replace(grant("of another"), client_id="ing"))
        work.grants.add(replace(grant("of nobody"), client_id="never-registered"))
    with store.reading() as work:
        assert work.clients.last_used() == {"basecone": NOW + 2 * MINUTE, "ing": NOW}


def test_a_clients_keys_and_certificates_are_kept_beside_its_secrets_and_replaced_as_a_whole(store: Store) -> None:
    """A bank would be taken for another one, or its former key work on after it was replaced."""
    first = ClientKey("é 1", ("ES256",), {"kty": "EC", "crv": "P-256", "x": "x-1", "y": "y-1"})
    second = ClientKey("2", ("PS256", "RS256"), {"kty": "RSA", "n": "n-2", "e": "AQAB"})
    certificates = (ClientCertificate("tls_client_auth_subject_dn", "CN=é,O=b"), ClientCertificate("x5t#S256", "c-1"))
    secrets = ClientSecret("former", NOW), ClientSecret("older", NOW)
    with_keys = replace(client("ing", *secrets), keys=(first, second), certificates=certificates)
    with store.transaction() as work:
        work.clients.add(with_keys)
        work.clients.add(replace(client("triodos"), keys=(first,)))
        work.clients.add(replace(client("rabobank"), certificates=certificates[:1]))
    with store.transaction() as work:
        assert work.clients.all() == [
            with_keys, replace(client("rabobank"), certificates=certificates[:1]), replace(client("triodos"), keys=(first,)),
        ]  # fmt: skip
        work.clients.replace(replace(with_keys, keys=(second,), certificates=certificates[1:]))
        work.clients.replace(client("triodos"))
        work.clients.replace(client("rabobank"))
    with store.reading() as work:
        assert work.clients.get("ing") == replace(with_keys, keys=(second,), certificates=certificates[1:])
        assert [work.clients.get(name) for name in ("rabobank", "triodos")] == [client("rabobank"), client("triodos")]


@pytest.mark.row("S47")
@pytest.mark.parametrize("typed", ["", "\0", "ing\0", "\ud800", "x" * 2**20, "' OR 1=1 --", "%", "ING"])
def test_a_client_id_that_no_client_has_finds_none(store: Store, typed: str) -> None:
    """S47: a stranger's bytes would make a 500."""
    with store.transaction() as work:
        work.clients.add(client("ing"))
    with store.reading() as work:
        assert work.clients.get(typed) is None
