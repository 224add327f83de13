"""Tasks (reminders).

What it is for: reading and writing them. What it must not do: remind anybody.

Source: https://dev.pachca.com
"""

from typing import Annotated

from pydantic import Field

from tolmach.pachca.models.document import Document, Given, Many, Moment, Nullable, Sent, Timestamp
from tolmach.pachca.models.shared import CustomProperty
from tolmach.pachca.models.words import AnyTaskKind, AnyTaskStatus, TaskKind, TaskStatus

__all__ = ["Task", "TaskCreate", "TaskCreateRequest", "TaskPropertyValue", "TaskUpdate", "TaskUpdateRequest"]


class Task(Document):
    """Describe a task."""

    id: int
    kind: AnyTaskKind
    content: str
    due_at: Nullable[Timestamp] = None
    priority: int
    user_id: int
    chat_id: Nullable[int] = None
    status: AnyTaskStatus
    created_at: Timestamp
    performer_ids: Many[int] = Field(default_factory=list[int])
    all_day: bool
    custom_properties: Many[CustomProperty] = Field(default_factory=list[CustomProperty])


class TaskPropertyValue(Sent):
    """Set one custom property of a task."""

    id: int
    value: str


class TaskCreate(Sent):
    """Describe a task to create."""

    kind: TaskKind
    content: Given[str] = None
    due_at: Given[Moment] = None
    priority: Given[Annotated[int, Field(ge=1, le=3)]] = None
    performer_ids: Given[list[int]] = None
    chat_id: Given[int] = None
    all_day: Given[bool] = None
    custom_properties: Given[list[TaskPropertyValue]] = None


class TaskCreateRequest(Sent):
    """Ask for a new task."""

    task: TaskCreate


class TaskUpdate(Sent):
    """Change a task; what is absent stays."""

    kind: Given[TaskKind] = None
    content: Given[str] = None
    due_at: Given[Moment] = None
    priority: Given[Annotated[int, Field(ge=1, le=3)]] = None
    performer_ids: Given[list[int]] = None
    status: Given[TaskStatus] = None
    all_day: Given[bool] = None
    done_at: Given[Moment] = None
    custom_properties: Given[list[TaskPropertyValue]] = None


class TaskUpdateRequest(Sent):
    """Ask for changes of a task."""

    task: TaskUpdate
