"""Defects in how strangers are let in."""

from dataclasses import replace
from typing import Any

from mutants.mutant import Function, Mutant, mutant

PAIRING = "tolmach.channel.pairing"


def _silent(original: Function) -> Function:
    return lambda *args: "dm-unauthorized" if original(*args) == "pair" else original(*args)


def _twice(original: Function) -> Function:
    async def _invite(self: Any, message: Any, rules: Any) -> None:
        send = self._send

        async def again(text: str, place: Any, rules: Any) -> None:
            await send(text, place, rules)
            await send("Please be patient.", place, rules)

        self._send = again
        try:
            await original(self, message, rules)
        finally:
            del self._send

    return _invite


def _every_time(original: Function) -> Function:
    def ask(state: Any, user_id: str, *others: Any) -> Any:
        pending = tuple(one for one in state.pending if one.user_id != user_id)
        return original(replace(state, pending=pending), user_id, *others)

    return ask


def _begins_anew(original: Function) -> Function:
    def ask(state: Any, user_id: str, label: str, now: float, draw: Any) -> Any:
        found, fresh = original(state, user_id, label, now, draw)
        pending = tuple(
            replace(one, created_at=now) if one.user_id == user_id else one for one in found.pending
        )
        return replace(found, pending=pending), fresh

    return ask


def _without_end(original: Function) -> Function:
    def ask(state: Any, user_id: str, *others: Any) -> Any:
        known = any(one.user_id == user_id for one in state.pending)
        return original(state if known else replace(state, pending=()), user_id, *others)

    return ask


def _exact(original: Function) -> Function:
    def approve(state: Any, code: str, now: float) -> Any:
        return original(state, code if code.isupper() else "", now)

    return approve


def _reads_back(original: Function) -> Function:
    async def _read_earlier(self: Any, job: Any, session: Any) -> Any:
        from tolmach.channel.model import Address

        conversation = job.run.message.conversation
        if conversation.kind.name != "DIRECT" or conversation.thread_id is not None:
            return await original(self, job, session)
        return await self._newest(Address(conversation.room_id), 20, job)

    return _read_earlier


def _paired_everywhere(original: Function) -> Function:
    def _place_and_sender(message: Any, rules: Any, memory: Any) -> str | None:
        found: str | None = original(message, rules, memory)
        return None if message.sender.id in memory.approved else found

    return _place_and_sender


MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "pairing-silent",
        "a stranger gets no code",
        ("tolmach.channel.policy:dm_access", _silent),
        rows=[80, 81, 82, 83, 84, 85, 86, 88],
        why="every row about a pairing begins with a code",
    ),
    mutant(
        "invited-twice",
        "a stranger gets two messages",
        ("tolmach.channel.intake:Intake._invite", _twice),
        rows=[80, 82],
    ),
    mutant(
        "no-own-id",
        "the invitation does not name the stranger's id",
        (
            f"{PAIRING}:invitation",
            lambda original: lambda pending, **more: original(replace(pending, user_id="?"), **more),
        ),
        rows=[81],
    ),
    mutant(
        "code-every-time", "every message gets a new code", (f"{PAIRING}:ask", _every_time), rows=[82, 83]
    ),
    mutant(
        "code-for-ever",
        "a code never expires",
        (f"{PAIRING}:prune", lambda _original: lambda state, _now: state),
        rows=[83],
    ),
    mutant(
        "hour-begins-anew",
        "every message begins a code's hour anew",
        (f"{PAIRING}:ask", _begins_anew),
        rows=[83],
    ),
    mutant("no-cap", "any number of strangers may wait", (f"{PAIRING}:ask", _without_end), rows=[84]),
    mutant(
        "read-back",
        "what was written before the approval reaches the agent",
        ("tolmach.channel.turns:Turns._read_earlier", _reads_back),
        rows=[85],
    ),
    mutant("code-exact", "a code in small letters is unknown", (f"{PAIRING}:approve", _exact), rows=[86]),
    mutant(
        "any-code",
        "an unknown code is approved",
        (
            f"{PAIRING}:approve",
            lambda original: (
                lambda state, code, now: original(
                    state, code if code != "AAAAAAAA" else state.pending[0].code, now
                )
            ),
        ),
        rows=[86],
    ),
    mutant(
        "paired-everywhere",
        "a paired person is heard in every room",
        ("tolmach.channel.decide:_place_and_sender", _paired_everywhere),
        rows=[88],
    ),
)
