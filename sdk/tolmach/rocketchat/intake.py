"""From stream events to changes, with all that is remembered on the way.

What it is for: routing an event by collection and key to the classifier or the roster, and putting a
filled gap and the events held back meanwhile into one order. What it must not do: perform I/O.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from pydantic import ValidationError

from tolmach.rocketchat import streams
from tolmach.rocketchat.classify import Classifier
from tolmach.rocketchat.ddp_events import StreamEvent
from tolmach.rocketchat.ejson import decode
from tolmach.rocketchat.events import Change
from tolmach.rocketchat.gapfill import Marks, Missed, release_order
from tolmach.rocketchat.models.message import Message
from tolmach.rocketchat.roster import Roster, read_hint

__all__ = ["Intake"]


class Intake:
    """Remember rooms, marks and documents of one account.

    ``malformed`` counts stream events whose content made no sense; they are skipped.
    """

    def __init__(self) -> None:
        self.classifier = Classifier()
        self.roster = Roster()
        self.marks = Marks()
        self.malformed = 0

    def take(self, event: StreamEvent) -> list[Change]:
        """Return what one stream event tells."""
        changes = self._route(event)
        if changes is None:
            self.malformed += 1
            return []
        return changes

    def merge(
        self,
        memberships: Sequence[Change],
        messages: Sequence[Missed],
        deleted: Sequence[tuple[str, str]],
        held: Sequence[StreamEvent],
    ) -> list[Change]:
        """Return what a filled gap and the events held back while it was filled tell, oldest first."""
        documents, others = list(messages), list[StreamEvent]()
        for event in held:
            if event.collection == streams.ROOM_MESSAGES:
                documents += self._document(event)
            else:
                others.append(event)
        changes = list(memberships)
        for missed in release_order(documents):
            message = missed.message
            changes += self.classifier.take(message, missed.hint, missed_since=missed.missed_since)
            self.marks.saw(message.room_id, message.updated_at)
        for room_id, message_id in deleted:
            # What was written and deleted inside the gap was never reported, so its end is no news.
            if self.classifier.remembers(message_id) is not None:
                changes += self.classifier.take_delete(room_id, message_id, self.roster.hint(room_id))
        for event in others:
            changes += self.take(event)
        return changes

    def _route(self, event: StreamEvent) -> list[Change] | None:
        head, what = streams.room_of(event.event)
        match event.collection, what:
            case streams.ROOM_MESSAGES, _:
                return self._message(event.args)
            case streams.NOTIFY_USER, "subscriptions-changed":
                return self.roster.take(event.args)
            case streams.NOTIFY_ROOM, "deleteMessage":
                return self._deleted(head, event.args)
            case streams.NOTIFY_ROOM, "deleteMessageBulk":
                raw = event.args[0] if event.args else None
                return self.classifier.take_bulk_delete(head, raw, self.roster.hint(head))
            case _:
                return []

    def _message(self, args: Sequence[object]) -> list[Change] | None:
        raw = args[0] if args else None
        if not isinstance(raw, Mapping):
            return None
        document = cast("Mapping[str, object]", raw)
        room_id, moment = document.get("rid"), decode(document.get("_updatedAt"))
        if not isinstance(room_id, str):
            return None
        hint = (read_hint(args[1]) if len(args) > 1 else None) or self.roster.hint(room_id)
        changes = self.classifier.take_document(document, hint)
        if changes is not None and isinstance(moment, datetime):
            self.marks.saw(room_id, moment)
        return changes

    def _deleted(self, room_id: str, args: Sequence[object]) -> list[Change] | None:
        match args:
            case [{"_id": str() as message_id}, *_]:
                return self.classifier.take_delete(room_id, message_id, self.roster.hint(room_id))
            case _:
                return None

    def _document(self, event: StreamEvent) -> list[Missed]:
        try:
            message = Message.model_validate(event.args[0] if event.args else None)
        except (ValidationError, RecursionError):
            self.malformed += 1
            return []
        hint = read_hint(event.args[1]) if len(event.args) > 1 else None
        return [Missed(message, hint or self.roster.hint(message.room_id))]
