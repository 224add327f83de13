"""From a stream of whole documents to typed changes.

Theory. Rocket.Chat sends the whole message again for every change, without saying what changed, and
often twice (``__my_messages__`` and the room's own stream). So the last document of each message is
kept and compared.

* ``(_id, _updatedAt)`` seen before: a repeat, nothing. An older ``_updatedAt``: late, nothing.
* A seen ``_id``: the difference is what happened.
* An unseen ``_id`` is a new message only if that is certain, because an edit or a reaction of a message
  from before this process came would look the same. ``editedAt`` set: an edit, its past unknown.
  Sent after the room's floor: new, whatever hangs on it by now. The floor is a time of the server's
  own clock up to which everything counts as old: where the room stood at the start, later the newest
  message that had to be forgotten. Otherwise new only if nothing hangs on it and it has not aged.
* What else an old, unseen document tells (a reaction, thread counters) cannot be known: nothing is
  reported, the document becomes the one to compare with.

What it must not do: ask the server, or compare the server's times with a clock of this machine.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from pydantic import ValidationError

from tolmach.rocketchat.diff import changes_between, notice
from tolmach.rocketchat.ejson import decode, milliseconds
from tolmach.rocketchat.events import Change, MessageDeleted, MessageEdited, MessageNew, Pinned, RoomHint
from tolmach.rocketchat.models.message import Message

__all__ = ["Classifier"]

_NOT_AGED = timedelta(seconds=15)
"""A document so close to its message's birth was sent because of the birth. The server accepts a
client's own ``ts`` up to ten seconds off."""


@dataclass(slots=True)
class _Known:
    """What is remembered of one message; ``message`` is None once it is gone."""

    stamp: int
    room_id: str
    message: Message | None
    announced: bool
    ts: datetime | None


class Classifier:
    """Compare documents with those before them, for one account named ``username``.

    ``remember`` bounds the number of documents kept; the least recently touched is forgotten first.
    """

    def __init__(self, *, username: str = "", remember: int = 5000) -> None:
        self.username = username
        self._remember = remember
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._floors: dict[str, datetime] = {}
        self._floor: datetime | None = None

    def set_floor(self, moment: datetime, room_id: str | None = None) -> None:
        """Count messages up to ``moment`` as old: in one room, or in all that have no floor yet."""
        if room_id is None:
            self._floor = moment if self._floor is None else max(moment, self._floor)
        else:
            self._floors[room_id] = max(moment, self._floors.get(room_id, moment))

    def remembers(self, message_id: str) -> Message | None:
        """Return the last document of a message, None if it is unknown or gone."""
        known = self._known.get(message_id)
        return known.message if known else None

    def take_document(self, raw: object, room: RoomHint | None = None) -> list[Change] | None:
        """Return what one streamed document (EJSON) tells; None if it is no message document."""
        if not isinstance(raw, Mapping):
            return None
        document = cast("Mapping[str, object]", raw)
        if self._is_repeat(document):
            return []
        try:
            message = Message.model_validate(document)
        except (ValidationError, RecursionError):
            return None
        return self.take(message, room)

    def take(
        self, message: Message, room: RoomHint | None = None, *, missed_since: datetime | None = None
    ) -> list[Change]:
        """Return what one document tells, in a fixed order; often nothing.

        ``missed_since``: the document fills a gap, and nothing sent after this moment was seen. So an
        unseen message from after it is new even if it was edited inside the gap.
        """
        known = self._known.get(message.id)
        if known is None:
            return self._first_seen(message, room, missed_since)
        self._known.move_to_end(message.id)
        stamp = milliseconds(message.updated_at)
        if known.message is None or stamp == known.stamp:
            return []
        if stamp < known.stamp:
            return self._late(known, message, room)
        old, known.message, known.stamp = known.message, message, stamp
        changes = changes_between(old, message, self.username, room)
        if message.kind == "rm":
            known.message = None
        return changes

    def take_delete(self, room_id: str, message_id: str, room: RoomHint | None = None) -> list[Change]:
        """Return what the end of a message tells; a second report of it tells nothing."""
        known = self._known.get(message_id)
        if known is None:
            self._keep(message_id, _Known(0, room_id, None, announced=True, ts=None))
            return [MessageDeleted(room_id, message_id, room=room)]
        if known.message is None:
            return []
        previous, known.message = known.message, None
        return [MessageDeleted(room_id, message_id, previous, room=room)]

    def take_bulk_delete(self, room_id: str, raw: object, room: RoomHint | None = None) -> list[Change]:
        """Return the deletions that a pruned room tells: ids where named, else what is remembered."""
        if not isinstance(raw, Mapping):
            return []
        document = cast("Mapping[str, object]", decode(raw))
        if document.get("filesOnly"):
            return []
        ids = document.get("ids")
        if isinstance(ids, list):
            named = [item for item in cast("list[object]", ids) if isinstance(item, str)]
        else:
            kept = [known.message for known in self._known.values() if known.room_id == room_id]
            named = [message.id for message in kept if message and _pruned(message, document)]
        return [change for message_id in named for change in self.take_delete(room_id, message_id, room)]

    # Inside

    def _is_repeat(self, document: Mapping[str, object]) -> bool:
        """Tell a twin by two comparisons, before the cost of reading the document."""
        identifier, moved = document.get("_id"), document.get("_updatedAt")
        known = self._known.get(identifier) if isinstance(identifier, str) else None
        if known is None:
            return False
        if known.message is None:
            return True
        return isinstance(moved, Mapping) and cast("Mapping[str, object]", moved).get("$date") == known.stamp

    def _first_seen(
        self, message: Message, room: RoomHint | None, missed_since: datetime | None
    ) -> list[Change]:
        known = _Known(
            milliseconds(message.updated_at), message.room_id, message, announced=False, ts=message.ts
        )
        self._keep(message.id, known)
        if message.kind == "rm":
            known.message = None
            return [MessageDeleted(message.room_id, message.id, soft=True, room=room)]
        missed = missed_since is not None and message.ts > missed_since
        if message.edited_at is not None and not missed:
            return [MessageEdited(message, None, room)]
        known.announced = True
        if not missed and not self._is_new(message):
            return []
        if message.kind == "message_pinned":
            return [Pinned(message, self._pinned_by(message), room)]
        return [notice(message, room) if message.is_system else MessageNew(message, room)]

    def _late(self, known: _Known, message: Message, room: RoomHint | None) -> list[Change]:
        """Take a document that was overtaken by a newer one of the same message."""
        if known.announced or message.edited_at is not None or message.is_system or not self._is_new(message):
            return []
        known.announced = True
        return [MessageNew(message, room)]

    def _is_new(self, message: Message) -> bool:
        floor = self._floors.get(message.room_id, self._floor)
        if floor is not None and message.ts > floor:
            return True
        marked = message.reactions or message.thread_count or message.pinned is not None
        return not marked and message.updated_at - message.ts <= _NOT_AGED

    def _pinned_by(self, pin: Message) -> Message | None:
        """Find the message that a pin notice quotes: same room, same moment, same author."""
        quote = pin.attachments[0] if pin.attachments else None
        if quote is None or quote.ts is None:
            return None
        for known in reversed(self._known.values()):
            message = known.message
            if message is None or message.room_id != pin.room_id or message.ts != quote.ts:
                continue
            if quote.author_name in (None, message.user.username, message.user.name, message.alias):
                # The pinned document is not streamed: without this note its unpinning would show nothing.
                known.message = message.model_copy(update={"pinned": True})
                return known.message
        return None

    def _keep(self, message_id: str, known: _Known) -> None:
        self._known[message_id] = known
        if len(self._known) > self._remember:
            _, forgotten = self._known.popitem(last=False)
            if forgotten.ts is not None:
                # Else its next reaction would make it look like a message never seen.
                self.set_floor(forgotten.ts, forgotten.room_id)


def _pruned(message: Message, rule: Mapping[str, object]) -> bool:
    """Tell whether a prune rule covers a message."""
    users = rule.get("users")
    if isinstance(users, list) and users and message.user.username not in users:
        return False
    if (rule.get("excludePinned") and message.pinned) or (
        rule.get("ignoreDiscussion") and message.discussion_id
    ):
        return False
    limits = rule.get("ts")
    if not isinstance(limits, Mapping):
        return False
    for name, limit in cast("Mapping[str, object]", limits).items():
        if not isinstance(limit, datetime) or not _holds(name, message.ts, limit):
            return False
    return True


def _holds(name: str, moment: datetime, limit: datetime) -> bool:
    match name:
        case "$gt":
            return moment > limit
        case "$gte":
            return moment >= limit
        case "$lt":
            return moment < limit
        case "$lte":
            return moment <= limit
        case _:
            return False
