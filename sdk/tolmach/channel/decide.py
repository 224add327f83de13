"""Put the pure parts together: an event comes in, what to do about it comes out.

What it is for: the order of the questions: place, sender, bots, command, mention. What it must not
do: look anything up; where a fact is missing the answer is ``Need``, and the caller asks again with
the fact filled in. Nothing here changes ``Memory``.
"""

from dataclasses import dataclass, field
from typing import Literal

from tolmach.channel import commands, gating, loopguard, policy, reactions, sessions, systemlines, threads
from tolmach.channel.dedupe import Window
from tolmach.channel.gating import Gate
from tolmach.channel.loopguard import LoopGuard
from tolmach.channel.model import (
    ChatKind,
    Event,
    Identity,
    MemberChanged,
    Message,
    MessageArrived,
    ReactionChanged,
)
from tolmach.channel.rules import Rules

__all__ = ["Command", "Decision", "Ignore", "Memory", "Need", "PairingReply", "Run", "SystemLine", "decide"]

DAY = 24 * 3600.0


@dataclass(slots=True)
class Memory:
    """Hold what decisions remember; only the runner writes it.

    ``passed_over`` holds messages dropped for want of a mention: a twin that carries one still wins.
    """

    seen: Window = field(default_factory=lambda: Window(ttl=DAY, cap=20_000))
    passed_over: Window = field(default_factory=lambda: Window(ttl=DAY, cap=20_000))
    events: Window = field(default_factory=lambda: Window(ttl=DAY, cap=20_000))
    spoke_in: Window = field(default_factory=lambda: Window(ttl=None, cap=5_000))
    loops: LoopGuard = field(default_factory=LoopGuard)
    approved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Run:
    """Start a turn. ``seed`` is the message's own id when its answer opens a thread under it."""

    session: str
    message: Message
    gate: Gate
    seed: str | None
    from_bot: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """Carry out a command; it acts on ``session``."""

    session: str
    message: Message
    command: commands.Command


@dataclass(frozen=True, slots=True)
class SystemLine:
    """Keep a line for the next turn of a session."""

    session: str
    text: str


@dataclass(frozen=True, slots=True)
class PairingReply:
    """Offer a stranger a pairing code, at most once."""

    message: Message


@dataclass(frozen=True, slots=True)
class Ignore:
    """Do nothing. ``quiet`` drops are the bot's own doings and repeats: counted, not logged."""

    reason: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """Ask for a fact: whether a person is a bot, or who wrote a thread's root."""

    fact: Literal["author_kind", "root_author"]
    id: str


Decision = Run | Command | SystemLine | PairingReply | Ignore | Need


def decide(event: Event, rules: Rules, memory: Memory, identity: Identity | None, now: float) -> Decision:
    """Return what to do about an event."""
    if isinstance(event, MessageArrived):
        return _message(event.message, rules, memory, identity, now)
    actor = event.member if isinstance(event, MemberChanged) else event.actor
    if actor is not None and policy.is_self(actor, identity):
        return Ignore("self", quiet=True)
    if memory.events.has(event.key, now):
        return Ignore("duplicate", quiet=True)
    refusal = policy.event_access(actor, event.conversation, memory.approved, rules)
    if refusal:
        return Ignore(refusal)
    if isinstance(event, ReactionChanged) and not reactions.notifies(event, identity, rules):
        return Ignore("reaction-not-wanted", quiet=True)
    peer = event.conversation.peer_id or (actor.id if actor else "")
    return SystemLine(
        sessions.session_key(event.conversation, peer, rules), systemlines.line(event, rules.label)
    )


def _message(
    message: Message, rules: Rules, memory: Memory, identity: Identity | None, now: float
) -> Decision:
    direct = message.conversation.kind is ChatKind.DIRECT
    if not message.sender.id:
        return Ignore("missing-user" if direct else "missing-sender")
    if policy.is_self(message.sender, identity):
        return Ignore("self", quiet=True)
    if memory.seen.has(message.key, now):
        return Ignore("duplicate", quiet=True)
    if memory.passed_over.has(message.key, now) and not gating.explicit_mention(message, identity):
        return Ignore("duplicate", quiet=True)

    refusal = _place_and_sender(message, rules, memory)
    if refusal and refusal != policy.PAIR:
        return Ignore(refusal)

    from_bot = policy.is_bot(message.sender, rules)
    if from_bot is None:
        return Need("author_kind", message.sender.id)
    participates = _participates(message, memory, now)
    gate = gating.gate(message, identity, rules, participates=participates)
    if from_bot:
        stopped = _bot(message, rules, memory, identity, now, gate)
        if stopped:
            return stopped
    if refusal == policy.PAIR:
        # Who presses a button asks for nothing that a code would answer.
        return Ignore("dm-unauthorized") if message.press else PairingReply(message)
    if message.press:
        return _run(message, rules, gate, from_bot=from_bot)

    username = identity.username if identity else ""
    decision = _command(message, rules, identity, username)
    if decision:
        return decision

    if gate.reason and gating.needs_root_author(message, identity, rules):
        return Need("root_author", message.conversation.thread_id or "")
    if gate.reason:
        return Ignore(gate.reason)
    if commands.is_stop_word(message.text, username) and policy.is_operator(
        message.sender, message.conversation, rules
    ):
        return _as_command(message, commands.Command("stop"), rules)
    if not message.text.strip() and not message.files:
        return Ignore("empty-content")
    return _run(message, rules, gate, from_bot=from_bot)


def _run(message: Message, rules: Rules, gate: Gate, *, from_bot: bool) -> Run:
    seed = threads.seed_root(message.conversation, message.id, gate, rules)
    session = sessions.session_key(message.conversation, _peer(message), rules, seed=seed)
    return Run(session, message, gate, seed, from_bot=from_bot)


def _place_and_sender(message: Message, rules: Rules, memory: Memory) -> str | None:
    sender, place = message.sender, message.conversation
    match place.kind:
        case ChatKind.ROOM:
            return policy.room_access(place, rules) or policy.sender_access(sender, place, rules)
        case ChatKind.GROUP:
            return policy.group_dm_access(sender, place, rules)
        case ChatKind.DIRECT:
            return policy.dm_access(sender, memory.approved, rules)


def _bot(
    message: Message, rules: Rules, memory: Memory, identity: Identity | None, now: float, gate: Gate
) -> Ignore | None:
    refusal = policy.bot_access(message.sender, message.conversation, rules, mentioned=gate.explicit)
    if refusal:
        return Ignore(refusal)
    pair = loopguard.pair_key(
        message.conversation.room_id, message.sender.id, identity.id if identity else ""
    )
    limits = rules.room_of(message.conversation).loop_guard
    return Ignore("bot-loop") if memory.loops.suppressed(pair, now, limits) else None


def _command(message: Message, rules: Rules, identity: Identity | None, username: str) -> Decision | None:
    """Return the command, its refusal, or None for plain text.

    A command needs no mention, unless it mentions somebody else and not the bot.
    """
    command = commands.parse(message.text, username)
    if command is None:
        return None
    in_room = message.conversation.kind is ChatKind.ROOM
    for_another = in_room and gating.addresses_somebody_else(message, identity)
    if for_another and not gating.explicit_mention(message, identity):
        return None
    if command.name in commands.OPERATOR_ONLY and not policy.is_operator(
        message.sender, message.conversation, rules
    ):
        return Ignore("control-command-unauthorized")
    return _as_command(message, command, rules)


def _as_command(message: Message, command: commands.Command, rules: Rules) -> Command:
    return Command(sessions.session_key(message.conversation, _peer(message), rules), message, command)


def _participates(message: Message, memory: Memory, now: float) -> bool:
    root = message.conversation.thread_id
    if root is None:
        return False
    return memory.spoke_in.has(threads.participation_key(message.conversation.room_id, root), now)


def _peer(message: Message) -> str:
    return message.conversation.peer_id or message.sender.id
