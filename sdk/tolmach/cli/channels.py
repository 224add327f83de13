"""``tolmach channels``: what is configured.

What it is for: reading a configuration back. What it must not do: connect.
"""

import json
from pathlib import Path

import click

from tolmach.cli.options import config_option, plan_of, print_table

__all__ = ["channels"]


@click.group()
def channels() -> None:
    """Show the configured channels and accounts."""


@channels.command("list")
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_channels(config: Path | None, as_json: bool) -> None:
    """List every account with its state in the configuration."""
    plan = plan_of(config)
    rows: list[dict[str, object]] = [
        {
            "channel": account.channel,
            "account": account.account_id,
            "enabled": account.enabled,
            "configured": account.settings is not None and not account.errors,
            "server": account.settings.address if account.settings else None,
            "credential": account.credential_source,
            "agentUrl": account.agent.url,
        }
        for account in plan.accounts
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    print_table(("channel", "account", "enabled", "configured", "server", "credential", "agentUrl"), rows)
    for problem in (*plan.warnings, *plan.errors):
        click.echo(problem, err=True)
