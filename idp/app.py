"""The composition root of the web: settings and ports -> services -> pages and endpoints."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Flask

from idp.domain.capability import Purpose
from idp.oauth.authorization import AuthorizationEndpoint
from idp.oauth.end_session import EndSessionEndpoint
from idp.oauth.issuer import issuers
from idp.oauth.own_keys import open_key_ring
from idp.oauth.parts import OAuthParts
from idp.oauth.server import OAuthServer
from idp.outside import common_knowledge, load_connectors
from idp.services.assertions import Assertions
from idp.services.authenticate import PasswordLogin
from idp.services.authorization import Authorization
from idp.services.clients import ClientRegistry
from idp.services.complete_reset import CompleteReset
from idp.services.coupling_check import CouplingCheck
from idp.services.couplings import Couplings
from idp.services.device import DeviceAuthorization
from idp.services.gate import Gate
from idp.services.grants import GrantService
from idp.services.known_browsers import KnownBrowsers
from idp.services.login_guard import LoginGuard
from idp.services.not_me import NotMe
from idp.services.overview import Overview
from idp.services.own_history import OwnHistory
from idp.services.owner_login import OwnerLogin
from idp.services.portal import Portal
from idp.services.portal_password import PortalPassword
from idp.services.registration import Registration
from idp.services.request_reset import RequestReset
from idp.services.secrets_kept import KeptSecrets
from idp.services.solved_captcha import SolvedCaptcha
from idp.services.used_once import UsedOnce
from idp.web import access_log
from idp.web.authorize import AuthorizePages
from idp.web.demo_mail import demo_mail_blueprint
from idp.web.end_session import EndSessionPages
from idp.web.health import Health
from idp.web.limits import CountedLimits, build_limiter
from idp.web.link_limits import LinkLimits
from idp.web.metadata import metadata_blueprint
from idp.web.metrics import Metrics
from idp.web.proxy import TrustedProxies
from idp.web.signed_in import SignedIn
from idp.web.site import Site, install_site
from idp.web.token import token_blueprint

if TYPE_CHECKING:
    from pathlib import Path

    from flask_limiter import Limiter

    from idp.outside import Ports
    from idp.ports.outside import Limits
    from idp.settings import Settings


def create_app(settings: Settings, ports: Ports, demo_mailbox: Path | None = None) -> Flask:
    """Make the application.

    Args:
        settings: the rules.
        ports: the outside.
        demo_mailbox: folder of received mail to show at `/demo/mail`; in the demo only.

    Raises:
        ConfigurationError: the connectors contradict each other, the signing keys can't be read or made, or certificates are to
            be asked for by no proxy.
        StoreUnavailable: the operator's signing keys are others than at the last start, and that can't be audited.
    """
    app = Flask("idp.web")
    access_log.install(app)
    metrics = Metrics(ports.store, ports.clock)
    metrics.install(app)
    limiter = build_limiter(settings.limits)
    secret_key = ports.digests.derive(Purpose.FORM, "anti-forgery").encode()
    limits = CountedLimits(limiter, settings.limits)
    site = _site(settings, ports, limiter, limits)
    pages = install_site(app, site, secret_key)
    signed_in = SignedIn(pages, site.owner_login)
    for server in oauth_servers(settings, ports, limits):
        authorize = AuthorizePages(pages, signed_in, site.portal, site.authorization, AuthorizationEndpoint(server.parts))
        app.register_blueprint(authorize.blueprint(limiter, settings.limits.authorize_address))
        end_session = EndSessionPages(pages, signed_in, EndSessionEndpoint(server.parts))
        app.register_blueprint(end_session.blueprint(limiter, settings.limits.authorize_address))
        app.register_blueprint(token_blueprint(server))
        app.register_blueprint(metadata_blueprint(server))
    networks = tuple(ipaddress.ip_network(network) for network in settings.service.metrics_networks)
    asked = {"directory": ports.directory.ping, "store": ports.store.ping}
    app.register_blueprint(Health(asked, metrics, networks).blueprint())
    if demo_mailbox is not None:
        app.register_blueprint(demo_mail_blueprint(pages, demo_mailbox))
    certificates = settings.service.mtls_origin is not None
    proxies = TrustedProxies.around(app.wsgi_app, settings.service.trusted_proxies, certificates=certificates)
    app.wsgi_app = proxies  # type: ignore[method-assign]  # Flask's way
    return app


def _site(settings: Settings, ports: Ports, limiter: Limiter, limits: Limits) -> Site:
    directory, brand = ports.directory, settings.brand
    kept = KeptSecrets(ports.store, ports.digests, ports.clock)
    cooldown, known = timedelta(hours=settings.directory.cooldown_h), common_knowledge(settings)
    portal = Portal(directory, kept, brand.realms, cooldown)
    couplings = Couplings(directory, ports.store, ports.clock)
    everyone = settings.reset.message == "everyone"
    captcha = SolvedCaptcha(ports.captcha, ports.store, ports.clock)
    guard = LoginGuard(limits, captcha, KnownBrowsers(ports.digests))
    return Site(
        settings=settings,
        clock=ports.clock,
        captcha=ports.captcha,
        limiter=limiter,
        owner_login=OwnerLogin(directory, guard, kept),
        portal=portal,
        couplings=couplings,
        overview=Overview(portal, couplings),
        history=OwnHistory(directory, ports.store),
        check=CouplingCheck(directory, ports.store, ports.clock, load_connectors(settings)),
        authorization=authorization(ports, limits),
        devices=device_authorization(ports, limits),
        portal_password=PortalPassword(directory, limits, kept, known),
        request_reset=RequestReset(directory, portal, limits, captcha, kept, brand.realms, cooldown, everyone),
        complete_reset=CompleteReset(directory, kept, brand.realms, cooldown, known),
        not_me=NotMe(directory, kept, brand.realms),
        links=LinkLimits(limits, ports.digests),
    )


def authorization(ports: Ports, limits: Limits) -> Authorization:
    """Put together what leads from an owner's yes to tokens, the same for pages and endpoints."""
    directory, store, digests, clock = ports.directory, ports.store, ports.digests, ports.clock
    gate = Gate(directory, store, clock)
    grants = GrantService(store, gate, limits, digests, clock)
    return Authorization(directory, gate, grants, KeptSecrets(store, digests, clock))


def device_authorization(ports: Ports, limits: Limits) -> DeviceAuthorization:
    """Put together what lets devices in, the same for pages and endpoints."""
    directory, store, digests, clock = ports.directory, ports.store, ports.digests, ports.clock
    gate, kept = Gate(directory, store, clock), KeptSecrets(store, digests, clock)
    return DeviceAuthorization(directory, gate, GrantService(store, gate, limits, digests, clock), kept, limits)


def oauth_servers(settings: Settings, ports: Ports, limits: Limits) -> tuple[OAuthServer, ...]:
    """Put together the classic issuer and the strict one; what their endpoints use is one, all but the issuer.

    Args:
        settings: the rules.
        ports: the outside.
        limits: the counters.

    Raises:
        ConfigurationError: as `create_app`.
    """
    directory, store, digests, clock = ports.directory, ports.store, ports.digests, ports.clock
    gate, used_once = Gate(directory, store, clock), UsedOnce(store, digests, clock)
    oauth, (classic_one, strict_one) = settings.oauth, issuers(settings.service.origin, settings.service.mtls_origin)
    classic = OAuthParts(
        issuer=classic_one,
        default_audience=oauth.default_audience,
        audiences=oauth.audiences,
        connectors=load_connectors(settings),
        clients=ClientRegistry(store, digests, clock),
        assertions=Assertions(used_once),
        used_once=used_once,
        login=PasswordLogin(directory, gate, limits, digests, store, clock),
        authorization=authorization(ports, limits),
        devices=device_authorization(ports, limits),
        grants=GrantService(store, gate, limits, digests, clock),
        registration=Registration(store, digests, clock) if oauth.registration else None,
        keys=open_key_ring(settings.service.state, oauth.signing_algorithm, oauth.key_folder, store, clock),
        limits=limits,
        digests=digests,
        clock=clock,
    )
    return OAuthServer(classic), OAuthServer(replace(classic, issuer=strict_one))
