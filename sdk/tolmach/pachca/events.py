"""What can happen, as one union of types.

What it is for: matching on a class instead of on two texts; a base class stands for its family
(``MessageEvent`` for new, edited and deleted messages). An event not known here is an ``UnknownEvent``
with everything it came with. What it must not do: verify a delivery; ``tolmach.pachca.webhook`` does.

Source: https://dev.pachca.com
"""

import hashlib
import json
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from typing import Final, cast

from tolmach.errors import RemoteProtocolError
from tolmach.pachca.models.document import Document
from tolmach.pachca.models.webhook import (
    ButtonWebhookPayload,
    ChatMemberWebhookPayload,
    CompanyMemberWebhookPayload,
    ExportWebhookPayload,
    LinkSharedWebhookPayload,
    MessageWebhookPayload,
    ReactionWebhookPayload,
    VideoCallWebhookPayload,
    ViewSubmitWebhookPayload,
)
from tolmach.pachca.reading import read

__all__ = [
    "EVENTS",
    "ButtonPressed",
    "ChatMemberAdded",
    "ChatMemberEvent",
    "ChatMemberRemoved",
    "CompanyMemberActivated",
    "CompanyMemberConfirmed",
    "CompanyMemberDeleted",
    "CompanyMemberEvent",
    "CompanyMemberInvited",
    "CompanyMemberSuspended",
    "CompanyMemberUpdated",
    "Event",
    "ExportReady",
    "FormSubmitted",
    "LinkShared",
    "MessageDeleted",
    "MessageEdited",
    "MessageEvent",
    "MessageNew",
    "ReactionAdded",
    "ReactionEvent",
    "ReactionRemoved",
    "UnknownEvent",
    "VideoCallEvent",
    "VideoCallFinished",
    "VideoCallRecorded",
    "VideoCallStarted",
    "decode",
    "event_key",
    "parse_event",
]


class MessageEvent(MessageWebhookPayload):
    """Say that something happened to a message; files and buttons take ``messages.get``."""

    @property
    def room_id(self) -> int:
        """Return the chat that the message belongs to: of a thread message the chat of its root."""
        root = self.thread.message_chat_id if self.thread else None
        return self.chat_id if root is None else root


class MessageNew(MessageEvent):
    """Say that a message was sent."""


class MessageEdited(MessageEvent):
    """Say that a message was changed."""


class MessageDeleted(MessageEvent):
    """Say that a message was deleted; its content is empty."""


class LinkShared(LinkSharedWebhookPayload):
    """Say that somebody sent links that this bot previews."""


class ReactionEvent(ReactionWebhookPayload):
    """Say that something happened to a reaction."""


class ReactionAdded(ReactionEvent):
    """Say that somebody reacted."""


class ReactionRemoved(ReactionEvent):
    """Say that somebody took a reaction back."""


class ButtonPressed(ButtonWebhookPayload):
    """Say that somebody pressed a button; ``trigger_id`` opens a form within three seconds."""


class FormSubmitted(ViewSubmitWebhookPayload):
    """Say that somebody submitted a form; it is answered within three seconds."""


class ChatMemberEvent(ChatMemberWebhookPayload):
    """Say that the members of a chat or thread changed."""


class ChatMemberAdded(ChatMemberEvent):
    """Say who came."""


class ChatMemberRemoved(ChatMemberEvent):
    """Say who went."""


class CompanyMemberEvent(CompanyMemberWebhookPayload):
    """Say that people of the workspace changed."""


class CompanyMemberInvited(CompanyMemberEvent):
    """Say who was invited."""


class CompanyMemberConfirmed(CompanyMemberEvent):
    """Say who took an invitation."""


class CompanyMemberUpdated(CompanyMemberEvent):
    """Say whose card changed."""


class CompanyMemberSuspended(CompanyMemberEvent):
    """Say who was suspended."""


class CompanyMemberActivated(CompanyMemberEvent):
    """Say who came back."""


class CompanyMemberDeleted(CompanyMemberEvent):
    """Say who was deleted."""


class VideoCallEvent(VideoCallWebhookPayload):
    """Say that something happened to a call."""


class VideoCallStarted(VideoCallEvent):
    """Say that a call began."""


class VideoCallFinished(VideoCallEvent):
    """Say that a call ended, and who was there."""


class VideoCallRecorded(VideoCallEvent):
    """Say that the recording of a call is ready."""


class ExportReady(ExportWebhookPayload):
    """Say that an export can be fetched."""


class UnknownEvent(Document):
    """Hold an event that this version does not know; ``model_extra`` has the rest."""

    type: str = ""
    event: str = ""


Event = (
    MessageNew
    | MessageEdited
    | MessageDeleted
    | LinkShared
    | ReactionAdded
    | ReactionRemoved
    | ButtonPressed
    | FormSubmitted
    | ChatMemberAdded
    | ChatMemberRemoved
    | CompanyMemberInvited
    | CompanyMemberConfirmed
    | CompanyMemberUpdated
    | CompanyMemberSuspended
    | CompanyMemberActivated
    | CompanyMemberDeleted
    | VideoCallStarted
    | VideoCallFinished
    | VideoCallRecorded
    | ExportReady
    | UnknownEvent
)
"""Everything that can be delivered."""

EVENTS: Final[Mapping[tuple[str, str], type[Event]]] = {
    ("message", "new"): MessageNew,
    ("message", "update"): MessageEdited,
    ("message", "delete"): MessageDeleted,
    ("message", "link_shared"): LinkShared,
    ("reaction", "new"): ReactionAdded,
    ("reaction", "delete"): ReactionRemoved,
    ("button", "click"): ButtonPressed,
    ("view", "submit"): FormSubmitted,
    ("chat_member", "add"): ChatMemberAdded,
    ("chat_member", "remove"): ChatMemberRemoved,
    ("company_member", "invite"): CompanyMemberInvited,
    ("company_member", "confirm"): CompanyMemberConfirmed,
    ("company_member", "update"): CompanyMemberUpdated,
    ("company_member", "suspend"): CompanyMemberSuspended,
    ("company_member", "activate"): CompanyMemberActivated,
    ("company_member", "delete"): CompanyMemberDeleted,
    ("video_call", "started"): VideoCallStarted,
    ("video_call", "finished"): VideoCallFinished,
    ("video_call", "recording_ready"): VideoCallRecorded,
    ("export", "ready"): ExportReady,
}
"""The class of an event, by its type and event."""


def decode(body: bytes) -> dict[str, object]:
    """Return the JSON object of a body; raises RemoteProtocolError for anything else."""
    try:
        payload: object = json.loads(body)
    except (ValueError, RecursionError):
        raise RemoteProtocolError("the body is no JSON") from None
    if not isinstance(payload, dict):
        raise RemoteProtocolError("the body is no JSON object")
    return cast("dict[str, object]", payload)


def parse_event(payload: Mapping[str, object]) -> Event:
    """Return a payload (of the history, or of a verified delivery) as its type.

    Raises RemoteProtocolError when it is not what its type says.
    """
    kind, event = payload.get("type"), payload.get("event")
    if not isinstance(kind, str) or not isinstance(event, str):
        raise RemoteProtocolError("the payload has no type and event")
    return read(EVENTS.get((kind, event), UnknownEvent), dict(payload), f"webhook {kind}.{event}")


def event_key(event: Event) -> Hashable:
    """Return what two deliveries of the same event have in common, and no two events share."""
    match event:
        case MessageEdited():
            return ("message", "update", event.id, _moment(event.changed_at))
        case MessageEvent():
            # The time belongs to it: a server that was set up anew may give the ids of the old one again.
            return ("message", event.event, event.id, _moment(event.created_at))
        case LinkShared():
            return ("message", "link_shared", event.message_id, _moment(event.created_at))
        case ReactionEvent():
            whose = (event.message_id, event.user_id, event.code, event.name)
            return ("reaction", event.event, *whose, _moment(event.created_at))
        case ButtonPressed():
            return ("button", event.trigger_id)
        case FormSubmitted():
            return ("view", event.submit_id)
        case ChatMemberEvent():
            where = (event.chat_id, event.thread_id)
            return ("chat_member", event.event, *where, *event.user_ids, _moment(event.created_at))
        case CompanyMemberEvent():
            return ("company_member", event.event, *event.user_ids, _moment(event.created_at))
        case VideoCallEvent():
            return ("video_call", event.event, event.video_room_id, event.recording_id)
        case ExportReady():
            return ("export", event.export_id)
        case _:
            text = json.dumps(event.model_dump(mode="json"), sort_keys=True)
            return (
                event.type,
                event.event,
                hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            )


def _moment(value: datetime | None) -> float:
    return 0.0 if value is None else value.astimezone(UTC).timestamp()
