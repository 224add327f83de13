"""Defects in what becomes of a press. All of them are judged on the platform that has buttons."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mutants.mutant import Function, Mutant, mutant, then

PLATFORM = "pachca"
ROW = [182]
ADAPTER = "tolmach.adapters.pachca_events:Translator._press"


def _by_anybody(original: Function) -> Function:
    def decide(message: Any, rules: Any, memory: Any) -> Any:
        return None if message.press else original(message, rules, memory)

    return decide


def _elsewhere(original: Function) -> Function:
    def run(message: Any, *args: Any, **kwargs: Any) -> Any:
        found = original(message, *args, **kwargs)
        return replace(found, session=f"{found.session}:press") if message.press else found

    return run


def _with_a_key(original: Function) -> Function:
    async def press(self: Any, happened: Any) -> Any:
        found: Sequence[Any] = await original(self, happened)
        return [
            replace(
                event,
                message=replace(
                    event.message,
                    press=replace(event.message.press, data=f"{happened.trigger_id} {happened.data}"),
                ),
            )
            for event in found
        ]

    return press


def _twice(original: Function) -> Function:
    async def press(self: Any, happened: Any) -> Any:
        (event,) = await original(self, happened)
        again = replace(event.message, press=replace(event.message.press, key=f"{event.message.key} again"))
        return [event, replace(event, message=again)]

    return press


def _unheard(_original: Function) -> Function:
    async def press(self: Any, happened: Any) -> Sequence[Any]:
        del self, happened
        return []

    return press


MUTANTS: Sequence[Mutant] = (
    mutant(
        "press-by-anybody",
        "whoever sees a button may press it",
        ("tolmach.channel.decide:_place_and_sender", _by_anybody),
        rows=ROW,
        platform=PLATFORM,
    ),
    mutant(
        "press-elsewhere",
        "a press has a session of its own",
        ("tolmach.channel.decide:_run", _elsewhere),
        rows=ROW,
        platform=PLATFORM,
    ),
    mutant(
        "press-with-key", "a press shows its trigger", (ADAPTER, _with_a_key), rows=ROW, platform=PLATFORM
    ),
    mutant("press-twice", "a press is told twice", (ADAPTER, _twice), rows=ROW, platform=PLATFORM),
    mutant("press-unheard", "a press is not told", (ADAPTER, _unheard), rows=ROW, platform=PLATFORM),
    mutant(
        "press-unbounded",
        "the event of a press is as long as it likes",
        ("tolmach.channel.buttons:pressed", then(lambda line: line + " " * 3000 + ".")),
        rows=ROW,
        platform=PLATFORM,
    ),
)
