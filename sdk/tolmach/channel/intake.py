"""From one event to what is done about it.

What it is for: asking the pure decision, fetching the facts it wants, remembering, and handing on.
What it must not do: carry out a turn, or wait for one.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from tolmach.channel import decide as deciding
from tolmach.channel import loopguard, pairing, threads
from tolmach.channel.admin import Admin
from tolmach.channel.decide import Command, Decision, Ignore, Memory, Need, PairingReply, Run, SystemLine
from tolmach.channel.delivery import Delivery
from tolmach.channel.lanes import Lanes
from tolmach.channel.model import Event, Identity, Message, MessageArrived, ReactionChanged
from tolmach.channel.people import People
from tolmach.channel.rules import Rules
from tolmach.channel.sessionbook import SessionBook
from tolmach.channel.signals import Background
from tolmach.channel.systemlines import plain
from tolmach.channel.turn import PairingState, PairingStore, PendingPairing
from tolmach.channel.turns import Job
from tolmach.clock import Clock

__all__ = ["Intake", "Pairings"]

log = logging.getLogger("tolmach.channel")

MOST_WAITING = 20
"""Messages that may wait for one session; older ones become a note."""
RETRY_LATER = frozenset({"author-unknown"})
UNMENTIONED = frozenset({"missing-mention", "mention-detection-unavailable", "bot-missing-mention"})


class Pairings:
    """Hold the pairings of one account in step with their store."""

    def __init__(
        self, store: PairingStore, memory: Memory, clock: Clock, entropy: Callable[[int], bytes]
    ) -> None:
        self._store = store
        self._memory = memory
        self._clock = clock
        self._entropy = entropy
        self._lock = asyncio.Lock()
        self._state: PairingState | None = None

    async def state(self) -> PairingState:
        """Return who waits and who is approved."""
        async with self._lock:
            return pairing.prune(await self._load(), self._clock.now())

    async def ask(self, message: Message) -> PendingPairing | None:
        """Take a stranger's message; return the request to tell them about, None for silence."""
        async with self._lock:
            sender = message.sender
            state, fresh = pairing.ask(
                await self._load(),
                sender.id,
                plain(sender.label),
                self._clock.now(),
                lambda: pairing.code_of(self._entropy(pairing.CODE_LENGTH)),
            )
            await self._keep(state)
            return fresh

    async def approve(self, code: str) -> str | None:
        """Approve a code; return the person's id."""
        async with self._lock:
            state, approved = pairing.approve(await self._load(), code, self._clock.now())
            if approved is None:
                return None
            await self._keep(state)
            return approved.user_id

    async def _load(self) -> PairingState:
        if self._state is None:
            self._state = await self._store.load()
            self._memory.approved = self._state.approved
        return self._state

    async def _keep(self, state: PairingState) -> None:
        if state != self._state:
            await self._store.save(state)
            self._state = state
            self._memory.approved = state.approved


class Intake:
    """Take the events of one account."""

    def __init__(
        self,
        *,
        memory: Memory,
        people: People,
        pairings: Pairings,
        admin: Admin,
        book: SessionBook,
        delivery: Delivery,
        lanes: Lanes[Job],
        background: Background,
        settle: Callable[[Event], None],
        clock: Clock,
    ) -> None:
        self.drops: Counter[str] = Counter()
        self._memory = memory
        self._people = people
        self._pairings = pairings
        self._admin = admin
        self._book = book
        self._delivery = delivery
        self._lanes = lanes
        self._background = background
        self._settle = settle
        self._clock = clock

    async def take(self, told: Event, rules: Rules, identity: Identity | None) -> None:
        """Handle one event; returns once it is queued, answered or dropped. A turn settles it later."""
        event, decision = await self._decide(told, rules, identity)
        self._remember(event, decision)
        match decision:
            case Run():
                self._enqueue(Job(decision, rules, identity, told))
                return
            case Command():
                answer = await self._admin.carry_out(decision)
                self._background.start(partial(self._reply, answer, decision, rules, told))
                return
            case SystemLine():
                self._book.get(decision.session).notes.append(decision.text)
            case PairingReply():
                await self._invite(decision.message, rules)
            case Ignore():
                self._dropped(event, decision, rules)
            case Need():
                raise AssertionError("every fact was asked for")
        self._settle(told)

    async def _decide(self, event: Event, rules: Rules, identity: Identity | None) -> tuple[Event, Decision]:
        while True:
            decision = deciding.decide(event, rules, self._memory, identity, self._clock.now())
            if not isinstance(decision, Need) or not isinstance(event, MessageArrived):
                return event, decision
            message = event.message
            if decision.fact == "author_kind":
                person = await self._people.person(decision.id)
                if person is None:
                    return event, Ignore("author-unknown")
                name = message.sender.name or person.name
                message = replace(message, sender=replace(message.sender, is_bot=person.is_bot, name=name))
            else:
                message = replace(message, root_author_id=await self._people.root_author(decision.id))
            event = MessageArrived(message)

    def _remember(self, event: Event, decision: Decision) -> None:
        now = self._clock.now()
        if isinstance(event, MessageArrived):
            reason = decision.reason if isinstance(decision, Ignore) else ""
            if reason in UNMENTIONED:
                self._memory.passed_over.add(event.message.key, now)
            elif reason not in RETRY_LATER and event.message.id:
                self._memory.seen.add(event.message.key, now)
        elif not isinstance(decision, Ignore):
            self._memory.events.add(event.key, now)

    def _enqueue(self, job: Job) -> None:
        run, rules, identity = job.run, job.rules, job.identity
        if run.from_bot:
            room = rules.room_of(run.message.conversation)
            own = identity.id if identity else ""
            pair = loopguard.pair_key(run.message.conversation.room_id, run.message.sender.id, own)
            self._memory.loops.count(pair, self._clock.now(), room.loop_guard)
        if self._lanes.waiting(run.session) >= MOST_WAITING:
            left_out = self._lanes.shed(run.session)
            if left_out is not None:
                self.drops["queue-full"] += 1
                message = left_out.run.message
                note = (
                    f"Left out while you were busy: {plain(message.sender.label)}: {plain(message.text, 160)}"
                )
                self._book.get(run.session).notes.append(note)
                self._settle(left_out.event)
        self._lanes.put(run.session, job)

    async def _reply(self, answer: str, command: Command, rules: Rules, told: Event) -> None:
        message = command.message
        mode = threads.reply_mode(message.conversation, rules)
        place = threads.placement(mode, message.conversation, message.id)
        session = self._book.get(command.session)
        session.give(message.id)
        delivered = await self._delivery.send(answer, place, rules.settings, answers=message.key)
        for message_id in delivered.receipt.message_ids:
            session.give(message_id)
        self._settle(told)

    async def _invite(self, message: Message, rules: Rules) -> None:
        fresh = await self._pairings.ask(message)
        if fresh is None:
            self.drops["pairing-pending"] += 1
            return
        log.info("pairing asked for account=%s sender=%s", rules.account_id, message.sender.id)
        text = pairing.invitation(fresh, label=rules.label, platform=rules.platform, account=rules.account_id)
        place = threads.placement("off", message.conversation, message.id)
        self._background.start(partial(self._send, text, place, rules))

    async def _send(self, text: str, place: threads.Placement, rules: Rules) -> None:
        await self._delivery.send(text, place, rules.settings)

    def _dropped(self, event: Event, decision: Ignore, rules: Rules) -> None:
        self.drops[decision.reason] += 1
        level = logging.DEBUG if decision.quiet else logging.INFO
        if isinstance(event, MessageArrived):
            message = event.message
            room, message_id, sender = message.conversation.room_id, message.id, message.sender.id
        else:
            room = event.conversation.room_id
            message_id = event.message_id if isinstance(event, ReactionChanged) else ""
            sender = ""
        log.log(
            level,
            "dropped reason=%s account=%s room=%s message=%s sender=%s",
            decision.reason,
            rules.account_id,
            room,
            message_id,
            sender,
        )
