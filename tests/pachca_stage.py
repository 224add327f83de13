"""Fakes for trials of the Pachca SDK under trouble, and the counts of what became of each.

What it must not do: believe the SDK; the truth is read from the state of the fakes. Time is the fakes'
clock, frozen: a sleep of the SDK moves it, so that an hour of waiting costs nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

from tolmach.pachca import Pachca
from tolmach_mockservers.clock import FakeClock
from tolmach_mockservers.faults import Do, Rule
from tolmach_mockservers.journal import Match
from tolmach_mockservers.pachca.fake import PachcaFake
from tolmach_mockservers.s3.fake import S3Fake
from tolmach_mockservers.server import Fakes


@dataclass(slots=True)
class Counts:
    """Hold what became of the things that a trial sent, uploaded or waited for.

    ``lost``: called done, or owed, and not there. ``doubled``: there more than once. ``unknown``: the
    caller was told that nobody can tell. ``refused``: the caller was told that it was not done.
    ``wrong``: the caller was told so, and it was done.
    """

    trials: int = 0
    done: int = 0
    refused: int = 0
    unknown: int = 0
    unknown_there: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    notes: dict[str, int] = field(default_factory=dict[str, int])

    def note(self, name: str, count: int = 1) -> None:
        """Count something beside the verdicts."""
        self.notes[name] = self.notes.get(name, 0) + count

    def judge(self, verdict: str, there: int) -> None:
        """Compare what the caller was told with how often it is there."""
        self.trials += 1
        self.doubled += there > 1
        match verdict:
            case "done":
                self.done += 1
                self.lost += there == 0
            case "unknown":
                self.unknown += 1
                self.unknown_there += there > 0
            case _:
                self.refused += 1
                self.wrong += there > 0


class LeapingClock:
    """Follow the fakes' frozen clock; a sleep moves it at once."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.slept = 0.0

    def now(self) -> float:
        """Return the fakes' time."""
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        """Move time, and let others run."""
        if seconds > 0:
            self.slept += seconds
            self._clock.advance(seconds)
        await asyncio.sleep(0)


class Stage:
    """Hold the fakes and what a trial needs of them."""

    def __init__(self, fakes: Fakes, random: Random) -> None:
        assert fakes.pachca is not None
        assert fakes.s3 is not None
        self.fakes = fakes
        self.random = random
        self.pachca: PachcaFake = fakes.pachca
        self.s3: S3Fake = fakes.s3
        ready = fakes.ready.get("pachca")
        assert ready is not None
        self.url = ready["url"]
        self.bot = ready["bot"]
        self.admin = ready["people"]["admin"]
        self.alice = ready["people"]["alice"]
        self.room = ready["rooms"]["general"]["id"]
        self.clock = LeapingClock(fakes.kernel.clock)

    def client(self, token: str = "") -> Pachca:
        """Return a client of the bot, or of whose token it is."""
        return Pachca(token or self.bot["token"], api_base=self.url, insecure=True, clock=self.clock)

    def fault(
        self, do: Do, operation: str, *, fake: str = "pachca", count: int | None = 1, skip: int = 0
    ) -> str:
        """Let something go wrong."""
        return self.fakes.kernel.faults.add(Rule(fake, do, operation=operation, count=count, skip=skip))

    def there(self, text: str) -> list[int]:
        """Return the ids of the messages with a text that really are there."""
        return [
            each.id
            for each in self.pachca.state.tables.messages.values()
            if each.content == text and each.deleted_at is None
        ]

    def asked(self, operation: str, *, status: int | None = None, after: int = 0) -> int:
        """Count the requests that came."""
        match = Match(kinds=frozenset({"http"}), operations=frozenset({operation}))
        found = self.fakes.kernel.journal.search(match, after=after)
        return sum(1 for each in found if status is None or each.status == status)

    def say(self, text: str) -> int:
        """Post as alice."""
        return int(str(self.pachca.say(self.alice["id"], self.room, text)["message_id"]))


@asynccontextmanager
async def stage(seed: int = 0) -> AsyncIterator[Stage]:
    """Run fakes with a frozen clock."""
    async with Fakes(("pachca", "s3"), seed=seed) as fakes:
        fakes.kernel.clock.freeze()
        yield Stage(fakes, Random(seed))
