"""What commands are given, checked before anything is done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from idp.adapters.smtp_message import is_address

if TYPE_CHECKING:
    from click import Context, Parameter


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
