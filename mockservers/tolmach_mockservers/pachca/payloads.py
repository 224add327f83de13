"""Bodies of outgoing webhooks.

What it is for: one function per payload. What it must not do: choose receivers, or sign.
Source: https://dev.pachca.com/guides/webhook
"""

from tolmach_mockservers.pachca import documents, model
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json, iso, iso_seconds

__all__ = [
    "button",
    "chat_member",
    "company_member",
    "export",
    "link_shared",
    "message",
    "reaction",
    "video_call",
    "view",
]


def _stamp(state: State) -> int:
    return int(state.clock.now())


def _thread(chat: model.Chat) -> Json | None:
    thread = chat.thread
    if thread is None:
        return None
    return {"message_id": thread.message_id, "message_chat_id": thread.message_chat_id}


def message(state: State, event: str, given: model.Message, bot_id: int) -> Json:
    """Return a message event as one bot gets it."""
    chat = state.tables.chats[given.chat_id]
    kind, entity_id = documents.entity(state, chat, bot_id)
    return {
        "type": "message",
        "id": given.id,
        "event": event,
        "entity_type": kind,
        "entity_id": entity_id,
        "content": "" if event == "delete" else given.content,
        "user_id": given.user_id,
        "created_at": iso(given.created_at),
        "changed_at": None if given.changed_at == given.created_at else iso(given.changed_at),
        "url": documents.message_url(state, given),
        "chat_id": given.chat_id,
        "parent_message_id": given.parent_message_id,
        "thread": _thread(chat),
        "webhook_timestamp": _stamp(state),
    }


def reaction(state: State, event: str, given: model.Reaction, on: model.Message) -> Json:
    """Return a reaction event."""
    return {
        "type": "reaction",
        "event": event,
        "chat_id": on.chat_id,
        "message_id": on.id,
        "code": given.code,
        "name": given.name,
        "user_id": given.user_id,
        "created_at": iso(given.created_at),
        "webhook_timestamp": _stamp(state),
    }


def button(state: State, trigger: model.Trigger, data: str) -> Json:
    """Return a click."""
    return {
        "type": "button",
        "event": "click",
        "message_id": trigger.message_id,
        "trigger_id": trigger.id,
        "data": data,
        "user_id": trigger.user_id,
        "chat_id": trigger.chat_id,
        "webhook_timestamp": _stamp(state),
    }


def view(state: State, given: model.View, submit_id: str, data: Json, user_id: int) -> Json:
    """Return a form's submission."""
    return {
        "type": "view",
        "event": "submit",
        "callback_id": given.callback_id,
        "private_metadata": given.private_metadata,
        "chat_id": given.chat_id,
        "user_id": user_id,
        "data": data,
        "view_id": given.id,
        "submit_id": submit_id,
        "webhook_timestamp": _stamp(state),
    }


def chat_member(state: State, event: str, chat: model.Chat, user_ids: list[int]) -> Json:
    """Return a change of a chat's members."""
    return {
        "type": "chat_member",
        "event": event,
        "chat_id": chat.id,
        "thread_id": None if chat.thread is None else chat.thread.id,
        "user_ids": user_ids,
        "created_at": iso_seconds(state.now()),
        "webhook_timestamp": _stamp(state),
    }


def company_member(state: State, event: str, user_ids: list[int]) -> Json:
    """Return a change of the workspace's people."""
    return {
        "type": "company_member",
        "event": event,
        "user_ids": user_ids,
        "created_at": iso_seconds(state.now()),
        "webhook_timestamp": _stamp(state),
    }


def link_shared(state: State, given: model.Message, links: list[Json]) -> Json:
    """Return links of watched domains; a direct chat's ``entity_id`` stays hidden."""
    chat = state.tables.chats[given.chat_id]
    kind, entity_id = documents.entity(state, chat, given.user_id)
    return {
        "type": "message",
        "event": "link_shared",
        "chat_id": given.chat_id,
        "message_id": given.id,
        "links": links,
        "user_id": given.user_id,
        "created_at": iso(given.created_at),
        "webhook_timestamp": _stamp(state),
        "entity_type": kind,
        "entity_id": None if kind == "user" else entity_id,
        "thread": _thread(chat),
    }


def video_call(state: State, event: str, chat: model.Chat, fields: Json) -> Json:
    """Return what happened to a call; ``fields`` are those of the event's kind."""
    thread = chat.thread
    about: Json | None = None
    if thread is not None:
        about = {
            "id": thread.id,
            "chat_id": thread.chat_id,
            "message_id": thread.message_id,
            "message_chat_id": thread.message_chat_id,
        }
    return {
        "type": "video_call",
        "event": event,
        **fields,
        "chat_id": chat.id,
        "thread": about,
        "webhook_timestamp": _stamp(state),
    }


def export(export_id: int, ready_at: int) -> Json:
    """Return the notice that an export can be fetched."""
    return {"type": "export", "event": "ready", "export_id": export_id, "created_at": iso_seconds(ready_at)}
