"""How fast one socket may ask, so that the server never has to say no.

Theory. Rocket.Chat counts methods and subscriptions together, per connection and name: 10 in 10
seconds, and four times both (40 in 40 seconds) for names that start with ``stream-``. A counter that
starts at another moment than ours may see one more, so a few stay unused. Subscriptions leave room
for calls of the same name: typing goes out as ``stream-notify-room``, the very name that the rooms'
delete streams are subscribed under.

What it must not do: read a clock, or hold what waits; it only answers when a name is free.
"""

from collections import deque
from dataclasses import dataclass

__all__ = ["Pace", "Window"]


@dataclass(frozen=True, slots=True)
class Window:
    """Allow ``calls`` requests in ``seconds``, of which ``subs`` may be subscriptions."""

    calls: int
    subs: int
    seconds: float


STREAM = Window(calls=36, subs=28, seconds=40.0)
PLAIN = Window(calls=9, subs=9, seconds=10.0)


class Pace:
    """Remember when each name was asked on this socket."""

    def __init__(self, *, stream: Window = STREAM, plain: Window = PLAIN) -> None:
        self._stream = stream
        self._plain = plain
        self._asked: dict[str, deque[float]] = {}
        self._paused: dict[str, float] = {}

    def free_at(self, name: str, now: float, *, sub: bool) -> float:
        """Return when ``name`` may be asked next; ``now`` or less means at once."""
        window = self._window(name)
        asked = self._asked.setdefault(name, deque())
        while asked and asked[0] <= now - window.seconds:
            asked.popleft()
        allowed = window.subs if sub else window.calls
        free = asked[len(asked) - allowed] + window.seconds if len(asked) >= allowed else now
        return max(free, self._paused.get(name, now))

    def record(self, name: str, now: float) -> None:
        """Note that ``name`` is asked now."""
        self._asked.setdefault(name, deque()).append(now)

    def pause(self, name: str, until: float) -> None:
        """Keep ``name`` silent until then, because the server said so."""
        self._paused[name] = max(until, self._paused.get(name, until))

    def forget(self) -> None:
        """Start afresh: a new socket has new counters."""
        self._asked.clear()
        self._paused.clear()

    def _window(self, name: str) -> Window:
        return self._stream if name.startswith("stream-") else self._plain
