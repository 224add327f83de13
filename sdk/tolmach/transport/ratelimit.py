"""Learn a server's pace from its headers, and keep it before being told to.

What it is for: a pure limiter. A server says with each answer how many calls a route has left and
when the count starts anew; the limiter holds back the call that would be one too many. A server that
says nothing (a bot with ``api-bypass-rate-limit``) is never held back. What it must not do: sleep,
or read a clock; ``now`` comes in as seconds, waits go out as seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Protocol

from tolmach.errors import QuotaExceeded

__all__ = ["Limiter", "Pace", "Pacer", "read_pace", "stated_wait"]

_CLOCKS_AGREE = 2.0
"""Seconds. The Date header has whole seconds: it mends a wrong clock, not a small difference."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Hold what one answer says of its route; ``resets_in`` is seconds from now."""

    remaining: int | None
    resets_in: float | None
    retry_after: float | None = None


def read_pace(headers: Mapping[str, str], now: float) -> Pace | None:
    """Read ``Retry-After`` and ``X-RateLimit-*`` (reset in epoch milliseconds); None when there are none.

    ``headers`` must look names up without regard to case. The reset is by the server's clock, so it
    is compared with the answer's ``Date`` where that differs from ``now`` by more than its precision.
    """
    reset = _number(headers.get("X-RateLimit-Reset"))
    remaining = _number(headers.get("X-RateLimit-Remaining"))
    retry_after = _number(headers.get("Retry-After"))
    if reset is None and remaining is None and retry_after is None:
        return None
    resets_in = None
    if reset is not None:
        resets_in = max(0.0, reset / 1000 - _server_time(headers.get("Date"), now))
    return Pace(None if remaining is None else int(remaining), resets_in, retry_after)


def stated_wait(pace: Pace | None, in_body: float | None) -> float | None:
    """Return how long a refused call must wait, from headers and body; None when neither says.

    A body counts from the server's own clock (in whole seconds, rounded up), so it wins where the
    header is more than two seconds off: the clocks disagree then.
    """
    from_header = (
        None if pace is None else (pace.retry_after if pace.retry_after is not None else pace.resets_in)
    )
    if in_body is None or from_header is None:
        return in_body if from_header is None else from_header
    return max(in_body, from_header) if abs(in_body - from_header) <= _CLOCKS_AGREE else in_body


def _server_time(date: str | None, now: float) -> float:
    if date is None:
        return now
    try:
        server = parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError):
        return now
    return now if abs(server - now) < _CLOCKS_AGREE else server


def _number(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < 1e15 else None


class Pacer(Protocol):
    """Keep the pace of calls; a route is whatever text the platform counts by."""

    @property
    def quotas(self) -> dict[str, tuple[float, QuotaExceeded]]:
        """Return quotas that are used up: until when, and the refusal. Who shares a pacer shares them."""
        ...

    def wait(self, route: str, now: float) -> float:
        """Return seconds to wait before calling ``route``; 0 means go, and counts the call."""
        ...

    def learn(self, route: str, pace: Pace, now: float) -> None:
        """Take note of what an answer said of ``route``."""
        ...

    def refused(self, route: str, wait: float, now: float) -> None:
        """Take note that ``route`` is closed for ``wait`` seconds."""
        ...


@dataclass(slots=True)
class _Window:
    remaining: int
    ends_at: float


class Limiter:
    """Keep one window per route; routes not heard of are free."""

    def __init__(self) -> None:
        self.quotas: dict[str, tuple[float, QuotaExceeded]] = {}
        self._windows: dict[str, _Window] = {}

    def wait(self, route: str, now: float) -> float:
        """Return seconds to wait before calling ``route``; 0 means go, and takes one from the window."""
        window = self._windows.get(route)
        if window is None:
            return 0.0
        if now >= window.ends_at:
            del self._windows[route]
            return 0.0
        if window.remaining <= 0:
            return window.ends_at - now
        window.remaining -= 1
        return 0.0

    def learn(self, route: str, pace: Pace, now: float) -> None:
        """Take note of what an answer said of ``route``.

        Answers overtake one another: within one window the count only goes down.
        """
        if pace.remaining is None or pace.resets_in is None:
            return
        ends_at = now + pace.resets_in
        window = self._windows.get(route)
        if window is not None and now < window.ends_at and abs(window.ends_at - ends_at) < _CLOCKS_AGREE:
            window.remaining = min(window.remaining, pace.remaining)
            window.ends_at = max(window.ends_at, ends_at)
        elif ends_at > now:
            self._windows[route] = _Window(pace.remaining, ends_at)

    def refused(self, route: str, wait: float, now: float) -> None:
        """Take note that ``route`` is closed for ``wait`` seconds, so that other callers wait as well."""
        self._windows[route] = _Window(0, now + wait)
