"""``tolmach gateway``: start it, look at it, stop it, test it.

What it is for: the operator's side of a gateway. What it must not do: hold any behaviour of it.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from tolmach.cli.options import NOT_RUNNING, config_option, plan_of, print_table

if TYPE_CHECKING:
    from tolmach.gateway.config import GatewayPlan

__all__ = ["gateway"]


@click.group()
def gateway() -> None:
    """Run the gateway between chat platforms and an agent."""


@gateway.command()
@config_option
@click.pass_context
def start(context: click.Context, config: Path | None) -> None:
    """Start every enabled account and serve until Ctrl-C or SIGTERM."""
    import asyncio

    from tolmach.gateway.logs import start_logging
    from tolmach.gateway.process import serve_process

    start_logging(debug=bool(context.find_root().params.get("debug")))
    plan = plan_of(config)
    for warning in plan.warnings:
        click.echo(f"warning: {warning}", err=True)
    asyncio.run(serve_process(plan, click.echo))


@gateway.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print the whole snapshot.")
def status(config: Path | None, as_json: bool) -> None:
    """Show how the accounts of the running gateway are."""
    from tolmach.gateway.asking import GatewayDownError, ask_gateway

    plan = plan_of(config)
    try:
        snapshot = ask_gateway(plan.state_dir, "GET", "/status")
    except GatewayDownError:
        snapshot = not_running(plan)
    if as_json:
        click.echo(json.dumps(snapshot, ensure_ascii=False, indent=2))
    else:
        accounts = cast("list[dict[str, object]]", snapshot["accounts"])
        for one in accounts:
            one["account"] = f"{one['channel']}:{one['accountId']}"
        print_table(("account", "name", "lifecycle", "connected", "turns", "agentUrl"), accounts)
        for one in accounts:
            if one["lastError"]:
                click.echo(f"{one['account']}: {one['lastError']}")
    if not snapshot.get("pid"):
        click.echo("no gateway is running for this configuration", err=True)
        raise click.exceptions.Exit(1)


def not_running(plan: "GatewayPlan") -> dict[str, object]:
    """Return the snapshot of a gateway that does not run: what is configured, nothing connected."""
    from tolmach.gateway.account import Account

    accounts = [Account(account, None).snapshot() for account in plan.accounts]
    return {"version": 1, "pid": None, "ready": False, "warnings": list(plan.warnings), "accounts": accounts}


@gateway.command()
@config_option
def stop(config: Path | None) -> None:
    """Stop the running gateway; running turns may finish."""
    from tolmach.gateway.asking import GatewayDownError, ask_gateway

    try:
        ask_gateway(plan_of(config).state_dir, "POST", "/stop")
    except GatewayDownError:
        raise click.ClickException("no gateway is running for this configuration") from None
    click.echo("stopping")


@gateway.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print the answers as JSON.")
def test(config: Path | None, as_json: bool) -> None:
    """Ask each platform of the running gateway whether the credential works."""
    from tolmach.gateway.asking import GatewayDownError, ask_gateway

    try:
        answer = ask_gateway(plan_of(config).state_dir, "POST", "/probe", {})
    except GatewayDownError:
        raise click.ClickException(NOT_RUNNING) from None
    probes = cast("list[dict[str, object]]", answer["probes"])
    if as_json:
        click.echo(json.dumps(probes, ensure_ascii=False, indent=2))
    else:
        print_table(("account", "ok", "id", "name", "status", "error"), probes)
    if not all(probe["ok"] for probe in probes):
        raise click.exceptions.Exit(1)
