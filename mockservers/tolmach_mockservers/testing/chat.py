"""People and rooms of the fake Rocket.Chat as a test handles them.

What it is for: say something as a person and read what the bot answered. What it must not do:
look at anything but the fake's journal and controls, so that any bot in any language can be tested.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final, cast

from tolmach_mockservers.faults import Do, Rule
from tolmach_mockservers.journal import Entry, Match
from tolmach_mockservers.ready import PersonReady
from tolmach_mockservers.rocketchat.fake import RocketChatFake
from tolmach_mockservers.testing.thread import FakesThread

__all__ = ["ChatFaults", "Conversation", "RocketChatHandle", "TestPerson"]

_POSTS: Final = frozenset({"chat.sendMessage", "chat.postMessage", "sendMessage"})
_PATIENCE: Final = 10.0
"""Seconds that a test waits for a reply unless it says otherwise."""


class RocketChatHandle:
    """The fake Rocket.Chat of one test.

    ``env`` is what a bot needs, ``url`` and ``bot`` (id, username, password, token) the same by
    parts. A request outside the documented protocol fails the test in the end, unless
    ``allow_violations`` is set.
    """

    def __init__(self, thread: FakesThread) -> None:
        self.thread = thread
        ready = thread.fakes.ready.get("rocketchat")
        fake = thread.fakes.rocketchat
        if ready is None or fake is None:
            raise RuntimeError("the fake Rocket.Chat does not run")
        self.fake: RocketChatFake = fake
        self.url = ready["url"]
        self.bot = ready["bot"]
        self.env = thread.fakes.env
        self.allow_violations = False
        self.faults = ChatFaults(self)
        self._people: dict[str, PersonReady] = {**ready["people"], "bot": ready["bot"]}
        self._rooms: dict[str, str] = {name: room["id"] for name, room in ready["rooms"].items()}
        self._start = thread.fakes.kernel.journal.last
        self._cursors: dict[str, int] = {}

    def person(self, name: str) -> "TestPerson":
        """Return someone of the world: "admin", "alice", "bob" or whom `add_person` made."""
        return TestPerson(self, self.details(name))

    def details(self, name: str) -> PersonReady:
        """Return id, username, password and token of a person."""
        if name not in self._people:
            raise KeyError(f"no person is called {name!r}; there are {', '.join(self._people)}")
        return self._people[name]

    def room(self, name: str) -> "Conversation":
        """Return a room of the world: "general", "team" or one that `add_room` made."""
        if name not in self._rooms:
            raise KeyError(f"no room is called {name!r}; there are {', '.join(self._rooms)}")
        return Conversation(self, self._rooms[name], None)

    async def add_person(self, name: str, *, kind: str = "human") -> "TestPerson":
        """Make a person of kind human, bot or admin; "carol" is shown as "Carol"."""
        made = await self.thread.act(
            lambda: self.fake.create_person(username=name, name=name.capitalize(), kind=kind, roles=None)
        )
        self._people[name] = cast("PersonReady", made)
        return self.person(name)

    async def add_room(self, name: str, *members: str, kind: str = "private") -> "Conversation":
        """Make a public or private room of ``members``, or of everybody when none is named."""
        ids = [self.details(member)["id"] for member in members or tuple(self._people)]
        made = await self.thread.act(
            lambda: self.fake.create_room(name=name, kind=kind, members=ids, owner=ids[0], topic=None)
        )
        self._rooms[name] = str(made["id"])
        return self.room(name)

    def fresh_from(self, room_id: str) -> int:
        """Return the journal number after which replies in a room are unread."""
        return self._cursors.get(room_id, self._start)

    def read_up_to(self, room_id: str, seq: int) -> None:
        """Take the replies up to ``seq`` as read."""
        self._cursors[room_id] = seq

    async def posts(self, room_id: str, *, after: int, count: int, timeout: float) -> list[Entry]:
        """Wait until the bot has posted ``count`` times, and return its posts."""
        journal = self.thread.fakes.kernel.journal
        match = Match(operations=_POSTS, actor=self.bot["id"], room_id=room_id)
        waited = await self.thread.ask(journal.wait_for(match, after=after, count=count, timeout=timeout))
        if not waited.matched:
            said = "\n".join(f"  {entry.render()}" for entry in waited.near) or "  nothing"
            raise AssertionError(
                f"the bot posted {len(waited.entries)} of {count} messages in room {room_id} within "
                f"{timeout:g} s. It did last:\n{said}"
            )
        return journal.search(match, after=after)


class TestPerson:
    """Someone who talks to the bot."""

    __test__ = False

    def __init__(self, chat: RocketChatHandle, details: PersonReady) -> None:
        self._chat = chat
        self.id = details["id"]
        self.username = details["username"]
        self.token = details["token"]

    def room(self, name: str) -> "Conversation":
        """Return a room in which this person speaks."""
        return Conversation(self._chat, self._chat.room(name).id, self.id)

    def dm(self, name: str) -> "Conversation":
        """Return the direct conversation with a person, which is made when it is new."""
        other = self._chat.details(name)["id"]
        fake = self._chat.fake
        made = self._chat.thread.call(
            lambda: fake.create_room(
                name=None, kind="direct", members=[self.id, other], owner=None, topic=None
            )
        )
        return Conversation(self._chat, str(made["id"]), self.id)


class Conversation:
    """A room as seen by one person, or by nobody in particular."""

    def __init__(self, chat: RocketChatHandle, room_id: str, speaker: str | None) -> None:
        self._chat = chat
        self._speaker = speaker
        self.id = room_id

    async def say(self, text: str, *, thread: str | None = None) -> str:
        """Post ``text`` as the person, in the thread of the message id ``thread``; return its id."""
        speaker = self._speaker
        if speaker is None:
            raise TypeError("nobody speaks here: take the room from a person, person(…).room(…)")
        fake = self._chat.fake
        said = await self._chat.thread.act(lambda: fake.say(speaker, self.id, text, thread_id=thread))
        return str(said["message_id"])

    async def next_reply(self, *, timeout: float = _PATIENCE) -> str:
        """Return the text of the bot's next post here, waiting up to ``timeout`` seconds."""
        after = self._chat.fresh_from(self.id)
        posts = await self._chat.posts(self.id, after=after, count=1, timeout=timeout)
        self._chat.read_up_to(self.id, posts[0].seq)
        return posts[0].text or ""

    async def replies(self, count: int = 1, *, timeout: float = _PATIENCE) -> list[str]:
        """Wait until ``count`` posts of the bot are there; return all unread ones and read them."""
        after = self._chat.fresh_from(self.id)
        posts = await self._chat.posts(self.id, after=after, count=count, timeout=timeout)
        if posts:
            self._chat.read_up_to(self.id, posts[-1].seq)
        return [post.text or "" for post in posts]


class ChatFaults:
    """What can go wrong between the bot and the fake Rocket.Chat."""

    def __init__(self, chat: RocketChatHandle) -> None:
        self._chat = chat

    @asynccontextmanager
    async def socket_dropped(self) -> AsyncGenerator[None, None]:
        """Cut the bot's websocket; until the block is left, no new one comes about."""
        chat = self._chat
        faults = chat.thread.fakes.kernel.faults
        no_socket = Rule("rocketchat", Do("cut_before"), operation="websocket", count=None)
        rule_id = await chat.thread.act(lambda: faults.add(no_socket))
        await chat.thread.act(lambda: chat.fake.drop(chat.bot["id"]))
        try:
            yield
        finally:
            await chat.thread.act(lambda: faults.remove(rule_id))
