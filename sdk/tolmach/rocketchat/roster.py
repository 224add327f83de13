"""The rooms that the account is in, as far as the server has told.

What it is for: turning membership documents into changes, and a room id into a hint. What it must not
do: fetch anything, or judge access.
"""

from collections.abc import Iterable, Mapping
from typing import cast

from pydantic import ValidationError

from tolmach.rocketchat.events import Change, RoomHint, SubscriptionAdded, SubscriptionRemoved
from tolmach.rocketchat.models.answer import SubscriptionUpdates
from tolmach.rocketchat.models.room import Subscription

__all__ = ["Roster", "read_hint"]


class Roster:
    """Remember one account's memberships by room."""

    def __init__(self) -> None:
        self._members: dict[str, RoomHint] = {}
        self._room_of: dict[str, str] = {}

    @property
    def rooms(self) -> tuple[str, ...]:
        """Return the ids of all rooms that the account is in."""
        return tuple(self._members)

    def hint(self, room_id: str) -> RoomHint | None:
        """Return what is known of a room that the account is in, None for others."""
        return self._members.get(room_id)

    def load(self, subscriptions: Iterable[Subscription]) -> None:
        """Take memberships that are no news."""
        for subscription in subscriptions:
            self._put(subscription)

    def take(self, args: object) -> list[Change] | None:
        """Return what a ``subscriptions-changed`` event tells; None if it makes no sense."""
        match args:
            case ["inserted" | "updated", dict() as raw, *_]:
                try:
                    return self._put(Subscription.model_validate(raw))
                except (ValidationError, RecursionError):
                    return None
            case ["removed", {"_id": str() as identifier, **rest}, *_]:
                room_id = rest.get("rid")
                return self._drop(room_id if isinstance(room_id, str) else self._room_of.get(identifier))
            case _:
                return None

    def catch_up(self, updates: SubscriptionUpdates) -> list[Change]:
        """Return which memberships began and ended since the last look."""
        changes: list[Change] = []
        for gone in updates.removed:
            changes += self._drop(self._room_of.get(gone.id))
        for subscription in updates.updated:
            changes += self._put(subscription)
        return changes

    def _put(self, subscription: Subscription) -> list[Change]:
        room_id = subscription.room_id
        fresh = room_id not in self._members
        self._members[room_id] = RoomHint(subscription.kind, subscription.name or "", participant=True)
        self._room_of[subscription.id] = room_id
        return [SubscriptionAdded(room_id, subscription)] if fresh else []

    def _drop(self, room_id: str | None) -> list[Change]:
        if room_id is None or self._members.pop(room_id, None) is None:
            return []
        self._room_of = {key: room for key, room in self._room_of.items() if room != room_id}
        return [SubscriptionRemoved(room_id)]


def read_hint(raw: object) -> RoomHint | None:
    """Read the second argument of a ``__my_messages__`` event."""
    if not isinstance(raw, Mapping):
        return None
    said = cast("Mapping[str, object]", raw)
    kind, name = said.get("roomType"), said.get("roomName")
    if not isinstance(kind, str):
        return None
    return RoomHint(kind, name if isinstance(name, str) else "", said.get("roomParticipant") is True)
