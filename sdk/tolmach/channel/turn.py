"""What the channel and an agent say to each other, and what the channel keeps between turns.

What it is for: the values and protocols between the channel and whoever answers. What it must not
do: know HTTP, an agent's wire format, or a platform.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tolmach.channel.buttons import Rows
from tolmach.channel.model import Press

__all__ = [
    "Agent",
    "AgentChunk",
    "Buttons",
    "End",
    "Line",
    "PairingState",
    "PairingStore",
    "PendingPairing",
    "SeenStore",
    "Text",
    "Tool",
    "ToolUse",
    "Turn",
    "TurnFacts",
]


@dataclass(frozen=True, slots=True)
class ToolUse:
    """Ask for one tool; ``arguments`` is JSON text as the agent wrote it, perhaps broken."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Tool:
    """Offer one tool; ``parameters`` is a JSON Schema."""

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one line of a session's transcript, in the order in which the agent is to read it.

    An ``assistant`` line may hold ``tool_uses``; a ``tool`` line answers the one named ``tool_use_id``.
    """

    role: Literal["user", "assistant", "tool"]
    text: str
    tool_uses: tuple[ToolUse, ...] = ()
    tool_use_id: str = ""


@dataclass(frozen=True, slots=True)
class TurnFacts:
    """State what the channel knows of a turn. ``mention_source`` is ``none`` when nothing addressed it."""

    session: str
    sender: str
    chat_type: str
    mentioned: bool
    mention_source: str
    message_id: str
    room_id: str
    thread_id: str | None
    system_lines: tuple[str, ...] = ()
    press: str | None = None
    """The data of the button that was pressed: a line of text that looks like a press proves nothing."""

    def document(self) -> dict[str, object]:
        """Return the facts as the document of the ``X-Turn-Facts`` header."""
        press: dict[str, object] = {} if self.press is None else {"press": self.press}
        return press | {
            "session": self.session,
            "sender": self.sender,
            "chat_type": self.chat_type,
            "mentioned": self.mentioned,
            "mention_source": self.mention_source,
            "message_id": self.message_id,
            "room_id": self.room_id,
            "thread_id": self.thread_id,
            "system_lines": list(self.system_lines),
        }


@dataclass(frozen=True, slots=True)
class Turn:
    """Ask an agent for one answer.

    ``lines`` ends with the message to answer, or with tool results in a later round. ``model`` is
    None for the agent's default. ``target`` is where the message came from, in the target grammar.
    """

    session: str
    lines: tuple[Line, ...]
    facts: TurnFacts
    target: str
    model: str | None = None
    tools: tuple[Tool, ...] = ()
    press: Press | None = None
    """The button that was pressed, where the turn answers a press and not a message."""


@dataclass(frozen=True, slots=True)
class Text:
    """Carry the next piece of an answer."""

    text: str


@dataclass(frozen=True, slots=True)
class End:
    """End an answer; ``complete`` is False when it broke off after some text."""

    complete: bool = True
    reason: str = "stop"


@dataclass(frozen=True, slots=True)
class Buttons:
    """Put buttons under the answer."""

    rows: Rows


AgentChunk = Text | ToolUse | Buttons | End


class Agent(Protocol):
    """Answer turns. An error of tolmach.errors, raised before any text, means that no answer comes."""

    @property
    def default_model(self) -> str:
        """Return the model used when a session has chosen none."""
        ...

    async def models(self) -> Sequence[str]:
        """Return the names that ``!model`` may choose; empty when unknown, then every name is taken."""
        ...

    def answer(self, turn: Turn) -> AsyncIterator[AgentChunk]:
        """Yield the answer's pieces, then its tool uses, ``End`` last.

        The runner closes the iterator (``aclose`` where it has one) or cancels its task to abort.
        """
        ...


@dataclass(frozen=True, slots=True)
class PendingPairing:
    """Hold one person waiting for approval. Times in seconds since the epoch."""

    code: str
    user_id: str
    label: str
    created_at: float
    last_seen_at: float


@dataclass(frozen=True, slots=True)
class PairingState:
    """Hold who waits for approval and who has it, for one account."""

    pending: tuple[PendingPairing, ...] = ()
    approved: frozenset[str] = field(default_factory=frozenset[str])


class PairingStore(Protocol):
    """Keep one account's pairings across restarts. Only the runner of the account writes while it runs."""

    async def load(self) -> PairingState:
        """Return what was saved last, an empty state at first."""
        ...

    async def save(self, state: PairingState) -> None:
        """Replace what is kept, durably before it returns."""
        ...


class SeenStore(Protocol):
    """Keep, across restarts, which messages were handled and in which threads the bot spoke."""

    async def load(self) -> Sequence[tuple[str, str, float]]:
        """Return ``(kind, key, seconds since the epoch)``, oldest first; kinds ``message``, ``thread``."""
        ...

    async def add(self, kind: str, key: str, at: float) -> None:
        """Add one."""
        ...

    async def remove(self, kind: str, key: str) -> None:
        """Take one back."""
        ...
