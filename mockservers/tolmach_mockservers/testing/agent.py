"""The fake agent as a test handles it.

What it is for: script answers and read requests. What it must not do: run a bot.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from tolmach_mockservers.agent.script_reader import parse_script
from tolmach_mockservers.journal import Match
from tolmach_mockservers.testing.thread import FakesThread

__all__ = ["AgentHandle"]

_REQUESTS = Match(fake="agent", kinds=frozenset({"agent.request"}))


class AgentHandle:
    """The fake agent of one test; without a script it answers "Echo: " and what it was told."""

    def __init__(self, thread: FakesThread) -> None:
        self._thread = thread
        ready = thread.fakes.ready.get("agent")
        fake = thread.fakes.agent
        if ready is None or fake is None:
            raise RuntimeError("the fake agent does not run")
        self._fake = fake
        self.url = ready["url"]
        self.key = ready["key"]
        self.model = ready["model"]
        self.env = thread.fakes.env
        self._start = thread.fakes.kernel.journal.last
        self._read = self._start

    async def script(
        self,
        *answers: str | Sequence[Mapping[str, object]],
        text: str | None = None,
        user: str | None = None,
        model: str | None = None,
        times: int | None = None,
    ) -> None:
        """Answer the k-th request with the k-th of ``answers``, a text or a list of steps.

        Only requests whose last user message contains ``text`` count, and whose user and model
        are these. The last answer repeats; after ``times`` requests the script is spent.
        """
        steps = [[{"say": answer}] if isinstance(answer, str) else [*answer] for answer in answers]
        wanted = {"text": text, "user": user, "model": model}
        match = {name: value for name, value in wanted.items() if value is not None}
        script = parse_script({"match": match, "answers": steps, "times": times})
        await self._thread.act(lambda: self._fake.scripts.add(script))

    async def open_gate(self, name: str) -> None:
        """Let answers go on that wait for the gate ``name``."""
        await self._thread.act(lambda: self._fake.open_gate(name))

    async def requests(self, count: int = 0, *, timeout: float = 10.0) -> list[dict[str, object]]:
        """Wait until ``count`` requests have come; return the bodies of all of this test."""
        journal = self._thread.fakes.kernel.journal
        waited = await self._thread.ask(
            journal.wait_for(_REQUESTS, after=self._start, count=count, timeout=timeout)
        )
        if not waited.matched:
            raise AssertionError(f"{len(waited.entries)} of {count} requests came within {timeout:g} s")
        found = journal.search(_REQUESTS, after=self._start)
        return [cast("dict[str, object]", entry.detail["body"]) for entry in found]

    async def next_request(self, *, timeout: float = 10.0) -> dict[str, object]:
        """Return the body of the next request that was not returned yet."""
        journal = self._thread.fakes.kernel.journal
        waited = await self._thread.ask(
            journal.wait_for(_REQUESTS, after=self._read, count=1, timeout=timeout)
        )
        if not waited.matched:
            raise AssertionError(f"no request came within {timeout:g} s")
        self._read = waited.entries[0].seq
        return cast("dict[str, object]", waited.entries[0].detail["body"])
