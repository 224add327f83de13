"""Rules of who is in a chat: people, bots, tags, roles.

What it is for: conversations, channels and threads alike. What it must not do: HTTP.
"""

from collections.abc import Sequence

from tolmach_mockservers.pachca import model, tags
from tolmach_mockservers.pachca.errors import ApiError, Item, denied, missing, wrong
from tolmach_mockservers.pachca.notices import added
from tolmach_mockservers.pachca.state import State

__all__ = [
    "add",
    "add_tags",
    "change_role",
    "check_bots",
    "leave",
    "may_add",
    "remove",
    "remove_tag",
]


def may_add(state: State, caller: model.User, bot: model.User) -> bool:
    """Whether somebody may add a bot to a chat, or write to it first."""
    settings = bot.bot
    if settings is None or caller.id in {bot.id, settings.creator_id}:
        return True
    match settings.who_can_add:
        case "anyone":
            return True
        case "creator_admin":
            return state.is_admin(caller)
        case "creator_admin_user":
            return caller.bot is None and caller.role in {"admin", "user"}
        case _:
            return False


def check_bots(
    state: State, caller: model.User, joining: Sequence[model.User], lost: list[int] | None = None
) -> None:
    """Refuse bots that ``caller`` may not add, and single-chat bots that have their chat."""
    refused = [each.id for each in joining if each.bot is not None and not may_add(state, caller, each)]
    if refused:
        item = Item("member_ids", "bot_add_denied", refused)
        if lost:
            raise ApiError(404, Item("member_ids", "not_found", lost), item)
        raise ApiError(403, item)
    if lost:
        raise missing("member_ids", lost)
    occupied = [
        each.id
        for each in joining
        if each.bot is not None
        and each.bot.single_chat
        and any(each.id in chat.members and not chat.personal for chat in state.tables.chats.values())
    ]
    if occupied:
        raise wrong("member_ids", "single_chat_bot_occupied", occupied, status=409)


def _may_invite(state: State, caller: model.User, chat: model.Chat) -> bool:
    return caller.role not in {"guest", "multi_guest"} and state.can_read(caller, chat)


def add(
    state: State, caller: model.User, chat: model.Chat, user_ids: list[int], *, silent: bool = False
) -> None:
    """Add people; those already there are skipped, an unknown one stops all."""
    if chat.personal:
        raise wrong("id", "personal_chat", chat.id)
    if chat.archived or not _may_invite(state, caller, chat):
        raise denied("not_authorized", record=("Chat", chat.id))
    wanted = list(dict.fromkeys(user_ids))
    found = [state.tables.users.get(each) for each in wanted]
    joining = [each for each in found if each is not None and each.active and each.id not in chat.members]
    known = {each.id for each in found if each is not None and each.active}
    check_bots(state, caller, joining, [each for each in wanted if each not in known])
    for each in joining:
        chat.members[each.id] = state.join_role(each, chat)
        state.audit("user_chat_join", ("Chat", chat.id), each, {"inviter_id": caller.id})
    state.events.members("add", chat, [each.id for each in joining])
    if not silent:
        added(state, caller, chat, joining)


def remove(state: State, caller: model.User, chat: model.Chat, user_id: int) -> None:
    """Remove somebody; who is held by a linked tag stays."""
    if chat.personal:
        raise denied("personal_chat", record=("Chat", chat.id))
    user = state.tables.users.get(user_id)
    if user is None or user_id not in chat.members:
        raise missing("user_id", user_id)
    if chat.owner_id == user_id:
        raise denied("cannot_kick_owner", "user_id")
    if chat.archived or (user_id != caller.id and not state.manages(caller, chat)):
        raise denied("not_authorized", record=("Chat", chat.id))
    if tags.held(chat, user):
        return
    _drop(state, caller, chat, user)


def leave(state: State, caller: model.User, chat: model.Chat) -> None:
    """Leave; direct chats and chats that a tag holds one in cannot be left."""
    if caller.id not in chat.members:
        raise missing("id", chat.id)
    if chat.personal:
        raise denied("personal_chat", record=("Chat", chat.id))
    if tags.held(chat, caller):
        raise denied("not_authorized", record=("Chat", chat.id))
    _drop(state, caller, chat, caller)


def _drop(state: State, caller: model.User, chat: model.Chat, user: model.User) -> None:
    del chat.members[user.id]
    state.audit("user_chat_leave", ("Chat", chat.id), user, {"initiator_id": caller.id})
    state.events.members("remove", chat, [user.id], (user.id,))


def change_role(state: State, caller: model.User, chat: model.Chat, user_id: int, role: str) -> None:
    """Give somebody another chat role."""
    if chat.personal:
        raise wrong("id", "personal_chat", chat.id)
    if user_id not in chat.members:
        raise missing("user_id", user_id)
    if chat.archived or not state.manages(caller, chat):
        raise denied("not_authorized", record=("Chat", chat.id))
    if user_id == caller.id:
        raise wrong("user_id", "self_update", user_id)
    if user_id == chat.owner_id:
        raise wrong("user_id", "owner_protected", user_id)
    if role == "editor" and not chat.channel:
        raise wrong("role", "not_applicable", role)
    if chat.members[user_id] == role:
        raise wrong("role", "already_assigned", role)
    chat.members[user_id] = role


def add_tags(state: State, caller: model.User, chat: model.Chat, tag_ids: list[int]) -> None:
    """Link tags, all or none."""
    if chat.personal or chat.thread is not None:
        raise wrong("id", "personal_chat", chat.id)
    if chat.archived or not _may_invite(state, caller, chat):
        raise denied("not_authorized", record=("Chat", chat.id))
    unknown = [each for each in tag_ids if each not in state.tables.tags]
    if unknown:
        raise missing("group_tag_ids", unknown)
    for tag_id in tag_ids:
        joined = tags.link(state, chat, tag_id)
        details: model.Json = {"chat_id": chat.id, "tag_name": state.tables.tags[tag_id].name}
        state.audit("tag_added_to_chat", ("GroupTag", tag_id), caller, details)
        state.events.members("add", chat, joined)


def remove_tag(state: State, caller: model.User, chat: model.Chat, tag_id: int) -> None:
    """Unlink a tag; its people leave unless another linked tag holds them."""
    if tag_id not in chat.tags:
        raise missing("tag_id", tag_id)
    if chat.archived or not state.manages(caller, chat):
        raise denied("not_authorized", record=("Chat", chat.id))
    state.audit("tag_removed_from_chat", ("GroupTag", tag_id), caller, {"chat_id": chat.id})
    tags.unlink(state, chat, tag_id)
