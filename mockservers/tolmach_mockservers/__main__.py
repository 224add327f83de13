"""Run the fakes' commands without the SDK's: ``python -m tolmach_mockservers up``."""

import click

from tolmach_mockservers.cli import up

__all__ = ["main"]

main = click.Group("tolmach_mockservers", commands={"up": up}, help="Fakes of chat platforms and agents.")

if __name__ == "__main__":
    main()
