"""What was seen already, within a bounded window.

What it is for: answering "did this happen before" in constant space. What it must not do: read a
clock; ``now`` is an argument.
"""

from collections import OrderedDict
from collections.abc import Iterable

__all__ = ["Window"]


class Window:
    """Remember keys for ``ttl`` seconds (None: for ever), at most ``cap`` of them, the newest."""

    def __init__(self, *, ttl: float | None, cap: int) -> None:
        self._ttl = ttl
        self._cap = cap
        self._seen: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._seen)

    def has(self, key: str, now: float) -> bool:
        """Tell whether the key was added and has not expired."""
        at = self._seen.get(key)
        return at is not None and (self._ttl is None or now - at < self._ttl)

    def add(self, key: str, now: float) -> None:
        """Remember a key from ``now`` on; drop what is too old or too many."""
        self._seen[key] = now
        self._seen.move_to_end(key)
        self._trim(now)

    def load(self, entries: Iterable[tuple[str, float]], now: float) -> None:
        """Take over what an earlier process remembered, oldest first."""
        for key, at in entries:
            if self._ttl is None or now - at < self._ttl:
                self._seen.setdefault(key, at)
        self._trim(now)

    def _trim(self, now: float) -> None:
        while len(self._seen) > self._cap:
            self._seen.popitem(last=False)
        while self._ttl is not None and self._seen:
            oldest = next(iter(self._seen))
            if now - self._seen[oldest] < self._ttl:
                break
            del self._seen[oldest]
