"""People and chats of the fake Pachca as a test handles them.

What it is for: say something, press a button or submit a form as a person, and read what the bot
answered. What it must not do: look at anything but the fake's journal and controls, so that any bot in
any language can be tested.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tolmach_mockservers.journal import Entry, Match
from tolmach_mockservers.pachca.fake import PachcaFake
from tolmach_mockservers.ready import PachcaPersonReady, Ready, environment
from tolmach_mockservers.testing.thread import FakesThread

__all__ = ["PachcaConversation", "PachcaHandle", "PachcaPerson", "SubmittedForm"]

_POST: Final = frozenset({"POST /messages"})
_PATIENCE: Final = 10.0
"""Seconds that a test waits for the bot unless it says otherwise."""


@dataclass(frozen=True, slots=True)
class SubmittedForm:
    """Say what the person saw: ``errors`` by field, or that the form closed."""

    outcome: str
    errors: Mapping[str, str]


class PachcaHandle:
    """The fake Pachca of one test, with the storage beside it.

    ``env`` is what ``tolmach up pachca`` prints, ``url`` and ``bot`` (id, username, token,
    webhook_secret) the same by parts. A request outside the documented protocol fails the test in the
    end, unless ``allow_violations`` is set.
    """

    def __init__(self, thread: FakesThread) -> None:
        self.thread = thread
        every = thread.fakes.ready
        fake = thread.fakes.pachca
        if "pachca" not in every or "s3" not in every or fake is None:
            raise RuntimeError("the fake Pachca does not run")
        ready = every["pachca"]
        here: Ready = {"version": 1, "control": every["control"], "pachca": ready, "s3": every["s3"]}
        self.fake: PachcaFake = fake
        self.env = environment(here)
        self.url = ready["url"]
        self.bot = ready["bot"]
        self.allow_violations = False
        self._people: dict[str, PachcaPersonReady] = {**ready["people"], "bot": ready["bot"]}
        self._rooms = {name: room["id"] for name, room in ready["rooms"].items()}
        self._start = thread.fakes.kernel.journal.last
        self._cursors: dict[int, int] = {}

    def person(self, name: str) -> "PachcaPerson":
        """Return someone of the world: "admin", "alice" or "bob"."""
        return PachcaPerson(self, self.details(name))

    def details(self, name: str) -> PachcaPersonReady:
        """Return id, username and token of a person."""
        if name not in self._people:
            raise KeyError(f"no person is called {name!r}; there are {', '.join(self._people)}")
        return self._people[name]

    def room(self, name: str) -> "PachcaConversation":
        """Return a chat of the world: "general" or "team"."""
        if name not in self._rooms:
            raise KeyError(f"no room is called {name!r}; there are {', '.join(self._rooms)}")
        return PachcaConversation(self, self._rooms[name], None)

    async def settings(self, **changes: object) -> None:
        """Change settings of the fake: ``rate_limits``, ``daily_quota``, ``plan`` and others."""
        await self.thread.act(lambda: self.fake.patch_settings(changes))

    async def posts(self, after: int, count: int, timeout: float, room_id: str | None = None) -> list[Entry]:
        """Wait until the bot has posted ``count`` times, and return its posts."""
        journal = self.thread.fakes.kernel.journal
        match = Match(kinds=frozenset({"http"}), operations=_POST, actor=str(self.bot["id"]), room_id=room_id)
        waited = await self.thread.ask(journal.wait_for(match, after=after, count=count, timeout=timeout))
        if not waited.matched:
            said = "\n".join(f"  {entry.render()}" for entry in waited.near) or "  nothing"
            where = "in all" if room_id is None else f"in chat {room_id}"
            raise AssertionError(
                f"the bot posted {len(waited.entries)} of {count} messages {where} within {timeout:g} s. "
                f"It did last:\n{said}"
            )
        return journal.search(match, after=after)

    def fresh_from(self, room_id: int) -> int:
        """Return the journal number after which replies in a chat are unread."""
        return self._cursors.get(room_id, self._start)

    def read_up_to(self, room_id: int, seq: int) -> None:
        """Take the replies up to ``seq`` as read."""
        self._cursors[room_id] = seq


class PachcaPerson:
    """Someone who talks to the bot."""

    def __init__(self, pachca: PachcaHandle, details: PachcaPersonReady) -> None:
        self._pachca = pachca
        self.id = details["id"]
        self.username = details["username"]
        self.token = details["token"]

    def room(self, name: str) -> "PachcaConversation":
        """Return a chat in which this person speaks."""
        return PachcaConversation(self._pachca, self._pachca.room(name).id, self.id)

    def dm(self, name: str) -> "PachcaConversation":
        """Return the personal chat with somebody, which is made when it is new."""
        other = self._pachca.details(name)["id"]
        fake = self._pachca.fake
        made = self._pachca.thread.call(lambda: fake.create_room(kind="direct", members=[self.id, other]))
        return PachcaConversation(self._pachca, int(str(made["id"])), self.id)

    async def press(self, message_id: int, data: str) -> str:
        """Press the button ``data`` of a message; return the trigger that its form will name."""
        fake = self._pachca.fake
        pressed = await self._pachca.thread.act(lambda: fake.click(self.id, message_id, data))
        return str(pressed["trigger_id"])

    async def opened(self, *, timeout: float = _PATIENCE) -> None:
        """Wait until the bot has opened a form."""
        pachca = self._pachca
        journal = pachca.thread.fakes.kernel.journal
        match = Match(kinds=frozenset({"http"}), operations=frozenset({"POST /views/open"}))
        waited = await pachca.thread.ask(
            journal.wait_for(match, after=pachca.fresh_from(0), count=1, timeout=timeout)
        )
        assert waited.matched, "the bot opened no form"
        pachca.read_up_to(0, waited.entries[-1].seq)

    async def submit(self, trigger_id: str, **data: object) -> SubmittedForm:
        """Submit the form that was opened by a trigger; return what the person sees."""
        fake = self._pachca.fake
        seen = await self._pachca.thread.ask(fake.submit(self.id, data, view_id=None, trigger_id=trigger_id))
        errors = seen["errors"]
        return SubmittedForm(
            str(seen["outcome"]),
            {str(name): str(text) for name, text in errors.items()} if isinstance(errors, dict) else {},
        )


class PachcaConversation:
    """A chat as seen by one person, or by nobody in particular."""

    def __init__(self, pachca: PachcaHandle, room_id: int, speaker: int | None) -> None:
        self._pachca = pachca
        self._speaker = speaker
        self.id = room_id

    async def say(self, text: str, *, thread: int | None = None) -> int:
        """Post ``text`` as the person, in the thread of the message id ``thread``; return its id."""
        speaker = self._speaker
        if speaker is None:
            raise TypeError("nobody speaks here: take the room from a person, person(…).room(…)")
        fake = self._pachca.fake
        said = await self._pachca.thread.act(lambda: fake.say(speaker, self.id, text, thread_id=thread))
        return int(str(said["message_id"]))

    async def next_reply(self, *, timeout: float = _PATIENCE) -> str:
        """Return the text of the bot's next post here, waiting up to ``timeout`` seconds."""
        entry = await self._next(timeout)
        return entry.text or ""

    async def next_message(self, *, timeout: float = _PATIENCE) -> int:
        """Return the id of the bot's next post here."""
        entry = await self._next(timeout)
        text = entry.text or ""
        chat = self._pachca.fake.state.tables.chats[self.id]
        messages = self._pachca.fake.state.tables.messages
        return next(each for each in reversed(chat.messages) if messages[each].content == text)

    async def _next(self, timeout: float) -> Entry:
        after = self._pachca.fresh_from(self.id)
        posts = await self._pachca.posts(after, 1, timeout, str(self.id))
        self._pachca.read_up_to(self.id, posts[0].seq)
        return posts[0]
