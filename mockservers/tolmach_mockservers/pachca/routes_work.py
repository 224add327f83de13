"""Operations of tasks, drafts, files, exports and the audit.

What it is for: from a call to a rule and back to a document. What it must not do: hold rules.
Source: https://dev.pachca.com/api/tasks
"""

import mimetypes
from typing import Final
from urllib.parse import quote

from tolmach_mockservers.pachca import documents, drafts, exports, files, messages, model, tasks
from tolmach_mockservers.pachca.audit_keys import AUDIT_KEYS
from tolmach_mockservers.pachca.call import Answer, Call, operation
from tolmach_mockservers.pachca.errors import wrong
from tolmach_mockservers.pachca.wire import Json, iso, parse_time

__all__: list[str] = []

_TASK: Final = {
    "content": "str",
    "due_at": "time",
    "priority": "int 1..3",
    "performer_ids": "ints",
    "all_day": "bool",
    "custom_properties": [{"id!": "int", "value!": "str"}],
}
_KIND: Final = "enum call|meeting|reminder|event|email"
_SCHEDULE: Final = {
    "start_date!": "time",
    "end_date?": "time",
    "repetition!": {
        "interval!": (
            "enum once|daily|weekly|monthly|yearly|every_2_months|every_3_months|"
            "every_4_months|every_6_months"
        ),
        "days": "ints 0..6",
        "nth_day?": "int 1..5",
    },
}
_AUDIT_KEPT_MS: Final = 90 * 86_400_000
_DRAFT: Final = {
    "content": "str",
    "parent_message_id?": "int",
    "files": [files.FILE],
    "schedule?": _SCHEDULE,
}


@operation(
    "GET /tasks",
    "tasks:read",
    errors="400 401 402 403",
    query={
        "status": "enum done|undone",
        "chat_ids[]": "ints",
        "performer_ids[]": "ints",
        "author_id": "int",
    },
    paged=50,
)
def list_tasks(call: Call) -> object:
    """List own tasks, or everything accessible in some chats."""
    state, caller = call.state, call.user
    chat_ids, performers = call.numbers("chat_ids[]"), set(call.numbers("performer_ids[]"))
    if max(len(chat_ids), len(performers)) > 100:
        raise wrong("chat_ids", "too_long", status=400)
    author, status = call.number("author_id"), call.string("status")
    found: list[model.Task] = []
    for task in state.tables.tasks.values():
        if chat_ids:
            chat = state.tables.chats.get(task.chat_id or 0)
            seen = chat is not None and chat.id in chat_ids and caller.id in chat.members
        else:
            seen = caller.id == task.user_id or caller.id in task.performer_ids
        if (
            seen
            and (status is None or task.status == status)
            and (author is None or task.user_id == author)
            and (not performers or performers & set(task.performer_ids))
        ):
            found.append(task)
    return call.page(found, lambda each: each.id, lambda each: documents.task(state, each))


@operation(
    "POST /tasks",
    "tasks:create",
    status=201,
    errors="400 401 402 403 404 422",
    body={"task!": {**_TASK, "kind!": _KIND, "chat_id": "int"}},
)
def create_task(call: Call) -> object:
    """Make a task."""
    return {"data": documents.task(call.state, tasks.create(call.state, call.user, call.inner("task")))}


@operation("GET /tasks/{id}", "tasks:read", errors="401 402 403 404")
def get_task(call: Call) -> object:
    """Return a task."""
    return {"data": documents.task(call.state, tasks.visible(call.state, call.user, call.id()))}


@operation(
    "PUT /tasks/{id}",
    "tasks:update",
    errors="400 401 402 403 404 422",
    body={"task!": {**_TASK, "kind": _KIND, "status": "enum done|undone", "done_at": "any"}},
)
def update_task(call: Call) -> object:
    """Change a task."""
    task = tasks.editable(call.state, call.user, call.id())
    return {"data": documents.task(call.state, tasks.update(call.state, task, call.inner("task")))}


@operation("DELETE /tasks/{id}", "tasks:delete", status=204, errors="401 402 403 404")
def delete_task(call: Call) -> object:
    """Remove a task."""
    del call.state.tables.tasks[tasks.editable(call.state, call.user, call.id()).id]
    return None


# drafts


@operation(
    "GET /drafts",
    "drafts:read",
    errors="400 401 402 403 422",
    query={
        "type": "enum regular|scheduled|all",
        "entity_type": "enum discussion|thread|user",
        "entity_id": "int",
    },
    paged=50,
)
def list_drafts(call: Call) -> object:
    """List the caller's drafts."""
    state, kind = call.state, call.string("type") or "regular"
    entity, entity_id = call.string("entity_type"), call.number("entity_id")
    if (entity is None) != (entity_id is None):
        raise wrong("entity_type" if entity is None else "entity_id", "blank")
    chat_id: int | None = None
    if entity is not None and entity_id is not None:
        place = messages.known_place(state, call.user, entity, entity_id)
        # A chat that cannot be seen has no drafts.
        chat_id = -1 if place is None else place.id
    found = [
        each
        for each in state.tables.drafts.values()
        if each.user_id == call.user.id
        and (kind == "all" or (each.schedule is not None) == (kind == "scheduled"))
        and (chat_id is None or each.chat_id == chat_id)
    ]
    return call.page(found, lambda each: each.id, lambda each: documents.draft(state, each))


@operation(
    "POST /drafts",
    "drafts:write",
    status=201,
    errors="400 401 402 403 404 409 422",
    body={"draft!": {**_DRAFT, "entity_type!": "enum discussion|thread|user", "entity_id!": "int"}},
)
def create_draft(call: Call) -> object:
    """Keep a draft."""
    made = drafts.create(call.state, call.user, call.inner("draft"))
    drafts.arm(call.state, made)
    return {"data": documents.draft(call.state, made)}


@operation("GET /drafts/{id}", "drafts:read", errors="401 402 403 404")
def get_draft(call: Call) -> object:
    """Return a draft."""
    return {"data": documents.draft(call.state, drafts.own(call.state, call.user, call.id()))}


@operation("PUT /drafts/{id}", "drafts:write", errors="400 401 402 403 404 422", body={"draft!": _DRAFT})
def update_draft(call: Call) -> object:
    """Change a draft."""
    draft = drafts.own(call.state, call.user, call.id())
    drafts.update(call.state, call.user, draft, call.inner("draft"))
    drafts.arm(call.state, draft)
    return {"data": documents.draft(call.state, draft)}


@operation("DELETE /drafts/{id}", "drafts:write", status=204, errors="401 402 403 404")
def delete_draft(call: Call) -> object:
    """Remove a draft."""
    del call.state.tables.drafts[drafts.own(call.state, call.user, call.id()).id]
    return None


# files


@operation("POST /uploads", "uploads:write", status=201, errors="401 402 403")
def upload_params(call: Call) -> object:
    """Return the form of one upload; the answer is not wrapped."""
    state = call.state
    return state.storage.grant(call.user.id, state.uuid(), state.clock.now())


@operation(
    "GET /files/{id}",
    "files:read",
    errors="400 401 402 403 404",
    query={"target": "str"},
)
def download_file(call: Call) -> object:
    """Return a file's bytes, in a workspace that serves them itself."""
    target = call.string("target")
    if target is not None and target not in {"pdf_preview", "pdf_first_page", "thumb", "image"}:
        raise wrong("target", "inclusion", target, status=400)
    file, body = files.read(call.state, call.user, call.id())
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    disposition = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    return Answer(200, headers={"Content-Type": kind, "Content-Disposition": disposition}, raw=body)


# exports


@operation(
    "POST /chats/exports",
    "chat_exports:write",
    status=204,
    errors="202 400 401 403 422",
    body={
        "start_at!": "date",
        "end_at!": "date",
        "webhook_url": "str",
        "chat_ids": "ints",
        "skip_chats_file": "bool",
    },
    plan=True,
)
def request_export(call: Call) -> object:
    """Begin an export; with a preference the answer says its id."""
    made = exports.request(call.state, call.state.delivery, call.user, call.body)
    if call.headers.get("Prefer", "").replace(" ", "") == "return=representation":
        return Answer(202, {"data": {"id": made.id}})
    return None


@operation("GET /chats/exports/{id}", "chat_exports:read", status=302, errors="401 403 404", plan=True)
def download_export(call: Call) -> object:
    """Point at the archive."""
    return Answer(302, headers={"Location": exports.link(call.state, call.user, call.id())}, raw=b"")


# audit


@operation(
    "GET /audit_events",
    "audit_events:read",
    errors="400 401 402 403 422",
    query={
        "start_time": "str",
        "end_time": "str",
        "event_key": f"enum {AUDIT_KEYS}",
        "actor_id": "str",
        "actor_type": "str",
        "entity_id": "str",
        "entity_type": "str",
    },
    paged=50,
    plan=True,
)
def audit_events(call: Call) -> object:
    """List audit events; the reading is one of them, and a time that is none filters nothing."""
    state = call.state
    start, end = (parse_time(call.string(name) or "") for name in ("start_time", "end_time"))
    key, actor = call.string("event_key"), call.string("actor_id")
    entity, kind = call.string("entity_id"), call.string("entity_type")
    oldest = state.now() - _AUDIT_KEPT_MS
    found = [
        each
        for each in state.tables.audit
        if each.created_at >= oldest
        and (start is None or each.created_at >= start)
        and (end is None or each.created_at <= end)
        and (key is None or each.event_key == key)
        and (actor is None or each.actor_id == actor)
        and (entity is None or each.entity_id == entity)
        and (kind is None or each.entity_type == kind)
        and call.string("actor_type") in {None, "User"}
    ]
    state.audit("audit_events_accessed", ("User", call.user.id), call.user)
    return call.page(found, lambda each: each.seq, _audit)


def _audit(event: model.Audit) -> Json:
    return {
        "id": event.id,
        "created_at": iso(event.created_at),
        "event_key": event.event_key,
        "entity_id": event.entity_id,
        "entity_type": event.entity_type,
        "actor_id": event.actor_id,
        "actor_type": "User",
        "details": event.details,
        "ip_address": event.ip_address,
        "user_agent": event.user_agent,
    }
