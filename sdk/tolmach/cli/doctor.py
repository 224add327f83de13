"""``tolmach doctor``: what is wrong with a configuration, and what is risky.

What it is for: findings before they hurt. What it must not do: connect, or change the file.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tolmach.cli.options import config_option, plan_of

if TYPE_CHECKING:
    from tolmach.gateway.accounts import AccountPlan

__all__ = ["doctor"]


@click.command()
@config_option
def doctor(config: Path | None) -> None:
    """Check a configuration: errors first, then what is risky. Exit code 2 when there are errors."""
    plan = plan_of(config)
    for error in plan.errors:
        click.echo(f"error    {error}")
    risks = [*plan.warnings, *(risk for account in plan.accounts for risk in risks_of(account))]
    for risk in risks:
        click.echo(f"warning  {risk}")
    if plan.errors:
        raise click.exceptions.Exit(2)
    if not risks:
        click.echo("nothing to complain about")


def risks_of(account: "AccountPlan") -> Iterator[str]:
    """Yield what an operator should know of an account's settings."""
    settings = account.settings
    if settings is None:
        return
    where = f"channels.{account.channel}" + (
        f".accounts.{account.account_id}" if account.account_id != "default" else ""
    )
    if settings.dm_policy == "allowlist" and not settings.allow_from:
        yield f"{where}.allowFrom is empty: with dmPolicy allowlist nobody can write to the bot"
    if settings.dm_policy == "open":
        yield f"{where}.dmPolicy is open: every person of the server can use the agent by direct message"
    if settings.group_policy == "allowlist" and not settings.groups:
        yield f"{where}.groups is empty: with groupPolicy allowlist the bot is silent in every room"
    if settings.group_policy == "open":
        yield f"{where}.groupPolicy is open: the bot answers in every room that it is added to"
    if settings.dangerously_allow_insecure:
        yield f"{where}.dangerouslyAllowInsecure is on: the token travels readable over plain http"
    if settings.dangerously_allow_name_matching:
        yield f"{where}.dangerouslyAllowNameMatching is on: whoever takes a listed name is let in"
    for entry in settings.allow_from:
        if entry.startswith("@"):
            yield f"{where}.allowFrom holds the name {entry}: an id cannot be taken over, a name can"
    if settings.allow_bots is True:
        yield f"{where}.allowBots is on: other bots can start turns without being asked for by mention"
    if settings.command_allow_from is None:
        yield f"{where}.commandAllowFrom is not set: !model and !stop are refused in rooms"
    if account.agent.source == "default":
        yield f"{where}.agentUrl is not set: {account.agent.url} is used"
