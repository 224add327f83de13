"""One account at run time: its runner, its agent, its state.

What it is for: keeping what happens to one account inside it. What it must not do: know of other
accounts, or let an exception out.
"""

import asyncio
import logging
from dataclasses import replace

from tolmach.channel.platform import Platform, Probe
from tolmach.channel.runner import ChannelRunner
from tolmach.channel.status import AccountStatus
from tolmach.channel.turn import PairingState
from tolmach.gateway.accounts import AccountPlan
from tolmach.transport.redaction import redact

__all__ = ["Account", "Parts"]

log = logging.getLogger("tolmach.gateway")


class Parts:
    """Hold what an account that can run is made of."""

    def __init__(self, platform: Platform, runner: ChannelRunner) -> None:
        self.platform = platform
        self.runner = runner


class Account:
    """Run one account; without parts it only says why it does not run."""

    def __init__(self, plan: AccountPlan, parts: Parts | None, *, problem: str = "") -> None:
        self.plan = plan
        self._parts = parts
        self._problem = problem or "; ".join(f"{error.path}: {error.problem}" for error in plan.errors)
        self._running = False

    async def run(self) -> None:
        """Serve until stopped or blocked. Whatever goes wrong is logged and stays here."""
        if self._parts is None:
            return
        self._running = True
        try:
            await self._parts.runner.run()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self._problem = f"stopped by an unexpected {type(error).__name__}: {error}"
            log.exception("%s stopped by an unexpected error", self.plan.label)
        finally:
            self._running = False

    async def ready(self) -> None:
        """Return once the account is connected, or will not be."""
        if self._parts is not None:
            await self._parts.runner.ready()

    async def stop(self, within: float) -> None:
        """Stop in peace, for at most ``within`` seconds."""
        if self._parts is not None:
            await self._parts.runner.stop(within)

    async def probe(self) -> Probe:
        """Ask the platform who the bot is."""
        if self._parts is None:
            return Probe(ok=False, error=self._problem or "disabled")
        return await self._parts.platform.probe()

    async def pairings(self) -> PairingState:
        """Return who waits and who is let in."""
        return await self._parts.runner.pairings() if self._parts is not None else PairingState()

    async def approve(self, code: str) -> str | None:
        """Approve a code; return the person's id."""
        return await self._parts.runner.approve(code) if self._parts is not None else None

    def snapshot(self) -> dict[str, object]:
        """Return the state as a document without secrets."""
        plan = self.plan
        if self._parts is None:
            status = AccountStatus(plan.account_id, lifecycle="blocked", last_error=self._problem)
        else:
            status = self._parts.runner.status()
            if self._problem:
                status = replace(status, lifecycle="blocked", connected=False, last_error=self._problem)
        status = replace(
            status,
            name=status.name or plan.name,
            enabled=plan.enabled,
            configured=plan.settings is not None and not plan.errors,
            running=self._running,
            last_error=redact(status.last_error),
            last_disconnect_error=redact(status.last_disconnect_error),
            credential_source=plan.credential_source,
            credential_status=self._credential(status),
        )
        document = status.document()
        if not plan.enabled:
            document["lifecycle"] = "disabled"
        elif self._parts is None and not self._problem:
            document["lifecycle"] = "stopped"
        return {"channel": plan.channel, **document, "agentUrl": plan.agent.url, "model": plan.agent.model}

    def _credential(self, status: AccountStatus) -> str:
        if self.plan.credential_source == "missing":
            return "missing"
        if self._parts is None:
            return "unused"
        return "refused" if status.lifecycle == "blocked" and not self._problem else "available"

    def word(self) -> str:
        """Return in a few words how the account is."""
        if not self.plan.enabled:
            return f"{self.plan.label} disabled"
        if self._parts is None or self._problem:
            return f"{self.plan.label} not started: {redact(self._problem)}"
        identity = self._parts.platform.identity()
        status = self._parts.runner.status()
        if status.lifecycle == "blocked":
            return f"{self.plan.label} blocked: {redact(status.last_error)}"
        return f"{self.plan.label} connected as @{identity.username if identity else '?'}"
