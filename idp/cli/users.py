"""`idp user`: what support and administrators do to koppelgebruikers, as themselves (R1, R24, R25)."""

from __future__ import annotations

import click

from idp.adapters.system_clock import SystemClock
from idp.cli.desk import Desk
from idp.cli.identity import as_option, open_operator, password_file_option
from idp.cli.output import json_option, show_facts, show_rows
from idp.cli.root import settings_of, store_of
from idp.cli.transfer import export_users, import_users
from idp.cli.values import one_address, one_line
from idp.domain.username import parse_bare
from idp.errors import AlreadyExists
from idp.ports.directory import NewUser


@click.group("user")
@as_option
@password_file_option
@click.pass_context
def users(ctx: click.Context, dn: str | None, password_file: str | None) -> None:
    """Koppelgebruikers and their owners."""
    settings = settings_of(ctx)
    operator = open_operator(settings, dn, password_file)
    ctx.call_on_close(operator.close)
    ctx.obj = Desk(settings, operator, store_of(ctx, settings), SystemClock())


@users.command()
@click.argument("name")
@click.option("--administratie", callback=one_line, required=True, help="Identifier of the administration.")
@click.option("--mail", callback=one_address, required=True, help="The owner's mail address; an owner who exists is taken.")
@click.option("--owner-name", callback=one_line, required=True, help="Name of a new owner.")
@click.option("--language", type=click.Choice(["nl", "en"]), default="nl", show_default=True)
@click.pass_obj
def invite(desk: Desk, name: str, administratie: str, mail: str, owner_name: str, language: str) -> None:
    """Create a user without a password; a new owner is mailed a link to the portal."""
    bare = parse_bare(name).bare
    if bare is None:
        message = f"{name!r} can't be a user name: 1 to 32 letters and digits"
        raise click.BadParameter(message, param_hint="NAME")
    new = NewUser(bare, administratie, mail, owner_name, language)
    try:
        user, owner = desk.operations.invite(new)
    except AlreadyExists as exc:
        message = f"there is a user {bare} already; see idp user show {bare}"
        raise AlreadyExists(message) from exc
    click.echo(f"{user.uid} belongs to {owner.name}, {owner.mail}")


@users.command("list")
@click.option("--cooldown", is_flag=True, help="Only those who can't reset yet.")
@click.option("--blocked", is_flag=True, help="Only those who are blocked.")
@json_option
@click.pass_obj
def list_users(desk: Desk, *, cooldown: bool, blocked: bool, as_json: bool) -> None:
    """List all users, or some."""
    # The directory leaves out most of the others; what its attributes mean is ours to say.
    since = desk.clock.now() - desk.cooldown if cooldown else None
    rows = map(desk.state, desk.operator.all_users(changed_since=since, with_locks=blocked))
    chosen = (row for row in rows if (not cooldown or row["next reset"]) and (not blocked or row["blocked"]))
    show_rows(chosen, as_json=as_json)


@users.command()
@click.argument("name")
@json_option
@click.pass_obj
def show(desk: Desk, name: str, *, as_json: bool) -> None:
    """Show one user, its owner and its couplings."""
    user = desk.find(name)
    owner = desk.operator.find_owner(user.owner_dn)
    facts = {"entryUUID": user.entry_uuid, "owner": owner.name, "mail": owner.mail, "couplings": desk.couplings(user)}
    show_facts(desk.state(user) | facts, as_json=as_json)


@users.command()
@click.argument("name")
@click.pass_obj
def release(desk: Desk, name: str) -> None:
    """Let a user reset once more within the 24 hours."""
    user = desk.find(name)
    desk.operations.release(user)
    if user.locks.shut_at(desk.clock.now()):
        click.echo(
            f"{user.uid} is released, and can reset its password once it is not blocked any more: idp user unblock {user.uid}"
        )
    else:
        click.echo(f"{user.uid} can reset its password now")


@users.command()
@click.argument("name")
@click.pass_obj
def block(desk: Desk, name: str) -> None:
    """Shut a user out and end its couplings; its owner is told."""
    user = desk.find(name)
    desk.operations.block(user)
    click.echo(f"{user.uid} is blocked")


@users.command()
@click.argument("name")
@click.pass_obj
def unblock(desk: Desk, name: str) -> None:
    """Lift every block."""
    user = desk.find(name)
    desk.operations.unblock(user)
    click.echo(f"{user.uid} is not blocked any more")


@users.command()
@click.argument("name")
@click.argument("address", callback=one_address)
@click.pass_obj
def mail(desk: Desk, name: str, address: str) -> None:
    """Mend the mail address of a user's owner; the old address is told, and who has no password yet is invited anew."""
    user = desk.find(name)
    owner = desk.operator.find_owner(user.owner_dn)
    try:
        desk.operations.change_mail(owner, address)
    except AlreadyExists as exc:
        message = "another owner has this address"
        raise AlreadyExists(message) from exc
    click.echo(f"mail about {user.uid} goes to {address} now")


users.add_command(export_users)
users.add_command(import_users)
