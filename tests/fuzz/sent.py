"""The grammar of what is sent: addresses that there are, names that are read, and values that are right, broken or hostile."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

    from tests.fuzz.live import Live

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
CONTENT_TYPES = (
    FORM,
    JSON,
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "text/plain",
    "",
    f"{FORM}; charset=utf-16",
    "\x80",
)
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE")

USUAL = {
    "grant_type": (
        "password",
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
    ),
    "response_type": ("code", "token", "id_token", "none"),
    "response_mode": ("query", "form_post", "fragment", "jwt"),
    "code_challenge_method": ("S256", "plain"),
    "scope": ("openid", "administratie:read", "administratie:read administratie:write openid profile"),
    "prompt": ("none", "login", "consent", "none login", "select_account"),
    "max_age": ("0", "-1", "1e9", "99999999999999999999"),
    "claims": ('{"id_token":{"acr":{"essential":true}}}', '{"userinfo":null}', "[" * 400, '{"a":' * 400),
    "resource": ("https://api.boekhoudgemak.nl/", "https://api.boekhoudgemak.nl/#x", "urn:x"),
    "token_type_hint": ("access_token", "refresh_token", "cookie"),
    "decision": ("allow", "refuse", "maybe"),
    "lang": ("nl", "en", "xx"),
    "ui_locales": ("nl en", "tlh"),
    "acr_values": ("urn:koppel-idp:password",),
    "state": ("a state",),
    "nonce": ("a nonce",),
    "id_token_hint": ("e30.e30.x",),
    "post_logout_redirect_uri": ("https://app.example/out",),
    "login_hint": ("anna@example.nl",),
    "dpop_jkt": ("0" * 43,),
    "ticket": ("x" * 43,),
    "q": ("bakker",),
    "password_again": ("vier losse woorden achter elkaar",),
    "name": ("x",),
    "grant": ("1",),
    "client_assertion_type": ("urn:ietf:params:oauth:client-assertion-type:jwt-bearer",),
    "redirect_uris": ("https://app.example/back",),
}
"""What stands in a parameter whose values are words, or that the tests have no living value of."""

HOSTILE = (
    "",
    " ",
    "\x00",
    "\r\nSet-Cookie: a=b",
    "*)(uid=*",
    "\\2a\\00",
    "' OR 1=1 --",
    '"><script>alert(1)</script>',
    "{{7*7}}",
    "%s%n{0.__class__}",
    "../../../../etc/passwd",
    "https://evil.example/",
    "//evil.example/",
    "http://169.254.169.254/latest/meta-data/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "\u202egnp.exe",
    "\ud800",
    "\U0001f600" * 40,
    "\uff355\u0130\u0131\u00df",
    "e" + "\u0301" * 300,
    "a" * 5000,
    "9" * 400,
    "-1",
    "1e999",
    "NaN",
    "null",
    "[]",
    "{}",
    "eyJhbGciOiJub25lIn0.e30.",
    "eyJhbGciOiJIUzI1NiIsImtpZCI6Ii4uLy4uL2tleSJ9.e30.AAAA",
    "eyJhbGciOiJFUzI1NiIsImp3ayI6e319.W10.AAAA",
    "=?utf-8?q?=00?=",
    "a;b=c,d",
)

HEADERS = {
    "X-Forwarded-For": ("192.0.2.9", "::ffff:1.2.3.4%eth0", "a, b", "192.0.2.9, 10.0.0.1" * 50),
    "X-Forwarded-Proto": ("https", "javascript"),
    "X-Forwarded-Host": ("evil.example",),
    "Accept-Language": ("nl", "en;q=0", "*", "nl-NL;q=x", "a" * 500, "nl," * 200),
    "Accept": ("*/*", "text/html", "application/json", ";;"),
    "Origin": ("null", "https://evil.example", "http://localhost"),
    "Referer": ("https://evil.example/",),
    "Sec-Fetch-Site": ("cross-site", "same-origin", "x"),
    "Host": ("localhost", "evil.example", "localhost:99999", "[::1"),
    "X-SSL-Client-Cert": ("-----BEGIN%20CERTIFICATE-----",),
    "Range": ("bytes=0-1,5-",),
    "If-None-Match": ('W/"x", *',),
    "If-Modified-Since": ("yesterday",),
    "X-Request-ID": ("0123456789abcdef",),
    "Content-Encoding": ("gzip",),
    "Transfer-Encoding": ("chunked", "identity, chunked"),
    "Expect": ("100-continue",),
}
SCHEMES = ("Bearer", "Basic", "DPoP", "Negotiate", "bearer", "")
VARIABLE = ("221", "never-was", "..%2f..", "%00", "%ff", "a" * 400, "00000000-0000-0000-0000-000000000000")
SAID_OF_ITSELF = (
    "client_name",
    "jwks",
    "keys",
    "kty",
    "jwks_uri",
    "grant_types",
    "response_types",
    "token_endpoint_auth_method",
    "contacts",
    "logo_uri",
    "software_statement",
    "dpop_bound_access_tokens",
    "backchannel_logout_uri",
    "post_logout_redirect_uris",
    "tls_client_auth_subject_dn",
)
_PLANES = (0, 128, 0x300, 0x600, 0x2000, 0xFF00, 0x1F600, 0xE0000)


_CLIENT, _SIGNED = ("client_id", "client_secret"), ("client_assertion", "client_assertion_type")
_ASKED = ("response_type=code", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method=S256", "scope")
_DEVICE_CODE = "grant_type=urn:ietf:params:oauth:grant-type:device_code"
TOGETHER = {
    "/token": (
        ("grant_type=password", "username", "password", *_CLIENT),
        ("grant_type=authorization_code", "code", "redirect_uri", "code_verifier", *_CLIENT),
        ("grant_type=refresh_token", "refresh_token", "scope", *_CLIENT),
        (_DEVICE_CODE, "device_code", "client_id"),
        ("grant_type=client_credentials", *_SIGNED),
    ),
    "/authorize": (
        _ASKED,
        (*_ASKED, "prompt", "max_age", "claims", "response_mode"),
        ("client_id", "request_uri"),
        ("client_id", "request"),
    ),
    "/Authorize": (_ASKED,),
    "/par": ((*_ASKED, "client_secret"), (*_ASKED, *_SIGNED), ("request", *_SIGNED)),
    "/decision": (("csrf_token", "user", "decision"),),
    "/device": (("csrf_token", "user_code"), ("client_id", "scope")),
    "/introspect": (("token", "token_type_hint", *_CLIENT), ("token", *_SIGNED)),
    "/revoke": (("token", *_CLIENT),),
    "/end_session": (("id_token_hint", "post_logout_redirect_uri", "client_id", "state"),),
    "/login": (("csrf_token", "mail", "password"),),
    "/forgot": (("csrf_token", "mail"),),
    "/ticket": (("csrf_token", "uid", "q"),),
    "/reset": (("csrf_token", "username", "altcha"),),
    "/verify": (("csrf_token", "username"),),
    "/password/<>": (("csrf_token", "password", "password_again"),),
    "/end-all": (("csrf_token", "uid"),),
    "/end": (("csrf_token", "uid", "grant"),),
}
"""Parameters that are right together, by the end of an address; one that has but one right value stands with it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One request.

    Args:
        method: of HTTP.
        path: of one of our addresses, its variable parts filled in.
        query: pairs, as they stand in the address.
        body: bytes.
        content_type: of the body.
        headers: besides it.
        cookies: by name.
    """

    method: str
    path: str
    query: str
    body: bytes
    content_type: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Grammar:
    """Makes requests up.

    Args:
        addresses: each method and path that there is, `<>` in place of what is variable.
        good: what works at the moment.
        random: decides.
    """

    addresses: Sequence[tuple[str, str]]
    good: Live
    random: Random

    def request(self) -> Sent:
        """Give a request."""
        method, path = self.random.choice(self.addresses)
        while self._together(path) is None and self._now_and_then(2):  # where more is read, more can go wrong
            method, path = self.random.choice(self.addresses)
        if self._now_and_then(12):
            method = self.random.choice(METHODS)
        variable = self._one_of(
            lambda: self.random.choice((*VARIABLE, *self.good.secrets_in_paths)),
            lambda: quote(self._anything()[:60], safe="", errors="surrogatepass") or "x",
        )
        at_home = method == "GET"
        query = _as_form(self._pairs(path)) if at_home or self._now_and_then(4) else ""
        body, content_type = self._body(path) if not at_home or self._now_and_then(10) else (b"", "")
        return Sent(method, path.replace("<>", variable), query, body, content_type, self._headers(), self._cookies())

    def _now_and_then(self, one_in: int) -> bool:
        return self.random.randrange(one_in) == 0

    def _one_of(self, *ways: Callable[[], str]) -> str:
        return self.random.choice(ways)()

    def _anything(self) -> str:
        if self._now_and_then(3):
            return "".join(
                chr(self.random.choice(_PLANES) + self.random.randrange(128)) for _ in range(self.random.randrange(30))
            )
        return self.random.choice(HOSTILE)

    def _value(self, name: str) -> str:
        """Give something right, that with a fault, what hurts elsewhere, or anything."""
        right = (*self.good.values.get(name, ()), *USUAL.get(name, ()))
        if not right or self._now_and_then(6):
            return self._anything()
        known = self.random.choice(right)
        return self._broken(known) if self._now_and_then(4) else known

    def _broken(self, text: str) -> str:
        place, other = self.random.randrange(len(text) + 1), self._anything()
        return self.random.choice(
            (text[:place] + other + text[place:], text[:place], text[:place] + other + text[place + 1 :], text * 2)
        )

    def _pairs(self, path: str) -> list[tuple[str, str]]:
        """Give parameters: those that are right together, with some faults, or any."""
        known = self._together(path)
        if known is None or self._now_and_then(4):
            return [(name, self._value(name)) for name in self._names()]
        named = [name.partition("=") for name in self.random.choice(known)]
        pairs = [(name, value or self._right(name)) for name, _is, value in named]
        for _ in range(self.random.choice((0, 1, 1, 2, 3))):
            self._spoil(pairs)
        return pairs

    @staticmethod
    def _together(path: str) -> Sequence[Sequence[str]] | None:
        return TOGETHER.get(path[path.rindex("/", 0, -2 if path.endswith("<>") else None) :])

    def _names(self) -> list[str]:
        known = sorted({*self.good.values, *USUAL})
        return [
            self._anything() if self._now_and_then(12) else self.random.choice(known) for _ in range(self.random.randrange(10))
        ]

    def _right(self, name: str) -> str:
        right: str = self.random.choice((*self.good.values.get(name, ()), *USUAL.get(name, ())))
        return right

    def _spoil(self, pairs: list[tuple[str, str]]) -> None:
        """Leave one out, say it twice, or say something else in it; or add one that nobody asked for."""
        if not pairs or self._now_and_then(5):
            name = self.random.choice(sorted(USUAL))
            pairs.append((name, self._value(name)))
            return
        at = self.random.randrange(len(pairs))
        name, value = pairs[at]
        otherwise = [(name, self._broken(value))]
        spoilt = self.random.choice(([], [pairs[at]] * 2, otherwise, otherwise, [(name, self._value(name))]))
        pairs[at : at + 1] = spoilt

    def _headers(self) -> dict[str, str]:
        """Give headers that we read, or that stand before us."""
        chosen = self.random.sample(sorted(HEADERS), self.random.choice((0, 0, 1, 1, 2, 4)))
        found = {name: self.random.choice((*HEADERS[name], *HOSTILE[:8])) for name in chosen}
        if self._now_and_then(3):
            credential = self._value(self.random.choice(("token", "client_secret", "client_assertion", "refresh_token")))
            shown = self._one_of(lambda: credential, lambda: _basic(self.good, credential))
            found["Authorization"] = f"{self.random.choice(SCHEMES)} {shown}"
        if self._now_and_then(8):
            found["DPoP"] = self._value("request")
        return found

    def _cookies(self) -> dict[str, str]:
        """Give a browser's, whole, none, or with something wrong in one."""
        if self._now_and_then(4):
            return {}
        whole = dict(self.good.cookies)
        if self._now_and_then(2):
            name = self.random.choice(sorted(whole))
            whole[name] = self._one_of(
                self._anything, lambda: self._broken(whole[name]), lambda: self.random.choice(sorted(whole.values()))
            )
        return whole

    def _body(self, path: str) -> tuple[bytes, str]:
        """Give what stands behind the headers, and what it is said to be."""
        if self._now_and_then(6):
            return json.dumps(self._tree(3)).encode("utf-8", "surrogatepass"), JSON
        form = _as_form(self._pairs(path)).encode()
        if self._now_and_then(8):
            return self.random.choice((form, self.random.randbytes(80), b"")), self.random.choice(CONTENT_TYPES)
        return form, FORM

    def _tree(self, depth: int) -> object:
        """Give a JSON text: what an application says of itself, with anything in it."""
        if depth == 0 or self._now_and_then(4):
            return self.random.choice((None, True, 0, -1, 1e300, self._anything(), *self.good.values["redirect_uri"]))
        if self._now_and_then(3):
            return [self._tree(depth - 1) for _ in range(self.random.randrange(4))]
        names = self.random.sample(sorted({*USUAL, *SAID_OF_ITSELF}), self.random.randrange(6))
        return {name: self._tree(depth - 1) for name in names}


def _as_form(pairs: list[tuple[str, str]]) -> str:
    return urlencode(pairs, errors="surrogatepass")


def _basic(good: Live, secret: str) -> str:
    pair = f"{good.values['client_id'][0]}:{secret}"
    return base64.b64encode(pair.encode("utf-8", "surrogatepass")).decode()
