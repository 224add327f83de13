"""``tolmach pairing``: let people in who asked by direct message.

What it is for: the operator's yes. What it must not do: decide anything; the channel's rules do.
"""

import json
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

import click

from tolmach.cli.options import NOT_RUNNING, config_option, plan_of, print_table

__all__ = ["pairing"]


def account_path(path: str, channel: str | None, account: str | None) -> str:
    """Return a path of the control socket, narrowed to an account."""
    chosen = f"{channel}:{account or 'default'}" if channel else account
    return f"{path}?{urlencode({'account': chosen})}" if chosen else path


@click.group()
def pairing() -> None:
    """List and approve pairing codes. The gateway must be running."""


@pairing.command("list")
@config_option
@click.option("--channel", help="Only this channel.")
@click.option("--account", help="Only this account.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_pending(config: Path | None, channel: str | None, account: str | None, as_json: bool) -> None:
    """Show who waits for approval."""
    answer = ask(config, "GET", account_path("/pairing", channel, account))
    pending = cast("list[dict[str, object]]", answer["pending"])
    if as_json:
        click.echo(json.dumps(pending, ensure_ascii=False, indent=2))
    elif pending:
        print_table(("account", "code", "label", "userId"), pending)
    else:
        click.echo("nobody is waiting")


@pairing.command()
@click.argument("code")
@config_option
@click.option("--channel", help="Only this channel.")
@click.option("--account", help="Only this account.")
def approve(code: str, config: Path | None, channel: str | None, account: str | None) -> None:
    """Let the person in who was given CODE."""
    answer = ask(config, "POST", account_path("/pairing/approve", channel, account), {"code": code})
    click.echo(f"{answer['userId']} may now talk to {answer['account']}")


def ask(
    config: Path | None, method: str, path: str, body: dict[str, object] | None = None
) -> dict[str, object]:
    """Ask the running gateway; say so in one line when there is none, or when it refuses."""
    from tolmach.gateway.asking import GatewayDownError, RefusedError, ask_gateway

    try:
        return ask_gateway(plan_of(config).state_dir, method, path, body)
    except GatewayDownError:
        raise click.ClickException(NOT_RUNNING) from None
    except RefusedError as error:
        raise click.ClickException(str(error)) from None
