"""The behaviours, one module per area of the catalogue.

What it is for: importing this package's modules registers every behaviour. What it must not do:
hold a scenario itself.
"""

from importlib import import_module

__all__ = ["AREAS", "load_all"]

AREAS = (
    "inbound",
    "mention",
    "pairing",
    "access",
    "session",
    "outbound",
    "buttons",
    "formatting",
    "acknowledgement",
    "command",
    "reaction",
    "reliability",
    "webhook",
    "connection",
    "setup",
)


def load_all() -> None:
    """Import every area, so that its behaviours are registered."""
    for area in AREAS:
        import_module(f"{__name__}.{area}")
