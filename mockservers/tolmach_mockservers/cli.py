"""The command ``tolmach up``: run fakes by hand, or for a program that reads the ready file.

What it is for: options, the lines printed, signals. What it must not do: import more than click
before the command runs; ``tolmach --help`` loads this module.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tolmach_mockservers.server import Fakes

__all__ = ["up"]


def _ports(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    ports: dict[str, int] = {}
    for value in values:
        name, _, number = value.partition("=")
        if not name or not number.isdecimal() or int(number) > 65535:
            raise click.BadParameter(
                f'"{value}" is not NAME=N, for example rocketchat=3000 (0 is any free port)', ctx, param
            )
        ports[name] = int(number)
    return ports


@click.command()
@click.argument("names", nargs=-1, metavar="[rocketchat] [pachca] [s3] [agent]")
@click.option(
    "--port",
    "ports",
    multiple=True,
    metavar="NAME=N",
    callback=_ports,
    help="Let NAME (a fake, or control) listen on port N; 0 is any free one.",
)
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write urls, people and tokens here (JSON, mode 0600) once everything listens.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Ids, tokens and names come from it.")
@click.option(
    "--world",
    "world_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="People and rooms to start with (YAML or JSON).",
)
@click.option("--webhook", metavar="URL", help="Send the events of Pachca's bot here from the beginning.")
@click.option("--strict", is_flag=True, help="Check every exchange against the schemas (slower).")
def up(
    names: tuple[str, ...],
    ports: dict[str, int],
    ready_file: Path | None,
    seed: int,
    world_file: Path | None,
    webhook: str | None,
    strict: bool,
) -> None:
    """Run fakes of chat platforms, of storage and of an agent on loopback, all of them when none is named.

    Prints the environment that a bot needs on standard output. Stops on Ctrl-C or SIGTERM.
    """
    import gc

    # What start-up makes stays until the end: collecting meanwhile costs a tenth of its time.
    gc.disable()
    from tolmach_mockservers.refusal import RefusalError
    from tolmach_mockservers.server import Fakes, PortTakenError
    from tolmach_mockservers.world import DEFAULT_WORLD, read_world

    try:
        world = DEFAULT_WORLD if world_file is None else read_world(world_file)
        fakes = Fakes(names, seed=seed, ports=ports, world=world, strict=strict, webhook=webhook)
    except RefusalError as refusal:
        raise click.UsageError(refusal.message) from refusal
    import asyncio

    try:
        asyncio.run(_run(fakes, ready_file))
    except PortTakenError as error:
        raise click.ClickException(str(error)) from error
    except RefusalError as refusal:
        raise click.UsageError(refusal.message) from refusal


async def _run(fakes: "Fakes", ready_file: Path | None) -> None:
    import asyncio
    import gc
    import signal

    from tolmach_mockservers import ready

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with fakes:
        if ready_file is not None:
            try:
                ready.write(ready_file, fakes.ready)
            except OSError as error:
                reason = error.strerror or str(error)
                raise click.ClickException(
                    f"--ready-file {ready_file}: cannot be written: {reason}"
                ) from error
        try:
            for line in ready.environment_lines(fakes.env):
                click.echo(line)
            _hint(fakes, ready_file)
            gc.freeze()
            gc.enable()
            await stopped.wait()
        finally:
            if ready_file is not None:
                ready.remove(ready_file, fakes.ready)


def _hint(fakes: "Fakes", ready_file: Path | None) -> None:
    """Tell a person at a terminal what runs; programs read the ready file."""
    if not sys.stderr.isatty():
        return
    from rich.console import Console
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    rocketchat = fakes.ready.get("rocketchat")
    if rocketchat is not None:
        table.add_row("rocketchat", rocketchat["url"])
        for person in (*rocketchat["people"].values(), rocketchat["bot"]):
            table.add_row("", f"{person['username']}  password {person['password']}")
    pachca = fakes.ready.get("pachca")
    if pachca is not None:
        table.add_row("pachca", pachca["url"])
        for member in (*pachca["people"].values(), pachca["bot"]):
            table.add_row("", f"{member['username']}  token {member['token']}")
    storage = fakes.ready.get("s3")
    if storage is not None:
        table.add_row("s3", f"{storage['url']}  bucket {storage['bucket']}, key {storage['access_key']}")
    agent = fakes.ready.get("agent")
    if agent is not None:
        table.add_row("agent", f"{agent['url']}  echoes until it is scripted")
    table.add_row("control", fakes.ready["control"]["url"])
    if ready_file is not None:
        table.add_row("ready file", str(ready_file))
    console = Console(stderr=True, highlight=False)
    console.print(table)
    console.print("Ctrl-C stops.", style="dim")
