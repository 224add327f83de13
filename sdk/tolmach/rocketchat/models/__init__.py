"""The documents of Rocket.Chat as typed models.

What it is for: reading what the server says. What it must not do: send anything, or be used by the
fakes, which build their documents on their own.
"""

from tolmach.rocketchat.models.answer import (
    Deleted,
    DirectRoom,
    LoginResult,
    RoomUpdates,
    ServerInfo,
    Setting,
    SubscriptionUpdates,
    SyncPage,
    SyncResult,
)
from tolmach.rocketchat.models.attachment import Attachment, AttachmentField, FileRef, Link
from tolmach.rocketchat.models.document import Document, Timestamp
from tolmach.rocketchat.models.message import ChannelMention, Mention, Mentions, Message, Reaction
from tolmach.rocketchat.models.room import Room, Subscription
from tolmach.rocketchat.models.user import Email, User, UserRef

__all__ = [
    "Attachment",
    "AttachmentField",
    "ChannelMention",
    "Deleted",
    "DirectRoom",
    "Document",
    "Email",
    "FileRef",
    "Link",
    "LoginResult",
    "Mention",
    "Mentions",
    "Message",
    "Reaction",
    "Room",
    "RoomUpdates",
    "ServerInfo",
    "Setting",
    "Subscription",
    "SubscriptionUpdates",
    "SyncPage",
    "SyncResult",
    "Timestamp",
    "User",
    "UserRef",
]
