"""Defects in commands, and in who may give them."""

import asyncio
import re
from dataclasses import replace
from typing import Any

from mutants.mutant import Function, Mutant, always, mutant

COMMANDS = "tolmach.channel.commands"
INTAKE = "tolmach.channel.intake:Intake"
POLICY = "tolmach.channel.policy"


def _one_blank(original: Function) -> Function:
    def command_text(text: str, username: str) -> str:
        return text if re.match(r"@\S+ {2,}", text) else str(original(text, username))

    return command_text


def _also_a_turn(original: Function) -> Function:
    async def take(self: Any, event: Any, rules: Any, identity: Any) -> None:
        from tolmach.channel import policy
        from tolmach.channel.decide import Run
        from tolmach.channel.gating import Gate
        from tolmach.channel.turns import Job

        await original(self, event, rules, identity)
        message = getattr(event, "message", None)
        direct = message is not None and message.conversation.kind.name == "DIRECT"
        if not direct or not re.match(r"\s*!\w", message.text):
            return
        if policy.dm_access(message.sender, self._memory.approved, rules) is None:
            await self._enqueue(Job(Run("agent:main:main", message, Gate(), None), rules, identity, event))

    return take


def _any_mention(original: Function) -> Function:
    return lambda text, username: original(re.sub(r"^(@\S+\s*)+", "", text), username)


def _anywhere(original: Function) -> Function:
    def parse(text: str, username: str) -> Any:
        return original("!status" if "see !status" in text else text, username)

    return parse


def _known_only(original: Function) -> Function:
    def parse(text: str, username: str) -> Any:
        found = original(text, username)
        return found if found is None or found.known else None

    return parse


def _case_counts(original: Function) -> Function:
    def parse(text: str, username: str) -> Any:
        found = original(text, username)
        if found is not None and found.name not in text:
            return replace(found, name=found.name.upper())
        return found

    return parse


def _contains_stop(original: Function) -> Function:
    return lambda text, username: "stop" in text or original(text, username)


def _no_uptime(original: Function) -> Function:
    def status_text(**facts: Any) -> str:
        return str(original(**facts)).rpartition("\n")[0]

    return status_text


def _waits_for_the_turn(original: Function) -> Function:
    async def carry_out(self: Any, given: Any) -> str:
        if given.command.name == "status":
            while self._lanes.running(given.session) is not None:  # noqa: ASYNC110 - a defect may poll
                await asyncio.sleep(0.05)
        return str(await original(self, given))

    return carry_out


def _commands_first(original: Function) -> Function:
    def _place_and_sender(message: Any, rules: Any, memory: Any) -> str | None:
        found: str | None = original(message, rules, memory)
        return None if "!status" in message.text else found

    return _place_and_sender


def _refusal_told_in_private(original: Function) -> Function:
    def _dropped(self: Any, event: Any, decision: Any, rules: Any) -> None:
        from tolmach.channel.threads import Placement

        original(self, event, decision, rules)
        if decision.reason == "control-command-unauthorized":

            async def tell() -> None:
                room = await self._delivery._platform.open_direct(event.message.sender.id)
                await self._send("You may not do that.", Placement(room), rules)

            self._background.start(tell)

    return _dropped


def _at_room_level(original: Function) -> Function:
    async def _reply(self: Any, answer: str, command: Any, rules: Any, told: Any) -> None:
        place = replace(command.message.conversation, thread_id=None)
        command = replace(command, message=replace(command.message, conversation=place))
        await original(self, answer, command, rules, told)

    return _reply


MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "one-blank",
        "a command after two blanks is none",
        (f"{COMMANDS}:command_text", _one_blank),
        rows=[48],
    ),
    mutant(
        "others-mention-fine",
        "a command behind another's mention is ours",
        (f"{COMMANDS}:command_text", _any_mention),
        ("tolmach.channel.gating:addresses_somebody_else", always(False)),
        rows=[76],
    ),
    mutant(
        "command-also-a-turn",
        "a command in a direct chat reaches the agent as well",
        (f"{INTAKE}.take", _also_a_turn),
        rows=[210, 211, 222, 223],
    ),
    mutant(
        "command-anywhere",
        "a command within a sentence is one",
        (f"{COMMANDS}:parse", _anywhere),
        rows=[211],
    ),
    mutant(
        "no-uptime",
        "the status does not tell the uptime",
        ("tolmach.channel.wording:status_text", _no_uptime),
        rows=[212],
    ),
    mutant(
        "any-model",
        "an unknown model is taken",
        (f"{COMMANDS}:choose_model", lambda _original: lambda wanted, _names: wanted),
        rows=[213],
    ),
    mutant(
        "stop-stops-nothing",
        "stop is confirmed and nothing stops",
        ("tolmach.channel.lanes:Lanes.stop", always(True)),
        rows=[214, 215],
    ),
    mutant(
        "no-stop-words", "no word but !stop stops", (f"{COMMANDS}:is_stop_word", always(False)), rows=[215]
    ),
    mutant(
        "stop-anywhere",
        "a text that contains stop stops",
        (f"{COMMANDS}:is_stop_word", _contains_stop),
        rows=[215],
    ),
    mutant(
        "nobody-operates",
        "nobody is an operator",
        (f"{POLICY}:is_operator", always(False)),
        rows=[213, 214, 215, 216],
    ),
    mutant(
        "everybody-operates",
        "everybody is an operator",
        (f"{POLICY}:is_operator", always(True)),
        rows=[217, 219],
    ),
    mutant(
        "commands-first",
        "a stranger's status command is answered",
        ("tolmach.channel.decide:_place_and_sender", _commands_first),
        rows=[111, 218],
    ),
    mutant(
        "refusal-in-private",
        "a refused command is answered in a direct chat",
        (f"{INTAKE}._dropped", _refusal_told_in_private),
        rows=[219],
    ),
    mutant(
        "command-leaves-thread",
        "a command in a thread is answered at room level",
        (f"{INTAKE}._reply", _at_room_level),
        rows=[221],
    ),
    mutant(
        "case-counts", "a command in capitals is unknown", (f"{COMMANDS}:parse", _case_counts), rows=[222]
    ),
    mutant(
        "unknown-to-the-agent",
        "an unknown command reaches the agent",
        (f"{COMMANDS}:parse", _known_only),
        rows=[223],
    ),
    mutant(
        "status-queues",
        "the status waits for the running turn",
        ("tolmach.channel.admin:Admin.carry_out", _waits_for_the_turn),
        rows=[225],
    ),
)
