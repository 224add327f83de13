"""Which chat a message belongs to, as far as it was seen, to keep the pace of each chat.

What it is for: sends, edits and deletes count for their chat, but calls name messages, people and
threads. What it must not do: ask the server.
"""

from collections import OrderedDict

from tolmach.pachca.models.message import Message
from tolmach.pachca.pace import NEW, SEND

__all__ = ["Lanes"]

_REMEMBERED = 5000


class Lanes:
    """Remember chats of messages, people and threads."""

    def __init__(self) -> None:
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
        if message.entity_type != "discussion":
            self._keep((message.entity_type, message.entity_id), message.chat_id)

    def chat_of(self, entity_type: str, entity_id: int) -> int | None:
        """Return the chat id of an entity, None when it was not seen yet."""
        return entity_id if entity_type == "discussion" else self._chats.get((entity_type, entity_id))

    def of_entity(self, entity_type: str, entity_id: int) -> str:
        """Return the lane of a new message."""
        chat = self.chat_of(entity_type, entity_id)
        what = f"{entity_type}/{entity_id}" if chat is None else str(chat)
        return f"{SEND}:{what}{NEW}"

    def of_message(self, message_id: int) -> str:
        """Return the lane of a change of a message."""
        chat = self._chats.get(("message", message_id))
        return SEND if chat is None else f"{SEND}:{chat}"

    def _keep(self, key: tuple[str, int], chat_id: int) -> None:
        self._chats[key] = chat_id
        self._chats.move_to_end(key)
        if len(self._chats) > _REMEMBERED:
            self._chats.popitem(last=False)
