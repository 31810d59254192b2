"""`idp client show` and `idp client change`: a registration as it is, and as it shall be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.installation import Installation

BACK, MOVED = "https://app.example/back", "https://moved.example/back"
API, OTHER_API = "https://api.boekhoudgemak.nl/", "https://documents.example/"


def add(at: Installation, kind: str = "vendor_api", *more: str) -> str:
    """Register an application; gives its identifier."""
    return str(at.idp("client", "add", kind, "--name", "App", "--json", *more).json["client_id"])


def test_all_of_a_registration_is_shown_and_no_secret(at: Installation) -> None:
    """Who is asked what an application may send would have to read a database; S34: or would see what nobody shall."""
    client_id = add(at, "vendor_api", "--redirect-uri", BACK)
    at.done("client", "rotate-secret", client_id)
    shown = at.idp("client", "show", client_id, "--json").json
    until = shown["secrets"].pop()
    assert until.startswith("until ")
    assert shown | {"since": None} == {
        "client_id": client_id,
        "connector": "vendor_api",
        "name": "App",
        "enabled": True,
        "since": None,
        "redirect uris": [BACK],
        "post logout redirect uris": [],
        "backchannel logout uri": None,
        "secrets": ["for good"],
        "keys": [],
        "audiences": [],
        "certificates": [],
        "named itself": False,
        "last used": None,
    }
    lines = at.done("client", "show", client_id).splitlines()
    assert ["redirect", "uris", BACK] in [line.split() for line in lines]


@pytest.mark.row("S1")
def test_where_authorizations_lead_back_to_is_changed_as_a_whole(at: Installation) -> None:
    """S1: an address that an application has given up would go on getting codes."""
    client_id = add(at, "vendor_api", "--redirect-uri", BACK)
    changed = at.idp("client", "change", client_id, "--redirect-uri", MOVED, "--name", " App 2 ", "--json").json
    assert (changed["redirect uris"], changed["name"]) == ([MOVED], "App 2")
    shown = at.idp("client", "show", client_id, "--json").json
    assert shown == changed | {"last used": None}
    (record,) = at.idp("audit", "list", "--action", "client.changed", "--json").json
    assert record["actor"].startswith("operator:")
    assert record["changes"] == {
        "name": {"before": "App", "after": "App 2"},
        "redirect_uris": {"before": BACK, "after": MOVED},
    }


@pytest.mark.row("S2")
def test_what_could_not_be_registered_can_not_be_changed_to(at: Installation) -> None:
    """S2: the rules of the registration would be gone round in two steps."""
    client_id = add(at, "vendor_api", "--redirect-uri", BACK)
    ran = at.idp("client", "change", client_id, "--redirect-uri", "http://app.example/back")
    assert ran.sentence.startswith("a redirect URI begins with https://")
    assert at.idp("client", "show", client_id, "--json").json["redirect uris"] == [BACK]
    ran = at.idp("client", "change", add(at, "basecone"), "--redirect-uri", BACK)
    assert ran.code == 2
    assert "the grants of basecone are password" in " ".join(ran.err.split())


def test_a_change_of_nothing_is_wrong_use(at: Installation) -> None:
    """Who forgot the option would believe that it was done."""
    ran = at.idp("client", "change", add(at))
    assert ran.code == 2
    assert "say what shall be another" in ran.err


@pytest.mark.parametrize("command", [("show",), ("change", "--name", "x"), ("change", "--redirect-uri", BACK)])
def test_an_unknown_application_is_one_sentence(at: Installation, command: tuple[str, ...]) -> None:
    """A typing error would end in a traceback."""
    assert at.idp("client", *command, "nobody").sentence == "There is no such client."


@pytest.mark.row("S2", "S41")
def test_where_a_logout_leads_is_registered_and_changed_by_the_same_rules(at: Installation) -> None:
    """S41: a logout would lead nowhere; or to an address at which anybody can listen."""
    client_id = add(at, "vendor_api", "--post-logout-redirect-uri", BACK)
    assert at.idp("client", "show", client_id, "--json").json["post logout redirect uris"] == [BACK]
    changed = at.idp("client", "change", client_id, "--post-logout-redirect-uri", MOVED, "--json").json
    assert (changed["post logout redirect uris"], changed["backchannel logout uri"]) == ([MOVED], None)
    changed = at.idp("client", "change", client_id, "--backchannel-logout-uri", MOVED, "--json").json
    assert (changed["post logout redirect uris"], changed["backchannel logout uri"]) == ([MOVED], MOVED)
    for command in (("change", client_id), ("add", "vendor_api", "--name", "Second")):
        for option in ("--post-logout-redirect-uri", "--backchannel-logout-uri"):
            ran = at.idp("client", *command, option, "http://app.example/bye")
            assert ran.sentence.startswith("a redirect URI begins with https://")
    assert "Second" not in at.done("client", "list")
    ran = at.idp("client", "change", add(at, "basecone"), "--post-logout-redirect-uri", BACK)
    assert ran.code == 2
    without = ("--no-post-logout-redirect-uri", "--no-backchannel-logout-uri")
    changed = at.idp("client", "change", client_id, *without, "--json").json
    assert (changed["post logout redirect uris"], changed["backchannel logout uri"]) == ([], None)
    assert changed["name"] == "App"
    *_, last = at.idp("audit", "list", "--action", "client.changed", "--json").json
    assert last["changes"] == {
        "post_logout_redirect_uris": {"before": MOVED, "after": ""},
        "backchannel_logout_uri": {"before": MOVED, "after": None},
    }
    for option in without:
        ran = at.idp("client", "change", client_id, option, option.replace("--no-", "--"), MOVED)
        assert (ran.code, f"or {option}" in ran.err) == (2, True)


@pytest.mark.row("S37")
def test_which_api_it_is_is_changed_by_the_same_rules(at: Installation) -> None:
    """S37: an API that has moved would be told of nothing, and the one that is gone still of every token that is for it."""
    at.more["oauth"] = {"audiences": [OTHER_API]}
    client_id = add(at, "vendor_service", "--audience", API)
    for option, value, after in (("--audience", OTHER_API, [OTHER_API]), ("--audience", API, [API]), ("--no-audience", "", [])):
        words = [word for word in (option, value) if word]
        assert at.idp("client", "change", client_id, *words, "--json").json["audiences"] == after
    ran = at.idp("client", "change", client_id, "--audience", "https://elsewhere.example/")
    assert (ran.code, "no token is for" in ran.err) == (2, True)
    ran = at.idp("client", "change", add(at, "vendor_app"), "--audience", API)
    assert (ran.code, "are told of nobody's tokens" in " ".join(ran.err.split())) == (2, True)
    ran = at.idp("client", "change", client_id, "--audience", API, "--no-audience")
    assert (ran.code, "either --audience or --no-audience" in ran.err) == (2, True)
