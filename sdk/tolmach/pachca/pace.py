"""Keep below the API's limits before being told to.

What it is for: a pure limiter with the documented classes. A lane is ``class`` or ``class:what``: sends,
edits and deletes count for their chat and for the token. A frequency refusal closes its lane for as long
as the server asks. What it must not do: sleep, or read a clock; ``now`` comes in as seconds.

Source: https://dev.pachca.com
"""

from collections import OrderedDict, deque
from collections.abc import Mapping
from typing import Final

from tolmach.errors import QuotaExceeded
from tolmach.transport.ratelimit import Pace

__all__ = ["CHAT", "COMPANY", "GENERAL", "HISTORY", "LIMITS", "READ", "SEND", "TokenPacer"]

SEND: Final = "send"
CHAT: Final = "chat"
READ: Final = "read"
HISTORY: Final = "history"
COMPANY: Final = "company"
GENERAL: Final = "general"

LIMITS: Mapping[str, tuple[int, float]] = {
    CHAT: (4, 1.0),
    SEND: (30, 5.0),
    READ: (10, 1.0),
    HISTORY: (5, 2.0),
    COMPANY: (30, 60.0),
    GENERAL: (50, 1.0),
}
"""Calls and the seconds that they are counted over; the vendor calls the figures approximate."""


_MOST_CHATS = 10_000
_MARGIN = 0.02
"""Seconds added to a window, so that a call does not arrive before the server's own count is over."""


class _Window:
    """Remember when the last calls went out."""

    def __init__(self, count: int, seconds: float) -> None:
        self.seconds = seconds + _MARGIN
        self.calls: deque[float] = deque(maxlen=count)

    def wait(self, now: float) -> float:
        """Return seconds until another call is free."""
        if len(self.calls) < (self.calls.maxlen or 1):
            return 0.0
        return max(0.0, self.calls[0] + self.seconds - now)


class TokenPacer:
    """Count the calls of one token; unknown lanes are free."""

    def __init__(self, limits: Mapping[str, tuple[int, float]] = LIMITS) -> None:
        self.quotas: dict[str, tuple[float, QuotaExceeded]] = {}
        self._limits = limits
        self._windows: OrderedDict[str, _Window] = OrderedDict()
        self._closed: dict[str, float] = {}

    def wait(self, route: str, now: float) -> float:
        """Return seconds to wait before calling ``route``; 0 means go, and counts the call."""
        windows = self._of(route)
        longest = max((window.wait(now) for window in windows), default=0.0)
        longest = max(longest, self._closed_for(route, now))
        if longest <= 0:
            for window in windows:
                window.calls.append(now)
        return longest

    def learn(self, route: str, pace: Pace, now: float) -> None:
        """Do nothing: the API says nothing about its count but in a refusal."""

    def refused(self, route: str, wait: float, now: float) -> None:
        """Take note that ``route`` is closed for ``wait`` seconds, so that other callers wait as well."""
        self._closed[route] = max(now + wait, self._closed.get(route, 0.0))

    def _closed_for(self, route: str, now: float) -> float:
        ends_at = self._closed.get(route)
        if ends_at is None:
            return 0.0
        if ends_at <= now:
            del self._closed[route]
        return ends_at - now

    def _of(self, route: str) -> list[_Window]:
        kind, _, what = route.partition(":")
        if kind != SEND:
            return [self._window(kind, kind)] if kind in self._limits else []
        whole = [self._window(SEND, SEND)]
        return [*whole, self._window(route, CHAT)] if what else whole

    def _window(self, key: str, kind: str) -> _Window:
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = _Window(*self._limits[kind])
            if len(self._windows) > _MOST_CHATS:
                self._windows.popitem(last=False)
        self._windows.move_to_end(key)
        return window
