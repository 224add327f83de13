"""The tree of commands, each loaded by name when it is called.

What it is for: names, one-line summaries, where each command lives. What it must not do: import a
command to list it.
"""

import importlib
from typing import cast

import click

from tolmach.version import __version__

__all__ = ["LazyGroup", "root"]

BUILT_IN = {
    "gateway": ("tolmach.cli.gateway:gateway", "Run the gateway: start, stop, status, test."),
    "channels": ("tolmach.cli.channels:channels", "Show the configured channels and accounts."),
    "pairing": ("tolmach.cli.pairing:pairing", "Let people in who asked by direct message."),
    "doctor": ("tolmach.cli.doctor:doctor", "Check a configuration and warn of what is risky."),
    "version": ("tolmach.cli.commands:version", "Print the version."),
}
SUMMARIES = {
    "up": "Run fakes of the platforms and of an agent.",
    "conformance": "Judge a bot or channel by the catalogue of behaviours.",
}
"""Of the commands that the other packages bring: reading theirs would import them."""

GROUP = "tolmach.commands"


class LazyGroup(click.Group):
    """Know the names of all commands and load the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names."""
        # Only here: it imports a good deal, and most commands are our own.
        from importlib.metadata import entry_points

        del ctx
        others = sorted(point.name for point in entry_points(group=GROUP))
        return list(dict.fromkeys([*others, *BUILT_IN]))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        del ctx
        if cmd_name in BUILT_IN:
            module, _, name = BUILT_IN[cmd_name][0].partition(":")
            return cast("click.Command", getattr(importlib.import_module(module), name))
        from importlib.metadata import entry_points

        for point in entry_points(group=GROUP, name=cmd_name):
            return cast("click.Command", point.load())
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write names and summaries without importing anything."""
        summaries = {**SUMMARIES, **{name: summary for name, (_, summary) in BUILT_IN.items()}}
        with formatter.section("Commands"):
            formatter.write_dl([(name, summaries.get(name, "")) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tolmach", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Log in detail and show tracebacks; secrets stay masked.")
@click.pass_context
def root(context: click.Context, debug: bool) -> None:
    """Run, test and judge bots on Rocket.Chat and Pachca."""
    context.obj = {"debug": debug}


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(f"tolmach {__version__}")
