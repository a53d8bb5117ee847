"""`scixtag token create|revoke|list`."""

import json
from dataclasses import asdict

import click

from scixtag.cli import options

ROLES = ("reader", "curator", "admin")
"""Those of `review.tokens.Role`, which is not imported for a help text."""


@click.group("token")
def command() -> None:
    """Say who may decide: named tokens, of which the database keeps only hashes."""


@command.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="Each may do what those before it may.")
@click.option("--expires", "days", type=click.IntRange(min=1), default=None, metavar="DAYS", help="[default: never]")
@options.database_option
def create(name: str, role: str, days: int | None, database: str | None) -> None:
    """Make a token for NAME and print it: it is shown this once."""
    from scixtag.review.tokens import Tokens

    with options.database_to_fill(database) as opened:
        secret, token = Tokens(opened).create(name, role, days)
    click.echo(secret)
    until = f"until {token.expires_at}" if token.expires_at else "until it is revoked"
    click.echo(f"{name} is {role} {until}; keep the token, it is not shown again", err=True)


@command.command("revoke")
@click.argument("name")
@options.database_option
def revoke(name: str, database: str | None) -> None:
    """End the token of NAME now; what was decided with it stays."""
    from scixtag.review.store.database import Database
    from scixtag.review.tokens import Tokens

    with Database.open(database, create=False) as opened:
        Tokens(opened).revoke(name)
    click.echo(f"revoked: {name}")


@command.command("list")
@options.json_option
@options.database_option
def list_tokens(as_json: bool, database: str | None) -> None:
    """List all tokens that were ever made, without their secrets."""
    from scixtag.cli.console import show_table
    from scixtag.review.store.database import Database
    from scixtag.review.tokens import Tokens

    with Database.open(database, writes=False) as opened:
        tokens = Tokens(opened).list()
    if as_json:
        click.echo(json.dumps([asdict(token) | {"state": token.state} for token in tokens], ensure_ascii=False))
        return
    rows = [(t.name, t.role, t.state, t.created_at, t.expires_at or "never") for t in tokens]
    show_table("", ("name", "role", "state", "created", "expires"), rows)
