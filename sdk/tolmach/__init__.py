"""Tolmach: typed async SDKs, a channel layer and a gateway for chat bots.

What it is for: the one import a bot needs. What it must not do: import anything heavy; every
public name is loaded on first use.
"""

from typing import TYPE_CHECKING

from tolmach.version import __version__

if TYPE_CHECKING:
    from tolmach.bot import Bot, Button

__all__ = ["Bot", "Button", "__version__"]


def __getattr__(name: str) -> object:
    if name in {"Bot", "Button"}:
        from tolmach import bot

        return getattr(bot, name)
    raise AttributeError(f"module 'tolmach' has no attribute {name!r}")
