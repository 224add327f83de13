"""The fakes' journal, followed live: entries as data, and waits that wake on the entry.

What it is for: one follower per world; every wait of every behaviour is served from it. What it must not
do: sleep, or judge.
"""

import asyncio
import contextlib
import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Self, cast

from tolmach_conformance.control import Control
from tolmach_conformance.verdict import HarnessError

__all__ = ["KINDS", "Entry", "Journal", "parse_entry", "with_refusals"]

KINDS: Final = (
    "http",
    "ddp.in",
    "typing",
    "socket.open",
    "socket.login",
    "socket.close",
    "fault",
    "violation",
    "webhook.out",
    "agent.request",
    "agent.answer",
)
"""What the suite reads; frames to clients are many and decide nothing."""

_PAGE: Final = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal entry; absent texts are empty, an absent status is 0."""

    seq: int
    at: float
    kind: str
    actor: str
    room_id: str
    thread_id: str
    operation: str
    status: int
    text: str
    detail: Mapping[str, object]
    raw: Mapping[str, object]

    @property
    def is_call(self) -> bool:
        """Return whether the actor did this; a delivery is done to it, and bears its name all the same."""
        return self.kind != "webhook.out"


def parse_entry(raw: Mapping[str, object]) -> Entry:
    """Read an entry as the control API shows it."""

    def text(name: str) -> str:
        value = raw.get(name)
        return value if isinstance(value, str) else ""

    detail = raw.get("detail")
    status = raw.get("status")
    return Entry(
        seq=cast("int", raw["seq"]),
        at=float(cast("float", raw["at"])),
        kind=text("kind"),
        actor=text("actor"),
        room_id=text("room_id"),
        thread_id=text("thread_id"),
        operation=text("operation"),
        status=status if isinstance(status, int) else 0,
        text=text("text"),
        detail=cast("Mapping[str, object]", detail) if isinstance(detail, dict) else {},
        raw=raw,
    )


def with_refusals(entries: list[Entry]) -> list[Entry]:
    """Give realtime calls that a fault refused a status, as a refused HTTP call has one.

    A method's frame is journalled when it comes in, and the fault that hits it directly after.
    """
    found = list(entries)
    for index in range(1, len(found)):
        call, fault = found[index - 1], found[index]
        if (fault.kind, call.kind) == ("fault", "ddp.in") and fault.operation == call.operation:
            do = fault.detail.get("do")
            what = cast("Mapping[str, object]", do) if isinstance(do, dict) else {}
            status = {"status": what.get("status", 500), "rate_limit": 429, "lose": 599, "cut_before": 599}
            refused = status.get(str(what.get("kind")))
            if isinstance(refused, int):
                found[index - 1] = replace(call, status=refused, raw={**call.raw, "status": refused})
    return found


class Journal:
    """Follow a world's journal from where it stands when entered; use as ``async with``.

    ``patience`` is the most seconds that any wait lasts, however long its caller would wait.
    """

    def __init__(self, control: Control, patience: float = math.inf) -> None:
        self._control = control
        self._patience = patience
        self._entries: list[Entry] = []
        self._seqs: list[int] = []
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._error: HarnessError | None = None
        self.position = 0

    async def __aenter__(self) -> Self:
        found = await self._control.get("/journal", limit=1)
        self.position = cast("int", found["last"])
        self._task = asyncio.create_task(self._follow(), name="journal")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def since(self, after: int) -> Iterator[Entry]:
        """Yield the entries read so far with a number above ``after``."""
        for index in range(bisect_right(self._seqs, after), len(self._entries)):
            yield self._entries[index]

    def feed(self, entries: list[Entry], position: int) -> None:
        """Take in what was read; the follower calls it, and tests do."""
        for entry in entries:
            if not self._seqs or entry.seq > self._seqs[-1]:
                self._entries.append(entry)
                self._seqs.append(entry.seq)
        self.position = max(self.position, position)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def poke(self) -> None:
        """Let every wait look again whether it still has hope."""
        self.feed([], self.position)

    async def wait(
        self,
        match: Callable[[Entry], bool],
        *,
        after: int,
        within: float,
        hopeless: Callable[[], bool] = lambda: False,
    ) -> Entry | None:
        """Return the first entry above ``after`` that matches.

        None after ``within`` seconds, or what the journal's patience leaves of them, or as soon as nothing
        matches and the wait is ``hopeless``.
        """
        seen = after
        try:
            async with asyncio.timeout(min(within, self._patience)):
                while True:
                    changed = self._changed
                    for entry in self.since(seen):
                        if match(entry):
                            return entry
                        seen = entry.seq
                    if self._error is not None:
                        raise HarnessError(str(self._error))
                    if hopeless():
                        return None
                    await changed.wait()
        except TimeoutError:
            return None

    async def catch_up(self) -> int:
        """Return once everything journalled before this call was read; return that position."""
        while await self._fetch():
            pass
        return self.position

    async def _fetch(self) -> bool:
        """Read what is new; return whether there may be more."""
        kinds = ",".join(KINDS)
        found = await self._control.get("/journal", after=self.position, kind=kinds, limit=_PAGE)
        entries = [parse_entry(raw) for raw in cast("list[Mapping[str, object]]", found["entries"])]
        # A full page may have been cut short, so its end is all that is known.
        full = len(entries) >= _PAGE
        self.feed(with_refusals(entries), entries[-1].seq if full else cast("int", found["last"]))
        return full

    async def _follow(self) -> None:
        match = {"kind": ",".join(KINDS)}
        try:
            while True:
                await self._control.post(
                    "/journal/wait", {"match": match, "after": self.position, "timeout": 30}
                )
                await self._fetch()
        except HarnessError as error:
            self._error = error
            self.feed([], self.position)
