"""Rules of exports: the request, the archive, its notice.

What it is for: zip archives of messages. What it must not do: HTTP.
Source: https://dev.pachca.com/guides/export
"""

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Final, cast

from tolmach_mockservers.pachca import model, payloads
from tolmach_mockservers.pachca.delivery import Delivery
from tolmach_mockservers.pachca.errors import missing, wrong
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json, iso, parse_date

__all__ = ["arm", "link", "request"]

_SPAN: Final = 45
_SPAN_OF_CHATS: Final = 366
_MOST_CHATS: Final = 50
_LINK: Final = 300
_KEPT_MS: Final = 7 * 86_400_000


def request(state: State, delivery: Delivery, caller: model.User, given: Json) -> model.Export:
    """Begin an export; one at a time."""
    start, end = parse_date(str(given["start_at"])), parse_date(str(given["end_at"]))
    assert start is not None
    assert end is not None
    chat_ids = cast("list[int] | None", given.get("chat_ids"))
    if chat_ids is not None and len(chat_ids) > _MOST_CHATS:
        raise wrong("chat_ids", "too_long", len(chat_ids))
    days = (end - start).days + 1
    if days < 1 or days > (_SPAN_OF_CHATS if chat_ids else _SPAN):
        raise wrong("end_at", "invalid_date_range", str(given["end_at"]))
    url = given.get("webhook_url")
    if isinstance(url, str) and not url.startswith(("http://", "https://")):
        raise wrong("webhook_url", "invalid_webhook_url", url)
    if any(each.ready_at is None for each in state.tables.exports.values()):
        raise wrong("base", "displayed_error")
    export = model.Export(
        state.next("export"),
        caller.id,
        state.now(),
        start.isoformat(),
        end.isoformat(),
        chat_ids,
        cast("str | None", url),
        bool(given.get("skip_chats_file", False)),
    )
    state.tables.exports[export.id] = export
    arm(state, delivery, export)
    return export


def arm(state: State, delivery: Delivery, export: model.Export) -> None:
    """Let an export be finished after its time; one that is ready stays as it is."""
    if export.ready_at is None:
        state.clock.call_later(state.settings.export_seconds, lambda: _finish(state, delivery, export.id))


def link(state: State, caller: model.User, export_id: int) -> str:
    """Return where the archive lies; only its requester gets it."""
    export = state.tables.exports.get(export_id)
    if (
        export is None
        or export.user_id != caller.id
        or export.key is None
        or export.ready_at is None
        or state.now() > export.ready_at + _KEPT_MS
    ):
        raise missing("id", export_id, "export_file_not_found")
    return state.storage.link(export.key, f"export_{export.id}.zip", state.clock.now(), _LINK)


def _finish(state: State, delivery: Delivery, export_id: int) -> None:
    export = state.tables.exports.get(export_id)
    if export is None or export.ready_at is not None:
        return
    export.key = f"exports/{export.id}.zip"
    export.ready_at = state.now()
    state.storage.put(export.key, _archive(state, export), "application/zip")
    if export.webhook_url:
        payload = payloads.export(export.id, export.ready_at)
        delivery.notify(export.webhook_url, "export.ready", payload, export.user_id)


def _archive(state: State, export: model.Export) -> bytes:
    folder = f"export_{export.id}"
    days: dict[str, list[Json]] = {}
    for message in state.tables.messages.values():
        day = datetime.fromtimestamp(message.created_at / 1000, UTC).date().isoformat()
        chat = state.tables.chats[message.chat_id]
        wanted = export.chat_ids is None or state.root_id(chat) in export.chat_ids
        if export.start <= day <= export.end and wanted:
            days.setdefault(day, []).append(_record(state, message, chat))
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for day, records in sorted(days.items()):
            archive.writestr(f"{folder}/{day}.json", json.dumps(records, ensure_ascii=False))
        if not export.skip_chats_file:
            chats = [_chat(each) for each in state.tables.chats.values() if each.thread is None]
            archive.writestr(f"{folder}/chats.json", json.dumps(chats, ensure_ascii=False))
    return written.getvalue()


def _record(state: State, message: model.Message, chat: model.Chat) -> Json:
    user = state.tables.users[message.user_id]
    tags = state.tables.tags
    record: Json = {
        "id": message.id,
        "created_at": iso(message.created_at),
        "content": "" if chat.personal else message.content,
        "thread_id": message.thread_id,
        "reactions": [
            {"user_id": each.user_id, "created_at": iso(each.created_at), "code": each.code}
            for each in message.reactions
        ],
        "user": {
            "id": user.id,
            "role": "member" if user.bot is None else "bot",
            "name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "tags": [tags[each].name for each in sorted(user.tags)],
        },
        "chat": {
            "id": chat.id,
            "name": chat.name,
            "personal": chat.personal,
            "owner": {"id": chat.owner_id},
            "tags": [tags[each].name for each in chat.tags],
        },
    }
    if message.deleted_at is not None:
        record["deleted_at"] = iso(message.deleted_at)
    if chat.thread is not None:
        record["thread"] = {
            "id": chat.thread.id,
            "message_id": chat.thread.message_id,
            "message_chat_id": str(chat.thread.message_chat_id or ""),
        }
    return record


def _chat(chat: model.Chat) -> Json:
    return {
        "id": chat.id,
        "personal": chat.personal,
        "name": chat.name,
        "owner_id": chat.owner_id,
        "members": [{"id": each, "role": role} for each, role in chat.members.items()],
        "created_at": iso(chat.created_at),
        "updated_at": iso(chat.last_message_at),
    }
