"""A person of a behaviour: acts through the driver and writes everything into the ledger.

What it is for: the Person of the Stage. What it must not do: wait for the bot, or name a platform.
"""

from collections.abc import Sequence
from typing import Protocol

from tolmach_conformance.agent import Answers
from tolmach_conformance.driver import Account, Driver
from tolmach_conformance.nonce import find_nonces
from tolmach_conformance.seen import Post, Room, Said
from tolmach_conformance.sides import Bot
from tolmach_conformance.stage import Person, Trigger
from tolmach_conformance.verdict import HarnessError

__all__ = ["Actor", "Surroundings", "message_id", "thread_root"]


class Surroundings(Protocol):
    """What an actor needs of its scene."""

    @property
    def driver(self) -> Driver:
        """Return the platform."""
        ...

    def new_nonce(self) -> str:
        """Return a nonce."""
        ...

    def now(self) -> int:
        """Return the journal position."""
        ...

    async def script(self, nonce: str, answers: Answers) -> None:
        """Script the agent for one nonce."""
        ...

    async def direct_for(self, account: Account) -> Room:
        """Return the DM with the bot, reserved for this behaviour."""
        ...

    def record(self, said: Said) -> None:
        """Write a stimulus into the ledger."""
        ...

    def account_of(self, who: Person | Bot) -> Account:
        """Return the account behind a person or a bot."""
        ...

    def kind_of(self, room_id: str) -> str:
        """Return the kind of a room."""
        ...

    def adopt(self, room: Room) -> Room:
        """Make a room known to the scene."""
        ...

    def fresh_name(self, word: str) -> str:
        """Return a name that is new on the server."""
        ...


def message_id(message: Trigger) -> str:
    """Return the id of a message."""
    return message if isinstance(message, str) else message.id


def thread_root(message: Trigger | None) -> str:
    """Return the root of the thread that a message is in or begins, empty for None."""
    if message is None or isinstance(message, str):
        return message or ""
    return message.thread_id or message.id


class Actor:
    """Act as one person."""

    def __init__(self, account: Account, scene: Surroundings) -> None:
        self.account = account
        self._scene = scene
        self._display = account.display

    @property
    def id(self) -> str:
        """Return the platform id."""
        return self.account.id

    @property
    def name(self) -> str:
        """Return the handle."""
        return self.account.name

    @property
    def display(self) -> str:
        """Return the display name as it is now."""
        return self._display

    async def say(
        self,
        room: Room,
        text: str,
        *,
        thread: Trigger | None = None,
        nonce: bool = True,
        agent: Answers | None = None,
    ) -> Said:
        """Post in a room."""
        return await self._post(room, text, thread_root(thread), nonce=nonce, agent=agent)

    async def dm(
        self, text: str, *, thread: Trigger | None = None, nonce: bool = True, agent: Answers | None = None
    ) -> Said:
        """Post in the DM with the bot."""
        room = await self._scene.direct_for(self.account)
        return await self._post(room, text, thread_root(thread), nonce=nonce, agent=agent)

    async def reply(
        self, to: Said | Post, text: str, *, nonce: bool = True, agent: Answers | None = None
    ) -> Said:
        """Post in the thread of a message."""
        room = Room(to.room_id, "", "direct" if self._scene.kind_of(to.room_id) == "direct" else "public")
        return await self._post(room, text, thread_root(to), nonce=nonce, agent=agent)

    async def edit(self, message: Said, text: str, *, nonce: bool = True) -> Said:
        """Change an own message; the new text is a stimulus of its own."""
        word = self._scene.new_nonce() if nonce else ""
        full = f"{text} {word}".strip()
        seq = self._scene.now()
        await self._scene.driver.edit(self.account, message.room_id, message.id, full)
        said = Said(message.id, message.room_id, full, word, seq, self.id, message.thread_id, message.direct)
        self._scene.record(said)
        return said

    async def delete(self, message: Said) -> None:
        """Delete an own message."""
        await self._scene.driver.delete(self.account, message.room_id, message.id)

    async def react(self, to: Trigger, emoji: str) -> None:
        """Add a reaction."""
        await self._scene.driver.react(self.account, message_id(to), emoji, on=True)

    async def unreact(self, to: Trigger, emoji: str) -> None:
        """Take a reaction away."""
        await self._scene.driver.react(self.account, message_id(to), emoji, on=False)

    async def press(self, post: Post, data: str) -> Said:
        """Press a button; the press is a stimulus of its own."""
        seq = self._scene.now()
        pressed = await self._scene.driver.press(self.account, post.id, data)
        word = next(iter(reversed(find_nonces(data))), "")
        said = Said(pressed, post.room_id, data, word, seq, self.id, post.thread_id)
        self._scene.record(said)
        return said

    async def pin(self, message: Trigger) -> None:
        """Pin a message."""
        await self._scene.driver.pin(self.account, message_id(message), on=True)

    async def unpin(self, message: Trigger) -> None:
        """Unpin a message."""
        await self._scene.driver.pin(self.account, message_id(message), on=False)

    async def rename(self, room: Room, name: str) -> Room:
        """Rename a room."""
        await self._scene.driver.rename(self.account, room.id, room.kind, name)
        return self._scene.adopt(Room(room.id, name, room.kind, room.listed))

    async def create_room(self, name: str | None = None, *, members: Sequence[Person | Bot] = ()) -> Room:
        """Open a public room now."""
        wanted = name or self._scene.fresh_name("room")
        accounts = [self._scene.account_of(one) for one in members]
        made, called = await self._scene.driver.create_room(self.account, wanted, accounts)
        return self._scene.adopt(Room(made, called, "public", listed=False))

    async def invite(self, room: Room, who: Person | Bot) -> None:
        """Add somebody to a room."""
        await self._scene.driver.member(
            self.account, room.id, room.kind, "invite", self._scene.account_of(who)
        )

    async def kick(self, room: Room, who: Person | Bot) -> None:
        """Remove somebody from a room."""
        await self._scene.driver.member(self.account, room.id, room.kind, "kick", self._scene.account_of(who))

    async def join(self, room: Room) -> None:
        """Join a public room."""
        await self._scene.driver.member(self.account, room.id, room.kind, "join", self.account)

    async def leave(self, room: Room) -> None:
        """Leave a room."""
        await self._scene.driver.member(self.account, room.id, room.kind, "leave", self.account)

    async def set_topic(self, room: Room, topic: str) -> None:
        """Change a room's topic."""
        await self._scene.driver.set_topic(self.account, room.id, room.kind, topic)

    async def change_display_name(self, name: str) -> None:
        """Change the own display name."""
        await self._scene.driver.change_display_name(self.account, name)
        self._display = name

    async def _post(
        self, room: Room, text: str, thread_id: str, *, nonce: bool, agent: Answers | None
    ) -> Said:
        word = self._scene.new_nonce() if nonce else ""
        if agent is not None:
            if not word:
                raise HarnessError("a message without a nonce cannot be scripted")
            await self._scene.script(word, agent)
        full = f"{text} {word}".strip() if word else text
        seq = self._scene.now()
        posted = await self._scene.driver.post(self.account, room.id, full, thread_id)
        if not posted:
            raise HarnessError("the platform stated no id for a message")
        said = Said(posted, room.id, full, word, seq, self.id, thread_id, room.kind == "direct")
        self._scene.record(said)
        return said
