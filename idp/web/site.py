"""Puts the pages together: one call for the composition root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.web import assets, csrf, security_headers
from idp.web.captcha import captcha_blueprint
from idp.web.coupling_check import CouplingCheckPages
from idp.web.couplings import CouplingPages
from idp.web.device import DevicePages
from idp.web.error_pages import ErrorPages
from idp.web.history import HistoryPages
from idp.web.login import LoginPages
from idp.web.not_me import NotMePages
from idp.web.pages import Pages
from idp.web.portal import PortalPages
from idp.web.portal_password import ForgottenPasswordPages, PortalPasswordPages
from idp.web.reset import ResetPages
from idp.web.set_password import SetPasswordPages
from idp.web.signed_in import SignedIn

if TYPE_CHECKING:
    from flask import Flask
    from flask_limiter import Limiter

    from idp.ports.outside import Captcha, Clock
    from idp.services.authorization import Authorization
    from idp.services.complete_reset import CompleteReset
    from idp.services.coupling_check import CouplingCheck
    from idp.services.couplings import Couplings
    from idp.services.device import DeviceAuthorization
    from idp.services.not_me import NotMe
    from idp.services.overview import Overview
    from idp.services.own_history import OwnHistory
    from idp.services.owner_login import OwnerLogin
    from idp.services.portal import Portal
    from idp.services.portal_password import PortalPassword
    from idp.services.request_reset import RequestReset
    from idp.settings import Settings
    from idp.web.link_limits import LinkLimits

MAX_BODY_BYTES = 64 * 1024
"""More than any form or token request of ours needs; longer ones get 413 before they are read."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages use."""

    settings: Settings
    clock: Clock
    captcha: Captcha
    limiter: Limiter
    owner_login: OwnerLogin
    portal: Portal
    couplings: Couplings
    overview: Overview
    history: OwnHistory
    check: CouplingCheck
    authorization: Authorization
    devices: DeviceAuthorization
    portal_password: PortalPassword
    request_reset: RequestReset
    complete_reset: CompleteReset
    not_me: NotMe
    links: LinkLimits


def install_site(app: Flask, site: Site, secret_key: bytes) -> Pages:
    """Add pages, error pages, limits and headers to an application.

    Args:
        app: made as ``Flask("idp.web")``, so that it serves our `static`.
        site: the services behind the pages.
        secret_key: signs the anti-forgery cookie; at least 32 random bytes, the same in every process.

    Returns:
        the renderer, for blueprints that are added apart (the demo's mailbox).
    """
    pages = Pages.build(site.settings, site.clock)
    app.url_map.merge_slashes = False  # the redirect that it makes names whatever host the request named (S49)
    app.config.update(SECRET_KEY=secret_key, MAX_CONTENT_LENGTH=MAX_BODY_BYTES)
    pages.cookies.configure(app)
    csrf.configure(app)
    site.limiter.init_app(app)
    assets.install(app, pages.brand.urls.values())
    security_headers.install(app, https=site.settings.service.origin.startswith("https:"))
    ErrorPages(pages).install(app)
    app.register_blueprint(pages.brand.blueprint())
    _add_pages(app, site, pages)
    return pages


def _add_pages(app: Flask, site: Site, pages: Pages) -> None:
    links = (
        SetPasswordPages(pages, site.complete_reset, site.check, site.links).blueprint(),
        PortalPasswordPages(pages, site.portal_password, site.links).blueprint(),
        NotMePages(pages, site.not_me, site.links).blueprint(),
    )
    signed_in = SignedIn(pages, site.owner_login)
    challenges = captcha_blueprint(site.captcha, site.clock)
    rates = site.settings.limits
    site.limiter.shared_limit(rates.captcha_address, scope="captcha_address")(challenges)
    devices = DevicePages(pages, signed_in, site.portal, site.authorization, site.devices).blueprint()
    site.limiter.shared_limit(rates.authorize_address, scope="authorize_address", key_func=signed_in.counted_as)(devices)
    forms = (
        PortalPages(pages, signed_in, site.portal, site.overview).blueprint(),
        CouplingPages(pages, signed_in, site.couplings).blueprint(),
        HistoryPages(pages, signed_in, site.history).blueprint(),
        CouplingCheckPages(pages, signed_in, site.check).blueprint(),
        LoginPages(pages, site.owner_login, site.authorization).blueprint(),
        ForgottenPasswordPages(pages, site.portal_password).blueprint(),
        ResetPages(pages, site.request_reset, site.portal).blueprint(),
    )
    for routes in (*forms, *links, challenges, devices):
        app.register_blueprint(routes)
