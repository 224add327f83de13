"""A gateway: its accounts side by side, its status, its control socket, its end.

What it is for: starting, watching and stopping what a plan holds. What it must not do: let the
failure of one account reach another, or take longer to stop than it says.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from tolmach.channel.turn import Agent
from tolmach.clock import Clock, SystemClock
from tolmach.errors import TolmachError
from tolmach.gateway.account import Account
from tolmach.gateway.accounts import AccountPlan, to_secret
from tolmach.gateway.building import AgentFor, Builder, http_agent
from tolmach.gateway.config import GatewayPlan
from tolmach.gateway.control import ControlServer, pending_document
from tolmach.gateway.dispatch import HttpAgent
from tolmach.gateway.findings import BrokenConfigError
from tolmach.gateway.statefiles import StateFiles
from tolmach.gateway.store import Store
from tolmach.transport.redaction import hide
from tolmach.version import __version__

__all__ = ["Gateway"]

log = logging.getLogger("tolmach.gateway")

STOP_WITHIN = 8.0
"""Seconds in which every account has stopped; running turns get most of them to finish."""
REFRESH = 0.2
"""Seconds of real time between two looks whether the snapshot on disk is still true."""


class Gateway:
    """Run a plan.

    ``agent_for`` chooses who answers for an account; None takes the configured endpoints. Raises
    ConfigError when nothing of the plan can start.
    """

    def __init__(
        self,
        plan: GatewayPlan,
        *,
        clock: Clock | None = None,
        agent_for: AgentFor | None = None,
        stop_within: float = STOP_WITHIN,
    ) -> None:
        if plan.errors and not any(account.can_run for account in plan.accounts):
            raise BrokenConfigError(plan.errors)
        self.plan = plan
        self.accounts: list[Account] = []
        self._clock: Clock = clock or SystemClock()
        self._agent_for = agent_for
        self._stop_within = stop_within
        self._agents: list[HttpAgent] = []
        self._files = StateFiles(plan.state_dir)
        self._stopping = asyncio.Event()
        self._ready = False
        self._started_at = datetime.fromtimestamp(self._clock.now(), UTC).isoformat()
        hide_secrets(plan)

    async def serve(self, on_ready: Callable[[str], None] | None = None) -> None:
        """Run until ``stop``; ``on_ready`` gets one line once every account is connected or blocked."""
        self._files.open()
        store: Store | None = None
        builder: Builder | None = None
        control = ControlServer(self)
        try:
            store = Store(self._files.database)
            builder = Builder(store, self._clock, self._files.inbox)
            self.accounts = [self._build(plan, builder) for plan in self.plan.accounts]
            await control.start(self._files.socket)
            await self._serve(on_ready)
        finally:
            await control.aclose()
            if builder is not None:
                await builder.aclose()
            for agent in self._agents:
                await agent.aclose()
            self._write()
            if store is not None:
                store.close()
            self._files.close()

    def stop(self) -> None:
        """Begin to stop: no new turns, running ones may finish, then sockets close."""
        log.info("stopping")
        self._stopping.set()

    def snapshot(self) -> Mapping[str, object]:
        """Return the state of everything, without secrets."""
        return {
            "version": 1,
            "gateway": __version__,
            "pid": os.getpid(),
            "startedAt": self._started_at,
            "config": str(self.plan.file) if self.plan.file else None,
            "socket": str(self._files.socket),
            "ready": self._ready,
            "stopping": self._stopping.is_set(),
            "warnings": list(self.plan.warnings),
            "accounts": [account.snapshot() for account in self.accounts],
        }

    async def probe(self, account: str | None) -> list[Mapping[str, object]]:
        """Call the identity endpoint of each account."""
        chosen = self._chosen(account)
        probes = await asyncio.gather(*(one.probe() for one in chosen))
        return [
            {
                "account": one.plan.label,
                "ok": probe.ok,
                "id": probe.id,
                "name": probe.name,
                "status": probe.status,
                "error": probe.error,
            }
            for one, probe in zip(chosen, probes, strict=True)
        ]

    async def pairings(self, account: str | None) -> list[Mapping[str, object]]:
        """Return who waits for approval."""
        return [
            pending_document(one.plan.label, pending)
            for one in self._chosen(account)
            for pending in (await one.pairings()).pending
        ]

    async def approve(self, code: str, account: str | None) -> Mapping[str, object] | None:
        """Approve a code at the account that gave it out."""
        for one in self._chosen(account):
            user_id = await one.approve(code)
            if user_id is not None:
                log.info("%s: %s was let in", one.plan.label, user_id)
                return {"account": one.plan.label, "userId": user_id}
        return None

    def _chosen(self, account: str | None) -> list[Account]:
        return [one for one in self.accounts if account in {None, one.plan.account_id, one.plan.label}]

    def _build(self, plan: AccountPlan, builder: Builder) -> Account:
        for error in plan.errors:
            log.error("%s is not started. %s", plan.label, error)
        if not plan.can_run or plan.settings is None:
            return Account(plan, None)
        parts, problem = None, ""
        try:
            parts = builder.parts(plan, plan.settings, self._agent(plan))
        except TolmachError as error:
            problem = str(error)
        if problem:
            log.error("%s is not started. %s", plan.label, problem)
        return Account(plan, parts, problem=problem)

    def _agent(self, plan: AccountPlan) -> Agent:
        if self._agent_for is not None:
            return self._agent_for(plan)
        agent = http_agent(plan, self.plan.settings, self._clock)
        self._agents.append(agent)
        return agent

    async def _serve(self, on_ready: Callable[[str], None] | None) -> None:
        running = [asyncio.create_task(account.run(), name=account.plan.label) for account in self.accounts]
        watching = asyncio.create_task(self._keep_snapshot())
        greeting = asyncio.create_task(self._greet(on_ready))
        try:
            await self._stopping.wait()
        finally:
            greeting.cancel()
            await asyncio.gather(*(self._stop(account) for account in self.accounts))
            for task in (*running, watching):
                task.cancel()
            await asyncio.gather(*running, watching, greeting, return_exceptions=True)

    async def _greet(self, on_ready: Callable[[str], None] | None) -> None:
        await asyncio.gather(*(account.ready() for account in self.accounts))
        self._ready = True
        self._write()
        if on_ready is not None:
            on_ready(f"tolmach gateway ready: {'; '.join(account.word() for account in self.accounts)}")

    async def _stop(self, account: Account) -> None:
        # The machine's time: a stopped test clock must not keep a process alive.
        try:
            async with asyncio.timeout(self._stop_within):
                await account.stop(self._stop_within * 0.8)
        except TimeoutError:
            log.warning("%s did not stop in time", account.plan.label)
        except Exception:
            log.exception("%s failed to stop", account.plan.label)

    async def _keep_snapshot(self) -> None:
        last: object = None
        while True:
            current = self.snapshot()
            if current != last:
                last = current
                self._write()
            # Off the path of every message, and on the machine's time: a file is read by people.
            await asyncio.sleep(REFRESH)

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            self._files.write_snapshot(self.snapshot())


def hide_secrets(plan: GatewayPlan) -> None:
    """Put every secret of a plan on the register, so that no log or answer shows one."""
    hide(to_secret(plan.settings.api_key))
    hide(to_secret(plan.settings.callback_secret))
    for account in plan.accounts:
        hide(account.agent.api_key)
        if account.settings is not None:
            for secret in account.settings.secrets():
                hide(to_secret(secret))
