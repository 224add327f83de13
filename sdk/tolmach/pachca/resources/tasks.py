"""Tasks (reminders).

What it is for: reached as ``pachca.tasks``. What it must not do: remind anybody.

Source: https://dev.pachca.com
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tolmach.pachca.api import Resource
from tolmach.pachca.listing import Listing
from tolmach.pachca.models.task import Task, TaskCreateRequest, TaskPropertyValue, TaskUpdateRequest
from tolmach.pachca.models.words import TaskKind, TaskStatus
from tolmach.pachca.reading import wire
from tolmach.pachca.unset import UNSET, Unset, given

__all__ = ["Tasks"]

Properties = Sequence[TaskPropertyValue | Mapping[str, object]]


class Tasks(Resource):
    """Offer what concerns tasks."""

    def list(
        self,
        *,
        status: TaskStatus | Unset = UNSET,
        chat_ids: Sequence[int] | Unset = UNSET,
        performer_ids: Sequence[int] | Unset = UNSET,
        author_id: int | Unset = UNSET,
        page_size: int | Unset = UNSET,
    ) -> Listing[Task]:
        """Return the caller's tasks; with ``chat_ids`` all that can be seen in those chats."""
        query = {
            "status": status,
            "chat_ids": chat_ids,
            "performer_ids": performer_ids,
            "author_id": author_id,
        }
        return self._api.listing(Task, "GET /tasks", query=query, page_size=page_size)

    async def create(
        self,
        kind: TaskKind,
        *,
        content: str | Unset = UNSET,
        due_at: datetime | Unset = UNSET,
        priority: int | Unset = UNSET,
        performer_ids: Sequence[int] | Unset = UNSET,
        chat_id: int | Unset = UNSET,
        all_day: bool | Unset = UNSET,
        custom_properties: Properties | Unset = UNSET,
    ) -> Task:
        """Create a task; without performers it is the caller's. ``priority`` is 1 to 3."""
        fields = given(
            kind=kind,
            content=content,
            due_at=due_at,
            priority=priority,
            performer_ids=performer_ids,
            chat_id=chat_id,
            all_day=all_day,
            custom_properties=custom_properties,
        )
        return await self._api.fetch(Task, "POST /tasks", json=wire(TaskCreateRequest, {"task": fields}))

    async def get(self, task_id: int) -> Task:
        """Return a task."""
        return await self._api.fetch(Task, "GET /tasks/{id}", task_id)

    async def update(
        self,
        task_id: int,
        *,
        kind: TaskKind | Unset = UNSET,
        content: str | Unset = UNSET,
        due_at: datetime | Unset = UNSET,
        priority: int | Unset = UNSET,
        performer_ids: Sequence[int] | Unset = UNSET,
        status: TaskStatus | Unset = UNSET,
        all_day: bool | Unset = UNSET,
        done_at: datetime | Unset = UNSET,
        custom_properties: Properties | Unset = UNSET,
    ) -> Task:
        """Change a task; what is left out stays, ``status="done"`` closes it."""
        fields = given(
            kind=kind,
            content=content,
            due_at=due_at,
            priority=priority,
            performer_ids=performer_ids,
            status=status,
            all_day=all_day,
            done_at=done_at,
            custom_properties=custom_properties,
        )
        json = wire(TaskUpdateRequest, {"task": fields})
        return await self._api.fetch(Task, "PUT /tasks/{id}", task_id, json=json)

    async def delete(self, task_id: int) -> None:
        """Delete a task."""
        await self._api.call("DELETE /tasks/{id}", task_id)
