"""What is lost, doubled or unknown under trouble between the Pachca SDK and the fakes, over many trials.

``python benchmarks/fault_runs.py [seed]``. The scenarios are those of tests/pachca_trials.py; the truth is
what the fakes hold. The exit code is 1 when a promise is broken: nothing lost or doubled where it says so.
"""

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import pachca_trials as trials
from gateway_trials import gateway_killed
from pachca_stage import Counts, Stage, stage
from rich.console import Console
from rich.table import Table

Run = Callable[[Stage, Path], Awaitable[Counts]]

RUNS: dict[str, tuple[Run, bool, bool]] = {
    "send and look (deliver)": (lambda here, _: trials.sends(here, 2000, deliver=True), True, True),
    "send (create)": (lambda here, _: trials.sends(here, 2000, deliver=False), True, True),
    "upload and attach": (lambda here, _: trials.uploads(here, 500), True, True),
    "receiver down for 1 try": (lambda here, _: trials.receiver_down(here, 100, failures=1), True, True),
    "receiver down for 3 tries": (lambda here, _: trials.receiver_down(here, 100, failures=3), True, True),
    "receiver down for all 4": (lambda here, _: trials.receiver_down(here, 100, failures=4), False, True),
    "receiver dies, with inbox": (lambda here, path: trials.receiver_crashes(here, 100, path), True, True),
    "receiver dies, no inbox": (lambda here, _: trials.receiver_crashes(here, 100, None), False, True),
    "poller ends between events": (
        lambda here, _: trials.history_crashes(here, 200, in_hand=False),
        True,
        False,
    ),
    "poller ends inside a handler": (
        lambda here, _: trials.history_crashes(here, 200, in_hand=True),
        True,
        False,
    ),
    "429 text, 3 clients": (lambda here, _: trials.frequency_storm(here, 600), True, True),
    "429 daily quota": (lambda here, _: trials.quota(here, 20), True, True),
    "token revoked, sends": (lambda here, _: trials.token_revoked(here, 100), True, True),
    "gateway killed": (lambda here, path: gateway_killed(path, 40, here.random.randint(0, 99)), True, True),
    "token revoked, poller": (lambda here, _: trials.poller_revoked(here, 100), True, False),
}
"""Each run, and whether losing nothing and doubling nothing is promised of it."""


async def main(seed: int) -> int:
    """Run everything and print one table."""
    table = Table(title=f"seed {seed}")
    for column in ("run", "trials", "done", "refused", "unknown", "lost", "doubled", "told wrong", "seconds"):
        table.add_column(column, justify="left" if column == "run" else "right")
    notes: list[str] = []
    kept = True
    for name, (run, loses_none, doubles_none) in RUNS.items():
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            async with stage(seed) as here:
                counts = await run(here, Path(folder))
        seconds = time.perf_counter() - started
        kept = kept and not counts.wrong
        kept = kept and not (loses_none and counts.lost) and not (doubles_none and counts.doubled)
        unknown = f"{counts.unknown} ({counts.unknown_there} there)" if counts.unknown else "0"
        figures = (counts.trials, counts.done, counts.refused, unknown, counts.lost, counts.doubled)
        table.add_row(name, *map(str, figures), str(counts.wrong), f"{seconds:.1f}")
        notes += [f"{name}: {what}: {count}" for what, count in sorted(counts.notes.items())]
    console = Console(width=130)
    console.print(table)
    console.print("\n".join(notes))
    return 0 if kept else 1


if __name__ == "__main__":
    # Every refused delivery and failed reading would be a line.
    logging.disable(logging.CRITICAL)
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)))
