"""Defects in reactions, in and out, and in the typing sign."""

from dataclasses import replace
from typing import Any

from mutants.mutant import Function, Mutant, always, mutant

REACTIONS = "tolmach.channel.reactions"
LINE = "tolmach.channel.systemlines:line"
INTAKE = "tolmach.channel.intake:Intake"


def _mode(wrong: str, right: str) -> Function:
    def wrap(original: Function) -> Function:
        def notifies(event: Any, identity: Any, rules: Any) -> bool:
            if rules.settings.reaction_notifications == right:
                settings = rules.settings.model_copy(update={"reaction_notifications": wrong})
                rules = replace(rules, settings=settings)
            return bool(original(event, identity, rules))

        return notifies

    return wrap


def _no_message_id(original: Function) -> Function:
    def line(event: Any, label: str) -> str:
        text = str(original(event, label))
        identifier = getattr(event, "message_id", "")
        return text.replace(f" msg {identifier}", "") if identifier else text

    return line


def _always_added(original: Function) -> Function:
    return lambda event, label: str(original(event, label)).replace("reaction removed", "reaction added")


def _own_told(original: Function) -> Function:
    def decide(event: Any, rules: Any, memory: Any, identity: Any, now: float) -> Any:
        actor = getattr(event, "actor", None)
        if type(event).__name__ == "ReactionChanged" and actor is not None and actor.id == identity.id:
            event = replace(event, actor=replace(actor, id="somebody"))
        return original(event, rules, memory, identity, now)

    return decide


def _told_once(original: Function) -> Function:
    async def _reaction(self: Any, change: Any) -> Any:
        event = await original(self, change)
        return (
            None if event is None else replace(event, key=f"{event.message_id}:{event.emoji}:{event.added}")
        )

    return _reaction


def _wakes(original: Function) -> Function:
    async def take(self: Any, event: Any, rules: Any, identity: Any) -> None:
        from tolmach.channel import policy
        from tolmach.channel.decide import Run
        from tolmach.channel.gating import Gate
        from tolmach.channel.model import Message
        from tolmach.channel.turns import Job

        await original(self, event, rules, identity)
        if type(event).__name__ != "ReactionChanged" or not event.added:
            return
        if event.message_author is None or event.message_author.id != identity.id:
            return
        refused = policy.event_access(event.actor, event.conversation, self._memory.approved, rules)
        if not refused and event.actor.id != identity.id:
            text = f"reacted with {event.emoji}"
            message = Message(event.key, event.conversation, event.actor, text, self._clock.now())
            run = Run(f"reaction:{event.key}", message, Gate(), None)
            await self._enqueue(Job(run, rules, identity, event))

    return take


def _acknowledges_bots(original: Function) -> Function:
    def _dropped(self: Any, event: Any, decision: Any, rules: Any) -> None:
        from tolmach.channel import signals

        original(self, event, decision, rules)
        if decision.reason == "bot-disabled":
            platform, message = self._delivery._platform, event.message
            self._background.start(lambda: signals.acknowledge(platform, message, "eyes"))

    return _dropped


def _acknowledged_first(original: Function) -> Function:
    async def take(self: Any, job: Any) -> None:
        from tolmach.channel import reactions, signals

        message = job.run.message
        if reactions.acknowledges(message.conversation, job.run.gate, job.rules):
            await signals.acknowledge(self._platform, message, job.rules.settings.ack_reaction)
        await original(self, job)

    return take


def _adds(original: Function) -> Function:
    async def react(self: Any, to: Any, message_id: str, emoji: str, *, add: bool) -> None:
        await original(self, to, message_id, emoji, add=True)

    return react


def _never_off(original: Function) -> Function:
    async def typing(self: Any, to: Any, *, on: bool) -> None:
        if on:
            await original(self, to, on=on)

    return typing


def _never_on(original: Function) -> Function:
    async def typing(self: Any, to: Any, *, on: bool) -> None:
        if not on:
            await original(self, to, on=on)

    return typing


MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "glyph-unknown",
        "a glyph is taken for a name",
        ("tolmach.adapters.emoji_names:glyph_name", always(None)),
        rows=[171],
    ),
    mutant(
        "removed-unseen",
        "a reaction is taken away without looking",
        ("tolmach.rocketchat.models.message:Message.reacted", always(True)),
        rows=[172],
    ),
    mutant(
        "never-removed",
        "taking a reaction away adds it",
        ("tolmach.adapters.rocketchat:RocketChatPlatform.react", _adds),
        rows=[172],
    ),
    mutant(
        "typing-stays",
        "the typing sign is not taken away",
        ("tolmach.adapters.rocketchat:RocketChatPlatform.typing", _never_off),
        rows=[201],
    ),
    mutant(
        "typing-missing",
        "no typing sign is shown",
        ("tolmach.adapters.rocketchat:RocketChatPlatform.typing", _never_on),
        rows=[201],
    ),
    mutant(
        "no-acknowledgement",
        "nothing is acknowledged",
        (f"{REACTIONS}:acknowledges", always(False)),
        rows=[203, 247],
    ),
    mutant(
        "direct-acknowledged",
        "a direct message is acknowledged as well",
        (f"{REACTIONS}:acknowledges", always(True)),
        rows=[203],
    ),
    mutant(
        "bots-acknowledged",
        "another bot's message is acknowledged",
        (f"{INTAKE}._dropped", _acknowledges_bots),
        rows=[9, 205],
    ),
    mutant(
        "acknowledged-or-nothing",
        "a turn waits for its acknowledgement",
        ("tolmach.channel.turns:Turns.take", _acknowledged_first),
        rows=[207],
    ),
    mutant(
        "own-is-all",
        "reactions to anybody are told",
        (f"{REACTIONS}:notifies", _mode("all", "own")),
        rows=[240],
    ),
    mutant("no-message-id", "the line lacks the message", (LINE, _no_message_id), rows=[241]),
    mutant("removed-is-added", "a removal is told as an addition", (LINE, _always_added), rows=[242, 248]),
    mutant(
        "off-is-own",
        "reports that are off are made",
        (f"{REACTIONS}:notifies", _mode("own", "off")),
        rows=[243],
    ),
    mutant(
        "all-is-own",
        "reactions to others are not told although they should",
        (f"{REACTIONS}:notifies", _mode("own", "all")),
        rows=[244],
    ),
    mutant(
        "own-reaction-told",
        "the bot is told of its own reaction",
        ("tolmach.channel.decide:decide", _own_told),
        rows=[247],
    ),
    mutant(
        "told-once",
        "a reaction that comes back is not told",
        ("tolmach.adapters.rocketchat_events:Translator._reaction", _told_once),
        rows=[248],
    ),
    mutant(
        "reaction-wakes",
        "a reaction to the bot's message starts a turn",
        (f"{INTAKE}.take", _wakes),
        rows=[249],
    ),
)
