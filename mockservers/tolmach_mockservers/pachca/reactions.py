"""Rules of reactions.

What it is for: adding and taking back. What it must not do: HTTP.
Source: https://dev.pachca.com/api/reactions
"""

from typing import Final

from tolmach_mockservers.pachca import model
from tolmach_mockservers.pachca.emoji import emoji_name, is_emoji
from tolmach_mockservers.pachca.errors import missing, wrong
from tolmach_mockservers.pachca.state import State

__all__ = ["add", "remove"]

_BY_ONE: Final = 20
_KINDS: Final = 30
_IN_ALL: Final = 1000


def add(
    state: State, caller: model.User, message: model.Message, code: str, name: str | None
) -> model.Reaction:
    """React; the same reaction again is returned and changes nothing."""
    if message.deleted_at is not None:
        raise missing("id", message.id, "message_deleted")
    if not is_emoji(code):
        raise wrong("code", "wrong_emoji", code)
    name = name or emoji_name(code)
    for each in message.reactions:
        if each.user_id == caller.id and each.code == code and each.name == name:
            return each
    kinds = {(each.code, each.name) for each in message.reactions}
    if len(message.reactions) >= _IN_ALL:
        raise wrong("base", "general_limit")
    if (code, name) not in kinds and len(kinds) >= _KINDS:
        raise wrong("base", "unique_limit")
    if sum(each.user_id == caller.id for each in message.reactions) >= _BY_ONE:
        raise wrong("base", "user_limit")
    made = model.Reaction(caller.id, code, name, state.now(), state.next("reaction"))
    message.reactions.append(made)
    if message.thread_id is not None:
        thread = state.tables.threads[message.thread_id]
        state.tables.chats[thread.chat_id].members.setdefault(caller.id, "member")
    state.audit("reaction_created", ("Reaction", made.id), caller)
    state.events.reaction("new", made, message)
    return made


def remove(state: State, caller: model.User, message: model.Message, code: str, name: str | None) -> None:
    """Take an own reaction back."""
    for each in message.reactions:
        if each.user_id == caller.id and each.code == code and (name is None or each.name == name):
            message.reactions.remove(each)
            state.audit("reaction_deleted", ("Reaction", each.id), caller)
            state.events.reaction("delete", each, message)
            return
    raise missing("code", code)
