"""Which Pachca id is what: chats, threads and the messages that they hang on.

What it is for: a room is the chat, or the parent chat of a thread; a thread is known by its root
message. The thread's own id (to write) and its chat id (to read) are looked up and kept here. What it
must not do: decide anything; a failed lookup is an error for the caller, never remembered.
"""

from dataclasses import dataclass

from tolmach.adapters.bounded import Bounded
from tolmach.channel.model import Address, ChatKind, Conversation
from tolmach.clock import Clock
from tolmach.errors import Forbidden, LocalProtocolError, NotFound, RemoteError, Unauthorized
from tolmach.pachca import Pachca
from tolmach.pachca.models.chat import Chat
from tolmach.pachca.models.message import Message

__all__ = ["Places", "Target", "number"]

FRESH = 600.0
"""Seconds that a chat's name is believed: no event tells of a new one."""


@dataclass(frozen=True, slots=True)
class Target:
    """Name where a message goes in the API's words, and the chat id to read there."""

    chat_id: int
    thread_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Thread:
    id: int
    chat_id: int


@dataclass(frozen=True, slots=True)
class _Root:
    message_id: int | None
    chat_id: int | None


def number(identifier: str) -> int:
    """Return a platform id; what is none names nothing that can be written to."""
    if not identifier.isascii() or not identifier.isdecimal():
        raise LocalProtocolError(f"{identifier!r} is no id of Pachca")
    return int(identifier)


class Places:
    """Look places up for one account; ``own_id`` is set once the bot is known."""

    def __init__(self, pachca: Pachca, clock: Clock) -> None:
        self._pachca = pachca
        self._clock = clock
        self._chats: Bounded[tuple[float, Chat]] = Bounded()
        self._threads: Bounded[_Thread] = Bounded()
        self._roots: Bounded[_Root] = Bounded()
        self._parents: Bounded[int] = Bounded()
        self._peers: Bounded[str] = Bounded()
        self._directs: Bounded[int] = Bounded()
        self.own_id = 0

    # where something happened

    async def in_chat(self, chat_id: int) -> Conversation:
        """Return the conversation of a chat that is no thread."""
        chat = await self._named(chat_id)
        if chat is not None and chat.personal:
            return self.direct(chat_id, next((one for one in chat.member_ids if one != self.own_id), None))
        return Conversation(str(chat_id), ChatKind.ROOM, chat.name if chat else "")

    def direct(self, chat_id: int, peer: int | None, thread_id: str | None = None) -> Conversation:
        """Return the one-to-one chat with ``peer``."""
        if peer is not None and peer != self.own_id:
            self._peers.put(str(chat_id), str(peer))
            self._directs.put(str(peer), chat_id)
        return Conversation(str(chat_id), ChatKind.DIRECT, "", thread_id, True, self._peers.get(str(chat_id)))

    async def in_thread(
        self, thread_id: int, chat_id: int, root: int | None, parent: int | None
    ) -> Conversation:
        """Return the conversation of a thread; one without a root is a room of its own."""
        self._roots.put(str(thread_id), _Root(root, parent))
        if root is None or parent is None:
            return Conversation(str(chat_id), ChatKind.ROOM)
        self._threads.put(str(root), _Thread(thread_id, chat_id))
        self._parents.put(str(chat_id), parent)
        chat = await self._seen(parent)
        if chat is not None and chat.personal:
            peer = next((one for one in chat.member_ids if one != self.own_id), None)
            return self.direct(parent, peer, str(root))
        return Conversation(str(parent), ChatKind.ROOM, chat.name if chat else "", str(root))

    async def in_some_thread(self, thread_id: int, chat_id: int) -> Conversation:
        """Return the conversation of a thread whose root was not told; raises what the lookup raises."""
        root = self._roots.get(str(thread_id))
        if root is None:
            thread = await self._pachca.threads.get(thread_id)
            root = _Root(thread.message_id, thread.message_chat_id)
        return await self.in_thread(thread_id, chat_id, root.message_id, root.chat_id)

    def room_of(self, chat_id: int) -> int:
        """Return the room that a chat belongs to: the parent of a thread's chat, as far as it is known."""
        return self._parents.get(str(chat_id)) or chat_id

    async def of_message(self, message: Message) -> Conversation:
        """Return where a message lies, which says only the id of its thread."""
        if message.entity_type == "thread":
            return await self.in_some_thread(message.entity_id, message.chat_id)
        if message.thread is not None:
            self._threads.put(str(message.id), _Thread(message.thread.id, message.thread.chat_id))
        return await self.in_chat(message.chat_id)

    # where to write or read

    async def target(self, to: Address) -> Target:
        """Return where a message for an address goes; its thread is opened if need be."""
        if to.thread_id is None:
            return Target(number(to.room_id))
        known = self._threads.get(to.thread_id)
        if known is None:
            opened = await self._pachca.threads.open(number(to.thread_id))
            known = self._threads.put(to.thread_id, _Thread(opened.id, opened.chat_id))
            self._roots.put(str(opened.id), _Root(number(to.thread_id), number(to.room_id)))
        return Target(known.chat_id, known.id)

    async def readable(self, to: Address) -> int | None:
        """Return the chat id to read an address by, None for a thread that does not exist yet."""
        if to.thread_id is None:
            return number(to.room_id)
        known = self._threads.get(to.thread_id)
        if known is None:
            await self.of_message(await self._pachca.messages.get(number(to.thread_id)))
            known = self._threads.get(to.thread_id)
        return known.chat_id if known else None

    async def open_direct(self, user_id: str) -> int | None:
        """Return the chat with a person, None while nobody has written in it."""
        known = self._directs.get(user_id)
        if known is not None:
            return known
        async for chat in self._pachca.chats.list(personal=True):
            if number(user_id) in chat.member_ids and chat.personal:
                self.direct(chat.id, number(user_id))
                return chat.id
        return None

    async def by_name(self, name: str) -> list[str]:
        """Return the ids of all rooms with exactly this name, archived ones left out."""
        chats = self._pachca.chats.list()
        return [
            str(one.id) async for one in chats if one.name == name and not one.personal and not one.archived
        ]

    # chats

    async def _named(self, chat_id: int) -> Chat | None:
        """Return a chat; a room whose name cannot be read is a room without a name."""
        try:
            return await self._seen(chat_id)
        except Unauthorized:
            raise
        except RemoteError:
            return None

    async def _seen(self, chat_id: int) -> Chat | None:
        """Return a chat, None for one that is not the bot's own."""
        now = self._clock.now()
        known = self._chats.get(str(chat_id))
        if known is not None and now - known[0] < FRESH:
            return known[1]
        try:
            chat = await self._pachca.chats.get(chat_id)
        except (Forbidden, NotFound):
            return None
        return self._chats.put(str(chat_id), (now, chat))[1]
