"""What came of one behaviour, and of a whole run.

What it is for: the data that reports and the baseline read. What it must not do: format.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tolmach_conformance.behaviour import Level
from tolmach_conformance.verdict import Verdict

__all__ = ["Outcome", "RunResult", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an exchange: ``at`` seconds after the behaviour's begin."""

    at: float
    who: str
    what: str
    text: str


@dataclass(slots=True)
class Outcome:
    """One row's verdict on one subject; ``known_gap`` is set by the baseline."""

    number: int
    id: str
    level: Level
    title: str
    verdict: Verdict
    reason: str = ""
    seconds: float = 0.0
    instance: str = ""
    notes: list[str] = field(default_factory=list[str])
    exchange: Sequence[Step] = ()
    known_gap: str = ""


@dataclass(slots=True)
class RunResult:
    """All of a run. ``notices`` change no verdict, ``broken`` are harness errors of the run."""

    subject: str
    version: str
    platform: str
    seed: int
    started_at: str
    seconds: float
    instances: int
    outcomes: list[Outcome]
    notices: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])
    baseline: list[str] = field(default_factory=list[str])

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return the number of rows by level and verdict."""
        table: dict[str, dict[str, int]] = {}
        for one in self.outcomes:
            row = table.setdefault(one.level, {verdict.value: 0 for verdict in Verdict})
            row[one.verdict.value] += 1
        return table
