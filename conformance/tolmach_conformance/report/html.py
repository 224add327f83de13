"""The HTML report: one file, the matrix of all rows, and every row with its redacted exchange.

What it is for: a person who asks what passes where, and what exactly happened. What it must not do: load
anything from elsewhere, or need scripts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import groupby
from pathlib import Path

from jinja2 import Environment

from tolmach_conformance.catalogue import catalogue
from tolmach_conformance.outcome import Outcome, RunResult
from tolmach_conformance.verdict import Verdict

__all__ = ["write_html"]


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of the catalogue, with what became of it in each run."""

    any: Outcome
    area: str
    cells: Sequence[Outcome | None]

    @property
    def differs(self) -> bool:
        """Tell whether the runs disagree."""
        return len({one.verdict if one else None for one in self.cells}) > 1

    @property
    def wrong(self) -> bool:
        """Tell whether a run failed here."""
        return any(
            one is not None and one.verdict in {Verdict.FAIL, Verdict.HARNESS_ERROR} for one in self.cells
        )


def write_html(results: list[RunResult], path: Path) -> None:
    """Write the report. A row has its number as anchor, its details ``platform-number``."""
    source = (resources.files("tolmach_conformance") / "report" / "report.html.j2").read_text("utf-8")
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)
    lines = _lines(results)
    areas = [(area, list(group)) for area, group in groupby(lines, key=lambda line: line.area)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(template.render(results=results, areas=areas), encoding="utf-8")


def _lines(results: Sequence[RunResult]) -> Sequence[_Line]:
    found: dict[int, list[Outcome | None]] = {}
    for column, run in enumerate(results):
        for one in run.outcomes:
            found.setdefault(one.number, [None] * len(results))[column] = one
    areas = {number: row.area for number, row in catalogue().items()}
    lines = [
        _Line(next(one for one in cells if one), areas.get(number, ""), cells)
        for number, cells in found.items()
    ]
    order = list(dict.fromkeys(areas.values()))
    return sorted(
        lines, key=lambda line: (order.index(line.area) if line.area in order else -1, line.any.number)
    )
