"""Drafts and scheduled messages of the caller.

What it is for: reading and writing them. What it must not do: send one: no method does.

Source: https://dev.pachca.com
"""

from typing import Annotated

from pydantic import Field

from tolmach.pachca.models.document import (
    Document,
    Given,
    Many,
    Maybe,
    Moment,
    Nullable,
    Sent,
    Timestamp,
)
from tolmach.pachca.models.file import Attachment, File, VoiceContent
from tolmach.pachca.models.words import (
    AnyDraftRepetitionInterval,
    AnyMessageEntityType,
    DraftRepetitionInterval,
    FileType,
    MessageEntityType,
)

__all__ = [
    "Draft",
    "DraftCreateRequest",
    "DraftCreateRequestDraft",
    "DraftFileRequest",
    "DraftRepetition",
    "DraftRepetitionRequest",
    "DraftSchedule",
    "DraftScheduleRequest",
    "DraftUpdateRequest",
    "DraftUpdateRequestDraft",
]


class DraftRepetition(Document):
    """Say how often it goes out."""

    interval: AnyDraftRepetitionInterval
    days: Maybe[list[int]] = None
    nth_day: int | None = None


class DraftSchedule(Document):
    """Say when a scheduled message goes out."""

    start_date: Timestamp
    repetition: DraftRepetition
    end_date: Nullable[Timestamp] = None


class Draft(Document):
    """Describe a draft; one with a schedule is a scheduled message."""

    id: int
    content: str
    files: Many[File] = Field(default_factory=list[File])
    created_at: Timestamp
    updated_at: Timestamp
    entity_type: Nullable[AnyMessageEntityType] = None
    entity_id: Nullable[int] = None
    chat_id: Nullable[int] = None
    parent_message_id: Nullable[int] = None
    voice_content: Nullable[VoiceContent] = None
    schedule: Nullable[DraftSchedule] = None
    next_send_at: Nullable[Timestamp] = None


class DraftFileRequest(Attachment):
    """Attach a file to a draft; ``id`` keeps one that is there."""

    id: Given[int] = None
    file_type: Given[FileType] = None


class DraftRepetitionRequest(Sent):
    """Set how often it goes out; days count from 0, Sunday."""

    interval: DraftRepetitionInterval
    days: Given[Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7)]] = None
    nth_day: Annotated[int, Field(ge=1, le=5)] | None = None


class DraftScheduleRequest(Sent):
    """Set when a message goes out."""

    start_date: Moment
    repetition: DraftRepetitionRequest
    end_date: Moment | None = None


class DraftCreateRequestDraft(Sent):
    """Describe a draft to create."""

    entity_type: MessageEntityType
    entity_id: int
    content: Given[str] = None
    parent_message_id: int | None = None
    files: Given[Annotated[list[DraftFileRequest], Field(max_length=10)]] = None
    schedule: DraftScheduleRequest | None = None


class DraftCreateRequest(Sent):
    """Ask for a new draft."""

    draft: DraftCreateRequestDraft


class DraftUpdateRequestDraft(Sent):
    """Change a draft; what is absent stays, a null clears."""

    content: Given[str] = None
    parent_message_id: int | None = None
    files: Given[Annotated[list[DraftFileRequest], Field(max_length=10)]] = None
    schedule: DraftScheduleRequest | None = None


class DraftUpdateRequest(Sent):
    """Ask for changes of a draft."""

    draft: DraftUpdateRequestDraft
