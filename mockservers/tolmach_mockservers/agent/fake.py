"""The fake agent: its key, its models, its scripts and gates.

What it is for: one object the lifecycle and the control API hold on to. What it must not do:
HTTP; `tolmach_mockservers.agent.routes` does.
"""

import asyncio
from typing import TYPE_CHECKING, Final

from tolmach_mockservers.agent.scripts import Scripts
from tolmach_mockservers.contract import contract_for
from tolmach_mockservers.kernel import Kernel

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["MODELS", "AgentFake"]

MODELS: Final = ("tolmach-agent", "tolmach-agent-mini")
"""Listed models, the first is the default. A request may name any other: scripts match on it."""


class AgentFake:
    """Answer chat completions as scripted."""

    models = MODELS

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.seed = kernel.seed.child("agent")
        self.key = f"sk-{self.seed.token(40)}"
        self.contract = contract_for(kernel, "agent")
        self.scripts = Scripts()
        self.closing = asyncio.Event()
        self._gates: dict[str, asyncio.Event] = {}

    def app(self) -> "web.Application":
        """Return the application that answers under ``/v1``."""
        from tolmach_mockservers.agent.routes import agent_app

        return agent_app(self)

    def open_gate(self, name: str) -> None:
        """Let every answer that waits for ``name``, now or later, go on."""
        self._gate(name).set()

    async def pass_gate(self, name: str) -> None:
        """Wait until the gate ``name`` is open."""
        await self._gate(name).wait()

    def clear(self) -> None:
        """Forget scripts, and close gates that were opened; who waits at one is let go."""
        self.scripts.clear()
        gates, self._gates = self._gates, {}
        for gate in gates.values():
            gate.set()

    def reset(self) -> None:
        """Begin again; the key stays, so that subjects can go on."""
        self.clear()
        self.reseed()

    def reseed(self) -> None:
        """Draw ids from the beginning of the run's seed."""
        self.seed = self.kernel.seed.child("agent")
        self.seed.token(40)

    def snapshot(self) -> object:
        """Return the state for `restore`; scripts belong to a test, not to the world."""
        return self.seed.state()

    def restore(self, state: object) -> None:
        """Go back to a state that `snapshot` returned."""
        self.clear()
        self.seed.restore(state)

    async def aclose(self) -> None:
        """Let every open answer end."""
        self.closing.set()
        self.clear()

    def _gate(self, name: str) -> asyncio.Event:
        return self._gates.setdefault(name, asyncio.Event())
