"""One command's worth of runs: progress on the terminal, reports on disk, the exit code.

What it is for: everything between the command line and the runner. What it must not do: judge.
"""

import asyncio
import datetime as dt
import math
import re
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tolmach_conformance.baseline import Gap, apply
from tolmach_conformance.behaviour import Behaviour
from tolmach_conformance.catalogue import catalogue
from tolmach_conformance.manifest import Manifest
from tolmach_conformance.outcome import Outcome, RunResult
from tolmach_conformance.report.html import write_html
from tolmach_conformance.report.json import write_json
from tolmach_conformance.report.junit import write_junit
from tolmach_conformance.report.markdown import write_badge, write_markdown
from tolmach_conformance.report.terminal import print_matrix, print_side_by_side
from tolmach_conformance.runner import Options, run_subject
from tolmach_conformance.verdict import Verdict, exit_code

__all__ = ["Session", "code_of"]


def code_of(result: RunResult) -> int:
    """Return the exit code of one run; known gaps count as within the baseline."""
    verdicts = [one.verdict for one in result.outcomes if not one.known_gap]
    if result.broken:
        verdicts.append(Verdict.HARNESS_ERROR)
    return exit_code(verdicts, baseline_broken=bool(result.baseline))


@dataclass(frozen=True, slots=True)
class Session:
    """How the runs of one command are done."""

    out: Path
    ready_file: Path | None
    parallel: int
    gaps: Sequence[Gap]
    partial: bool
    patience: float = math.inf

    def judge(
        self,
        manifests: Sequence[Manifest],
        behaviours: Mapping[int, Behaviour],
        seed: int,
        repeat: int,
    ) -> int:
        """Judge each subject ``repeat`` times, print and write everything; return the worst exit code."""
        console = Console(highlight=False)
        if not console.is_terminal:
            console = Console(highlight=False, width=120)
        runs = [self._repeated(manifest, behaviours, seed, repeat, console) for manifest in manifests]
        if len(runs) > 1:
            print_side_by_side([each[-1] for each in runs], console)
        results = [run for each in runs for run in each]
        for index, each in enumerate(runs):
            # One document holds one subject; the first is the one that is asked for most.
            name = f"report-{_plain(each[0].subject)}.json" if index else "report.json"
            write_json(each, self.out / name)
        write_junit(results, self.out / "junit.xml")
        write_html(results, self.out / "report.html")
        write_markdown(results, self.out / "summary.md")
        write_badge(runs[0], self.out / "badge.json")
        return max(code_of(result) for result in results)

    def _repeated(
        self,
        manifest: Manifest,
        behaviours: Mapping[int, Behaviour],
        seed: int,
        repeat: int,
        console: Console,
    ) -> list[RunResult]:
        results: list[RunResult] = []
        for index in range(repeat):
            result = asyncio.run(self._run(manifest, behaviours, seed + index, console))
            today = dt.datetime.now(dt.UTC).date()
            result.baseline = apply(self.gaps, result.outcomes, catalogue(), today)
            results.append(result)
            print_matrix(result, console, where=str(self.out))
        return results

    async def _run(
        self, manifest: Manifest, behaviours: Mapping[int, Behaviour], seed: int, console: Console
    ) -> RunResult:
        task = asyncio.current_task()
        if task is not None:
            # A terminated run still stops its subjects and fakes.
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        work = (self.out / "work" / _plain(manifest.name)).resolve()
        # What a subject remembered of the last run (pairings above all) would change this one.
        shutil.rmtree(work, ignore_errors=True)
        options = Options(
            seed=seed,
            work=work,
            ready_file=self.ready_file,
            parallel=self.parallel,
            partial=self.partial,
            patience=self.patience,
        )
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[last]}", style="dim"),
        )
        with Progress(*columns, console=console, transient=True) as progress:
            bar = progress.add_task(f"{manifest.name}, seed {seed}", total=None, last="")

            def planned(total: int) -> None:
                progress.update(bar, total=total)
                if not console.is_terminal:
                    console.print(f"{manifest.name}: {total} behaviours to judge, seed {seed}", style="dim")

            def done(outcome: Outcome) -> None:
                progress.update(bar, advance=1, last=f"{outcome.number:03d} {outcome.verdict.value}")

            return await run_subject(
                manifest,
                behaviours,
                options,
                planned=planned,
                done=done,
            )


def _plain(name: str) -> str:
    """Return a subject's name as part of a file name."""
    return re.sub(r"[^\w-]", "-", name)
