"""What several commands share: which configuration, which gateway, how a table looks.

What it is for: one ``--config`` everywhere. What it must not do: import aiohttp.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from tolmach.errors import ConfigError

if TYPE_CHECKING:
    from tolmach.gateway.config import GatewayPlan

__all__ = ["NOT_RUNNING", "config_option", "find_config", "plan_of", "print_table"]

F = TypeVar("F", bound=Callable[..., object])
NOT_RUNNING = "no gateway is running for this configuration; start it with  tolmach gateway start"
USUAL = ("tolmach.yaml", "tolmach.yml", "bot.yaml", "ocg.json")


def config_option(command: F) -> F:
    """Give a command the option ``--config FILE``."""
    option = click.option(
        "--config",
        "-c",
        "config",
        type=click.Path(dir_okay=False, path_type=Path),
        help=f"Configuration file. Without it: $TOLMACH_CONFIG, $OCG_CONFIG_PATH, {', '.join(USUAL)}.",
    )
    return option(command)


def find_config(given: Path | None) -> Path:
    """Return the configuration file to use."""
    if given is not None:
        return given
    for name in ("TOLMACH_CONFIG", "OCG_CONFIG_PATH"):
        if value := os.environ.get(name):
            return Path(value)
    for name in USUAL:
        if (file := Path(name)).is_file():
            return file
    raise ConfigError("there is no configuration here", remedy="Name one with  --config FILE .")


def plan_of(given: Path | None) -> "GatewayPlan":
    """Return the plan of the configuration file to use."""
    from tolmach.gateway.config import load_plan

    return load_plan(find_config(given))


def print_table(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows by column name, on standard output."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(text_of(row.get(column)) for column in columns))
    # A pipe has no width: one line per row, for grep and cut.
    Console(width=None if sys.stdout.isatty() else 1000, highlight=False, markup=False).print(table)


def text_of(value: object) -> str:
    """Return a value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
