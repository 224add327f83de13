"""Rate limits: sliding windows by class, and the daily quota with its doubling pause.

What it is for: the arithmetic. What it must not do: read a clock, or know a request.
Source: https://dev.pachca.com/api/rate-limits
"""

import math
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

__all__ = ["CLASSES", "Quota", "Windows"]

CLASSES: Final[dict[str, tuple[int, float]]] = {
    "write_chat": (4, 1.0),
    "write": (30, 5.0),
    "read": (10, 1.0),
    "history": (5, 2.0),
    "company": (30, 60.0),
    "chats_by_page": (10, 1.0),
    "other": (50, 1.0),
    "incoming": (10, 1.0),
}
"""Calls and the seconds in which they may be made."""

DAY: Final = 86_400.0
_FIRST_PAUSE: Final = 3600.0
_LONGEST_PAUSE: Final = DAY


class Windows:
    """Count calls by class and key in windows that slide."""

    def __init__(self) -> None:
        self._calls: dict[Hashable, deque[float]] = {}

    def wait(self, wanted: list[tuple[str, Hashable]], now: float) -> int:
        """Count one call in every class, or in none and return the seconds to wait."""
        longest = 0.0
        taken: list[deque[float]] = []
        for name, key in wanted:
            most, span = CLASSES[name]
            calls = self._calls.get((name, key))
            if calls is None:
                calls = self._calls[name, key] = deque()
            while calls and calls[0] <= now - span:
                calls.popleft()
            if len(calls) >= most:
                longest = max(longest, calls[0] + span - now)
            taken.append(calls)
        if longest > 0:
            return max(1, math.ceil(longest))
        for calls in taken:
            calls.append(now)
        return 0

    def clear(self) -> None:
        """Forget every count."""
        self._calls.clear()


@dataclass(slots=True)
class _Ladder:
    sent: deque[float] = field(default_factory=deque[float])
    until: float = 0.0
    pause: float = 0.0


class Quota:
    """Count created messages by sender and chat over 24 hours; pushing on doubles the pause."""

    def __init__(self) -> None:
        self._ladders: dict[tuple[int, int], _Ladder] = {}

    def wait(self, sender: int, chat: int, most: int, now: float) -> int:
        """Return the seconds to wait before the next message, 0 when it may be sent."""
        ladder = self._ladders.get((sender, chat))
        if ladder is None:
            return 0
        while ladder.sent and ladder.sent[0] <= now - DAY:
            ladder.sent.popleft()
        if now < ladder.until:
            ladder.pause = min(ladder.pause * 2, _LONGEST_PAUSE)
            ladder.until = now + ladder.pause
        elif len(ladder.sent) >= most:
            ladder.pause = min(ladder.pause * 2, _LONGEST_PAUSE) if ladder.pause else _FIRST_PAUSE
            ladder.until = now + ladder.pause
        else:
            return 0
        window = ladder.sent[0] + DAY - now if len(ladder.sent) >= most else 0.0
        return max(1, math.ceil(max(ladder.until - now, window)))

    def sent(self, sender: int, chat: int, now: float) -> None:
        """Count one created message; a success ends the ladder."""
        ladder = self._ladders.setdefault((sender, chat), _Ladder())
        ladder.sent.append(now)
        ladder.pause = ladder.until = 0.0

    def clear(self) -> None:
        """Forget every count and pause."""
        self._ladders.clear()
