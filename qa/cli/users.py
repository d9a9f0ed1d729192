"""The commands about accounts: who may use the library over the network, and as what."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from qa.accounts.model import Role
from qa.cli.output import as_json, put
from qa.target import Target

if TYPE_CHECKING:
    from qa.accounts.store import Accounts

_ROLE = click.Choice([role.value for role in Role])
_RIGHTS = "member asks; researcher also changes the corpus; evaluator also runs sets; admin does all of it"

password_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@click.group()
def user() -> None:
    """Say who may use the library over the network, and as what."""


@user.command()
@click.argument("name")
@click.option("--role", type=_ROLE, required=True, help=_RIGHTS.capitalize() + ".")
@click.option("--no-password", is_flag=True, help="Who signs in at a proxy, or is a program with a token.")
@password_stdin
@click.pass_obj
def add(target: Target, name: str, *, role: str, no_password: bool, password_stdin: bool) -> None:
    """Add a user; the first one has to be an admin."""
    from qa.accounts.model import User
    from qa.accounts.rows import checked_name

    accounts, new = _accounts(target), User(checked_name(name), Role(role))
    accounts.require_possible(new)
    is_first = not accounts.are_there
    given = None if no_password else _password(password_stdin)
    with _recorded(target, new.name):
        accounts.add(new.name, new.role, given)
    put(f"Added {new.name} as {new.role}.")
    if is_first:
        put("From now on the page asks everybody to sign in. Open it to others: krakow-qa serve --host ADDRESS")


@user.command("list")
@as_json
@click.pass_obj
def list_users(target: Target, *, as_json: bool) -> None:
    """List the users with their roles."""
    accounts = _accounts(target).all()
    if as_json:
        put({"users": [
            {"name": each.user.name, "role": each.user.role.value, "created": _time(each.created),
             "password": each.has_password, "tokens": each.tokens}
            for each in accounts
        ]})  # fmt: skip
        return
    for each in accounts:
        notes = [] if each.has_password else ["no password"]
        if each.tokens:
            notes.append(f"{each.tokens} {'token' if each.tokens == 1 else 'tokens'}")
        said = f"  ({', '.join(notes)})" if notes else ""
        put(f"{each.user.name}  {each.user.role}{said}")
    if not accounts:
        put(
            "There are no accounts; the page serves this machine only. Begin with: krakow-qa user add NAME --role admin"
        )


@user.command()
@click.argument("name")
@click.pass_obj
def remove(target: Target, name: str) -> None:
    """Remove a user, with the sessions, tokens and conversations."""
    from qa.accounts.rows import normal
    from qa.conversation.shelves import forget

    accounts = _accounts(target)
    with _recorded(target, name):
        accounts.remove(name)
        forget(target.folder, normal(name))
    put(f"Removed {name}.")


@user.command()
@click.argument("name")
@click.argument("role", type=_ROLE)
@click.pass_obj
def role(target: Target, name: str, role: str) -> None:
    """Give a user another role, and have the user sign in again."""
    accounts = _accounts(target)
    with _recorded(target, name):
        accounts.set_role(name, Role(role))
    put(f"{name} is {role} now.")


@user.command()
@click.argument("name")
@password_stdin
@click.pass_obj
def password(target: Target, name: str, *, password_stdin: bool) -> None:
    """Give a user another password; it ends the user's sessions and forgives wrong guesses. Tokens stay."""
    accounts = _accounts(target)
    accounts.require_user(name)
    given = _password(password_stdin)
    with _recorded(target, name):
        accounts.set_password(name, given)
    put(f"{name} has a new password.")


@user.command()
@click.argument("name")
@click.option("--name", "called", default="token", show_default=True, metavar="TEXT", help="What to call the token.")
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="How long it lasts.")
@click.pass_obj
def token(target: Target, name: str, *, called: str, days: int) -> None:
    """Make a token for a user's program and print it, this once."""
    accounts = _accounts(target)
    with _recorded(target, name):
        new = accounts.tokens.new(name, called, days)
    put(new)
    put(f"It lasts {days} days and is not shown again; send it as: Authorization: Bearer TOKEN", err=True)


@user.command()
@click.argument("name")
@click.option("--revoke", metavar="TOKEN", help="Take the token of this name back.")
@as_json
@click.pass_obj
def tokens(target: Target, name: str, *, revoke: str | None, as_json: bool) -> None:
    """List a user's tokens, or take one back."""
    accounts = _accounts(target)
    if revoke is not None:
        with _recorded(target, name):
            accounts.tokens.revoke(name, revoke)
    found: list[dict[str, Any]] = [
        {"name": each.name, "created": _time(each.created), "expires": _time(each.expires)}
        for each in accounts.tokens.of(name)
    ]
    if as_json:
        put({"tokens": found})
        return
    for each in found:
        put(f"{each['name']}  until {each['expires'][:10]}")
    if not found:
        put(f"{name} has no tokens.")


def _recorded(target: Target, name: str) -> AbstractContextManager[None]:
    """A change of a user, which the audit log tells of."""
    from qa.audit import Act, Audit

    return Audit(target.folder, target.who).recorded(Act.CHANGE_USER, name)


def _accounts(target: Target) -> Accounts:
    """The accounts of the library, which is made first where it is the default one; raises LibraryNotFound."""
    from qa.accounts.store import Accounts

    target.library().close()
    return Accounts(target.folder)


def _password(from_stdin: bool) -> str:
    """What is typed, twice, or the first line of standard input."""
    from qa.accounts.passwords import SHORTEST

    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = click.prompt(
        f"Password, at least {SHORTEST} characters", hide_input=True, confirmation_prompt="Once more", err=True
    )
    return asked


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
