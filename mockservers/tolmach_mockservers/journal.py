"""The record of everything that crossed a fake's wire, in order.

What it is for: tests and the suite search it, and wait for an entry without polling. What it
must not do: cost more than a few microseconds an entry, or grow without bound. Details are kept
by reference and rendered when somebody reads them, so a caller hands over what it will not
change afterwards.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from tolmach_mockservers.clock import FakeClock

__all__ = ["CAP", "Detail", "Entry", "Journal", "Match", "Waited"]

CAP: Final = 200_000
"""At least this many of the newest entries are kept; older ones are dropped and counted."""

Detail = Mapping[str, object] | Callable[[], Mapping[str, object]]
"""What an entry says beyond its columns, or a call that makes it when it is read."""


@dataclass(slots=True)
class Entry:
    """One thing that happened.

    ``at`` is the fakes' clock, ``actor`` a user id, ``operation`` a REST operation, DDP method,
    subscription or stream event, ``text`` what somebody said.
    """

    seq: int
    at: float
    fake: str
    kind: str
    actor: str | None
    room_id: str | None
    thread_id: str | None
    operation: str | None
    status: int | None
    text: str | None
    _detail: Detail | None = None

    @property
    def detail(self) -> Mapping[str, object]:
        """Return what the entry says beyond its columns."""
        if callable(self._detail):
            self._detail = self._detail()
        return {} if self._detail is None else self._detail

    def render(self) -> dict[str, object]:
        """Return the entry as the control API shows it; empty optional columns are left out."""
        shown: dict[str, object] = {
            "seq": self.seq,
            "at": self.at,
            "fake": self.fake,
            "kind": self.kind,
            "actor": self.actor,
        }
        for name in ("room_id", "thread_id", "operation", "status", "text"):
            value = getattr(self, name)
            if value is not None:
                shown[name] = value
        shown["detail"] = self.detail
        return shown


@dataclass(frozen=True, slots=True)
class Match:
    """Choose entries; an empty field does not restrict. ``text`` is a substring."""

    fake: str | None = None
    kinds: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()
    actor: str | None = None
    room_id: str | None = None
    text: str | None = None

    def __call__(self, entry: Entry) -> bool:
        """Whether ``entry`` is chosen."""
        return (
            (not self.kinds or entry.kind in self.kinds)
            and (self.fake is None or entry.fake == self.fake)
            and (not self.operations or entry.operation in self.operations)
            and (self.actor is None or entry.actor == self.actor)
            and (self.room_id is None or entry.room_id == self.room_id)
            and (self.text is None or (entry.text is not None and self.text in entry.text))
        )


@dataclass(frozen=True, slots=True)
class Waited:
    """Say how a wait ended; ``near`` are entries of the wanted kinds that did not match."""

    entries: list[Entry]
    matched: bool
    last: int
    near: list[Entry]


@dataclass(slots=True, eq=False)
class _Waiter:
    match: Match
    count: int
    done: asyncio.Future[None]
    found: list[Entry] = field(default_factory=list)


class Journal:
    """Keep the newest `CAP` entries or more, numbered from 1 without gaps."""

    def __init__(self, clock: FakeClock, *, cap: int = CAP) -> None:
        self._clock = clock
        self._cap = cap
        self._limit = cap + max(1, cap // 8)
        self._entries: list[Entry] = []
        self._waiters: list[_Waiter] = []
        self.last = 0
        self.dropped = 0

    def record(
        self,
        *,
        fake: str,
        kind: str,
        actor: str | None = None,
        room_id: str | None = None,
        thread_id: str | None = None,
        operation: str | None = None,
        status: int | None = None,
        text: str | None = None,
        detail: Detail | None = None,
    ) -> Entry:
        """Append an entry and wake whoever waits for it."""
        self.last += 1
        entry = Entry(
            self.last,
            self._clock.now(),
            fake,
            kind,
            actor,
            room_id,
            thread_id,
            operation,
            status,
            text,
            detail,
        )
        self._entries.append(entry)
        if len(self._entries) > self._limit:
            # Dropping an eighth at a time keeps the cost of the cap out of single entries.
            excess = len(self._entries) - self._cap
            del self._entries[:excess]
            self.dropped += excess
        if self._waiters:
            self._offer(entry)
        return entry

    def search(self, match: Match | None = None, *, after: int = 0, limit: int | None = None) -> list[Entry]:
        """Return the chosen entries with a number above ``after``, oldest first."""
        found: list[Entry] = []
        for entry in self._since(after):
            if match is None or match(entry):
                found.append(entry)
                if limit is not None and len(found) >= limit:
                    break
        return found

    async def wait_for(
        self, match: Match, *, after: int = 0, count: int = 1, timeout: float = 60.0
    ) -> Waited:
        """Return as soon as ``count`` chosen entries stand above ``after``.

        ``timeout`` is in seconds of real time; when it passes, ``matched`` is false and ``near``
        holds up to five of the newest entries of the same kinds that did not match.
        """
        found = self.search(match, after=after, limit=count)
        if len(found) < count:
            waiter = _Waiter(match, count, asyncio.get_running_loop().create_future(), found)
            self._waiters.append(waiter)
            try:
                async with asyncio.timeout(timeout):
                    await waiter.done
            except TimeoutError:
                return Waited(found, False, self.last, self._near(match, after))
            finally:
                self._waiters.remove(waiter)
        return Waited(found, True, self.last, [])

    def clear(self) -> None:
        """Forget every entry; numbers go on, so that an old cursor hides nothing new."""
        self._entries.clear()
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def _since(self, after: int) -> Iterator[Entry]:
        first = self.last - len(self._entries) + 1
        for index in range(max(0, after + 1 - first), len(self._entries)):
            yield self._entries[index]

    def _offer(self, entry: Entry) -> None:
        for waiter in self._waiters:
            if not waiter.done.done() and waiter.match(entry):
                waiter.found.append(entry)
                if len(waiter.found) >= waiter.count:
                    waiter.done.set_result(None)

    def _near(self, match: Match, after: int) -> list[Entry]:
        same = [
            entry
            for entry in self._since(after)
            if (not match.kinds or entry.kind in match.kinds) and not match(entry)
        ]
        return same[-5:]
