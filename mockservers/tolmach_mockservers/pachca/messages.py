"""Rules of messages: sending, editing, deleting, pins, previews, readers.

What it is for: what the message operations do to a workspace. What it must not do: HTTP.
Source: https://dev.pachca.com/api/messages
"""

from typing import Final, cast
from urllib.parse import urlsplit

from tolmach_mockservers.pachca import files, model, texts, threads
from tolmach_mockservers.pachca.chats import personal_chat
from tolmach_mockservers.pachca.errors import Fault, Limited, denied, missing, wrong
from tolmach_mockservers.pachca.events import links_of
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json

__all__ = [
    "create",
    "delete",
    "edit",
    "known_place",
    "list_chat",
    "pin",
    "place_of",
    "post",
    "readers",
    "unfurl",
    "unpin",
]

_KINDS: Final = ("discussion", "thread", "user")


def place_of(state: State, caller: model.User, kind: str, entity_id: int, *, status: int = 422) -> model.Chat:
    """Return the chat that an entity means; a direct chat is made on demand."""
    if kind == "user":
        user = state.tables.users.get(entity_id)
        if user is None or user.deleted:
            raise wrong("entity_id", "not_found", entity_id, status=status)
        return personal_chat(state, caller, user)
    return _there(state, caller, kind, entity_id, status)


def known_place(state: State, caller: model.User, kind: str, entity_id: int) -> model.Chat | None:
    """Return the chat that an entity means, None where there is none to see; nothing is made."""
    if kind == "user":
        low, high = sorted((entity_id, caller.id))
        return state.tables.chats.get(state.tables.personal.get((low, high), -1))
    try:
        return _there(state, caller, kind, entity_id, 422)
    except Fault:
        return None


def _there(state: State, caller: model.User, kind: str, entity_id: int, status: int) -> model.Chat:
    if kind == "thread":
        thread = state.tables.threads.get(entity_id)
        if thread is None:
            raise wrong("entity_id", "not_found", entity_id, status=status)
        chat = state.tables.chats[thread.chat_id]
    else:
        found = state.tables.chats.get(entity_id)
        if found is None:
            raise wrong("entity_id", "not_found", entity_id, status=status)
        chat = found
    if not state.can_read(caller, chat):
        raise denied(record=("Chat", chat.id))
    return chat


def may_post(caller: model.User, chat: model.Chat) -> bool:
    """Whether somebody may post: members but a channel's plain ones; in threads whoever reads them."""
    if chat.thread is not None:
        return True
    if chat.archived or caller.id not in chat.members:
        return False
    return not chat.channel or chat.members[caller.id] != "member"


def create(state: State, caller: model.User, given: Json) -> model.Message:
    """Send a message as the API is asked to."""
    kind = str(given.get("entity_type", "discussion")).lower()
    if kind not in _KINDS:
        raise wrong("entity_type", "invalid", given.get("entity_type"), status=400)
    _check_bot_fields(caller, given)
    entity_id, content = cast("int", given["entity_id"]), str(given.get("content", ""))
    chat: model.Chat | None = None
    if kind != "user":
        chat = _writable(state, caller, kind, entity_id)
    texts.check_content(content)
    attached = files.attach(state, caller, cast("list[Json]", given.get("files", [])), [], typed=True)
    if not content.strip() and not attached:
        raise wrong("content", "blank", content)
    buttons = texts.check_buttons(given["buttons"]) if "buttons" in given else None
    if chat is None:
        # Only now, or a refused message would leave an empty direct chat behind.
        chat = _writable(state, caller, kind, entity_id)
    quoted = given.get("parent_message_id")
    if quoted is not None:
        parent = state.tables.messages.get(cast("int", quoted))
        if parent is None or parent.chat_id != chat.id or parent.deleted_at is not None:
            raise wrong("parent_message_id", "invalid", quoted)
    _take_quota(state, caller, chat)
    return post(
        state,
        caller,
        chat,
        content,
        files=attached,
        buttons=buttons,
        parent_message_id=cast("int | None", quoted),
        display_name=cast("str | None", given.get("display_name")),
        display_avatar_url=cast("str | None", given.get("display_avatar_url")),
        invite=not given.get("skip_invite_mentions"),
    )


def _writable(state: State, caller: model.User, kind: str, entity_id: int) -> model.Chat:
    chat = place_of(state, caller, kind, entity_id)
    if not may_post(caller, chat):
        raise denied("not_authorized", "entity_id", record=("Chat", chat.id))
    return chat


def post(
    state: State,
    author: model.User,
    chat: model.Chat,
    content: str,
    *,
    files: list[model.File] | None = None,
    buttons: list[list[Json]] | None = None,
    parent_message_id: int | None = None,
    display_name: str | None = None,
    display_avatar_url: str | None = None,
    invite: bool = True,
) -> model.Message:
    """Put a message into a chat and tell everybody whom it concerns."""
    now = state.now()
    message = model.Message(
        state.next("message"),
        chat.id,
        author.id,
        texts.stored_content(state, author, content),
        now,
        now,
        files=files or [],
        buttons=buttons,
        parent_message_id=parent_message_id,
        display_name=display_name,
        display_avatar_url=display_avatar_url,
    )
    state.add_message(chat, message)
    author.last_activity_at = now
    if chat.thread is not None:
        chat.members.setdefault(author.id, "member")
        if invite:
            threads.add_mentioned(state, author, chat, message.content)
    state.audit("message_created", ("Message", message.id), author)
    state.events.message("new", message)
    return message


def edit(state: State, caller: model.User, message: model.Message, given: Json) -> model.Message:
    """Change an own, ordinary message; previews go with any edit."""
    if message.user_id != caller.id:
        raise denied("not_authorized", record=("Message", message.id))
    if message.deleted_at is not None:
        raise missing("id", message.id, "message_deleted")
    if (
        message.system
        or message.forwarding is not None
        or any(each.file_type == "voice" for each in message.files)
    ):
        raise denied("forbidden", record=("Message", message.id))
    place = state.tables.chats[message.chat_id]
    if place.archived:
        raise denied("not_authorized", record=("Chat", place.id))
    _check_bot_fields(caller, given)
    content = str(given.get("content", message.content))
    texts.check_content(content)
    attached = message.files
    if "files" in given:
        attached = files.attach(state, caller, cast("list[Json]", given["files"]), message.files, typed=False)
    if not content.strip() and not attached:
        raise wrong("content", "blank", content)
    buttons = texts.check_buttons(given["buttons"]) if "buttons" in given else message.buttons
    message.content = texts.stored_content(state, caller, content)
    message.files, message.buttons = attached, buttons
    for name in ("display_name", "display_avatar_url"):
        if name in given:
            setattr(message, name, given[name])
    # Two edits within a millisecond stay apart.
    message.changed_at = max(state.now(), message.changed_at + 1)
    message.previews = {}
    state.audit("message_updated", ("Message", message.id), caller)
    state.events.message("update", message)
    return message


def delete(state: State, caller: model.User, message: model.Message) -> None:
    """Delete; who may is the author, and in a chat those who look after it. Twice is no error."""
    place = state.tables.chats[message.chat_id]
    theirs = place.personal or state.chat_role(caller, place) in {"owner", "admin", "editor"}
    if message.user_id != caller.id and not theirs:
        raise denied("not_authorized", record=("Message", message.id))
    if message.deleted_at is not None:
        return
    if place.archived:
        raise denied("not_authorized", record=("Chat", place.id))
    message.deleted_at = state.now()
    place.messages.remove(message.id)
    if message.id in place.pins:
        place.pins.remove(message.id)
    files.erase(state, message)
    state.audit("message_deleted", ("Message", message.id), caller)
    state.events.message("delete", message)
    message.content, message.files, message.buttons = "", [], None
    message.reactions = []


def list_chat(state: State, caller: model.User, chat_id: int) -> model.Chat:
    """Return a chat whose messages somebody may read; one that is not there is 404."""
    return state.readable(caller, chat_id, "chat_id")


def pin(state: State, caller: model.User, message: model.Message) -> None:
    """Pin in a conversation or channel."""
    place = _pinnable(state, caller, message)
    if message.deleted_at is not None:
        raise wrong("id", "message_deleted", message.id)
    if message.id in place.pins:
        raise wrong("id", "already_exists", message.id, status=409)
    place.pins.append(message.id)


def unpin(state: State, caller: model.User, message: model.Message) -> None:
    """Unpin; what is not pinned stays so."""
    place = _pinnable(state, caller, message)
    if message.id in place.pins:
        place.pins.remove(message.id)


def _pinnable(state: State, caller: model.User, message: model.Message) -> model.Chat:
    place = state.tables.chats[message.chat_id]
    if place.personal or place.thread is not None:
        raise wrong("id", "pin_failed", message.id)
    if not may_post(caller, place):
        raise denied("not_authorized", record=("Chat", place.id))
    return place


def unfurl(caller: model.User, message: model.Message, given: Json) -> None:
    """Keep the previews of a message's links; one wrong link, and nothing is kept."""
    settings = caller.bot
    if settings is None:
        raise denied("not_authorized", record=("Message", message.id))
    if message.deleted_at is not None:
        raise missing("id", message.id, "message_deleted")
    links = links_of(message.content)
    kept: Json = {}
    for url, value in given.items():
        if not isinstance(value, dict):
            raise wrong(f"link_previews.{url}", "invalid", value)
        preview = cast("Json", value)
        host = (urlsplit(url).hostname or "").lower()
        allowed = any(host == each or host.endswith(f".{each}") for each in settings.unfurl_domains)
        if url not in links or not allowed:
            raise wrong(f"link_previews.{url}", "invalid", url)
        for name in ("title", "description"):
            if not isinstance(preview.get(name), str) or not preview[name]:
                raise wrong(f"link_previews.{url}.{name}", "blank", preview.get(name))
        image = preview.get("image")
        if isinstance(image, dict):
            fields = cast("Json", image)
            files.check_key(caller, str(fields.get("key", "")), str(fields.get("name", "")))
        kept[url] = preview
    message.previews = kept


def readers(state: State, caller: model.User, message: model.Message) -> list[int]:
    """Return who has read a message; neither the caller nor its author."""
    place = state.tables.chats[message.chat_id]
    return sorted(
        each
        for each, last in place.read.items()
        if last >= message.id and each not in {caller.id, message.user_id} and each in place.members
    )


def _check_bot_fields(caller: model.User, given: Json) -> None:
    for name in ("display_name", "display_avatar_url"):
        if given.get(name) is not None and caller.bot is None:
            raise denied("forbidden", name)


def _take_quota(state: State, caller: model.User, chat: model.Chat) -> None:
    if not state.settings.rate_limits:
        return
    root, now = state.root_id(chat), state.clock.now()
    wait = state.quota.wait(caller.id, root, state.settings.daily_quota, now)
    if wait:
        raise Limited(wait, daily=True)
    state.quota.sent(caller.id, root, now)
