"""Everything that a token service does, well and badly, and what of it must be nowhere."""

from __future__ import annotations

from urllib.parse import urlencode

from idp.adapters.back_channel import HttpBackChannel
from idp.errors import DirectoryUnavailable
from idp.oauth.authorization import AuthorizationRequest
from idp.oauth.authorization_response import SentBack
from idp.oauth.end_session import EndSessionEndpoint
from idp.oauth.http import RawRequest
from idp.oauth.logout_token import LogoutTokens
from idp.services.change_client import ChangeClient, Changed
from idp.services.logged_in_clients import tell_clients
from idp.services.logout_notices import LogoutNotices
from idp.services.outbox import pause_after
from tests.client_signers import Signer
from tests.contract.back_channel.application import HERE, running_application
from tests.oauth.certified import PROXY, Certified
from tests.oauth.keyed import Keyed
from tests.oauth.place import ASKING, Place, hash_of
from tests.oauth.proving import classic, strict
from tests.oauth.registering import new_token, register, send
from tests.oauth.test_client_credentials import own_token
from tests.oauth.test_public_clients import APP, let_in
from tests.oauth.world import BACK, CHALLENGE, ORIGIN, OWNER_MAIL, PASSWORD, USERNAME, VERIFIER, World

WRONG = "verkeerde-wachtzin-die-nergens-mag-staan"


def every_flow(world: World) -> set[str]:
    """Run everything that a token service does, well and badly, and give what must be nowhere."""
    client_id, secret = world.clients["vendor_api"]
    answer = world.token("vendor_api").json
    refreshed = world.refresh(answer["refresh_token"]).json
    world.post("/oauth/token", None, {
        "grant_type": "password", "username": USERNAME, "password": WRONG, "client_id": client_id, "client_secret": secret,
    })  # fmt: skip
    world.token(username=f"{USERNAME}@u4bsw.nl", password=WRONG)
    world.token(resource="https://evil.example/")
    world.post("/oauth/token", None, {"grant_type": "password"}, headers=world.basic("ing", WRONG))
    world.http.post(f"/oauth/token?client_secret={secret}&password={PASSWORD}")
    world.http.get(f"/oauth/userinfo?access_token={answer['access_token']}")
    code, spare = world.code(challenge=CHALLENGE), world.code()
    world.redeem(code, code_verifier=VERIFIER)
    world.redeem(code, code_verifier=VERIFIER)
    world.redeem(spare, code_verifier=VERIFIER)
    for token in (answer["access_token"], answer["refresh_token"], refreshed["access_token"] + "x"):
        world.introspect(token, "vendor_api")
        world.userinfo(token)
    own = own_token(world).json["access_token"]
    world.introspect(own, "vendor_service")
    world.userinfo(own)
    world.asked.fault = DirectoryUnavailable()
    world.token(password=WRONG)
    world.refresh(answer["refresh_token"])
    world.asked.fault = None
    world.post("/oauth/revoke", "vendor_api", {"token": answer["access_token"]})
    world.post("/oauth/revoke", "vendor_api", {"token": answer["refresh_token"]})
    secrets = {code, spare, VERIFIER, PASSWORD, WRONG, secret, world.clients["ing"][1], answer["refresh_token"]}
    secrets |= whole_and_signature(answer["access_token"], refreshed["access_token"], own)
    basic = world.basic("vendor_api")["Authorization"].removeprefix("Basic ")
    flows = (signed, pushed, shown, bound, hinted, registered, on_a_device, rotated, at_the_strict_issuer, told_of_a_logout)
    return secrets.union({basic}, *(flow(world) for flow in flows))


def whole_and_signature(*tokens: str) -> set[str]:
    """Give JWTs, and of each the part that makes it work."""
    return {part for token in tokens for part in (token, token.rpartition(".")[2])}


def on_a_device(world: World) -> set[str]:
    """Let a device in: asked too soon, at last, and once too often."""
    started = world.device().json
    owner, devices = world.directory.find_owner_by_mail(OWNER_MAIL), world.parts.devices
    for _ in range(2):
        world.fetch(started["device_code"])
    step = devices.recognise(owner, started["user_code"])
    devices.allow(owner, devices.waiting(owner, step), USERNAME)
    answers = [world.fetch(started["device_code"]) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 400]
    told, typed = answers[0].json, started["user_code"]
    secrets = {started["device_code"], typed, typed.replace("-", ""), step, told["refresh_token"]}
    return secrets | whole_and_signature(told["access_token"])


def rotated(world: World) -> set[str]:
    """Change a public client's refresh token for another, twice, and bring the first one again."""
    held = [let_in(world)]
    for _ in range(2):
        held.append(world.refresh(held[-1]["refresh_token"], APP).json)
    assert world.refresh(held[0]["refresh_token"], APP).status_code == 400
    return {told["refresh_token"] for told in held} | whole_and_signature(*(told["access_token"] for told in held))


def at_the_strict_issuer(world: World) -> set[str]:
    """Let a bank push what it has signed, well and badly, and get tokens that are bound to its key; and once too often."""
    bank, now = strict(world, "another bank"), int(world.clock.now().timestamp())
    claims = {**ASKING, "client_id": bank.client_id, "iss": bank.client_id, "aud": f"{ORIGIN}/fapi", "nbf": now, "exp": now + 60}
    objects = [Signer().sign({**claims, **more}, typ="oauth-authz-req+jwt") for more in ({}, {"aud": "x"})]
    answers = [bank.send("par", {"request": each}, bank.proof("par")) for each in objects]
    assert [answer.status_code for answer in answers] == [201, 400]
    code = bank.allowed(answers[0])
    told = bank.redeem(code, code_verifier=VERIFIER).json
    again = bank.refresh(told["refresh_token"]).json
    assert bank.userinfo(again["access_token"]).status_code == 200
    assert bank.introspect(told["refresh_token"])["active"]
    assert bank.redeem(code, code_verifier=VERIFIER).status_code == 400
    bank.revoke(told["refresh_token"])
    secrets = {answers[0].json["request_uri"].rpartition(":")[2], code, told["refresh_token"]}
    return secrets | whole_and_signature(*objects, told["access_token"], again["access_token"])


def told_of_a_logout(world: World) -> set[str]:
    """Tell an application that an owner has logged out; it answers the second time."""
    parts, session = world.parts, world.session()
    client_id = world.clients["vendor_api"][0]
    with running_application() as server:
        server.answers = [503, 200]
        address = Changed(backchannel_logout_uri=server.uri)
        ChangeClient(world.database, world.clock).change(client_id, address, "operator:test")
        token = world.redeem(world.code_for(scope="openid")).json["id_token"]
        with world.database.transaction() as work:
            tell_clients(work, session.id, world.clock.now())
        tokens = LogoutTokens(lambda: parts.keys, (parts.issuer,), parts.connectors, world.clock)
        notices = LogoutNotices(world.database, tokens, HttpBackChannel(HERE), world.clock)
        outcomes = [notices.run_once()]
        world.clock.go(pause_after(1))
        outcomes.append(notices.run_once())
    assert [outcome[1] for outcome in outcomes if outcome] == ["answered-503", "told"]
    return whole_and_signature(token, *(form["logout_token"] for _, form in server.sent))


def shown(world: World) -> set[str]:
    """Let a client of each issuer show a key, and give what must be nowhere."""
    return shown_by(classic(world)) | shown_by(strict(world))


def shown_by(application: Place) -> set[str]:
    """Let a client show a key, well and badly, and give what must be nowhere; a proof is one, until it has been used."""
    name = f"the name of a proof of {application.client_id}, not kept"
    proofs = [application.proof(jti=name), application.proof(htm="x"), application.proof(iat=1)]
    answers = [application.ask(proof) for proof in (*proofs, proofs[0])]
    assert [answer.status_code for answer in answers] == [200, 400, 400, 400]
    token, refresh_token = answers[0].json["access_token"], answers[0].json["refresh_token"]
    assert application.refresh(refresh_token).status_code == 200
    application.introspect(refresh_token)
    proofs += [application.proof("userinfo", ath=hash_of(token)), application.proof("userinfo", ath="x")]
    assert [application.userinfo(token, proof).status_code for proof in proofs[-2:]] == [200, 401]
    parts = {part for proof in proofs for part in (proof, *proof.split(".")[1:])}
    secret = str(application.signer.key.as_dict(private=True)["d"])
    return parts | {token, refresh_token, name, secret}


def hinted(world: World) -> set[str]:
    """Let an application send its ID token back with a request that is put off, and give what must be nowhere."""
    token = world.redeem(world.code_for(scope="openid")).json["id_token"]
    judged, refused = (world.judge(scope="openid", id_token_hint=hint) for hint in (token, token + "x"))
    assert isinstance(judged, AuthorizationRequest)
    put_off = world.parts.authorization.put_off(f"/authorize?{judged.query_after_login}", "App")
    pushed = {"response_type": "code", "redirect_uri": BACK, "scope": "openid", "id_token_hint": token}
    assert world.post("/oauth/par", "vendor_api", pushed).status_code == 201
    assert isinstance(refused, SentBack)
    assert token not in refused.location
    query = urlencode({"id_token_hint": token, "state": "s"})
    leaving = EndSessionEndpoint(world.parts).judge(RawRequest("GET", query, "", b"", None, "127.0.0.1", "127.0.0.1"))
    assert leaving.hint is not None
    assert leaving.again == {"client_id": world.clients["vendor_api"][0], "state": "s"}
    return {put_off.secret} | whole_and_signature(token)


def pushed(world: World) -> set[str]:
    """Bring an authorization request, well and badly, and give its name, by which a browser has its owner asked."""
    form = {"response_type": "code", "redirect_uri": BACK}
    answers = [world.post("/oauth/par", "vendor_api", {**form, **more}) for more in ({}, {"request": "x"}, {"scope": "none"})]
    assert [answer.status_code for answer in answers] == [201, 400, 400]
    return {answers[0].json["request_uri"].rpartition(":")[2]}


def signed(world: World) -> set[str]:
    """Let a client say who it is by what it signs, well and badly, and give what must be nowhere."""
    bank = Keyed(world).register()
    assertions = [bank.assertion(jti="an identifier that is not kept"), bank.assertion(aud="x"), bank.assertion() + "x"]
    assert [bank.ask(assertion).status_code for assertion in (*assertions, assertions[0])] == [200, 401, 401, 401]
    parts = {part for assertion in assertions for part in (assertion, *assertion.split(".")[1:])}
    return parts | {"an identifier that is not kept", str(bank.signer.key.as_dict(private=True)["d"])}


def bound(world: World) -> set[str]:
    """Let a client show a certificate, well and badly, and give what must be nowhere."""
    bank = Certified(world, "certified").register(kind="fapi")
    form = {"grant_type": "authorization_code", "code": world.code(client_id="certified"), "redirect_uri": BACK}
    token = bank.ask(path="/fapi/token", **form).json["access_token"]
    for headers in (bank.made.headers(), {"SSL-Client-Cert": WRONG}):
        assert bank.ask(headers, path="/fapi/introspect", token=token).status_code in (200, 401)
        world.http.get(
            "/fapi/userinfo", headers={"Authorization": f"Bearer {token}", **headers}, environ_base={"REMOTE_ADDR": PROXY}
        )
    return {form["code"]} | whole_and_signature(token)


def registered(world: World) -> set[str]:
    """Let applications register themselves, well and badly, and give what must be nowhere."""
    token = new_token(world, uses=1)
    private = Signer(which="of nobody").key.as_dict(private=True)
    assert register(world, token, jwks={"keys": [private]}).status_code == 400
    assert send(world, token, b'{"client_name": "%s"' % WRONG.encode()).status_code == 400
    assert register(world, WRONG).status_code == 401
    secret = register(world, token).json["client_secret"]
    assert register(world, token).status_code == 401
    return {token, secret, str(private["d"])}
