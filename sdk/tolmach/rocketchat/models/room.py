"""Rooms, and what a user has to do with them.

What it is for: the room and subscription documents of REST and realtime. What it must not do: judge
access; the fields that decide are named here, the decision is made elsewhere.
"""

from typing import Annotated

from pydantic import Field

from tolmach.rocketchat.models.document import Document, Known, Many, Maybe, Timestamp
from tolmach.rocketchat.models.message import Message
from tolmach.rocketchat.models.user import UserRef

__all__ = ["Room", "Subscription"]


class Room(Document):
    """Describe a room.

    Source: https://developer.rocket.chat/apidocs/get-room-information
    """

    id: str = Field(alias="_id")
    kind: Annotated[str, Known("c", "p", "d", "l")] = Field(alias="t")
    """``c`` public, ``p`` private, ``d`` direct, ``l`` omnichannel."""
    name: Maybe[str] = None
    """Name in addresses; absent on direct rooms."""
    display_name: Maybe[str] = Field(default=None, alias="fname")
    owner: Maybe[UserRef] = Field(default=None, alias="u")
    users_count: Maybe[int] = Field(default=None, alias="usersCount")
    user_ids: Maybe[list[str]] = Field(default=None, alias="uids")
    """Direct rooms: the members. One = self, two = a conversation, more = a group."""
    usernames: Maybe[list[str]] = None
    messages_count: Maybe[int] = Field(default=None, alias="msgs")
    topic: Maybe[str] = None
    description: Maybe[str] = None
    announcement: Maybe[str] = None
    read_only: Maybe[bool] = Field(default=None, alias="ro")
    archived: Maybe[bool] = None
    default: Maybe[bool] = None
    broadcast: Maybe[bool] = None
    encrypted: Maybe[bool] = None
    team_id: Maybe[str] = Field(default=None, alias="teamId")
    team_main: Maybe[bool] = Field(default=None, alias="teamMain")
    discussion_parent: Maybe[str] = Field(default=None, alias="prid")
    """Id of the room that this discussion belongs to."""
    muted: Many[str] = Field(default_factory=list[str])
    last_message: Maybe[Message] = Field(default=None, alias="lastMessage")
    last_message_at: Maybe[Timestamp] = Field(default=None, alias="lm")
    ts: Maybe[Timestamp] = None
    """When the room was made."""
    updated_at: Maybe[Timestamp] = Field(default=None, alias="_updatedAt")
    custom_fields: Maybe[dict[str, object]] = Field(default=None, alias="customFields")


class Subscription(Document):
    """Describe the membership of one user in one room.

    Source: https://developer.rocket.chat/apidocs/get-all-subscriptions
    """

    id: str = Field(alias="_id")
    room_id: str = Field(alias="rid")
    kind: Annotated[str, Known("c", "p", "d", "l")] = Field(alias="t")
    name: Maybe[str] = None
    """Room name; in a conversation of two the other's username."""
    display_name: Maybe[str] = Field(default=None, alias="fname")
    user: Maybe[UserRef] = Field(default=None, alias="u")
    open: Maybe[bool] = None
    alert: Maybe[bool] = None
    unread: Maybe[int] = None
    user_mentions: Maybe[int] = Field(default=None, alias="userMentions")
    group_mentions: Maybe[int] = Field(default=None, alias="groupMentions")
    roles: Many[str] = Field(default_factory=list[str])
    """Roles in this room (``owner``, ``moderator``)."""
    status: Annotated[Maybe[str], Known("INVITED", "BANNED")] = None
    archived: Maybe[bool] = None
    blocked: Maybe[bool] = None
    blocker: Maybe[bool] = None
    favorite: Maybe[bool] = Field(default=None, alias="f")
    team_id: Maybe[str] = Field(default=None, alias="teamId")
    team_main: Maybe[bool] = Field(default=None, alias="teamMain")
    discussion_parent: Maybe[str] = Field(default=None, alias="prid")
    thread_unread: Many[str] = Field(default_factory=list[str], alias="tunread")
    last_seen: Maybe[Timestamp] = Field(default=None, alias="ls")
    last_reply: Maybe[Timestamp] = Field(default=None, alias="lr")
    ts: Maybe[Timestamp] = None
    """When the user joined."""
    updated_at: Maybe[Timestamp] = Field(default=None, alias="_updatedAt")
