"""The names of the streams that this client listens to or writes to.

What it is for: one place for collection names and event keys. What it must not do: subscribe.
"""

from dataclasses import dataclass
from typing import Final

__all__ = [
    "MY_MESSAGES",
    "NOTIFY_ROOM",
    "NOTIFY_USER",
    "ROOM_MESSAGES",
    "Stream",
    "bulk_deletes",
    "deletes",
    "room_of",
    "subscriptions_changed",
    "user_activity",
]

ROOM_MESSAGES: Final = "stream-room-messages"
NOTIFY_ROOM: Final = "stream-notify-room"
NOTIFY_USER: Final = "stream-notify-user"


@dataclass(frozen=True, slots=True)
class Stream:
    """Name one stream: the publication, which is also the collection of its events, and the key."""

    name: str
    event: str

    @property
    def params(self) -> list[object]:
        """Return what a subscription sends: the key, and that no collection is to be kept."""
        return [self.event, {"useCollection": False, "args": []}]


MY_MESSAGES: Final = Stream(ROOM_MESSAGES, "__my_messages__")
"""Messages of every room that the account can see, joined public ones and others."""


def subscriptions_changed(user_id: str) -> Stream:
    """Return the stream of the account's own memberships."""
    return Stream(NOTIFY_USER, f"{user_id}/subscriptions-changed")


def deletes(room_id: str) -> Stream:
    """Return the stream that alone tells of deleted messages."""
    return Stream(NOTIFY_ROOM, f"{room_id}/deleteMessage")


def bulk_deletes(room_id: str) -> Stream:
    """Return the stream that tells of a pruned room."""
    return Stream(NOTIFY_ROOM, f"{room_id}/deleteMessageBulk")


def user_activity(room_id: str) -> str:
    """Return the key under which typing is published."""
    return f"{room_id}/user-activity"


def room_of(event: str) -> tuple[str, str]:
    """Split ``<room or user id>/<what>``; the second part is empty when there is no slash."""
    head, _, tail = event.partition("/")
    return head, tail
