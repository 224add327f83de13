"""Drop what was delivered before.

What it is for: a pure memory of keys, bounded in time and number. What it must not do: read a clock.
"""

from collections import OrderedDict
from collections.abc import Hashable

__all__ = ["DuplicateGuard"]


class DuplicateGuard:
    """Remember keys for ``seconds``, the newest ``capacity`` of them."""

    def __init__(self, seconds: float = 86_400.0, capacity: int = 100_000) -> None:
        self._seconds = seconds
        self._capacity = capacity
        self._seen: OrderedDict[Hashable, float] = OrderedDict()

    def first(self, key: Hashable, now: float) -> bool:
        """Tell whether ``key`` is new, and remember it."""
        while self._seen and next(iter(self._seen.values())) < now - self._seconds:
            self._seen.popitem(last=False)
        if key in self._seen:
            return False
        self._seen[key] = now
        if len(self._seen) > self._capacity:
            self._seen.popitem(last=False)
        return True

    def forget(self, key: Hashable) -> None:
        """Let ``key`` be new again: it could not be taken after all."""
        self._seen.pop(key, None)
