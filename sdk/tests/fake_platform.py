"""A platform, an agent and a clock in memory, for the tests of the channel's runner."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Self

from channel_words import ALICE, BOB, BOT, OTHERBOT

from tolmach.channel.buttons import Rows
from tolmach.channel.model import Address, Event, Identity, Message, Sender
from tolmach.channel.platform import Capabilities, ConnectionReport, Probe
from tolmach.channel.runner import ChannelRunner
from tolmach.channel.settings import ChannelSettings
from tolmach.channel.turn import AgentChunk, End, PairingState, Text, ToolUse, Turn
from tolmach.errors import TolmachError, Unauthorized


class ManualClock:
    """Stand still until ``advance``."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self._now = now
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        woken = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now + seconds, woken))
        await woken

    async def advance(self, seconds: float) -> None:
        until = self._now + seconds
        while due := [pair for pair in self._sleepers if pair[0] <= until]:
            first = min(due, key=lambda pair: pair[0])
            self._sleepers.remove(first)
            self._now = max(self._now, first[0])
            if not first[1].done():
                first[1].set_result(None)
            await breathe()
        self._now = until
        await breathe()


async def breathe(turns: int = 50) -> None:
    """Let everything that can run, run."""
    for _ in range(turns):
        await asyncio.sleep(0)


class FakePlatform:
    """Keep what is done to it; ``fail`` maps an operation to errors that it raises, in order."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Event | TolmachError | None] = asyncio.Queue()
        self.sent: list[tuple[Address, str]] = []
        self.calls: list[str] = []
        self.reactions: set[tuple[str, str]] = set()
        self.typed: list[tuple[Address, bool]] = []
        self.settled_events: list[Event] = []
        self.buttons: list[Rows] = []
        self.has_buttons = True
        self.messages: dict[str, Message] = {}
        self.people: dict[str, Sender] = {one.id: one for one in (ALICE, BOB, OTHERBOT)}
        self.names: dict[str, str] = {}
        self.fail: dict[str, list[TolmachError]] = {}
        self.who: Identity | None = BOT
        self.max_text = 5000
        self.connected = False
        self.closed = False
        self.gate: asyncio.Event | None = None

    name = "chat"
    label = "Chat"

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(True, True, True, True, True, self.max_text, "utf16", self.has_buttons)

    def _do(self, operation: str) -> None:
        self.calls.append(operation)
        if self.fail.get(operation):
            raise self.fail[operation].pop(0)

    async def start(self) -> Identity | None:
        self._do("start")
        self.connected = True
        return self.who

    def identity(self) -> Identity | None:
        return self.who

    async def events(self) -> AsyncGenerator[Event, None]:
        while (item := await self.queue.get()) is not None:
            if isinstance(item, TolmachError):
                raise item
            yield item

    async def settled(self, event: Event) -> None:
        self.settled_events.append(event)

    async def send(self, to: Address, text: str, buttons: Rows = ()) -> str:
        self.buttons.append(buttons)
        self._do("send")
        if self.gate is not None:
            await self.gate.wait()
        self.sent.append((to, text))
        return f"sent{len(self.sent)}"

    async def edit(self, to: Address, message_id: str, text: str) -> None:
        self._do("edit")

    async def delete(self, to: Address, message_id: str) -> None:
        self._do("delete")

    async def react(self, to: Address, message_id: str, emoji: str, *, add: bool) -> None:
        self._do("react")
        pair = (message_id, emoji.strip(":"))
        self.reactions.add(pair) if add else self.reactions.discard(pair)

    async def typing(self, to: Address, *, on: bool) -> None:
        self._do("typing")
        self.typed.append((to, on))

    async def history(self, to: Address, limit: int) -> Sequence[Message]:
        self._do("history")
        found = [
            one
            for one in self.messages.values()
            if one.conversation.room_id == to.room_id and one.conversation.thread_id == to.thread_id
        ]
        return found[-limit:]

    async def message(self, message_id: str) -> Message | None:
        self._do("message")
        return self.messages.get(message_id)

    async def person(self, user_id: str) -> Sender | None:
        self._do("person")
        return self.people.get(user_id)

    async def resolve_room(self, name: str) -> str | None:
        self._do("resolve_room")
        return self.names.get(name)

    async def resolve_person(self, name: str) -> str | None:
        self._do("resolve_person")
        return self.names.get(name)

    async def open_direct(self, user_id: str) -> str:
        return f"DM-{user_id}"

    def to_markup(self, markdown: str) -> str:
        return markdown

    async def probe(self) -> Probe:
        return Probe(ok=True)

    def report(self) -> ConnectionReport:
        return ConnectionReport(connected=self.connected and not self.closed, lifecycle="ready")

    async def aclose(self) -> None:
        self.closed = True
        self.queue.put_nowait(None)

    @property
    def texts(self) -> list[str]:
        """Return what was posted."""
        return [text for _, text in self.sent]


Answer = str | TolmachError | Exception | list[AgentChunk] | asyncio.Event


class FakeAgent:
    """Give the answers put into ``answers``, one list of steps per request, else an echo."""

    default_model = "model-zero"

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.answers: list[Sequence[Answer]] = []
        self.known: tuple[str, ...] = ()
        self.aborted = 0

    async def models(self) -> Sequence[str]:
        return self.known

    async def answer(self, turn: Turn) -> AsyncGenerator[AgentChunk, None]:
        self.turns.append(turn)
        steps: Sequence[Answer] = self.answers.pop(0) if self.answers else [f"Echo: {turn.lines[-1].text}"]
        try:
            for step in steps:
                match step:
                    case str():
                        yield Text(step)
                    case asyncio.Event():
                        await step.wait()
                    case Exception():
                        raise step
                    case list():
                        for chunk in step:
                            yield chunk
            yield End()
        except (asyncio.CancelledError, GeneratorExit):
            self.aborted += 1
            raise


class MemoryStore:
    """Be both stores in memory."""

    def __init__(self) -> None:
        self.state = PairingState()
        self.seen: list[tuple[str, str, float]] = []

    async def load(self) -> PairingState:
        return self.state

    async def save(self, state: PairingState) -> None:
        self.state = state


class MemorySeen:
    """Be the memory of handled messages."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, float]] = []

    async def load(self) -> Sequence[tuple[str, str, float]]:
        return list(self.rows)

    async def remove(self, kind: str, key: str) -> None:
        self.rows = [row for row in self.rows if row[:2] != (kind, key)]

    async def add(self, kind: str, key: str, at: float) -> None:
        self.rows.append((kind, key, at))


class Rig:
    """Run one account on a fake platform."""

    def __init__(
        self,
        settings: ChannelSettings,
        *,
        platform: FakePlatform | None = None,
        store: MemoryStore | None = None,
        seen: MemorySeen | None = None,
        prepare: Callable[[FakePlatform], None] | None = None,
    ) -> None:
        self.platform = platform or FakePlatform()
        if prepare:
            prepare(self.platform)
        self.agent = FakeAgent()
        self.clock = ManualClock()
        self.store = store or MemoryStore()
        self.seen = seen or MemorySeen()
        draws = iter(range(1000))
        self.runner = ChannelRunner(
            self.platform,
            settings,
            self.agent,
            pairing=self.store,
            seen=self.seen,
            clock=self.clock,
            entropy=lambda count: bytes((next(draws) + number) % 256 for number in range(count)),
        )
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.runner.run())
        await breathe()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.runner.stop(within=1.0)
        assert self._task is not None
        await self._task

    async def feed(self, *events: Event) -> None:
        """Let events happen, and everything that follows from them."""
        for event in events:
            self.platform.queue.put_nowait(event)
        await breathe()

    @property
    def task(self) -> "asyncio.Task[None]":
        assert self._task is not None
        return self._task


def tool(name: str = "message", arguments: str = '{"action":"react","emoji":"thumbsup"}') -> list[AgentChunk]:
    """Return the answer that asks for one tool."""
    return [ToolUse("call1", name, arguments), End(reason="tool_calls")]


def unauthorized() -> Unauthorized:
    """Return the error of a dead credential."""
    return Unauthorized("You must be logged in to do this.", status=401)
