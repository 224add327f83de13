"""Messages.

What it is for: the message document and what is sent about it. What it must not do: render Markdown.

Source: https://dev.pachca.com
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from tolmach.pachca.models.button import Button, MessageButton
from tolmach.pachca.models.document import Document, Given, Many, Nullable, Sent, Short, Timestamp
from tolmach.pachca.models.file import File, KeptFile, OutgoingFile, VoiceContent
from tolmach.pachca.models.words import AnyMessageEntityType, MessageEntityType

__all__ = [
    "MOST_BYTES",
    "Content",
    "Forwarding",
    "Message",
    "MessageCreate",
    "MessageCreateRequest",
    "MessageUpdate",
    "MessageUpdateRequest",
    "Rows",
    "ThreadRef",
]


def _few(rows: list[list[Button]]) -> list[list[Button]]:
    if sum(map(len, rows)) > 100:
        raise ValueError("a message has at most 100 buttons")
    return rows


def _short_enough(content: str) -> str:
    if len(content.encode()) > MOST_BYTES:
        raise ValueError(f"a message has at most {MOST_BYTES} bytes of UTF-8")
    return content


MOST_BYTES = 40_000
"""Bytes of UTF-8 that the content of a message may have."""

Content = Annotated[str, AfterValidator(_short_enough)]
"""The text of a message, in the Markdown that Pachca knows."""

Rows = Annotated[
    list[Annotated[list[Button], Field(max_length=8)]], Field(max_length=32), AfterValidator(_few)
]
"""Buttons, row by row: at most 8 in a row, 32 rows, 100 in all."""


class ThreadRef(Document):
    """Name the thread that was started from a message."""

    id: int
    chat_id: int


class Forwarding(Document):
    """Say where a forwarded message comes from."""

    original_message_id: int
    original_chat_id: int
    author_id: int
    original_created_at: Timestamp
    original_thread_id: Nullable[int] = None
    original_thread_message_id: Nullable[int] = None
    original_thread_parent_chat_id: Nullable[int] = None


class Message(Document):
    """Describe a message; a deleted one has ``deleted_at`` and no content."""

    id: int
    entity_type: AnyMessageEntityType
    entity_id: int
    chat_id: int
    root_chat_id: int
    content: str
    user_id: int
    created_at: Timestamp
    url: str
    files: Many[File] = Field(default_factory=list[File])
    voice_content: Nullable[VoiceContent] = None
    buttons: Nullable[list[list[MessageButton]]] = None
    thread: Nullable[ThreadRef] = None
    forwarding: Nullable[Forwarding] = None
    parent_message_id: Nullable[int] = None
    display_avatar_url: str | None = None
    display_name: str | None = None
    changed_at: Nullable[Timestamp] = None
    deleted_at: Nullable[Timestamp] = None


class MessageCreate(Sent):
    """Describe a message to send."""

    entity_id: int
    entity_type: Given[MessageEntityType] = None
    content: Given[Content] = None
    files: Given[Annotated[list[OutgoingFile], Field(max_length=10)]] = None
    buttons: Given[Rows] = None
    parent_message_id: Given[int] = None
    display_avatar_url: Given[Short] = None
    display_name: Given[Short] = None
    skip_invite_mentions: Given[bool] = None


class MessageCreateRequest(Sent):
    """Ask for a new message."""

    message: MessageCreate
    link_preview: Given[bool] = None


class MessageUpdate(Sent):
    """Change a message; what is absent stays, an empty list clears."""

    content: Given[Content] = None
    files: Given[Annotated[list[KeptFile], Field(max_length=10)]] = None
    buttons: Given[Rows] = None
    display_avatar_url: Given[str] = None
    display_name: Given[str] = None


class MessageUpdateRequest(Sent):
    """Ask for changes of a message."""

    message: MessageUpdate
