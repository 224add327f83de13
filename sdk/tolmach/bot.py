"""A bot in a few lines: handlers here instead of an agent behind HTTP.

What it is for: ``Bot``, whose handlers answer turns on every configured account. What it must not
do: hold a rule about who may speak, or know a platform.
"""

import asyncio
import inspect
import logging
import os
import re
import sys
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tolmach.channel.buttons import Button
from tolmach.channel.model import ChatKind, Conversation, Sender
from tolmach.channel.policy import is_operator
from tolmach.channel.rules import Rules
from tolmach.channel.turn import AgentChunk, Buttons, End, Line, Text, Turn, TurnFacts
from tolmach.clock import Clock
from tolmach.errors import ConfigError, TolmachError
from tolmach.gateway.accounts import AccountPlan
from tolmach.gateway.config import GatewayPlan, load_plan, make_plan
from tolmach.gateway.document import Document
from tolmach.gateway.environment import with_dotenv
from tolmach.transport.redaction import redact

__all__ = ["Bot", "BotTurn", "Button"]

log = logging.getLogger("tolmach.bot")

MENTIONS = re.compile(r"^(@\S+\s+)+")
"""What stands before a command in a room, where the bot is addressed first."""

TurnHandler = Callable[["BotTurn"], Awaitable[str | None]]
CommandHandler = Callable[..., Awaitable[str | None]]


class BotTurn:
    """Be one turn as a handler sees it."""

    def __init__(self, turn: Turn, deliver: Callable[[str | Buttons], Awaitable[None]]) -> None:
        self._turn = turn
        self._deliver = deliver
        self._said = False

    @property
    def text(self) -> str:
        """Return the message to answer, without the speaker that an agent reads before it in a room."""
        text = self._turn.lines[-1].text if self._turn.lines else ""
        if self.facts.chat_type == ChatKind.DIRECT:
            return text
        _, speaker, said = text.partition(f" ({self.facts.sender}): ")
        return said if speaker else text

    @property
    def pressed(self) -> str | None:
        """Return the data of the button that was pressed, None where the turn answers a message."""
        return self._turn.press.data if self._turn.press else None

    @property
    def history(self) -> tuple[Line, ...]:
        """Return the session's lines before the message, oldest first."""
        return self._turn.lines[:-1]

    @property
    def session(self) -> str:
        """Return the session's key."""
        return self._turn.session

    @property
    def facts(self) -> TurnFacts:
        """Return who spoke, where, and how the bot was addressed."""
        return self._turn.facts

    async def reply(self, text: str, *, buttons: Iterable[Sequence[Button]] = ()) -> None:
        """Say something; what is said after it begins a new paragraph.

        ``buttons`` are rows, and stand under the answer. Where the platform has none they are written out
        as numbered lines.
        """
        await self._deliver(f"\n\n{text}" if self._said else text)
        if rows := tuple(tuple(row) for row in buttons):
            await self._deliver(Buttons(rows))
        self._said = True

    async def stream(self, pieces: AsyncIterable[str] | Iterable[str]) -> None:
        """Say something piece by piece, as it grows."""
        if isinstance(pieces, AsyncIterable):
            async for piece in pieces:
                await self._deliver(piece)
        else:
            for piece in pieces:
                await self._deliver(piece)
        self._said = True


@dataclass(frozen=True, slots=True)
class _Command:
    handler: CommandHandler
    operators: bool


class Bot:
    """Answer turns by handlers.

    ``config`` holds the settings of a configuration file as Python values; ``from_file`` reads one
    (YAML needs the ``gateway`` extra).
    """

    def __init__(self, config: Mapping[str, object] | GatewayPlan) -> None:
        if not isinstance(config, GatewayPlan):
            config = make_plan(Document("configuration", config), with_dotenv(os.environ, None))
        self._plan = config
        self._answer: TurnHandler | None = None
        self._commands: dict[str, _Command] = {}
        self._buttons: dict[str, _Command] = {}
        self._running: list[Callable[[], None]] = []

    @classmethod
    def from_file(cls, file: str | Path) -> Self:
        """Read the configuration from a YAML or JSON file."""
        return cls(load_plan(Path(file)))

    @property
    def plan(self) -> GatewayPlan:
        """Return what the configuration means."""
        return self._plan

    def turn(self, handler: TurnHandler) -> TurnHandler:
        """Let ``handler`` answer every turn that no command takes; a text it returns is its answer."""
        self._answer = handler
        return handler

    def command(self, name: str, *, operators: bool = False) -> Callable[[CommandHandler], CommandHandler]:
        """Let a handler answer ``/name``, in rooms after a mention; the words after it are its arguments.

        ``operators=True`` keeps it to those whom ``commandAllowFrom`` lists.
        """

        def register(handler: CommandHandler) -> CommandHandler:
            self._commands[name.casefold()] = _Command(handler, operators)
            return handler

        return register

    def button(self, name: str, *, operators: bool = False) -> Callable[[CommandHandler], CommandHandler]:
        """Let a handler answer the press of a button whose data is ``name``, or ``name:one:two``.

        What stands behind the colons are its arguments. ``operators=True`` keeps it to those whom
        ``commandAllowFrom`` lists. Other presses go to the handler of turns, with ``turn.pressed``.
        """

        def register(handler: CommandHandler) -> CommandHandler:
            self._buttons[name] = _Command(handler, operators)
            return handler

        return register

    def run(self) -> None:
        """Serve until Ctrl-C or SIGTERM; a wrong configuration ends the program with its findings, code 2."""
        from tolmach.gateway.logs import start_logging
        from tolmach.gateway.process import serve_process

        start_logging()
        try:
            asyncio.run(serve_process(self._plan, print, agent_for=self._agent_for))
        except ConfigError as error:
            # Who wrote the file needs the line in it, not the lines of this package.
            print(redact(str(error)), file=sys.stderr)
            raise SystemExit(2) from None

    async def serve(
        self, *, clock: Clock | None = None, on_ready: Callable[[str], None] | None = None
    ) -> None:
        """Serve inside a running event loop, until ``stop`` or cancelled."""
        from tolmach.gateway.app import Gateway

        gateway = Gateway(self._plan, clock=clock, agent_for=self._agent_for)
        self._running.append(gateway.stop)
        try:
            await gateway.serve(on_ready)
        finally:
            self._running.remove(gateway.stop)

    def stop(self) -> None:
        """Let ``serve`` come to an end."""
        for stop in list(self._running):
            stop()

    def _agent_for(self, plan: AccountPlan) -> "_HandlerAgent":
        if self._answer is None and not self._commands and not self._buttons:
            raise ConfigError("the bot has no handler", remedy="Write one under  @bot.turn .")
        return _HandlerAgent(plan, self._answer, self._commands, self._buttons)


class _HandlerAgent:
    """Fulfil the channel's ``Agent`` by calling handlers."""

    def __init__(
        self,
        plan: AccountPlan,
        answer: TurnHandler | None,
        commands: Mapping[str, _Command],
        buttons: Mapping[str, _Command],
    ) -> None:
        self._answer = answer
        self._commands = commands
        self._buttons = buttons
        self._rules = Rules.of(plan.settings, plan.channel) if plan.settings is not None else None

    @property
    def default_model(self) -> str:
        """Return a word for "no model"."""
        return "handler"

    async def models(self) -> Sequence[str]:
        """Return the only choice."""
        return ("handler",)

    async def answer(self, turn: Turn) -> AsyncGenerator[AgentChunk, None]:
        """Run the handler of a turn and yield what it says."""
        # One place: a handler that writes faster than people are served waits.
        pieces: asyncio.Queue[str | Buttons | None] = asyncio.Queue(maxsize=1)
        handling = asyncio.create_task(self._handle(BotTurn(turn, pieces.put), pieces))
        said = False
        try:
            while (piece := await pieces.get()) is not None:
                said = said or bool(piece)
                yield Text(piece) if isinstance(piece, str) else piece
            await handling
        except TolmachError as error:
            if not said:
                raise
            yield End(complete=False, reason=str(error))
        else:
            yield End()
        finally:
            handling.cancel()
            await asyncio.gather(handling, return_exceptions=True)

    async def _handle(self, turn: BotTurn, pieces: asyncio.Queue[str | Buttons | None]) -> None:
        try:
            text = await self._call(turn)
            if text:
                await turn.reply(text)
        except TolmachError:
            raise
        except Exception as error:
            log.exception("a handler failed")
            raise TolmachError(f"a handler failed: {type(error).__name__}") from error
        finally:
            await pieces.put(None)

    async def _call(self, turn: BotTurn) -> str | None:
        word, words, command = self._chosen(turn)
        if command is None:
            return await self._answer(turn) if self._answer is not None else None
        if command.operators and not self._is_operator(turn.facts):
            return f"This {'command' if turn.pressed is None else 'button'} is for operators."
        try:
            inspect.signature(command.handler).bind(turn, *words)
        except TypeError:
            return f"{word} does not take {len(words)} words."
        return await command.handler(turn, *words)

    def _chosen(self, turn: BotTurn) -> tuple[str, list[str], _Command | None]:
        """Return the command or button that a turn names, its words, and its handler."""
        if turn.pressed is not None:
            name, *words = turn.pressed.split(":")
            return name, words, self._buttons.get(name)
        word, _, rest = MENTIONS.sub("", turn.text.strip(), count=1).partition(" ")
        command = self._commands.get(word[1:].casefold()) if word.startswith("/") else None
        return word, rest.split(), command

    def _is_operator(self, facts: TurnFacts) -> bool:
        if self._rules is None:
            return False
        person = Sender(facts.sender, "", "")
        place = Conversation(facts.room_id, ChatKind(facts.chat_type), thread_id=facts.thread_id)
        return is_operator(person, place, self._rules)
