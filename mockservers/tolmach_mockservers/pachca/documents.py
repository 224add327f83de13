"""People, chats, messages and what hangs on them as the API shows them to somebody.

What it is for: every answer's objects except bots and tokens. What it must not do: change state.
"""

from typing import cast

from tolmach_mockservers.pachca import model
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json, iso

__all__ = [
    "avatar_url",
    "chat",
    "draft",
    "event",
    "file",
    "message",
    "properties",
    "reaction",
    "status",
    "tag",
    "task",
    "thread",
    "user",
]


def user(state: State, who: model.User, viewer: model.User) -> Json:
    """Return somebody as ``viewer`` sees him."""
    full = who.id == viewer.id or state.sees_personal_data(viewer)
    tags = state.tables.tags
    return {
        "id": who.id,
        "first_name": who.first_name,
        "last_name": who.last_name,
        "nickname": who.nickname,
        "email": who.email if full else None,
        "phone_number": who.phone_number if full else None,
        "department": who.department,
        "title": who.title,
        "role": who.role,
        "suspended": who.suspended,
        "invite_status": who.invite_status,
        "inviter_id": who.inviter_id,
        "list_tags": [tags[each].name for each in sorted(who.tags)],
        "custom_properties": properties(state, "User", who.properties),
        "user_status": status(who.status),
        "bot": who.bot is not None,
        "sso": False,
        "created_at": iso(who.created_at),
        "last_activity_at": iso(who.last_activity_at),
        "time_zone": "Europe/Moscow",
        "image_url": avatar_url(state, who.avatar),
    }


def avatar_url(state: State, name: str | None) -> str | None:
    """Return where an avatar is served."""
    return None if name is None else f"{state.url}/avatars/{name}"


def status(given: model.Status | None) -> Json | None:
    """Return a status; ``away_message`` is an object here and a text in requests."""
    if given is None:
        return None
    return {
        "emoji": given.emoji,
        "title": given.title,
        "expires_at": iso(given.expires_at),
        "is_away": given.is_away,
        "away_message": None if given.away_message is None else {"text": given.away_message},
    }


def properties(state: State, entity: str, values: dict[int, str]) -> list[Json]:
    """Return every custom property of an entity with its value."""
    return [
        {"id": each.id, "name": each.name, "data_type": each.data_type, "value": values.get(each.id)}
        for each in state.tables.properties.values()
        if each.entity == entity
    ]


def tag(state: State, given: model.Tag) -> Json:
    """Return a tag; only active people count."""
    count = sum(
        1 for each in state.tables.users.values() if given.id in each.tags and each.active and not each.bot
    )
    return {"id": given.id, "name": given.name, "users_count": count}


def chat(state: State, given: model.Chat) -> Json:
    """Return a chat; suspended people are left out of its members."""
    users = state.tables.users
    return {
        "id": given.id,
        "name": given.name,
        "created_at": iso(given.created_at),
        "owner_id": given.owner_id,
        "member_ids": [each for each in given.members if users[each].active],
        "group_tag_ids": list(given.tags),
        "channel": given.channel,
        "archived": given.archived,
        "personal": given.personal,
        "public": given.public,
        "last_message_at": iso(given.last_message_at),
        "meet_room_url": f"https://meet.paas.pachca.com/room-{given.id}",
        "avatar_url": avatar_url(state, given.avatar),
    }


def thread(given: model.Thread) -> Json:
    """Return a thread."""
    return {
        "id": given.id,
        "chat_id": given.chat_id,
        "message_id": given.message_id,
        "message_chat_id": given.message_chat_id,
        "updated_at": iso(given.updated_at),
    }


def file(state: State, given: model.File) -> Json:
    """Return an attached file with a link that can be followed."""
    if state.settings.perimeter:
        url = f"{state.url}/api/shared/v1/files/{given.id}"
    else:
        days = state.settings.link_days
        url = state.storage.link(given.key, given.name, state.clock.now(), days * 86_400)
    shown: Json = {
        "id": given.id,
        "key": given.key,
        "name": given.name,
        "file_type": given.file_type,
        "url": url,
    }
    if given.file_type in {"image", "video"}:
        shown |= {"width": given.width, "height": given.height}
    if given.duration_ms is not None:
        shown["duration_ms"] = given.duration_ms
    return shown


def voice(files: list[model.File]) -> Json | None:
    """Return what a voice message holds."""
    for each in files:
        if each.file_type == "voice":
            return {"duration_ms": each.duration_ms, "waveform": each.waveform or "", "transcript": None}
    return None


def entity(state: State, place: model.Chat, viewer_id: int) -> tuple[str, int]:
    """Return how a message names where it lies: kind, and thread, person or chat."""
    if place.thread is not None:
        return "thread", place.thread.id
    if place.personal:
        return "user", state.peer(place, viewer_id)
    return "discussion", place.id


def message_url(state: State, given: model.Message) -> str:
    """Return the web application's link to a message."""
    place = state.tables.chats[given.chat_id]
    if place.thread is None:
        return f"{state.app_url}/chats/{given.chat_id}?message={given.id}"
    thread = f"thread_message_id={given.id}&thread_id={place.thread.id}"
    return f"{state.app_url}/chats/{state.root_id(place)}?{thread}"


def message(state: State, given: model.Message, viewer: model.User) -> Json:
    """Return a message as ``viewer`` sees it; a deleted one is cleared."""
    place = state.tables.chats[given.chat_id]
    kind, entity_id = entity(state, place, viewer.id)
    gone = given.deleted_at is not None
    begun = None if given.thread_id is None else state.tables.threads[given.thread_id]
    author = state.tables.users[given.user_id]
    shown: Json = {
        "id": given.id,
        "entity_type": kind,
        "entity_id": entity_id,
        "chat_id": given.chat_id,
        "root_chat_id": state.root_id(place),
        "content": "" if gone else given.content,
        "user_id": given.user_id,
        "created_at": iso(given.created_at),
        "url": message_url(state, given),
        "files": [] if gone else [file(state, each) for each in given.files],
        "voice_content": None if gone else voice(given.files),
        "buttons": None if gone else given.buttons,
        "thread": None if begun is None else {"id": begun.id, "chat_id": begun.chat_id},
        "forwarding": given.forwarding,
        "parent_message_id": given.parent_message_id,
        "changed_at": iso(given.changed_at),
        "deleted_at": iso(given.deleted_at),
    }
    if author.bot is not None:
        shown["display_avatar_url"] = given.display_avatar_url
        shown["display_name"] = given.display_name
    return shown


def reaction(given: model.Reaction) -> Json:
    """Return a reaction."""
    return {
        "user_id": given.user_id,
        "created_at": iso(given.created_at),
        "code": given.code,
        "name": given.name,
    }


def task(state: State, given: model.Task) -> Json:
    """Return a task."""
    return {
        "id": given.id,
        "kind": given.kind,
        "content": given.content,
        "due_at": iso(given.due_at),
        "priority": given.priority,
        "user_id": given.user_id,
        "chat_id": given.chat_id,
        "status": given.status,
        "created_at": iso(given.created_at),
        "performer_ids": list(given.performer_ids),
        "all_day": given.all_day,
        "custom_properties": properties(state, "Task", given.properties),
    }


def draft(state: State, given: model.Draft) -> Json:
    """Return a draft or a scheduled message."""
    schedule: Json | None = None
    if given.schedule is not None:
        repetition = cast("Json", given.schedule["repetition"])
        schedule = {
            "start_date": iso(cast("int", given.schedule["start_date"])),
            "end_date": iso(cast("int | None", given.schedule.get("end_date"))),
            "repetition": {
                "interval": repetition["interval"],
                "days": repetition.get("days", []),
                "nth_day": repetition.get("nth_day"),
            },
        }
    return {
        "id": given.id,
        "content": given.content,
        "files": [file(state, each) for each in given.files],
        "created_at": iso(given.created_at),
        "updated_at": iso(given.updated_at),
        "entity_type": given.entity_type,
        "entity_id": given.entity_id,
        "chat_id": given.chat_id,
        "parent_message_id": given.parent_message_id,
        "voice_content": voice(given.files),
        "schedule": schedule,
        "next_send_at": iso(given.next_send_at),
    }


def event(given: model.Event) -> Json:
    """Return an entry of the event history."""
    return {
        "id": given.id,
        "event_type": given.event_type,
        "payload": given.payload,
        "created_at": iso(given.created_at),
    }
