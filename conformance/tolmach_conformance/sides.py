"""What the Stage offers besides people: the agent, faults and clock, the subject's operator.

What it is for: the parts of the Stage that no public API of a platform has. What it must not do: name a
platform.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

from tolmach_conformance.agent import Answers
from tolmach_conformance.seen import Delivery, Post, Said, Turn

__all__ = ["AgentSide", "Bot", "Faults", "Gate", "Launched", "Signature", "SubjectSide", "WebhookSide"]

Signature: TypeAlias = Literal["good", "foreign", "none"]
"""Whose signature a delivery bears: the platform's, somebody's with another secret, nobody's."""


class Bot(Protocol):
    """The subject's own user."""

    @property
    def id(self) -> str:
        """Return the platform id."""
        ...

    @property
    def name(self) -> str:
        """Return the handle, without ``@``."""
        ...

    @property
    def mention(self) -> str:
        """Return the token that addresses the bot in a text (``@name``)."""
        ...


class Gate(Protocol):
    """A door in an agent script (``wait_for(gate)``)."""

    @property
    def name(self) -> str:
        """Return the unique name."""
        ...

    async def open(self) -> None:
        """Let waiting and later answers through."""
        ...


class AgentSide(Protocol):
    """The fake agent."""

    def gate(self) -> Gate:
        """Return a new closed gate."""
        ...

    async def script(self, text: str, answers: Answers) -> None:
        """Answer requests whose last user message holds ``text``, until the behaviour ends."""
        ...

    async def answered(self, turn: Turn) -> str:
        """Wait for the end of the agent's answer; return its outcome: done, client_gone, cut, failed."""
        ...


class Faults(Protocol):
    """What no public API can do. Everything set here is taken back when the behaviour ends."""

    async def on(
        self,
        do: Mapping[str, object],
        *,
        count: int | None = 1,
        skip: int = 0,
        fake: str = "platform",
        **match: object,
    ) -> str:
        """Set a fault (``{"kind": "rate_limit", "wait": 2.0}``, ``operation="…"``); return its id.

        ``fake`` is ``platform`` or ``agent``. Without a narrower match, calls are those of the bot, and
        what goes out (``direction="out"``) are events about messages.
        """
        ...

    async def redeliver(self, message: Said | Post | str, times: int = 1) -> None:
        """Let the platform send the unchanged event again."""
        ...

    async def frame(self, text: str) -> None:
        """Send raw text down the bot's own connections."""
        ...

    async def drop_sockets(self) -> int:
        """Cut the bot's connections; return how many there were."""
        ...

    async def half_open(self) -> None:
        """Fall silent on the bot's connections without closing them."""
        ...

    async def heal(self) -> None:
        """End the silence of ``half_open``."""
        ...

    async def sockets(self) -> tuple[int, int]:
        """Return how many connections of the bot are live, and the most that ever were at once."""
        ...

    async def revoke(self) -> None:
        """Revoke the bot's credential; open connections stay as the platform leaves them."""
        ...

    async def reconnected(self, *, after: int, within: float = 10.0) -> float:
        """Wait for the bot's next login after journal position ``after``; return when, by the fake clock."""
        ...

    async def refuse_connections(self, count: int) -> None:
        """Refuse the next attempts to connect. Needs ``exclusive`` or ``destructive``."""
        ...

    def refusals(self, *, after: int) -> Sequence[float]:
        """Return when attempts to connect were refused since a journal position, by the fake clock."""
        ...

    async def freeze(self) -> None:
        """Stop the clock of fakes and subject. Needs ``clock=True`` on the behaviour."""
        ...

    async def advance(self, seconds: float) -> None:
        """Move the frozen clock and let everybody act on it."""
        ...

    async def resume(self) -> None:
        """Let the clock run again."""
        ...


class WebhookSide(Protocol):
    """The address where the subject takes events, with the suite in the platform's place.

    On a platform that makes no deliveries every call ends the row as not applicable.
    """

    @property
    def route(self) -> str:
        """Return the path of the address."""
        ...

    async def delivered(self, said: Said, *, within: float = 10.0) -> Delivery:
        """Wait until the platform's own delivery of a message has come to its end."""
        ...

    async def event(self, said: Said, *, age: float = 0.0, placed: bool = True) -> bytes:
        """Return the event that tells of a message, as if it had been sent ``age`` seconds ago.

        With ``placed=False`` it does not say under which message its thread hangs.
        """
        ...

    async def deliver(self, event: bytes, *, signature: Signature = "good", signer: Bot | None = None) -> int:
        """Deliver an event to the subject; return the status of its answer.

        ``signer`` is the bot whose secret a good signature is made with, the behaviour's own by default.
        """
        ...


class Launched(Protocol):
    """What came of starting another copy of the subject."""

    @property
    def ready(self) -> bool:
        """Return whether it reported ready."""
        ...

    @property
    def exit_code(self) -> int | None:
        """Return the exit code, None while it runs."""
        ...

    @property
    def output(self) -> str:
        """Return what it wrote to standard output and error."""
        ...

    @property
    def bot(self) -> Bot:
        """Return the bot user that this copy was given."""
        ...

    async def status(self) -> Mapping[str, object]:
        """Return the parsed answer of the manifest's status command."""
        ...


class SubjectSide(Protocol):
    """The subject as its operator sees it."""

    async def approve(self, code: str) -> bool:
        """Run the manifest's approve command; return whether it succeeded."""
        ...

    async def status(self) -> Mapping[str, object]:
        """Return the parsed answer of the manifest's status command."""
        ...

    async def restart(self) -> None:
        """Stop gracefully and start again with the same state. Needs ``exclusive`` or ``destructive``."""
        ...

    async def stop(self) -> float:
        """Stop gracefully; return the seconds it took. Needs ``destructive``."""
        ...

    async def launch(
        self,
        settings: Mapping[str, object] | None = None,
        *,
        raw: Mapping[str, object] | None = None,
        env: Mapping[str, str] | None = None,
        within: float = 15.0,
    ) -> Launched:
        """Start another copy with a bot user of its own and wait until it is ready or has ended.

        ``settings`` are neutral, over the default world's; ``raw`` maps dotted configuration paths to values,
        ``None`` removes one. It is stopped when the behaviour ends.
        """
        ...

    def output(self) -> str:
        """Return what the subject has written so far."""
        ...

    async def logged(self, pattern: str, *, within: float = 5.0) -> bool:
        """Wait for a line of the output in which a regular expression is found; return whether one came."""
        ...

    def leaks(self, text: str) -> Sequence[str]:
        """Return the names of the subject's credentials that stand in a text."""
        ...

    def second_name(self) -> str:
        """Return what the configuration calls the second account."""
        ...

    def setting_name(self, setting: str) -> str:
        """Return what the subject itself calls a neutral setting: the last part of its dotted path."""
        ...
