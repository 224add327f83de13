"""Which streams an account listens to.

What it is for: the streams that nothing works without, and for each room it is in the one that alone
tells of deleted messages; in rooms where somebody writes also the one that tells of pruning. The pace
of the session spreads them: 28 in 40 seconds, active rooms first. What it must not do: read events.
"""

from typing import Protocol

from tolmach.rocketchat import streams
from tolmach.rocketchat.ddp_events import StreamEvent
from tolmach.rocketchat.streams import Stream

__all__ = ["Following", "Subscriber"]


class Subscriber(Protocol):
    """Be what subscribes: the connection."""

    def subscribe(self, stream: Stream, *, urgent: bool = False) -> str:
        """Want a stream and return the subscription's id."""
        ...

    def unsubscribe(self, identifier: str) -> None:
        """Want it no more."""
        ...

    def hurry(self, identifier: str) -> None:
        """Let it pass those that wait."""
        ...


class Following:
    """Keep the subscriptions of one account."""

    def __init__(self, connection: Subscriber) -> None:
        self._connection = connection
        self._core: dict[str, Stream] = {}
        self._unconfirmed: set[str] = set()
        self._rooms: dict[str, str] = {}
        self._pruning: dict[str, str] = {}

    def logged_in(self, user_id: str) -> None:
        """Take note of a new socket: what is wanted is sent again, what is missing is added."""
        for stream in (streams.MY_MESSAGES, streams.subscriptions_changed(user_id)):
            if stream not in self._core.values():
                self._core[self._connection.subscribe(stream, urgent=True)] = stream
        self._unconfirmed = set(self._core)

    def confirmed(self, identifier: str) -> bool:
        """Take a confirmation; tell whether it was the last that nothing works without."""
        if identifier not in self._unconfirmed:
            return False
        self._unconfirmed.discard(identifier)
        return not self._unconfirmed

    def ended(self, identifier: str) -> bool:
        """Take a refusal or an end; tell whether nothing works without it."""
        for kept in (self._rooms, self._pruning):
            for room_id in [room for room, sub in kept.items() if sub == identifier]:
                del kept[room_id]
        return self._core.pop(identifier, None) is not None

    def room(self, room_id: str) -> None:
        """Listen to the deletions of a room."""
        if room_id not in self._rooms:
            self._rooms[room_id] = self._connection.subscribe(streams.deletes(room_id))

    def leave(self, room_id: str) -> None:
        """Listen to a room no more."""
        for kept in (self._rooms, self._pruning):
            identifier = kept.pop(room_id, None)
            if identifier is not None:
                self._connection.unsubscribe(identifier)

    def active(self, event: StreamEvent) -> None:
        """Take note that somebody writes in a room."""
        if event.collection != streams.ROOM_MESSAGES:
            return
        match event.args:
            case [{"rid": str() as room_id}, *_] if room_id in self._rooms and room_id not in self._pruning:
                self._connection.hurry(self._rooms[room_id])
                self._pruning[room_id] = self._connection.subscribe(streams.bulk_deletes(room_id))
            case _:
                pass
