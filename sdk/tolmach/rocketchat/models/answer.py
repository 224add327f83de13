"""Answers that are no single document.

What it is for: what login, sync and the update feeds return. What it must not do: show a token in
its repr.
"""

from pydantic import Field

from tolmach.rocketchat.models.document import Document, Many, Maybe, Timestamp
from tolmach.rocketchat.models.message import Message
from tolmach.rocketchat.models.room import Room, Subscription
from tolmach.rocketchat.models.user import User

__all__ = [
    "Deleted",
    "DirectRoom",
    "LoginResult",
    "RoomUpdates",
    "ServerInfo",
    "Setting",
    "SubscriptionUpdates",
    "SyncPage",
    "SyncResult",
]


class LoginResult(Document):
    """Hold a fresh login token.

    Source: https://developer.rocket.chat/apidocs/login-with-username-and-password
    """

    user_id: str = Field(alias="userId")
    token: str = Field(alias="authToken", repr=False)
    me: User


class ServerInfo(Document):
    """Say which server this is; the version is major.minor for most callers.

    Source: https://developer.rocket.chat/apidocs/server-information
    """

    version: str


class Setting(Document):
    """Hold one public server setting.

    Source: https://developer.rocket.chat/apidocs/get-public-settings
    """

    id: str = Field(alias="_id")
    value: object = None
    """Text, number, truth value or object, as the setting has it."""


class Deleted(Document):
    """Say that a document is gone."""

    id: str = Field(alias="_id")
    deleted_at: Maybe[Timestamp] = Field(default=None, alias="_deletedAt")


class SyncResult(Document):
    """Hold what changed in a room since a moment, newest message first.

    Source: https://developer.rocket.chat/apidocs/sync-messages
    """

    updated: Many[Message] = Field(default_factory=list[Message])
    deleted: Many[Deleted] = Field(default_factory=list[Deleted])


class SyncPage(Document):
    """Hold one page of changes; ``next`` says where to go on, None at the end.

    Source: https://developer.rocket.chat/apidocs/sync-messages
    """

    updated: Many[Message] = Field(default_factory=list[Message])
    deleted: Many[Deleted] = Field(default_factory=list[Deleted])
    next: str | None = None


class RoomUpdates(Document):
    """Hold the caller's rooms that changed, and those that are gone.

    Source: https://developer.rocket.chat/apidocs/get-rooms
    """

    updated: Many[Room] = Field(default_factory=list[Room], alias="update")
    removed: Many[Deleted] = Field(default_factory=list[Deleted], alias="remove")


class SubscriptionUpdates(Document):
    """Hold the caller's memberships that changed, and those that are gone.

    Source: https://developer.rocket.chat/apidocs/get-all-subscriptions
    """

    updated: Many[Subscription] = Field(default_factory=list[Subscription], alias="update")
    removed: Many[Deleted] = Field(default_factory=list[Deleted], alias="remove")


class DirectRoom(Document):
    """Hold the lean answer of ``im.create``: no members' ids, no counts.

    Source: https://developer.rocket.chat/apidocs/create-dm-session
    """

    id: str = Field(alias="_id")
    kind: str = Field(default="d", alias="t")
    usernames: Many[str] = Field(default_factory=list[str])
