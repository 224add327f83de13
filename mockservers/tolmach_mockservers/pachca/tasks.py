"""Rules of tasks.

What it is for: making and changing them. What it must not do: HTTP.
Source: https://dev.pachca.com/api/tasks
"""

from typing import Final, cast

from tolmach_mockservers.pachca import model
from tolmach_mockservers.pachca.errors import denied, missing, wrong
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json, parse_time

__all__ = ["create", "editable", "update", "visible"]

_TITLES: Final = {
    "call": "Позвонить контакту",
    "meeting": "Встреча",
    "reminder": "Напоминание",
    "event": "Событие",
    "email": "Написать письмо",
}
_END_OF_DAY: Final = 86_399_000


def _due(given: Json) -> tuple[int | None, bool | None]:
    due = cast("int | None", given.get("due_at"))
    if due is None:
        return None, None
    if due % 86_400_000 // 1000 * 1000 == _END_OF_DAY:
        return due // 1000 * 1000, True
    return due // 60_000 * 60_000, None


def _performers(state: State, given: Json) -> list[int]:
    wanted = cast("list[int]", given.get("performer_ids", []))
    users = state.tables.users
    return [each for each in dict.fromkeys(wanted) if each in users and users[each].active]


def _set_properties(state: State, task: model.Task, given: Json) -> None:
    for each in cast("list[Json]", given.get("custom_properties", [])):
        defined = state.tables.properties.get(cast("int", each["id"]))
        if defined is None or defined.entity != "Task":
            raise wrong("custom_properties", "not_found", each["id"])
        task.properties[defined.id] = str(each["value"])


def create(state: State, caller: model.User, given: Json) -> model.Task:
    """Make a task."""
    chat_id = cast("int | None", given.get("chat_id"))
    if chat_id is not None:
        chat = state.tables.chats.get(chat_id)
        if chat is None:
            raise missing("chat_id", chat_id)
        if caller.id not in chat.members:
            raise denied("access_denied", "chat_id", record=("Chat", chat_id))
        if chat.channel or chat.thread is not None or chat.archived:
            raise wrong("chat_id", "not_applicable", chat_id)
    kind = str(given["kind"])
    due, whole_day = _due(given)
    task = model.Task(
        state.next("task"),
        kind,
        str(given.get("content") or _TITLES[kind]),
        caller.id,
        state.now(),
        priority=cast("int", given.get("priority", 1)),
        due_at=due,
        chat_id=chat_id,
        all_day=bool(whole_day or given.get("all_day", False)),
        performer_ids=_performers(state, given) or [caller.id],
    )
    _set_properties(state, task, given)
    state.tables.tasks[task.id] = task
    return task


def visible(state: State, caller: model.User, task_id: int) -> model.Task:
    """Return a task that somebody may see."""
    task = state.tables.tasks.get(task_id)
    if task is None:
        raise missing("id", task_id)
    chat = None if task.chat_id is None else state.tables.chats.get(task.chat_id)
    if caller.id == task.user_id or caller.id in task.performer_ids:
        return task
    if chat is None or caller.id not in chat.members:
        raise denied(record=("Task", task_id))
    return task


def editable(state: State, caller: model.User, task_id: int) -> model.Task:
    """Return a task that somebody may change: its author and performers."""
    task = visible(state, caller, task_id)
    if caller.id != task.user_id and caller.id not in task.performer_ids:
        raise denied("not_authorized", record=("Task", task_id))
    return task


def update(state: State, task: model.Task, given: Json) -> model.Task:
    """Change what is given; a ``done_at`` that is no time completes nothing."""
    _set_properties(state, task, given)
    for name in ("kind", "content", "priority", "status", "all_day"):
        if name in given:
            setattr(task, name, given[name])
    if not task.content:
        task.content = _TITLES[task.kind]
    if "due_at" in given:
        task.due_at, whole_day = _due(given)
        task.all_day = task.all_day if whole_day is None else whole_day
    if "performer_ids" in given:
        task.performer_ids = _performers(state, given) or task.performer_ids
    done = given.get("done_at")
    if done is not None:
        task.status = "done" if isinstance(done, str) and parse_time(done) is not None else "undone"
    return task
