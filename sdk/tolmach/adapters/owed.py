"""Which of a platform's events are not dealt with yet.

What it is for: one event of the platform may be several to the channel; it is over when the last of them
is. What it must not do: I/O, or know a platform.
"""

from collections.abc import Sequence
from typing import Generic, TypeVar

from tolmach.channel.model import Event, MessageArrived

__all__ = ["Owed", "key_of"]

T = TypeVar("T")


def key_of(event: Event) -> str:
    """Return what tells an event of the channel from every other one."""
    return f"message:{event.message.key}" if isinstance(event, MessageArrived) else event.key


class Owed(Generic[T]):
    """Remember where the channel's events came from until they are settled."""

    def __init__(self) -> None:
        self._sources: dict[str, tuple[T, set[str]]] = {}

    def __len__(self) -> int:
        return len(self._sources)

    def add(self, events: Sequence[Event], source: T) -> None:
        """Take note that ``source`` is over once all of ``events`` are; there must be one at least."""
        keys = {key_of(event) for event in events}
        for key in keys:
            self._sources[key] = (source, keys)

    def settle(self, event: Event) -> T | None:
        """Take one off; return its source when that was the last."""
        key = key_of(event)
        found = self._sources.pop(key, None)
        if found is None:
            return None
        source, keys = found
        keys.discard(key)
        return None if keys else source
