"""Rules of threads: starting them, who is in them.

What it is for: both kinds, of a message and standalone. What it must not do: HTTP.
"""

from tolmach_mockservers.pachca import model
from tolmach_mockservers.pachca.chats import new_chat
from tolmach_mockservers.pachca.errors import denied, missing, wrong
from tolmach_mockservers.pachca.members import may_add
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.texts import mentioned

__all__ = ["add_mentioned", "hold", "of", "standalone", "start", "visible"]


def start(state: State, caller: model.User, message: model.Message) -> model.Thread:
    """Return the thread of a message, made when there is none."""
    place = state.tables.chats[message.chat_id]
    if place.thread is not None:
        raise wrong("base", "thread_message", message.id, status=400)
    if message.deleted_at is not None:
        raise missing("id", message.id, "message_deleted")
    if message.thread_id is not None:
        return state.tables.threads[message.thread_id]
    if place.archived:
        raise denied("not_authorized", record=("Chat", place.id))
    thread = _make(state, caller, message.id, place.id)
    message.thread_id = thread.id
    chat = state.tables.chats[thread.chat_id]
    for user_id in (message.user_id, *(each.user_id for each in message.reactions)):
        if state.tables.users[user_id].active:
            chat.members.setdefault(user_id, "member")
    state.audit("thread_created", ("TopicThread", thread.id), caller)
    add_mentioned(state, state.tables.users[message.user_id], chat, message.content)
    return thread


def hold(state: State, message: model.Message, user: model.User) -> bool:
    """Whether somebody is in the thread under a message, wherever the message lies."""
    if message.thread_id is None:
        return False
    return user.id in state.tables.chats[state.tables.threads[message.thread_id].chat_id].members


def standalone(state: State, caller: model.User) -> model.Thread:
    """Make a thread that hangs on no message; its creator is alone in it."""
    thread = _make(state, caller, None, None)
    state.audit("thread_created", ("TopicThread", thread.id), caller)
    return thread


def _make(
    state: State, caller: model.User, message_id: int | None, message_chat_id: int | None
) -> model.Thread:
    chat = new_chat(state, "thread", "", caller)
    thread = model.Thread(state.next("thread"), chat.id, caller.id, state.now(), message_id, message_chat_id)
    chat.thread = thread
    state.tables.threads[thread.id] = thread
    return thread


def visible(state: State, caller: model.User, thread_id: int) -> model.Thread:
    """Return a thread that somebody may read."""
    found = state.tables.threads.get(thread_id)
    if found is None:
        raise missing("id", thread_id)
    if not state.can_read(caller, state.tables.chats[found.chat_id]):
        raise denied(record=("TopicThread", thread_id))
    return found


def of(state: State, caller: model.User) -> list[model.Thread]:
    """Return the threads of which, or of whose chat, somebody is a member."""
    chats = state.tables.chats
    found: list[model.Thread] = []
    for thread in state.tables.threads.values():
        chat = chats[thread.chat_id]
        parent = state.parent(chat)
        if caller.id in chat.members or (parent is not None and caller.id in parent.members):
            found.append(thread)
    return found


def add_mentioned(state: State, author: model.User, chat: model.Chat, content: str) -> None:
    """Let the people whom a thread's message names in; bots only where the author may add them."""
    joined = [
        each
        for each in mentioned(state, content)
        if each.id not in chat.members and each.active and (each.bot is None or may_add(state, author, each))
    ]
    for each in joined:
        chat.members[each.id] = "member"
    state.events.members("add", chat, [each.id for each in joined])
