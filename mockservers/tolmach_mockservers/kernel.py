"""What every fake of one run shares: clock, seed, journal, faults.

What it is for: the one argument of every fake. What it must not do: know any fake.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tolmach_mockservers.clock import FakeClock
from tolmach_mockservers.faults import Faults
from tolmach_mockservers.journal import Journal
from tolmach_mockservers.seed import Seed

__all__ = ["Kernel"]


@dataclass(slots=True)
class Kernel:
    """Bundle what the fakes of one run share; ``strict`` turns schema checks on."""

    clock: FakeClock
    seed: Seed
    journal: Journal
    faults: Faults
    strict: bool = False

    @classmethod
    def new(cls, seed: int = 0, *, strict: bool = False) -> "Kernel":
        """Make a fresh set for ``seed``."""
        clock = FakeClock()
        drawn = Seed(seed)
        journal = Journal(clock)
        return cls(clock, drawn, journal, Faults(journal, drawn), strict)

    def violation(
        self,
        fake: str,
        what: str,
        detail: Mapping[str, object] | None = None,
        *,
        operation: str | None = None,
        actor: str | None = None,
    ) -> None:
        """Record that a subject or a fake left the documented protocol; ``what`` is one sentence."""
        self.journal.record(
            fake=fake,
            kind="violation",
            actor=actor,
            operation=operation,
            text=what,
            detail=detail,
        )
