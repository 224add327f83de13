"""The levers of a behaviour on the fakes: agent scripts and gates, faults, sockets, clock.

What it is for: AgentSide and Faults of the Stage. What it must not do: leave anything behind; ``close`` takes
every fault back and opens every gate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from tolmach_conformance.actor import message_id
from tolmach_conformance.agent import Answers, normalise
from tolmach_conformance.behaviour import Behaviour
from tolmach_conformance.driver import Account
from tolmach_conformance.journal import Entry
from tolmach_conformance.ledger import Ledger
from tolmach_conformance.reading import outcome_of
from tolmach_conformance.seen import Turn
from tolmach_conformance.shared import Shared
from tolmach_conformance.stage import Trigger
from tolmach_conformance.verdict import Failed, HarnessError, NotObservable

__all__ = ["AgentLever", "FaultLever", "GateLever"]


@dataclass(frozen=True, slots=True)
class GateLever:
    """A gate; opening it twice is harmless."""

    name: str
    shared: Shared

    async def open(self) -> None:
        """Open the gate."""
        await self.shared.control.post(f"/agent/gates/{self.name}/open")


class AgentLever:
    """Script and read the fake agent."""

    def __init__(self, shared: Shared, ledger: Ledger) -> None:
        self._shared = shared
        self._ledger = ledger
        self._gates: list[GateLever] = []

    def gate(self) -> GateLever:
        """Return a new gate."""
        made = GateLever(f"gate-{self._shared.nonces.new()}", self._shared)
        self._gates.append(made)
        return made

    async def script(self, text: str, answers: Answers) -> None:
        """Answer requests whose last user message holds ``text``."""
        body = {"match": {"text": text}, "answers": normalise(answers)}
        await self._shared.control.post("/agent/scripts", body)

    async def answered(self, turn: Turn) -> str:
        """Wait for the end of the answer."""

        def fits(entry: Entry) -> bool:
            return entry.kind == "agent.answer" and outcome_of(entry)[0] == turn.seq

        entry = await self._shared.journal.wait(fits, after=turn.seq, within=15.0)
        if entry is None:
            raise Failed("the agent's answer did not come to its end within 15 s")
        return outcome_of(entry)[1]

    async def close(self) -> None:
        """Open every gate."""
        for gate in self._gates:
            await gate.open()


class _Deafened(Protocol):
    deaf: bool
    behaviour: Behaviour

    @property
    def bot(self) -> Account: ...


class FaultLever:
    """Faults, sockets and clock of the behaviour's bot."""

    def __init__(self, shared: Shared, scene: _Deafened) -> None:
        self._shared = shared
        self._scene = scene
        self._ids: list[str] = []
        self._frozen = False
        self._silenced = False

    async def on(
        self,
        do: Mapping[str, object],
        *,
        count: int | None = 1,
        skip: int = 0,
        fake: str = "platform",
        **match: object,
    ) -> str:
        """Set a fault, one for each operation that a neutral name stands for."""
        where = {name: value for name, value in match.items() if value is not None}
        target = self._shared.driver.name if fake == "platform" else fake
        if fake == "platform":
            # Of an event too: a server may tell of a public room to accounts that are not in it.
            where.setdefault("actor", self._scene.bot.id)
            if where.get("direction") == "out":
                where.setdefault("operation", "event")
        if not ({"room_id", "text"} & where.keys() or self._scene.behaviour.exclusive):
            raise HarnessError("a fault without room_id or text concerns everybody: it needs exclusive=True")
        neutral = where.pop("operation", None)
        told = dict(self._shared.driver.fault(do)) if fake == "platform" else dict(do)
        names = [None] if neutral is None else [*self._shared.driver.operations(str(neutral))]
        for name in names:
            on = where if name is None else {**where, "operation": name}
            body = {"fake": target, "on": on, "do": told, "count": count, "skip": skip}
            made = await self._shared.control.post("/faults", body)
            self._ids.append(str(made["id"]))
        return self._ids[-1]

    async def redeliver(self, message: Trigger, times: int = 1) -> None:
        """Send the unchanged event again."""
        await self._shared.driver.redeliver(message_id(message), times)

    async def frame(self, text: str) -> None:
        """Send raw text to the bot."""
        await self._shared.driver.frame(self._scene.bot, text)

    async def drop_sockets(self) -> int:
        """Cut the bot's connections."""
        return await self._shared.driver.socket_fault(self._scene.bot, "drop")

    async def half_open(self) -> None:
        """Fall silent."""
        self._silenced = True
        await self._shared.driver.socket_fault(self._scene.bot, "half-open")

    async def heal(self) -> None:
        """End the silence."""
        self._silenced = False
        await self._shared.driver.socket_fault(self._scene.bot, "heal")

    async def sockets(self) -> tuple[int, int]:
        """Count live connections and their peak."""
        return await self._shared.driver.sockets(self._scene.bot)

    async def revoke(self) -> None:
        """Revoke the credential; from here on no sentinel can be answered."""
        if not self._shared.revocable:
            raise NotObservable("the subject is given no token that could be revoked")
        self._scene.deaf = True
        await self._shared.driver.revoke(self._scene.bot)

    async def reconnected(self, *, after: int, within: float = 10.0) -> float:
        """Wait for a login on a new connection."""
        me = self._scene.bot.id

        def fits(entry: Entry) -> bool:
            return entry.kind == "socket.login" and entry.actor == me

        entry = await self._shared.journal.wait(fits, after=after, within=within)
        if entry is None:
            raise Failed(f"the bot did not log in again within {within:g} s")
        return entry.at

    async def refuse_connections(self, count: int) -> None:
        """Refuse the next attempts to connect, whoever makes them."""
        for name in self._shared.driver.operations("connect"):
            body = {
                "fake": self._shared.driver.name,
                "on": {"operation": name},
                "do": {"kind": "status", "status": 503},
                "count": count,
            }
            self._ids.append(str((await self._shared.control.post("/faults", body))["id"]))

    def refusals(self, *, after: int) -> list[float]:
        """Return when attempts to connect were refused."""
        names = self._shared.driver.operations("connect")
        seen = self._shared.journal.since(after)
        return [entry.at for entry in seen if entry.kind == "fault" and entry.operation in names]

    async def freeze(self) -> None:
        """Stop the clock."""
        self._need_clock()
        self._frozen = True
        await self._shared.control.post("/clock/freeze")

    async def advance(self, seconds: float) -> None:
        """Move the clock."""
        self._need_clock()
        await self._shared.control.post("/clock/advance", {"seconds": seconds})

    async def resume(self) -> None:
        """Let the clock run."""
        self._need_clock()
        self._frozen = False
        await self._shared.control.post("/clock/resume")

    async def close(self) -> None:
        """Take every fault back, end every silence and let the clock run."""
        for fault in self._ids:
            await self._shared.control.delete(f"/faults/{fault}")
        if self._silenced:
            await self.heal()
        if self._frozen:
            await self.resume()

    def _need_clock(self) -> None:
        if not self._shared.clock:
            raise HarnessError("the behaviour moves the clock without clock=True")
