"""What the fake agent can be told to answer: the steps of a script, as plain data.

What it is for: a readable vocabulary for behaviours (``say("hi")``, ``wait_for(gate)``). What it must
not do: I/O; the stage carries scripts to the fake.
"""

from collections.abc import Sequence
from typing import TypeAlias

__all__ = [
    "Answer",
    "Answers",
    "Step",
    "cut",
    "delay",
    "fail",
    "finish",
    "hang",
    "normalise",
    "raw",
    "say",
    "stream",
    "tool_call",
    "wait_for",
]

Step: TypeAlias = dict[str, object]
Answer: TypeAlias = str | Step | Sequence[Step]
Answers: TypeAlias = Answer | Sequence[Answer]


def say(text: str) -> Step:
    """Answer with ``text`` in one piece."""
    return {"say": text}


def stream(*pieces: str, pause: float = 0.0) -> Step:
    """Answer piece by piece, ``pause`` seconds of the controlled clock between them."""
    return {"stream": list(pieces), "pause": pause}


def tool_call(name: str, **arguments: object) -> Step:
    """Ask the subject to run a tool; the request that follows takes the script's next answer."""
    return {"tool_call": {"name": name, "arguments": arguments}}


def wait_for(gate: object) -> Step:
    """Hold the answer until the gate is opened (a Gate of the stage, or its name)."""
    return {"wait_for": str(getattr(gate, "name", gate))}


def fail(status: int = 500, body: dict[str, object] | None = None) -> Step:
    """Answer with an HTTP error."""
    return {"fail": {"status": status} if body is None else {"status": status, "body": body}}


def cut() -> Step:
    """Cut the connection here."""
    return {"cut": True}


def hang() -> Step:
    """Never answer."""
    return {"hang": True}


def raw(text: str) -> Step:
    """Send bytes that need not be an answer at all."""
    return {"raw": text}


def finish(reason: str) -> Step:
    """Finish with this reason instead of ``stop``."""
    return {"finish": reason}


def delay(seconds: float) -> Step:
    """Wait on the controlled clock."""
    return {"delay": seconds}


def _one(answer: Answer) -> list[Step]:
    if isinstance(answer, str):
        return [say(answer)]
    if isinstance(answer, dict):
        return [answer]
    return list(answer)


def normalise(answers: Answers) -> list[list[Step]]:
    """Return ``answers`` as the control API takes them: a list of answers, each a list of steps.

    A text or a step is one answer; a list whose members are all steps is one answer of several
    steps; any other list is one answer per member.
    """
    if isinstance(answers, str | dict):
        return [_one(answers)]
    members = list(answers)
    if members and all(isinstance(member, dict) for member in members):
        return [[member for member in members if isinstance(member, dict)]]
    return [_one(member) for member in members]
