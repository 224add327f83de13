"""Carry out one turn: gather what the agent needs, ask it, let it use its tool, deliver.

What it is for: everything between a decision to run and the last part of an answer. What it must
not do: decide whether to run. A turn keeps the settings that it began with.
"""

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from tolmach.channel import (
    loopguard,
    policy,
    reactions,
    replytags,
    sanitize,
    sessions,
    signals,
    targets,
    threads,
    tools,
    wording,
)
from tolmach.channel.buttons import Button, Rows
from tolmach.channel.decide import Memory, Run
from tolmach.channel.delivery import Delivered, Delivery
from tolmach.channel.model import Address, ChatKind, Event, Identity, Message
from tolmach.channel.platform import Platform
from tolmach.channel.rules import Rules
from tolmach.channel.sessionbook import Session, SessionBook
from tolmach.channel.signals import Background
from tolmach.channel.turn import Agent, Buttons, End, Line, Text, Tool, ToolUse, Turn, TurnFacts
from tolmach.clock import Clock
from tolmach.errors import TolmachError, Unauthorized

__all__ = ["Job", "Turns"]

log = logging.getLogger("tolmach.channel")

ROUNDS = 8
"""Requests in one turn: the agent may use its tool and be asked again that often."""


class AgentFailedError(Exception):
    """Say that no answer came; the cause is in the log."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what an agent said, the buttons under it, and the lines of tool use that led to it."""

    text: str
    rows: Rows
    exchange: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """Hold one admitted message and the rules it was admitted under."""

    run: Run
    rules: Rules
    identity: Identity | None
    event: Event
    """What was admitted, as the platform told it."""

    @property
    def own_words(self) -> str:
        """Return the id of the message that the turn answers; a press has none, its id is the buttons'."""
        return "" if self.run.message.press else self.run.message.id


class Turns:
    """Carry out the turns of one account."""

    def __init__(
        self,
        platform: Platform,
        agent: Agent,
        book: SessionBook,
        delivery: Delivery,
        memory: Memory,
        clock: Clock,
        background: Background,
    ) -> None:
        self.count = 0
        self._platform = platform
        self._agent = agent
        self._book = book
        self._delivery = delivery
        self._memory = memory
        self._clock = clock
        self._background = background

    async def take(self, job: Job) -> None:
        """Carry out one turn. Raises ``Unauthorized`` when the platform's credential is dead."""
        run, rules = job.run, job.rules
        session = self._book.get(run.session)
        session.running_since = self._clock.now()
        self.count += 1
        message = run.message
        place = Address(message.conversation.room_id, message.conversation.thread_id or run.seed)
        if message.press is None and reactions.acknowledges(message.conversation, run.gate, rules):
            emoji = rules.settings.ack_reaction
            self._background.start(partial(signals.acknowledge, self._platform, message, emoji))
        try:
            async with signals.typing_shown(self._platform, place, self._clock, self._background):
                await self._answer(job, session)
        finally:
            session.running_since = None

    async def _answer(self, job: Job, session: Session) -> None:
        run, message = job.run, job.run.message
        notes = session.take_notes()
        earlier = await self._earlier(job, session)
        opening: list[Line] = []
        before = wording.context(earlier, notes, message.conversation, job.identity)
        if before:
            opening.append(Line("user", before))
        opening.append(Line("user", wording.body(message, job.identity, job.rules)))
        history = list(session.lines) if job.rules.settings.history == "transcript" else []
        session.turns += 1
        session.add(opening)
        for known in (*earlier, message):
            session.give(known.id)
        facts = TurnFacts(
            session=run.session,
            sender=message.sender.id,
            chat_type=message.conversation.kind.value,
            mentioned=run.gate.mentioned,
            mention_source=run.gate.source,
            message_id=message.id,
            room_id=message.conversation.room_id,
            thread_id=message.conversation.thread_id,
            system_lines=notes,
            press=message.press.data if message.press else None,
        )
        try:
            answer = await self._ask([*history, *opening], facts, session, job)
        except AgentFailedError:
            if message.conversation.kind is ChatKind.DIRECT or run.gate.explicit:
                await self._say(wording.FAILED, job)
            return
        session.add(answer.exchange)
        await self._deliver(answer, session, job)

    async def _ask(self, lines: list[Line], facts: TurnFacts, session: Session, job: Job) -> Answer:
        message = job.run.message
        exchange: list[Line] = []
        said = ""
        rows: list[tuple[Button, ...]] = []
        for number in range(ROUNDS):
            offered: tuple[Tool, ...] = tools.offered(self._platform) if number < ROUNDS - 1 else ()
            turn = Turn(
                session=facts.session,
                lines=(*lines, *exchange),
                facts=facts,
                target=targets.of(message.conversation, message.conversation.peer_id or message.sender.id),
                model=session.model,
                tools=offered,
                press=message.press,
            )
            text, uses, under = await self._listen(turn)
            said = text if text.strip() else said
            rows.extend(under)
            if not uses or not offered:
                break
            exchange.append(Line("assistant", text, tool_uses=tuple(uses)))
            for use in uses:
                result = await tools.use(use, message, self._platform, partial(self._post, job, session))
                exchange.append(Line("tool", result, tool_use_id=use.id))
        return Answer(said, tuple(rows), tuple(exchange))

    async def _listen(self, turn: Turn) -> tuple[str, list[ToolUse], Rows]:
        text: list[str] = []
        uses: list[ToolUse] = []
        rows: list[tuple[Button, ...]] = []
        chunks = self._agent.answer(turn)
        try:
            async with AsyncExitStack() as stack:
                if isinstance(chunks, AsyncGenerator):
                    stack.push_async_callback(chunks.aclose)
                async for chunk in chunks:
                    match chunk:
                        case Text(text=piece):
                            text.append(piece)
                        case ToolUse():
                            uses.append(chunk)
                        case Buttons(rows=more):
                            rows.extend(more)
                        case End(complete=False, reason=reason):
                            log.warning("the answer in session=%s broke off: %s", turn.session, reason)
                        case End():
                            pass
        except Exception as error:
            # Whatever an agent raises ends this turn only; its words may hold anything.
            log.warning(
                "no answer in session=%s: %s",
                turn.session,
                error,
                exc_info=not isinstance(error, TolmachError),
            )
            raise AgentFailedError from None
        return "".join(text), uses, tuple(rows)

    async def _deliver(self, said: Answer, session: Session, job: Job) -> None:
        settings, message = job.rules.settings, job.run.message
        tagged = replytags.extract(sanitize.clean(said.text))
        answer = tagged.text
        if sanitize.is_silent(answer):
            session.add([Line("assistant", sanitize.SILENT_ANSWER)])
            if message.conversation.kind is ChatKind.DIRECT or job.run.gate.explicit:
                await self._say(wording.NO_ANSWER, job)
            return
        if not answer.strip():
            log.info("an empty answer in session=%s: nothing is posted", job.run.session)
            return
        root = await self._root_of(tagged.reply_to, job) if tagged.reply_to else None
        if settings.response_prefix:
            answer = f"{settings.response_prefix} {answer}"
        delivered = await self._say(answer, job, root, said.rows)
        for message_id in delivered.receipt.message_ids:
            session.give(message_id)
        if delivered.complete:
            session.add([Line("assistant", answer)])
        elif delivered.texts:
            session.add([Line("assistant", "\n".join(delivered.texts))])
        if job.run.from_bot:
            self._count_for_loop_guard(job)

    async def _post(self, job: Job, session: Session, text: str, rows: Rows) -> Delivered:
        delivered = await self._say(text, job, rows=rows, strict=True)
        for message_id in delivered.receipt.message_ids:
            session.give(message_id)
        return delivered

    async def _say(
        self, text: str, job: Job, root: str | None = None, rows: Rows = (), *, strict: bool = False
    ) -> Delivered:
        place, key = self._placement(job, root), job.run.message.key
        return await self._delivery.send(text, place, job.rules.settings, rows, answers=key, strict=strict)

    def _count_for_loop_guard(self, job: Job) -> None:
        message = job.run.message
        own = job.identity.id if job.identity else ""
        pair = loopguard.pair_key(message.conversation.room_id, message.sender.id, own)
        limits = job.rules.room_of(message.conversation).loop_guard
        self._memory.loops.count(pair, self._clock.now(), limits)

    def _placement(self, job: Job, root: str | None = None) -> threads.Placement:
        conversation = job.run.message.conversation
        mode = threads.reply_mode(conversation, job.rules)
        if not self._platform.capabilities.threads:
            mode = "off"
        return threads.placement(mode, conversation, job.run.message.id, tagged=root)

    async def _root_of(self, message_id: str, job: Job) -> str | None:
        """Return the root of the thread that a tagged message belongs to, None for one of another room."""
        conversation = job.run.message.conversation
        if conversation.thread_id is not None or threads.reply_mode(conversation, job.rules) == "off":
            return None
        try:
            found = await self._platform.message(message_id)
        except Unauthorized:
            raise
        except TolmachError:
            return None
        if found is None or found.conversation.room_id != conversation.room_id:
            return None
        return found.conversation.thread_id or found.id

    async def _earlier(self, job: Job, session: Session) -> Sequence[Message]:
        """Return what was said before and the agent has not read yet; nothing when it cannot be read."""
        try:
            found = await self._read_earlier(job, session)
        except Unauthorized:
            raise
        except TolmachError as error:
            log.info("no earlier messages for session=%s: %s", session.key, error)
            return ()
        conversation = job.run.message.conversation
        return [
            message
            for message in found
            if message.id not in session.given
            and message.id != job.own_words
            and message.at <= job.run.message.at
            and policy.visible_in_context(message.sender, conversation, job.rules)
        ]

    async def _read_earlier(self, job: Job, session: Session) -> list[Message]:
        settings, conversation = job.rules.settings, job.run.message.conversation
        room = conversation.room_id
        if conversation.kind is ChatKind.DIRECT:
            limit = settings.dm_history_limit if session.fresh and conversation.thread_id is None else 0
            return await self._newest(Address(room), limit, job)
        if job.run.seed is not None:
            return []
        if conversation.thread_id is None:
            return await self._newest(Address(room), settings.history_limit, job)
        if session.fresh:
            self._inherit(job, session)
        limit = min(settings.thread.initial_history_limit, settings.history_limit)
        found = await self._newest(Address(room, conversation.thread_id), limit, job)
        if limit and conversation.thread_id not in session.given:
            root = await self._platform.message(conversation.thread_id)
            if root is not None and all(one.id != root.id for one in found):
                found.insert(0, root)
        return found

    async def _newest(self, place: Address, limit: int, job: Job) -> list[Message]:
        if not limit:
            return []
        # One more, because the message of this turn is among them.
        found = await self._platform.history(place, limit + 1)
        return [message for message in found if message.id != job.own_words][-limit:]

    def _inherit(self, job: Job, session: Session) -> None:
        if not job.rules.settings.thread.inherit_parent or session.lines:
            return
        conversation = job.run.message.conversation
        parent = self._book.known(sessions.base_key(conversation, "", job.rules))
        if parent is not None:
            session.add(parent.lines)
