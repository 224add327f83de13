"""Rules of tags: their names, who has one, and whom one brings into a chat.

What it is for: a chat that a tag is linked to has the tag's people, whenever they got the tag. What it must
not do: HTTP, or ask whether somebody may link a tag.

Source: https://dev.pachca.com/api/members/add-group-tags
"""

from collections.abc import Sequence

from tolmach_mockservers.pachca import model
from tolmach_mockservers.pachca.errors import missing, wrong
from tolmach_mockservers.pachca.state import State

__all__ = [
    "add_tag",
    "check_tag_name",
    "delete_tag",
    "give",
    "held",
    "link",
    "rename_tag",
    "tag",
    "tag_named",
    "unlink",
]


def tag(state: State, tag_id: int, key: str = "id") -> model.Tag:
    """Return a tag."""
    found = state.tables.tags.get(tag_id)
    if found is None:
        raise missing(key, tag_id)
    return found


def tag_named(state: State, name: str) -> model.Tag | None:
    """Return the tag of a name, whatever its case."""
    wanted = name.casefold()
    return next((each for each in state.tables.tags.values() if each.name.casefold() == wanted), None)


def check_tag_name(state: State, name: str, own: model.Tag | None = None) -> None:
    """Refuse a name that no other tag may have."""
    if not name.strip():
        raise wrong("name", "blank", name)
    if name.casefold() in {"here", "all"}:
        raise wrong("name", "use_of_system_words", name)
    if "@" in name:
        raise wrong("name", "invalid", name)
    there = tag_named(state, name)
    if there is not None and there is not own:
        raise wrong("name", "already_exists", name, status=409)


def add_tag(state: State, caller: model.User, name: str) -> model.Tag:
    """Make a tag."""
    check_tag_name(state, name)
    made = model.Tag(state.next("tag"), name)
    state.tables.tags[made.id] = made
    state.audit("tag_created", ("GroupTag", made.id), caller, {"name": name})
    return made


def rename_tag(state: State, given: model.Tag, name: str) -> model.Tag:
    """Rename a tag."""
    check_tag_name(state, name, given)
    given.name = name
    return given


def delete_tag(state: State, caller: model.User, given: model.Tag) -> None:
    """Remove a tag; people stay in the chats it brought them to."""
    del state.tables.tags[given.id]
    for user in state.tables.users.values():
        user.tags.discard(given.id)
    for chat in state.tables.chats.values():
        if given.id in chat.tags:
            chat.tags.remove(given.id)
    state.audit("tag_deleted", ("GroupTag", given.id), caller, {"name": given.name})


def give(state: State, caller: model.User, user: model.User, names: Sequence[str]) -> None:
    """Let somebody have these tags and no others; what is not there yet is made."""
    chosen: set[int] = set()
    for name in names:
        found = tag_named(state, name)
        if found is None:
            found = model.Tag(state.next("tag"), name)
            state.tables.tags[found.id] = found
            state.audit("tag_created", ("GroupTag", found.id), caller, {"name": name})
        chosen.add(found.id)
    gained, lost = sorted(chosen - user.tags), sorted(user.tags - chosen)
    user.tags = chosen
    for key, changed in (("user_added_to_tag", gained), ("user_removed_from_tag", lost)):
        for tag_id in changed:
            state.audit(key, ("GroupTag", tag_id), user, {"initiator_id": caller.id})
    for chat in state.tables.chats.values():
        if not set(gained).isdisjoint(chat.tags):
            state.events.members("add", chat, _bring(state, chat, [user]))
        if not set(lost).isdisjoint(chat.tags):
            _let_go(state, chat, [user])


def held(chat: model.Chat, user: model.User) -> bool:
    """Whether a linked tag keeps somebody in a chat."""
    return any(each in user.tags for each in chat.tags)


def link(state: State, chat: model.Chat, tag_id: int) -> list[int]:
    """Link a tag and let its people in; return who joined."""
    if tag_id not in chat.tags:
        chat.tags.append(tag_id)
    return _bring(state, chat, [each for each in state.tables.users.values() if tag_id in each.tags])


def unlink(state: State, chat: model.Chat, tag_id: int) -> None:
    """Unlink a tag; its people leave when the fake's time goes on, after the answer."""
    chat.tags.remove(tag_id)

    def leave() -> None:
        # The world may have been reset or restored meanwhile.
        if state.tables.chats.get(chat.id) is chat:
            _let_go(state, chat, [each for each in state.tables.users.values() if tag_id in each.tags])

    state.clock.call_later(0, leave)


def _bring(state: State, chat: model.Chat, users: Sequence[model.User]) -> list[int]:
    joined = [each for each in users if each.active and each.id not in chat.members]
    for user in joined:
        chat.members[user.id] = state.join_role(user, chat)
    return [each.id for each in joined]


def _let_go(state: State, chat: model.Chat, users: Sequence[model.User]) -> None:
    gone = [
        each.id
        for each in users
        if each.id in chat.members and each.id != chat.owner_id and not held(chat, each)
    ]
    for each in gone:
        del chat.members[each]
    state.events.members("remove", chat, gone, tuple(gone))
