"""Count calls in fixed windows, for REST and for DDP.

What it is for: the arithmetic of both limiters. What it must not do: know who is exempt or how a
refusal looks.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

__all__ = ["DdpLimiter", "Limited", "Windows"]


@dataclass(frozen=True, slots=True)
class Limited:
    """Say how a call stands: how many are left, and when the window starts anew (ms)."""

    allowed: bool
    limit: int
    remaining: int
    reset: int


class Windows:
    """Count calls per key; a window opens with the first call after the last one ended."""

    def __init__(self) -> None:
        self._windows: dict[Hashable, list[int]] = {}

    def take(self, key: Hashable, limit: int, interval: int, now: int) -> Limited:
        """Count one call at ``now``; ``interval`` and times are in ms."""
        window = self._windows.get(key)
        if window is None or now >= window[1]:
            window = self._windows[key] = [0, now + interval]
        window[0] += 1
        return Limited(window[0] <= limit, limit, max(0, limit - window[0]), window[1])

    def clear(self) -> None:
        """Forget every count."""
        self._windows.clear()


_STREAM_FACTOR: Final = 4
"""Names that begin with "stream-" get four times the calls in four times the time."""


class DdpLimiter:
    """Apply the five default rules to methods and subscriptions alike."""

    def __init__(self) -> None:
        self._windows = Windows()

    def wait(self, *, ip: str, user: str | None, connection: str, name: str, now: int) -> int | None:
        """Count one call; return how many ms to wait when it is one too many."""
        factor = _STREAM_FACTOR if name.startswith("stream-") else 1
        rules: list[tuple[Hashable, int, int]] = [
            (("ip", ip), 120_000, 60_000),
            (("connection", connection), 600, 60_000),
            (("connection", connection, name), 10 * factor, 10_000 * factor),
        ]
        if user is not None:
            rules += [(("user", user), 1200, 60_000), (("user", user, name), 20 * factor, 10_000 * factor)]
        waits = [
            taken.reset - now
            for key, limit, interval in rules
            if not (taken := self._windows.take(key, limit, interval, now)).allowed
        ]
        return max(waits) if waits else None

    def clear(self) -> None:
        """Forget every count."""
        self._windows.clear()
