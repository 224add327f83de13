"""Rules of conversations and channels: making, changing, archiving, unread marks.

What it is for: what `PUT /chats` and its neighbours do. What it must not do: HTTP, or members'
rules, which are in `members`.
"""

from typing import cast

from tolmach_mockservers.pachca import members, model, tags
from tolmach_mockservers.pachca.errors import denied, missing, wrong
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json

__all__ = [
    "archive",
    "create",
    "group_chat",
    "mark_unread",
    "may_change",
    "new_chat",
    "personal_chat",
    "unarchive",
    "update",
]


def new_chat(state: State, kind: str, name: str, owner: model.User, *, public: bool = False) -> model.Chat:
    """Put a chat with its owner into the tables."""
    now = state.now()
    # Chats of threads count apart: their ids are beyond 32 bits.
    chat_id = state.next("thread_chat" if kind == "thread" else "chat")
    chat = model.Chat(chat_id, kind, name, owner.id, now, now, public=public, members={owner.id: "owner"})
    state.tables.chats[chat.id] = chat
    return chat


def create(state: State, caller: model.User, given: Json) -> tuple[model.Chat, list[int]]:
    """Make a chat; return it and the ids that belong to nobody active."""
    name = str(given["name"])
    if not name.strip():
        raise wrong("name", "blank", name)
    wanted = list(dict.fromkeys(cast("list[int]", given.get("member_ids", []))))
    people = [state.tables.users.get(each) for each in wanted]
    joining = [each for each in people if each is not None and each.active]
    joining_ids = {each.id for each in joining}
    members.check_bots(state, caller, joining)
    linked = [each for each in cast("list[int]", given.get("group_tag_ids", [])) if each in state.tables.tags]
    kind = "channel" if given.get("channel") else "discussion"
    chat = new_chat(state, kind, name, caller, public=bool(given.get("public", False)))
    for each in joining:
        if each.id != caller.id:
            chat.members[each.id] = state.join_role(each, chat)
    for tag_id in linked:
        tags.link(state, chat, tag_id)
    state.audit("chat_created", ("Chat", chat.id), caller)
    state.events.members("add", chat, [each for each in chat.members if each != caller.id])
    return chat, [each for each in wanted if each not in joining_ids]


def personal_chat(state: State, one: model.User, other: model.User) -> model.Chat:
    """Return the direct chat of two people, made on demand; with oneself it holds notes."""
    low, high = sorted((one.id, other.id))
    known = state.tables.personal.get((low, high))
    if known is not None:
        return state.tables.chats[known]
    if other.bot is not None and one.bot is None and not members.may_add(state, one, other):
        # Somebody may answer a bot that is not public, once it wrote: then the chat is there.
        raise denied("access_denied", "entity_id", record=("User", other.id))
    chat = new_chat(state, "personal", other.name or other.nickname, one)
    chat.members = {one.id: "member", other.id: "member"}
    state.tables.personal[low, high] = chat.id
    return chat


def group_chat(state: State, caller: model.User, chat_id: int) -> model.Chat:
    """Return a conversation or channel that is neither direct nor a thread."""
    chat = state.readable(caller, chat_id)
    if chat.personal:
        raise denied("personal_chat", record=("Chat", chat_id))
    if chat.thread is not None:
        raise denied("not_applicable", record=("Chat", chat_id))
    return chat


def may_change(state: State, caller: model.User, chat: model.Chat) -> bool:
    """Whether somebody may change name and picture: who manages it, in an open chat any employee."""
    return state.manages(caller, chat) or (chat.public and caller.role not in {"guest", "multi_guest"})


def update(state: State, caller: model.User, chat_id: int, given: Json) -> model.Chat:
    """Change name or openness; in an open chat any employee may."""
    chat = group_chat(state, caller, chat_id)
    if chat.archived or not may_change(state, caller, chat):
        raise denied("not_authorized", record=("Chat", chat_id))
    name = given.get("name")
    if isinstance(name, str):
        if not name.strip():
            raise wrong("name", "blank", name)
        if name != chat.name:
            details: Json = {"old_name": chat.name, "new_name": name}
            state.audit("chat_renamed", ("Chat", chat.id), caller, details)
            chat.name = name
    public = given.get("public")
    if isinstance(public, bool) and public != chat.public:
        chat.public = public
        state.audit("chat_permission_changed", ("Chat", chat.id), caller, {"public_access": public})
    return chat


def archive(state: State, caller: model.User, chat_id: int) -> None:
    """Archive: guests leave, tags are unlinked for good."""
    chat = group_chat(state, caller, chat_id)
    if chat.archived or not state.manages(caller, chat):
        raise denied("not_authorized", record=("Chat", chat_id))
    chat.archived = True
    chat.tags.clear()
    guests = [each for each in chat.members if state.tables.users[each].role in {"guest", "multi_guest"}]
    for each in guests:
        del chat.members[each]
    state.events.members("remove", chat, guests)


def unarchive(state: State, caller: model.User, chat_id: int) -> None:
    """Unarchive; an active chat stays as it is."""
    chat = group_chat(state, caller, chat_id)
    if not state.manages(caller, chat):
        raise denied("not_authorized", record=("Chat", chat_id))
    chat.archived = False


def mark_unread(state: State, caller: model.User, chat_id: int, message_id: int | None) -> model.Chat:
    """Put the read mark before a message, the last one when none is named."""
    chat = state.tables.chats.get(chat_id)
    if chat is None or caller.id not in chat.members:
        raise missing("id", chat_id)
    if message_id is None:
        message_id = chat.messages[-1] if chat.messages else None
    elif message_id not in chat.messages:
        raise missing("message_id", message_id)
    before = [each for each in chat.messages if message_id is not None and each < message_id]
    chat.read[caller.id] = before[-1] if before else 0
    return chat
