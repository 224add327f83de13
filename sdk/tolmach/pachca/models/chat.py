"""Conversations, channels and direct chats.

What it is for: the chat document and what is sent about chats and their members. What it must not do:
tell roles in a chat: no document has them.

Source: https://dev.pachca.com
"""

from typing import Annotated

from pydantic import Field

from tolmach.pachca.models.document import Document, Given, Many, Nullable, Sent, Short, Timestamp
from tolmach.pachca.models.words import ChatMemberRole

__all__ = [
    "AddMembersRequest",
    "Chat",
    "ChatCreate",
    "ChatCreateRequest",
    "ChatUpdate",
    "ChatUpdateRequest",
    "MarkChatUnreadRequest",
    "UpdateMemberRoleRequest",
]


class Chat(Document):
    """Describe a conversation, a channel or a direct chat."""

    id: int
    name: str
    created_at: Timestamp
    owner_id: int
    member_ids: Many[int] = Field(default_factory=list[int])
    group_tag_ids: Many[int] = Field(default_factory=list[int])
    channel: bool
    archived: bool
    personal: bool
    public: bool
    last_message_at: Timestamp
    meet_room_url: str
    avatar_url: Nullable[str] = None


class ChatCreate(Sent):
    """Describe a chat to create."""

    name: Short
    member_ids: Given[list[int]] = None
    group_tag_ids: Given[list[int]] = None
    channel: Given[bool] = None
    public: Given[bool] = None


class ChatCreateRequest(Sent):
    """Ask for a new chat."""

    chat: ChatCreate


class ChatUpdate(Sent):
    """Change a chat; what is absent stays."""

    name: Given[Short] = None
    public: Given[bool] = None


class ChatUpdateRequest(Sent):
    """Ask for changes of a chat."""

    chat: ChatUpdate


class MarkChatUnreadRequest(Sent):
    """Mark as unread from one message on."""

    message_id: Given[Annotated[int, Field(ge=1)]] = None


class AddMembersRequest(Sent):
    """Add people to a chat or thread."""

    member_ids: list[int]
    silent: Given[bool] = None


class UpdateMemberRoleRequest(Sent):
    """Give a member another role."""

    role: ChatMemberRole
