"""Rules of people and their statuses.

What it is for: making, changing and removing them. What it must not do: HTTP.
"""

from typing import cast

from tolmach_mockservers.pachca import model, tags
from tolmach_mockservers.pachca.emoji import is_emoji
from tolmach_mockservers.pachca.errors import ApiError, Item, denied, missing, wrong
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json

__all__ = [
    "add_user",
    "create_user",
    "delete_user",
    "set_status",
    "update_user",
    "visible_user",
]

_PLAIN = ("first_name", "last_name", "phone_number", "department", "title")


def add_user(state: State, nickname: str, **fields: object) -> model.User:
    """Make an account; a taken nickname gets random characters."""
    while state.named(nickname) is not None:
        nickname = f"{nickname}_{state.ids.hex_id(4)}"
    user = model.User(state.next("user"), nickname, state.now())
    for name, value in fields.items():
        setattr(user, name, value)
    state.tables.users[user.id] = user
    return user


def visible_user(state: State, viewer: model.User, user_id: int) -> model.User:
    """Return somebody whom ``viewer`` may see."""
    found = state.user(user_id)
    if viewer.role == "multi_guest" and found.id != viewer.id:
        shared = any(
            viewer.id in each.members and user_id in each.members for each in state.tables.chats.values()
        )
        if not shared:
            raise missing("id", user_id)
    return found


def create_user(state: State, caller: model.User, given: Json) -> model.User:
    """Invite somebody."""
    email = str(given["email"])
    if _mailed(state, email) is not None:
        raise wrong("email", "already_exists", email, status=409)
    role = str(given.get("role", "user"))
    chats = cast("list[int]", given.get("chat_ids", []))
    if role in {"guest", "multi_guest"}:
        active = [
            each for each in chats if each in state.tables.chats and not state.tables.chats[each].archived
        ]
        if len(active) != len(chats) or (role == "guest" and len(chats) != 1):
            raise wrong("chat_ids", "invalid", chats, status=400)
    _check_properties(state, given)
    nickname = str(given.get("nickname") or email.partition("@")[0])
    user = add_user(
        state,
        nickname,
        email=email,
        role=role,
        inviter_id=caller.id,
        invite_status="sent",
        suspended=bool(given.get("suspended", False)),
        **{name: given[name] for name in _PLAIN if name in given},
    )
    _set_properties(user, given)
    names = _texts(given.get("list_tags"))
    if names is not None and role != "guest":
        tags.give(state, caller, user, names)
    for chat_id in chats:
        chat = state.tables.chats.get(chat_id)
        if chat is not None and user.id not in chat.members:
            chat.members[user.id] = state.join_role(user, chat)
            state.events.members("add", chat, [user.id])
    state.audit("user_created", ("User", user.id), caller)
    state.events.company("invite", [user.id])
    return user


def _mailed(state: State, email: str) -> int | None:
    """Return whose e-mail it is, whatever its case."""
    wanted = email.casefold()
    return next(
        (
            each.id
            for each in state.tables.users.values()
            if not each.deleted and (each.email or "").casefold() == wanted
        ),
        None,
    )


def update_user(state: State, caller: model.User, user: model.User, given: Json) -> model.User:
    """Change somebody; only what is given, and an unknown role is ignored."""
    if user.owner and caller.id != user.id:
        raise denied("owner_protected", record=("User", user.id))
    role = given.get("role")
    if role == "guest" and user.role != "guest":
        raise denied("forbidden", "role", record=("User", user.id))
    email = given.get("email")
    if email is not None and _mailed(state, str(email)) not in {None, user.id}:
        raise wrong("email", "already_exists", email, status=409)
    nickname = given.get("nickname")
    if isinstance(nickname, str):
        _check_nickname(state, user, nickname)
    _check_properties(state, given)
    names = _texts(given.get("list_tags"))
    if names and user.bot is not None:
        if user.bot.single_chat:
            raise wrong("group_tags", "single_chat_bot_tag_denied", [user.id])
        if user.bot.who_can_add != "anyone":
            raise wrong("group_tags", "restricted_bot_tag_denied", [user.id])
    changed = [name for name in (*_PLAIN, "email", "nickname") if name in given]
    for name in changed:
        setattr(user, name, given[name])
    if role in {"admin", "user", "multi_guest"} and role != user.role:
        details: Json = {
            "new_company_role": role,
            "previous_company_role": user.role,
            "initiator_id": caller.id,
        }
        user.role = str(role)
        state.audit("user_role_changed", ("User", user.id), caller, details)
    _set_properties(user, given)
    if names is not None:
        tags.give(state, caller, user, names)
    suspended = given.get("suspended")
    if isinstance(suspended, bool) and suspended != user.suspended:
        user.suspended = suspended
        state.events.company("suspend" if suspended else "activate", [user.id])
    state.audit("user_updated", ("User", user.id), caller, {"changed_attrs": changed})
    state.events.company("update", [user.id])
    return user


def delete_user(state: State, caller: model.User, user: model.User) -> None:
    """Remove somebody for good: from group chats, tags, and tasks that only he has."""
    if user.owner:
        raise denied("owner_protected", record=("User", user.id))
    user.deleted = True
    user.tags.clear()
    for chat in state.tables.chats.values():
        if not chat.personal:
            chat.members.pop(user.id, None)
    for task in list(state.tables.tasks.values()):
        if user.id in task.performer_ids:
            task.performer_ids.remove(user.id)
            if not task.performer_ids:
                del state.tables.tasks[task.id]
    for value in [each.value for each in state.tables.tokens.values() if each.user_id == user.id]:
        del state.tables.tokens[value]
    state.audit("user_deleted", ("User", user.id), caller)
    state.events.company("delete", [user.id])


def set_status(user: model.User, given: Json) -> model.Status:
    """Set a status, or change what is given of one that is there."""
    emoji, title = given.get("emoji"), given.get("title")
    if isinstance(emoji, str) and not is_emoji(emoji):
        raise wrong("emoji", "wrong_emoji", emoji)
    status = user.status
    if status is None:
        if not isinstance(emoji, str) or not isinstance(title, str):
            items = [Item(name, "blank") for name in ("emoji", "title") if not given.get(name)]
            raise ApiError(422, *items)
        status = user.status = model.Status(emoji, title)
    if isinstance(emoji, str):
        status.emoji = emoji
    if isinstance(title, str):
        status.title = title
    expires = given.get("expires_at")
    if isinstance(expires, int):
        status.expires_at = expires
    if isinstance(given.get("is_away"), bool):
        status.is_away = bool(given["is_away"])
    away = given.get("away_message")
    if isinstance(away, str):
        status.away_message = away or None
    return status


def _texts(value: object) -> list[str] | None:
    """Return a list of filled texts; anything else is ignored as the vendor ignores it."""
    if not isinstance(value, list):
        return None
    items = cast("list[object]", value)
    return cast("list[str]", items) if all(isinstance(each, str) and each for each in items) else None


def _check_properties(state: State, given: Json) -> None:
    for each in cast("list[Json]", given.get("custom_properties", [])):
        defined = state.tables.properties.get(cast("int", each["id"]))
        if defined is None or defined.entity != "User":
            raise wrong("custom_properties", "not_found", each["id"])


def _set_properties(user: model.User, given: Json) -> None:
    for each in cast("list[Json]", given.get("custom_properties", [])):
        user.properties[cast("int", each["id"])] = str(each["value"])


def _check_nickname(state: State, user: model.User, nickname: str) -> None:
    if nickname.casefold() in {"here", "all"}:
        raise wrong("nickname", "use_of_system_words", nickname)
    if user.bot is not None and not nickname.endswith("_bot"):
        raise wrong("nickname", "invalid", nickname)
    there = state.named(nickname)
    if there is not None and there is not user:
        raise wrong("nickname", "already_exists", nickname)
