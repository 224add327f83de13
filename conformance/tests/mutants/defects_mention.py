"""Defects in what counts as addressing the bot."""

import re
from dataclasses import replace
from typing import Any

from mutants.mutant import Function, Mutant, always, mutant, then

GATING = "tolmach.channel.gating"


def _substring(_original: Function) -> Function:
    def explicit_mention(message: Any, identity: Any) -> bool:
        return identity is not None and f"@{identity.username}" in message.text

    return explicit_mention


def _everybody_counts(original: Function) -> Function:
    def explicit_mention(message: Any, identity: Any) -> bool:
        broadcast = any(one.kind.name == "BROADCAST" for one in message.mentions)
        return broadcast or bool(original(message, identity))

    return explicit_mention


def _without(source: str) -> Function:
    return then(lambda found: "none" if found == source else found)


def _everywhere_ours(original: Function) -> Function:
    def implicit_mention(message: Any, identity: Any, rules: Any, *, participates: bool) -> str:
        return str(original(message, identity, rules, participates=True))

    return implicit_mention


def _switch_ignored(original: Function) -> Function:
    def implicit_mention(message: Any, identity: Any, rules: Any, *, participates: bool) -> str:
        if participates:
            return "thread_participation"
        return str(original(message, identity, rules, participates=participates))

    return implicit_mention


def _greetings_count(original: Function) -> Function:
    def gate(message: Any, identity: Any, rules: Any, *, participates: bool) -> Any:
        found = original(message, identity, rules, participates=participates)
        return replace(found, reason=None) if "good morning" in message.text else found

    return gate


def _source_lost(original: Function) -> Function:
    def gate(message: Any, identity: Any, rules: Any, *, participates: bool) -> Any:
        found = original(message, identity, rules, participates=participates)
        return replace(found, source="thread_participation") if found.explicit else found

    return gate


def _within_words(original: Function) -> Function:
    def pattern_hit(text: str, rules: Any) -> bool:
        parts = [pattern.pattern.replace(r"\b", "") for pattern in rules.patterns]
        return any(re.search(part, text, re.IGNORECASE) for part in parts)

    return pattern_hit


def _stripped(original: Function) -> Function:
    def body(message: Any, identity: Any, rules: Any) -> str:
        return str(original(message, identity, rules)).replace(f"@{identity.username} ", "")

    return body


MUTANTS: tuple[Mutant, ...] = (
    mutant("greeting-wakes", "a greeting is a mention", (f"{GATING}:gate", _greetings_count), rows=[60, 73]),
    mutant(
        "source-lost",
        "why the bot is meant is told wrongly",
        (f"{GATING}:gate", _source_lost),
        rows=[61, 65],
    ),
    mutant(
        "substring-mention",
        "a longer name is a mention",
        (f"{GATING}:explicit_mention", _substring),
        rows=[62],
    ),
    mutant(
        "broadcast-mention",
        "calling everybody is a mention",
        (f"{GATING}:explicit_mention", _everybody_counts),
        rows=[64],
    ),
    mutant("no-patterns", "patterns are ignored", (f"{GATING}:pattern_hit", always(False)), rows=[65]),
    mutant(
        "patterns-within-words",
        "a pattern counts within a longer word",
        (f"{GATING}:pattern_hit", _within_words),
        rows=[65],
    ),
    mutant(
        "reply-not-implicit",
        "a reply to the bot needs a mention",
        (f"{GATING}:needs_root_author", always(False)),
        rows=[68],
    ),
    mutant(
        "thread-not-implicit",
        "a thread of the bot needs a mention",
        (f"{GATING}:implicit_mention", _without("thread_participation")),
        rows=[69, 127],
    ),
    mutant(
        "every-thread-ours",
        "every thread is the bot's",
        (f"{GATING}:implicit_mention", _everywhere_ours),
        rows=[70],
    ),
    mutant(
        "switch-ignored",
        "participation cannot be switched off",
        (f"{GATING}:implicit_mention", _switch_ignored),
        rows=[71],
    ),
    mutant(
        "override-ignored",
        "a room cannot do without mentions",
        ("tolmach.channel.rules:Rules.room", then(lambda room: replace(room, require_mention=True))),
        rows=[72, 73, 158],
    ),
    mutant(
        "wildcard-ignored",
        "the entry for all rooms is ignored",
        ("tolmach.channel.rules:merge", lambda original: lambda strong, _weak: original(strong, None)),
        rows=[73],
    ),
    mutant(
        "mention-taken-out",
        "the agent does not see the mention",
        ("tolmach.channel.wording:body", _stripped),
        rows=[77],
    ),
)
