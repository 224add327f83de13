"""What was missed while no socket was there, and how to ask for it.

Theory. Realtime resends nothing. So the newest ``_updatedAt`` of each room is kept; after a reconnect
the streams are subscribed first and their events held back, then the rooms are asked for what changed
since, one second early because documents may overtake each other; both are released together, oldest
first, and the classifier drops what it has seen. All times are the server's; the clock of this machine
is never compared with them. The first connection fills no gap: it only notes where the rooms stand.

Asked are the rooms whose last message moved, and the few rooms that were active last, because an edit,
a reaction or a deletion of an older message does not show in the list of rooms. In other rooms such a
change is noticed with the room's next message, or not at all.

What it must not do: make a call, or read a clock.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tolmach.rocketchat.events import RoomHint
from tolmach.rocketchat.models.message import Message
from tolmach.rocketchat.models.room import Room, Subscription

__all__ = ["Marks", "Missed", "Sync", "plan", "release_order"]

EARLY = timedelta(seconds=1)
RECENT_ROOMS = 8


class Marks:
    """Remember up to where each room was seen, in the server's time."""

    def __init__(self) -> None:
        self._seen: dict[str, datetime] = {}
        self._recent: OrderedDict[str, None] = OrderedDict()
        self._newest: datetime | None = None
        self.rooms_at: datetime | None = None
        """Newest ``_updatedAt`` in the last list of rooms."""
        self.memberships_at: datetime | None = None
        """Newest ``_updatedAt`` in the last list of memberships."""

    @property
    def newest(self) -> datetime | None:
        """Return the newest server time seen anywhere."""
        return self._newest

    @property
    def recent(self) -> tuple[str, ...]:
        """Return the rooms that were active last, newest first."""
        return tuple(reversed(self._recent))

    def of(self, room_id: str) -> datetime | None:
        """Return up to where a room was seen, None if it never was."""
        return self._seen.get(room_id)

    def saw(self, room_id: str, moment: datetime) -> None:
        """Note a message document."""
        self.stands(room_id, moment)
        self._recent[room_id] = None
        self._recent.move_to_end(room_id)
        if len(self._recent) > RECENT_ROOMS:
            self._recent.popitem(last=False)

    def stands(self, room_id: str, moment: datetime) -> None:
        """Note that nothing up to ``moment`` is missing in a room."""
        if moment > self._seen.get(room_id, moment - EARLY):
            self._seen[room_id] = moment
        self.heard(moment)

    def heard(self, moment: datetime | None) -> None:
        """Note any time that the server has named."""
        if moment is not None and (self._newest is None or moment > self._newest):
            self._newest = moment

    def listed(self, rooms: Iterable[Room], subscriptions: Iterable[Subscription]) -> None:
        """Note how far the lists of rooms and memberships reach."""
        for room in rooms:
            self.rooms_at = _later(self.rooms_at, room.updated_at)
        for subscription in subscriptions:
            self.memberships_at = _later(self.memberships_at, subscription.updated_at)


@dataclass(frozen=True, slots=True)
class Sync:
    """Ask a room for what changed after ``since``; nothing sent after ``missed_since`` was seen."""

    room_id: str
    since: datetime
    missed_since: datetime


@dataclass(frozen=True, slots=True)
class Missed:
    """One document to release: from a sync, or held back from a stream (``missed_since`` None)."""

    message: Message
    hint: RoomHint | None
    missed_since: datetime | None = None


def plan(marks: Marks, rooms: Sequence[Room], joined: Sequence[Subscription]) -> list[Sync]:
    """Return what to ask. ``rooms`` changed since the last list, ``joined`` began inside the gap."""
    began = {subscription.room_id: subscription.ts for subscription in joined}
    asks: dict[str, datetime | None] = {room_id: marks.of(room_id) for room_id in marks.recent}
    for room in rooms:
        mark = marks.of(room.id)
        if room.id in began or mark is None:
            # In a room never seen, only what came after the last thing seen anywhere, and after joining.
            asks[room.id] = _later(mark or marks.newest, began.get(room.id))
        elif _moved_past(room, mark):
            asks[room.id] = mark
    for room_id, moment in began.items():
        asks.setdefault(room_id, _later(marks.of(room_id) or marks.newest, moment))
    return [Sync(room_id, mark - EARLY, mark) for room_id, mark in asks.items() if mark is not None]


def release_order(missed: Iterable[Missed]) -> list[Missed]:
    """Sort by ``_updatedAt``; equal ones stay in the order in which they came."""
    return sorted(missed, key=lambda item: item.message.updated_at)


def _moved_past(room: Room, mark: datetime) -> bool:
    last = room.last_message
    moments = [room.last_message_at, last.updated_at if last else None]
    known = [moment for moment in moments if moment is not None]
    return not known or max(known) > mark


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)
