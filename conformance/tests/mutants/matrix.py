"""The matrix of defects: ``python conformance/tests/mutants/matrix.py [NAME...]``.

What it is for: every seeded defect against the whole suite; the rows that fail have to be exactly the
rows that are listed with the defect. It takes long and is no part of the tests; ``test_suite_mutants.py``
has a sample. What it must not do: pass anything over in silence.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from mutants.every import BY_NAME, MUTANTS
from mutants.mutant import PLATFORMS, Mutant
from mutants.trial import CLEAN, Report, nursery, run_trial

PATIENCE = {"rocketchat": 4.0, "pachca": 12.0}
"""Where a client must pace its posts, the parts of a long answer take their time."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Judge every seeded defect of the bundled channel.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="mutants; all of them if none is named")
    parser.add_argument(
        "--platform", choices=PLATFORMS, help='only the defects judged there; where "-", nothing, is judged'
    )
    parser.add_argument("--rows-only", action="store_true", help="run only the rows listed with each mutant")
    parser.add_argument("--rows", help="run only these rows, separated by commas")
    parser.add_argument("--jobs", type=int, default=1, help="mutants at once (default 1)")
    parser.add_argument("--seed", type=int, default=1, help="order of the behaviours (default 1)")
    parser.add_argument("--patience", type=float, help="most seconds of any wait (default 4, on Pachca 12)")
    parser.add_argument("--again", type=int, default=0, help="repeat a trial that differs, so many times")
    parser.add_argument("--json", type=Path, help="write everything seen to this file")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - {*BY_NAME, CLEAN.name})
    if unknown:
        parser.error(f"no such mutant: {', '.join(unknown)}")
    return given


def _rows(given: argparse.Namespace, mutant: Mutant) -> Sequence[int] | None:
    if given.rows:
        return [int(one) for one in given.rows.split(",")]
    return mutant.rows if given.rows_only else None


def _tell(index: int, count: int, report: Report, note: str) -> None:
    word = "ok" if report.as_listed else "SURVIVED" if not report.killed else "DIFFERS"
    rows = ",".join(f"{row:03d}" for row in sorted(report.failed)) or "none"
    print(
        f"{index:3d}/{count} {word:8} {report.mutant.name:28} {report.seconds:5.1f} s  {rows}{note}",
        flush=True,
    )
    _differences(report)


def _differences(report: Report) -> None:
    if not report.reached and report.mutant.targets:
        print("        the defective function was never called", flush=True)
    for row in sorted(report.unlisted):
        print(f"        not listed: {row:03d} {report.failed[row]}", flush=True)
    for row in sorted(report.missed):
        print(f"        listed but passed: {row:03d}", flush=True)
    for line in report.broken:
        print(f"        {line}", flush=True)


async def _trial(given: argparse.Namespace, mutant: Mutant, socket: Path) -> tuple[Report, str]:
    attempt = 0
    while True:
        attempt += 1
        with tempfile.TemporaryDirectory(prefix=f"mutant-{mutant.name}-") as work:
            report = await run_trial(
                mutant,
                Path(work),
                socket,
                rows=_rows(given, mutant),
                seed=given.seed,
                patience=given.patience or PATIENCE[mutant.platform],
            )
        if report.as_listed or attempt > given.again:
            return report, f"  (trial {attempt})" if attempt > 1 else ""
        print(f"        {mutant.name} differs and is tried again:", flush=True)
        _differences(report)


async def _all(given: argparse.Namespace) -> list[Report]:
    platform = given.platform or CLEAN.platform
    known = {**BY_NAME, CLEAN.name: replace(CLEAN, platform=platform)}
    chosen = [known[name] for name in given.names] if given.names else list(MUTANTS)
    waiting = [one for one in chosen if given.platform in {None, one.platform}]
    count = len(waiting)
    reports: list[Report] = []

    async def work(socket: Path) -> None:
        while waiting:
            report, note = await _trial(given, waiting.pop(0), socket)
            reports.append(report)
            _tell(len(reports), count, report, note)

    async with nursery() as socket, asyncio.TaskGroup() as tasks:
        for _ in range(max(1, given.jobs)):
            tasks.create_task(work(socket))
    return reports


def main() -> int:
    """Run the matrix; return 0 if every defect was noticed by exactly the rows listed with it."""
    given = _arguments()
    began = time.monotonic()
    reports = asyncio.run(_all(given))
    real = [report for report in reports if report.mutant.targets]
    killed = sum(report.killed for report in real)
    good = sum(report.as_listed for report in reports)
    rows = {row for report in real if report.as_listed for row in report.failed}
    print(
        f"\n{killed} of {len(real)} mutants killed; {good} of {len(reports)} exactly by the rows listed; "
        f"{len(rows)} rows stand in a list; {time.monotonic() - began:.0f} s"
    )
    if given.json:
        seen = [
            {
                "name": report.mutant.name,
                "listed": sorted(report.expected),
                "failed": {str(row): reason for row, reason in sorted(report.failed.items())},
                "reached": report.reached,
                "seconds": round(report.seconds, 1),
                "broken": list(report.broken),
            }
            for report in reports
        ]
        given.json.write_text(json.dumps(seen, indent=1, ensure_ascii=False), encoding="utf-8")
    return 0 if good == len(reports) else 1


if __name__ == "__main__":
    sys.exit(main())
