"""The Protocol that an adapter fulfils, and what it says of its platform.

What it is for: the only door between the channel layer and a platform. What it must not do: name
a platform or hold a policy.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from tolmach.channel.buttons import Rows
from tolmach.channel.model import Address, Event, Identity, Message, Sender

__all__ = ["Capabilities", "ConnectionReport", "Platform", "Probe"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Say what the platform can do; ``max_text`` is the hard limit of one message in ``text_unit``."""

    threads: bool
    reactions: bool
    edit: bool
    delete: bool
    typing: bool
    max_text: int
    text_unit: Literal["utf16", "utf8"]
    buttons: bool = False
    """Buttons under a message, whose presses come back; else they are written out as numbered lines."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Answer the question whether the credential works; ``error`` is short and holds no secret."""

    ok: bool
    id: str = ""
    name: str = ""
    status: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """Say how the connection is. Times are seconds since the epoch, None for never."""

    connected: bool
    lifecycle: Literal["ready", "recovering", "blocked"]
    last_connected_at: float | None = None
    last_disconnect_at: float | None = None
    last_disconnect_error: str = ""
    last_error: str = ""
    last_inbound_at: float | None = None
    last_outbound_at: float | None = None


class Platform(Protocol):
    """Translate between one account on one platform and the neutral words.

    Every call may raise the errors of tolmach.errors. An ``Unauthorized`` means that the account is
    dead: the runner stops it and reports it as blocked.
    """

    @property
    def name(self) -> str:
        """Return the platform's word in session keys and configuration (``rocketchat``)."""
        ...

    @property
    def label(self) -> str:
        """Return the platform's name as people write it (``Rocket.Chat``)."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """Return what the platform can do; ``max_text`` may become exact after ``start``."""
        ...

    async def start(self) -> Identity | None:
        """Connect, log in, subscribe. Return who the bot is, None while the server cannot say."""
        ...

    def identity(self) -> Identity | None:
        """Return the bot's identity as known now."""
        ...

    def events(self) -> AsyncIterator[Event]:
        """Yield what happens, each thing once, in order per room; ends when the account is dead or closed."""
        ...

    async def settled(self, event: Event) -> None:
        """Take note that an event is dealt with.

        One that never was should be told again after a crash, where the platform makes that possible.
        """
        ...

    async def send(self, to: Address, text: str, buttons: Rows = ()) -> str:
        """Post one part that fits ``max_text``; return its id. Exactly once, or OutcomeUnknown.

        ``buttons`` only where ``capabilities`` has them; raises NotSent for what the platform forbids.
        """
        ...

    async def edit(self, to: Address, message_id: str, text: str) -> None:
        """Replace the text of an own message."""
        ...

    async def delete(self, to: Address, message_id: str) -> None:
        """Delete an own message."""
        ...

    async def react(self, to: Address, message_id: str, emoji: str, *, add: bool) -> None:
        """Add or remove an own reaction; ``emoji`` is a name, ``:name:`` or a glyph. Repeats succeed."""
        ...

    async def typing(self, to: Address, *, on: bool) -> None:
        """Show or hide that the bot is at work; best effort."""
        ...

    async def history(self, to: Address, limit: int) -> Sequence[Message]:
        """Return the newest ``limit`` messages of the room or thread, oldest first."""
        ...

    async def message(self, message_id: str) -> Message | None:
        """Return one message, None when it cannot be read."""
        ...

    async def person(self, user_id: str) -> Sender | None:
        """Return a person with ``is_bot`` known, None when the lookup fails."""
        ...

    async def resolve_room(self, name: str) -> str | None:
        """Return the id of the room with exactly this name (no ``#``), None when there is none."""
        ...

    async def resolve_person(self, name: str) -> str | None:
        """Return the id of the person with exactly this handle (no ``@``), None when there is none."""
        ...

    async def open_direct(self, user_id: str) -> str:
        """Return the room id of the one-to-one chat with a person, opening it if need be."""
        ...

    def to_markup(self, markdown: str) -> str:
        """Return the agent's Markdown in the platform's dialect, with broadcast tokens made harmless."""
        ...

    async def probe(self) -> Probe:
        """Call the identity endpoint once, within 2.5 s, without retries; never raises."""
        ...

    def report(self) -> ConnectionReport:
        """Return the state of the connection, without I/O."""
        ...

    async def aclose(self) -> None:
        """Close the connection cleanly; idempotent."""
        ...
