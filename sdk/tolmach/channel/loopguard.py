"""Keep two bots from answering each other without end.

What it is for: counting what two bots say to one another in a place, both directions together.
What it must not do: count people, or read a clock.
"""

from collections import OrderedDict, deque

from tolmach.channel.settings import LoopGuardSettings

__all__ = ["LoopGuard", "pair_key"]

_PAIRS = 1000


def pair_key(room_id: str, one: str, other: str) -> str:
    """Return the key of two accounts in a room, the same in both directions."""
    first, second = sorted((one, other))
    return f"{room_id}/{first}/{second}"


class LoopGuard:
    """Count events per pair in a sliding window; once over the budget, suppress for a while."""

    def __init__(self) -> None:
        self._events: OrderedDict[str, deque[float]] = OrderedDict()
        self._until: dict[str, float] = {}

    def suppressed(self, key: str, now: float, limits: LoopGuardSettings) -> bool:
        """Tell whether one more event of this pair is too many."""
        if not limits.enabled:
            return False
        if now < self._until.get(key, 0.0):
            return True
        recent = sum(1 for at in self._events.get(key, ()) if now - at < limits.window_seconds)
        return recent >= limits.max_events_per_window

    def count(self, key: str, now: float, limits: LoopGuardSettings) -> None:
        """Count one event of this pair, in either direction."""
        events = self._events.setdefault(key, deque(maxlen=limits.max_events_per_window))
        self._events.move_to_end(key)
        while events and now - events[0] >= limits.window_seconds:
            events.popleft()
        events.append(now)
        if len(events) >= limits.max_events_per_window and now >= self._until.get(key, 0.0):
            self._until[key] = now + limits.cooldown_seconds
        while len(self._events) > _PAIRS:
            gone, _ = self._events.popitem(last=False)
            self._until.pop(gone, None)
