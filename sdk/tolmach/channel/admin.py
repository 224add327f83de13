"""Carry out ``!status``, ``!model`` and ``!stop``.

What it is for: commands that were allowed. What it must not do: judge who may give one, or wait for
a running turn.
"""

from tolmach.channel import commands, wording
from tolmach.channel.decide import Command
from tolmach.channel.lanes import Lanes
from tolmach.channel.sessionbook import SessionBook
from tolmach.channel.turn import Agent
from tolmach.channel.turns import Job
from tolmach.clock import Clock

__all__ = ["Admin"]


class Admin:
    """Answer commands for one account."""

    def __init__(self, agent: Agent, book: SessionBook, lanes: Lanes[Job], clock: Clock) -> None:
        self._agent = agent
        self._book = book
        self._lanes = lanes
        self._clock = clock
        self._started_at = clock.now()

    async def carry_out(self, given: Command) -> str:
        """Do what a command says and return the answer to it."""
        match given.command.name:
            case "status":
                return self._status(given)
            case "model":
                return await self._model(given)
            case "stop":
                return self._stop(given)
            case _:
                return wording.UNKNOWN_COMMAND

    def _status(self, given: Command) -> str:
        now = self._clock.now()
        session = self._book.known(given.session)
        since = session.running_since if session else None
        return wording.status_text(
            model=(session.model if session else None) or self._agent.default_model,
            session=given.session,
            turns=session.turns if session else 0,
            remembered=len(session.lines) if session else 0,
            running=None if since is None else now - since,
            queued=self._lanes.waiting(given.session),
            up=now - self._started_at,
        )

    async def _model(self, given: Command) -> str:
        names = await self._agent.models()
        session = self._book.get(given.session)
        current = session.model or self._agent.default_model
        wanted = given.command.argument
        if not wanted:
            return wording.model_text(current, names)
        if wanted.lower() == "default":
            session.model = None
            return wording.model_text(self._agent.default_model, names, changed=True)
        chosen = commands.choose_model(wanted, names)
        if chosen is None:
            return wording.model_text(current, names, unknown=wanted)
        session.model = chosen
        return wording.model_text(chosen, names, changed=True)

    def _stop(self, given: Command) -> str:
        stopped = self._lanes.stop(given.session)
        # A command at room level also reaches the turns that began there and answer in threads.
        for key in self._lanes.busy():
            job = self._lanes.running(key)
            if job is not None and job.run.seed is not None and key.startswith(f"{given.session}:thread:"):
                stopped = self._lanes.stop(key) or stopped
        return wording.STOPPED if stopped else wording.NOTHING_RUNNING
