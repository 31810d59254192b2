"""The demo's mailbox to read: whatever the demo's mail server received. Registered in demo mode only."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from email import message_from_bytes, policy
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, jsonify

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from idp.web.pages import Pages

# A mail brings its style with it, and is whoever's who wrote it: nothing in it runs, loads or is sent, and it has no origin.
_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox"
)
_MOST = 30
"""Messages on the page; more would weigh more than any page may. The JSON has all."""

_LINK = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True)
class Message:
    """One message, as `/demo/mail.json` shows it.

    Args:
        name: of its file, and of the page that shows it as it looks; not in the JSON.
        to: header.
        sender: header ``From``.
        subject: header, decoded.
        date: ISO 8601.
        text: plain part.
        html: other part, or empty.
        links: in the plain part, each once.
    """

    name: str
    to: str
    sender: str
    subject: str
    date: str
    text: str
    html: str
    links: tuple[str, ...]


def read_mailbox(folder: Path) -> list[Message]:
    """Read all messages, newest first.

    Args:
        folder: of ``*.eml`` files; one that does not exist yet is empty.
    """
    files = sorted(folder.glob("*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    return [_read(path.stem, path.read_bytes()) for path in files]


def demo_mail_blueprint(pages: Pages, folder: Path) -> Blueprint:
    """Give the routes.

    Args:
        pages: makes the page.
        folder: where the demo's mail server puts what it received.
    """
    routes = Blueprint("demo_mail", __name__)

    @routes.get("/demo/mail")
    def mailbox() -> Response:
        return pages.show("demo_mail.html", messages=read_mailbox(folder)[:_MOST], most=_MOST, pieces=_pieces)

    @routes.get("/demo/mail/<name>")
    def letter(name: str) -> Response:
        message = next((each for each in read_mailbox(folder) if each.name == name), None)
        if message is None:
            abort(HTTPStatus.NOT_FOUND)
        return Response(
            message.html, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _LETTER_POLICY}
        )

    @routes.get("/demo/mail.json")
    def mailbox_json() -> Response:
        return jsonify([_as_json(message) for message in read_mailbox(folder)])

    return routes


def _read(name: str, content: bytes) -> Message:
    message: EmailMessage = message_from_bytes(content, policy=policy.default)
    text = _part(message, "plain")
    date = message["Date"]
    return Message(
        name=name,
        to=str(message["To"] or ""),
        sender=str(message["From"] or ""),
        subject=str(message["Subject"] or ""),
        date=date.datetime.isoformat() if date and date.datetime else "",
        text=text,
        html=_part(message, "html"),
        links=tuple(dict.fromkeys(_LINK.findall(text))),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def _as_json(message: Message) -> dict[str, object]:
    fields = asdict(message)
    del fields["name"]
    return {"from": fields.pop("sender"), **fields}


def _pieces(text: str) -> list[tuple[str, bool]]:
    """Cut a text into what is a link and what is not, for the page."""
    links = [(found.start(), found.end()) for found in _LINK.finditer(text)]
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in links:
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [*pieces, (text[at:], False)]
