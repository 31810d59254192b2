"""An application that has registered itself: nobody here has looked at it, and its owner is told so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

from connectors.vendor_api import CONNECTOR as VENDOR
from idp.domain.client import Narrowed
from idp.services.change_client import ChangeClient, Changed
from idp.services.registration import Registration, Wish
from tests.web.authorizing import BACK, DECISION, Application, answer_of, log_in_there, redeemed
from tests.web.pushing import CLASSIC, Pusher
from tests.web.world import NAME

if TYPE_CHECKING:
    from tests.web.page import Visitor
    from tests.web.world import World

ON = "Ga verder naar app.example"


@pytest.fixture
def application(world: World) -> Application:
    """One that calls itself as a bank does."""
    registration = Registration(world.store, world.clients.digests, world.clock)
    token, _ = registration.make_token("vendor_api", 1, timedelta(days=1), "operator:test")
    narrowed = Narrowed("client_secret_post", VENDOR.grants, VENDOR.scopes)
    registered = registration.register(token, Wish("Rabobank <b>", (BACK,), (), narrowed, with_secret=True))
    return Application(registered.client.client_id, registered.secret or "", (BACK,))


def named(world: World, application: Application) -> None:
    """Have an operator look at it, and give it a name."""
    ChangeClient(world.store, world.clock).change(application.client_id, Changed(name="Boekhoud App"), "operator:test")


def test_who_named_itself_is_told_as_such_and_by_its_address(world: World, visitor: Visitor, application: Application) -> None:
    """Whoever may register itself calls itself as the bank does, or writes a sentence; its owner would take it for ours."""
    pusher = Pusher(world, CLASSIC, application)
    for address in (pusher.address(pusher.pushed()), application.address()):
        visitor.open(address)
        assert "app.example vraagt toegang tot een koppelgebruiker van jou. Log eerst in." in visitor.page.words
        assert "Rabobank" not in visitor.page.words
    log_in_there(visitor)
    warning = "De toepassing noemt zichzelf zo. Wij hebben dat niet gecontroleerd. Ken je app.example niet? Kies dan Weigeren."
    assert f"Rabobank <b> vraagt toegang tot een koppelgebruiker van jou. {warning}" in visitor.page.words
    redeemed(world, application, answer_of(visitor.submit(DECISION, {"decision": "allow", "user": NAME}))["code"])
    visitor.open("/portal/couplings")
    assert "Rabobank <b> De toepassing noemt zichzelf zo. Wij hebben dat niet gecontroleerd." in visitor.page.words
    named(world, application)
    visitor.open(application.address(prompt="consent"))
    assert "Boekhoud App vraagt toegang" in visitor.page.words
    assert warning not in visitor.page.words


@pytest.mark.row("S3")
def test_nobody_is_led_to_its_address_who_has_not_said_so(world: World, owner: Visitor, application: Application) -> None:
    """RFC 9700 section 4.11.2: a request that is wrong, or is refused, would make our own address lead to a thief's page."""
    pusher = Pusher(world, CLASSIC, application)
    owner.open(application.address())
    refused = owner.submit(DECISION, {"decision": "refuse"})
    wrong = [owner.open(application.address(**asked)) for asked in ({"scope": "all"}, {"prompt": "none"}, {"resource": "x"})]
    for answer in (refused, *wrong, owner.open(pusher.address(pusher.pushed(prompt="none")))):
        assert (answer.status_code, "Location" in answer.headers) == (200, False)
    told = dict(parse_qsl(urlsplit(owner.page.links[ON]).query))
    assert (told["error"], told["state"], told["iss"]) == ("consent_required", "of the application & <more>", world.origin)
    assert owner.page.links[ON].startswith(f"{BACK}&")
    assert "Ken je app.example niet? Ga dan niet verder, maar sluit deze pagina." in owner.page.words
    answer = owner.open(application.address(prompt="none", response_mode="form_post"))
    (form,) = owner.page.forms
    assert (form.action, form.fields["error"], form.buttons) == (BACK, "consent_required", [ON])
    assert "form_post.js" not in owner.last_text  # which would press the button
    assert "form-action 'self' https://app.example;" in answer.headers["Content-Security-Policy"]
    named(world, application)
    assert answer_of(owner.open(application.address(prompt="none")))["error"] == "consent_required"
