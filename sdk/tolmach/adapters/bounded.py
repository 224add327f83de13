"""A memory that forgets the oldest.

What it is for: what adapters look up, each thing once. What it must not do: grow.
"""

from collections import OrderedDict
from typing import Generic, TypeVar

__all__ = ["Bounded"]

T = TypeVar("T")

KEPT = 2048


class Bounded(Generic[T]):
    """Remember the newest ``kept`` values by key."""

    def __init__(self, kept: int = KEPT) -> None:
        self._size = kept
        self._kept: OrderedDict[str, T] = OrderedDict()

    def get(self, key: str) -> T | None:
        """Return a value, None when it is not kept."""
        return self._kept.get(key)

    def put(self, key: str, value: T) -> T:
        """Keep a value and return it."""
        self._kept[key] = value
        self._kept.move_to_end(key)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return value

    def drop(self, key: str) -> None:
        """Forget a value."""
        self._kept.pop(key, None)
