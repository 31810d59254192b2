"""What commands are given, checked before anything is done with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, overload

import click

from idp.domain.mail_address import is_address
from idp.domain.one_line import is_one_line
from idp.setting_values import origin

if TYPE_CHECKING:
    from click import Context, Parameter


_IDENTIFIER = re.compile(r"[A-Za-z0-9._~-]{1,64}", re.ASCII)
"""Of RFC 6749 appendix A.1's visible characters, those that no form or shell needs to escape."""


@overload
def one_line(ctx: Context, param: Parameter, value: str) -> str: ...
@overload
def one_line(ctx: Context, param: Parameter, value: None) -> None: ...
def one_line(ctx: Context, param: Parameter, value: str | None) -> str | None:
    """Give a text of one line, without the space around it; None for an option that was left out.

    Raises:
        click.BadParameter: nothing is left, or more than one line, or far too much.
    """
    if value is None:
        return None
    text = value.strip()
    if not is_one_line(text):
        message = "a text of one line is wanted, and not an empty one"
        raise click.BadParameter(message, ctx, param)
    return text


def identifier(ctx: Context, param: Parameter, value: str | None) -> str | None:
    """Give a client's identifier as it was chosen.

    Raises:
        click.BadParameter: another character than letters, digits, dot, dash, underscore and tilde.
    """
    if value is not None and not _IDENTIFIER.fullmatch(value):
        message = "1 to 64 letters, digits, dots, dashes, underscores and tildes"
        raise click.BadParameter(message, ctx, param)
    return value


def one_address(ctx: Context, param: Parameter, value: str) -> str:
    """Give one mail address, without the space that copying leaves around it.

    What a typing error made of an address would send the next mail nowhere, or to two people, and nobody would know why.

    Raises:
        click.BadParameter: it is none, or more than one.
    """
    address = value.strip()
    if not is_address(address):
        message = f"{value!r} is not one mail address"
        raise click.BadParameter(message, ctx, param)
    return address


def one_origin(ctx: Context, param: Parameter, value: str | None) -> str | None:
    """Give the origin of a service, without the slash that copying leaves behind it.

    Raises:
        click.BadParameter: it is none, or one to which a secret would go in the clear.
    """
    if value is None:
        return None
    try:
        return origin(value.removesuffix("/"))
    except ValueError as exc:
        raise click.BadParameter(str(exc), ctx, param) from None
