"""An owner's couplings (*koppelingen*): which application, since when, last used, from where; end one, or all (S42)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from idp.errors import IdpError, NotUsable, StaleForm, UnknownCoupling, UnknownUser
from idp.web.csrf import assert_fresh
from idp.web.just_done import JustDone
from idp.web.received import read_form

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from idp.domain.people import Owner
    from idp.services.couplings import Couplings
    from idp.web.pages import Pages
    from idp.web.signed_in import SignedIn

_PAGE = "/portal/couplings"
_END = f"{_PAGE}/end"
_END_ALL = f"{_PAGE}/end-all"


@dataclass(frozen=True, slots=True)
class CouplingPages:
    """The list, and the forms on it. They ask nothing twice; the list then says what was done."""

    pages: Pages
    signed_in: SignedIn
    couplings: Couplings

    def blueprint(self) -> Blueprint:
        """Give the routes."""
        routes = Blueprint("couplings", __name__)
        routes.add_url_rule(_PAGE, "page", self.page)
        routes.add_url_rule(_END, "end", self.end, methods=["POST"])
        routes.add_url_rule(_END_ALL, "end_all", self.end_all, methods=["POST"])
        return routes

    def page(self) -> Response:
        """Show all couplings, read live."""
        try:
            owner = self.signed_in.owner()
        except NotUsable:
            return self.signed_in.to_login(_PAGE)
        return self._show(owner, None)

    def end(self) -> Response:
        """End one."""
        return self._do(_END, self._end)

    def end_all(self) -> Response:
        """End all of one koppelgebruiker."""
        return self._do(_END_ALL, self._end_all)

    def _end(self, owner: Owner, fields: Mapping[str, str]) -> str:
        application, bare = self.couplings.end(owner, fields["grant"])
        return f"{application}, {bare}"

    def _end_all(self, owner: Owner, fields: Mapping[str, str]) -> str:
        self.couplings.end_all(owner, fields["uid"])
        return fields["uid"]

    def _do(self, form: str, act: Callable[[Owner, Mapping[str, str]], str]) -> Response:
        fields = read_form(request)
        try:
            owner = self.signed_in.owner()
        except NotUsable:
            return self.signed_in.to_login(_PAGE, sent=True)
        try:
            assert_fresh(fields, self.pages.cookies)
            about = act(owner, fields)
        except (StaleForm, UnknownCoupling, UnknownUser) as exc:
            return self._show(owner, exc)
        JustDone(self.pages.clock).remember(form, about)
        return self.pages.see_other(_PAGE)

    def _show(self, owner: Owner, error: IdpError | None) -> Response:
        users = self.couplings.of_owner(owner)
        if error is not None:
            return self.pages.show_problem("couplings.html", error, owner=owner, users=users, ended=None, all_ended=None)
        done = JustDone(self.pages.clock)
        ended, all_ended = done.recall(_END), done.recall(_END_ALL)
        return self.pages.show("couplings.html", problem=None, owner=owner, users=users, ended=ended, all_ended=all_ended)
