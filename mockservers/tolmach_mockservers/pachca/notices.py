"""System messages: what a chat says of itself.

What it is for: the one kind that is described, people who were added. What it must not do: tell
bots; no webhook is described for these. Who is named as their author, and their words, are not
described either, so the fake makes them only where it is asked to.
Source: https://dev.pachca.com/api/members
"""

from collections.abc import Sequence

from tolmach_mockservers.pachca import model
from tolmach_mockservers.pachca.state import State

__all__ = ["added"]


def added(state: State, caller: model.User, chat: model.Chat, joined: Sequence[model.User]) -> None:
    """Say in a chat who was added to it."""
    if not state.settings.system_messages or not joined:
        return
    now = state.now()
    names = ", ".join(f"@{each.nickname}" for each in joined)
    text = f"@{caller.nickname} добавил(а) в чат: {names}"
    state.add_message(
        chat, model.Message(state.next("message"), chat.id, caller.id, text, now, now, system=True)
    )
