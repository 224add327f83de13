"""What the fake agent answers: scripts chosen by the last user message, step by step.

What it is for: hold the scripts and choose the answer of a request. What it must not do: HTTP, or
waiting; the routes carry the steps out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = [
    "Cut",
    "Delay",
    "Fail",
    "Finish",
    "Hang",
    "Raw",
    "Say",
    "Script",
    "Scripts",
    "Step",
    "Stream",
    "ToolCall",
    "WaitFor",
]


@dataclass(frozen=True, slots=True)
class Say:
    """Say ``text`` in one piece."""

    text: str


@dataclass(frozen=True, slots=True)
class Stream:
    """Say ``pieces`` one after the other with ``pause`` seconds of the fakes' clock between them."""

    pieces: tuple[str, ...]
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class ToolCall:
    """Call the tool ``name`` with ``arguments``; a string goes out as it is, valid JSON or not."""

    name: str
    arguments: object


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Go on when the gate ``name`` is opened."""

    name: str


@dataclass(frozen=True, slots=True)
class Fail:
    """Answer with an error status; after the first words, an error object in the stream."""

    status: int
    body: Mapping[str, object] | None = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """Cut the connection."""


@dataclass(frozen=True, slots=True)
class Hang:
    """Never go on."""


@dataclass(frozen=True, slots=True)
class Raw:
    """Write ``text`` to the wire as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Finish:
    """End with this ``finish_reason``."""

    reason: str


@dataclass(frozen=True, slots=True)
class Delay:
    """Wait ``seconds`` of the fakes' clock."""

    seconds: float


Step = Say | Stream | ToolCall | WaitFor | Fail | Cut | Hang | Raw | Finish | Delay


@dataclass(slots=True)
class Script:
    """Give the k-th request that matches the k-th of ``answers``; the last one repeats.

    ``text`` is a substring of the last user message, ``user`` and ``model`` are exact. After
    ``times`` requests the script is spent (None: never).
    """

    answers: tuple[tuple[Step, ...], ...]
    text: str | None = None
    user: str | None = None
    model: str | None = None
    times: int | None = None
    id: str = ""
    used: int = 0


class Scripts:
    """Hold the scripts, newest first."""

    def __init__(self) -> None:
        self._scripts: list[Script] = []
        self._made = 0

    def add(self, script: Script) -> str:
        """Add a script, before all earlier ones, and return its id."""
        self._made += 1
        script.id = f"script-{self._made}"
        self._scripts.insert(0, script)
        return script.id

    def clear(self) -> None:
        """Forget every script."""
        self._scripts.clear()

    def choose(self, text: str, user: str | None, model: str | None) -> tuple[Step, ...]:
        """Return the steps of this request's answer, and count it."""
        for script in self._scripts:
            if (
                (script.text is None or script.text in text)
                and (script.user is None or script.user == user)
                and (script.model is None or script.model == model)
                and (script.times is None or script.used < script.times)
            ):
                answer = script.answers[min(script.used, len(script.answers) - 1)]
                script.used += 1
                return answer
        return (Say(f"Echo: {text}"),)
