"""A typed client for Rocket.Chat: REST and realtime.

What it is for: the names that a program needs. What it must not do: open a connection on import, or
load the websocket driver before it is used.
"""

from tolmach.rocketchat.client import RocketChat
from tolmach.rocketchat.events import (
    Change,
    MemberAdded,
    MemberRemoved,
    MessageDeleted,
    MessageEdited,
    MessageNew,
    Pinned,
    PreviewUpdated,
    ReactionAdded,
    ReactionRemoved,
    RoomHint,
    RoomRenamed,
    SubscriptionAdded,
    SubscriptionRemoved,
    SystemMessage,
    ThreadUpdated,
    Unpinned,
)
from tolmach.rocketchat.models import Message, Room, Subscription, User, UserRef

__all__ = [
    "Change",
    "MemberAdded",
    "MemberRemoved",
    "Message",
    "MessageDeleted",
    "MessageEdited",
    "MessageNew",
    "Pinned",
    "PreviewUpdated",
    "ReactionAdded",
    "ReactionRemoved",
    "RocketChat",
    "Room",
    "RoomHint",
    "RoomRenamed",
    "Subscription",
    "SubscriptionAdded",
    "SubscriptionRemoved",
    "SystemMessage",
    "ThreadUpdated",
    "Unpinned",
    "User",
    "UserRef",
]
