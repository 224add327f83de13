"""Webhook payloads as they travel.

What it is for: one model for each shape. What it must not do: split them by event;
``tolmach.pachca.events`` does.

Source: https://dev.pachca.com
"""

from typing import Literal

from pydantic import Field

from tolmach.pachca.models.document import Document, Many, Maybe, Nullable, Timestamp
from tolmach.pachca.models.words import (
    AnyMemberEventType,
    AnyMessageEntityType,
    AnyReactionEventType,
    AnyUserEventType,
    AnyVideoCallEventType,
    AnyWebhookEventType,
)

__all__ = [
    "ButtonWebhookPayload",
    "ChatMemberWebhookPayload",
    "CompanyMemberWebhookPayload",
    "ExportWebhookPayload",
    "LinkSharedWebhookPayload",
    "MessageWebhookPayload",
    "ReactionWebhookPayload",
    "VideoCallWebhookPayload",
    "ViewSubmitWebhookPayload",
    "WebhookEvent",
    "WebhookLink",
    "WebhookMessageThread",
    "WebhookVideoCallMember",
    "WebhookVideoCallThread",
]


class WebhookMessageThread(Document):
    """Name the root of the thread that a message is in; both null in a standalone thread."""

    message_id: Nullable[int] = None
    message_chat_id: Nullable[int] = None


class MessageWebhookPayload(Document):
    """Carry a message event."""

    type: Literal["message"]
    id: int
    event: AnyWebhookEventType
    entity_type: AnyMessageEntityType
    entity_id: int
    content: str
    user_id: int
    created_at: Timestamp
    changed_at: Timestamp | None = None
    url: str
    chat_id: int
    parent_message_id: int | None = None
    thread: WebhookMessageThread | None = None
    webhook_timestamp: int


class ReactionWebhookPayload(Document):
    """Carry a reaction event."""

    type: Literal["reaction"]
    event: AnyReactionEventType
    chat_id: Nullable[int] = None
    message_id: int
    code: str
    name: str
    user_id: int
    created_at: Timestamp
    webhook_timestamp: int


class ButtonWebhookPayload(Document):
    """Carry a click."""

    type: Literal["button"]
    event: Literal["click"]
    message_id: int
    trigger_id: str
    data: str
    user_id: int
    chat_id: int
    webhook_timestamp: int


class ViewSubmitWebhookPayload(Document):
    """Carry a submitted form."""

    type: Literal["view"]
    event: Literal["submit"]
    callback_id: Nullable[str] = None
    private_metadata: Nullable[str] = None
    chat_id: Nullable[int] = None
    user_id: int
    data: dict[str, object]
    webhook_timestamp: int
    view_id: str
    submit_id: str


class ChatMemberWebhookPayload(Document):
    """Carry who came or went."""

    type: Literal["chat_member"]
    event: AnyMemberEventType
    chat_id: int
    thread_id: int | None = None
    user_ids: Many[int] = Field(default_factory=list[int])
    created_at: Timestamp
    webhook_timestamp: int


class CompanyMemberWebhookPayload(Document):
    """Carry a change of people of the workspace."""

    type: Literal["company_member"]
    event: AnyUserEventType
    user_ids: Many[int] = Field(default_factory=list[int])
    created_at: Timestamp
    webhook_timestamp: int


class WebhookLink(Document):
    """Name one link."""

    url: str
    domain: str
    skip: bool


class LinkSharedWebhookPayload(Document):
    """Carry links to preview."""

    type: Literal["message"]
    event: Literal["link_shared"]
    chat_id: int
    message_id: int
    links: Many[WebhookLink] = Field(default_factory=list[WebhookLink])
    user_id: int
    created_at: Timestamp
    webhook_timestamp: int
    entity_type: AnyMessageEntityType
    entity_id: Nullable[int] = None
    thread: Nullable[WebhookMessageThread] = None


class WebhookVideoCallMember(Document):
    """Say who was in a call, and when."""

    user_id: int
    joined_at: Timestamp
    left_at: Timestamp


class WebhookVideoCallThread(Document):
    """Name the thread of a call."""

    id: int
    chat_id: int
    message_id: Nullable[int] = None
    message_chat_id: Nullable[int] = None


class VideoCallWebhookPayload(Document):
    """Carry an event of a call."""

    type: Literal["video_call"]
    event: AnyVideoCallEventType
    video_room_id: int
    chat_id: int
    owner_id: int
    thread: WebhookVideoCallThread | None = None
    started_at: Maybe[Timestamp] = None
    finished_at: Maybe[Timestamp] = None
    duration: Maybe[int] = None
    members: Maybe[list[WebhookVideoCallMember]] = None
    recording_id: Maybe[int] = None
    file_id: int | None = None
    url: Maybe[str] = None
    size: Maybe[int] = None
    webhook_timestamp: int


class ExportWebhookPayload(Document):
    """Say that an export is ready."""

    type: Literal["export"]
    event: Literal["ready"]
    export_id: int
    created_at: Timestamp


class WebhookEvent(Document):
    """Hold one event of the history."""

    id: str
    event_type: str
    payload: dict[str, object]
    created_at: Timestamp
