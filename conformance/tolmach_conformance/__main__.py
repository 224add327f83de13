"""Run the suite without the SDK's command: ``python -m tolmach_conformance demo`` or ``run …``."""

import sys

import click

from tolmach_conformance.cli import conformance, demo

__all__ = ["main"]

main = click.Group("tolmach_conformance", commands=dict(conformance.commands), help=conformance.help)


@main.command("demo")
def _demo() -> None:
    """Judge the bundled channel with everything there is."""
    sys.exit(demo())


if __name__ == "__main__":
    main()
