"""Gives the captcha's challenges (R7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify

if TYPE_CHECKING:
    from idp.ports.outside import Captcha, Clock


def captcha_blueprint(captcha: Captcha, clock: Clock) -> Blueprint:
    """Give the route; its limit by address is put on the whole blueprint.

    Args:
        captcha: makes challenges.
        clock: dates them.
    """
    routes = Blueprint("captcha", __name__)

    @routes.get("/captcha/challenge")
    def challenge() -> Response:
        return jsonify(captcha.challenge(clock.now()))

    return routes
