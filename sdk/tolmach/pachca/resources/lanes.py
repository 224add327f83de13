"""Which chat a message belongs to, as far as it was seen, to keep the pace and the quota of each chat.

What it is for: sends, edits and deletes count for their chat, the daily quota for the chat that a thread
hangs from, but calls name messages, people and threads. A quota that was refused before the chat was known
holds under its new name as well. What it must not do: ask the server.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from tolmach.pachca.pace import SEND

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from tolmach.errors import QuotaExceeded
    from tolmach.pachca.models.message import Message
    from tolmach.pachca.models.thread import Thread

__all__ = ["Lanes"]

_REMEMBERED = 5000


class Lanes:
    """Remember chats of messages, people and threads."""

    def __init__(self, quotas: MutableMapping[str, tuple[float, QuotaExceeded]]) -> None:
        self._quotas = quotas
        self._chats: OrderedDict[tuple[str, int], int] = OrderedDict()
        self._mine: OrderedDict[int, None] = OrderedDict()

    def mine(self, message: Message) -> None:
        """Take note that a send of this client made a message."""
        self._mine[message.id] = None
        if len(self._mine) > _REMEMBERED:
            self._mine.popitem(last=False)

    def is_mine(self, message_id: int) -> bool:
        """Tell whether a send of this client is known to have made a message."""
        return message_id in self._mine

    def saw(self, message: Message) -> None:
        """Take note of where a message lies."""
        self._keep(("message", message.id), message.chat_id)
        self._lies(message.entity_type, message.entity_id, message.chat_id, message.root_chat_id)

    def saw_direct(self, user_id: int, chat_id: int) -> None:
        """Take note of which chat is the direct one with a person."""
        self._lies("user", user_id, chat_id, chat_id)

    def saw_thread(self, thread: Thread) -> None:
        """Take note of which chat is a thread's own, and which one it hangs from."""
        self._lies("thread", thread.id, thread.chat_id, thread.message_chat_id or thread.chat_id)

    def chat_of(self, entity_type: str, entity_id: int) -> int | None:
        """Return the chat id of an entity, None when it was not seen yet."""
        return entity_id if entity_type == "discussion" else self._chats.get((entity_type, entity_id))

    def of_entity(self, entity_type: str, entity_id: int) -> str:
        """Return the lane of a new message."""
        chat = self.chat_of(entity_type, entity_id)
        return f"{SEND}:{entity_type}/{entity_id}" if chat is None else f"{SEND}:{chat}"

    def quota_of(self, entity_type: str, entity_id: int) -> str:
        """Return what the daily quota counts a new message by."""
        chat = self.chat_of(entity_type, entity_id)
        if chat is None:
            return f"daily:{entity_type}/{entity_id}"
        return f"daily:{self._chats.get(('root', chat), chat)}"

    def of_message(self, message_id: int) -> str:
        """Return the lane of a change of a message."""
        chat = self._chats.get(("message", message_id))
        return SEND if chat is None else f"{SEND}:{chat}"

    def _lies(self, entity_type: str, entity_id: int, chat_id: int, root_chat_id: int) -> None:
        earlier = {self.quota_of(entity_type, entity_id), self.quota_of("discussion", chat_id)}
        if entity_type != "discussion":
            self._keep((entity_type, entity_id), chat_id)
        if root_chat_id != chat_id:
            self._keep(("root", chat_id), root_chat_id)
        name = self.quota_of(entity_type, entity_id)
        # The old name stays: another client that shares the pace may not know better.
        refused = [self._quotas[each] for each in earlier | {name} if each in self._quotas]
        if refused:
            self._quotas[name] = max(refused, key=lambda each: each[0])

    def _keep(self, key: tuple[str, int], chat_id: int) -> None:
        self._chats[key] = chat_id
        self._chats.move_to_end(key)
        if len(self._chats) > _REMEMBERED:
            self._chats.popitem(last=False)
