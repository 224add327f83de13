"""What is kept per session while the process lives: transcript, pending notes, chosen model.

What it is for: bounded memory of conversations. What it must not do: build a turn or talk to anyone.
"""

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from tolmach.channel.turn import Line

__all__ = ["Session", "SessionBook"]

NOTES = 20
GIVEN = 1000
SESSIONS = 2000


@dataclass(slots=True)
class Session:
    """Hold one session. ``given`` are the ids of messages that the agent has read or written."""

    key: str
    limit: int
    lines: list[Line] = field(default_factory=list[Line])
    notes: deque[str] = field(default_factory=lambda: deque[str](maxlen=NOTES))
    given: OrderedDict[str, None] = field(default_factory=OrderedDict[str, None])
    model: str | None = None
    turns: int = 0
    running_since: float | None = None

    @property
    def fresh(self) -> bool:
        """Return whether no turn has been taken yet."""
        return self.turns == 0

    def add(self, lines: Sequence[Line]) -> None:
        """Append lines; forget the oldest ones over the limit, never half of a tool exchange."""
        self.lines.extend(lines)
        excess = max(0, len(self.lines) - self.limit)
        while excess < len(self.lines) and excess and self.lines[excess].role != "user":
            excess += 1
        del self.lines[:excess]

    def give(self, message_id: str) -> None:
        """Remember that the agent knows a message."""
        self.given[message_id] = None
        while len(self.given) > GIVEN:
            self.given.popitem(last=False)

    def take_notes(self) -> tuple[str, ...]:
        """Return the notes for the next turn and forget them."""
        notes = tuple(self.notes)
        self.notes.clear()
        return notes


class SessionBook:
    """Hold the sessions of one account, the least recently used forgotten first."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def get(self, key: str) -> Session:
        """Return a session, a fresh one when there is none."""
        session = self._sessions.get(key)
        if session is None:
            session = self._sessions[key] = Session(key, self.limit)
        self._sessions.move_to_end(key)
        while len(self._sessions) > SESSIONS:
            oldest = next(iter(self._sessions.values()))
            if oldest.running_since is not None:
                break
            self._sessions.popitem(last=False)
        return session

    def known(self, key: str) -> Session | None:
        """Return a session without making one."""
        return self._sessions.get(key)
