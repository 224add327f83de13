"""A whole run: plan, worlds, instances in parallel, one result.

What it is for: put the parts together for one subject on one platform. What it must not do: print; know how
a behaviour is judged.
"""

import asyncio
import contextlib
import datetime as dt
import math
import os
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from tolmach_conformance.behaviour import Behaviour
from tolmach_conformance.catalogue import catalogue
from tolmach_conformance.claims import before
from tolmach_conformance.driver import Driver
from tolmach_conformance.instance import InstanceRun
from tolmach_conformance.manifest import Manifest, ManifestError
from tolmach_conformance.nonce import Nonces
from tolmach_conformance.outcome import Outcome, RunResult
from tolmach_conformance.planner import Instance, plan
from tolmach_conformance.stages.pachca import PachcaDriver
from tolmach_conformance.stages.rocketchat import RocketChatDriver
from tolmach_conformance.verdict import HarnessError, Verdict
from tolmach_conformance.violations import sort_violations
from tolmach_conformance.world import World, attached, started

__all__ = ["DRIVERS", "Options", "run_subject"]

DRIVERS: Final[Mapping[str, Callable[[World], Driver]]] = {
    "rocketchat": RocketChatDriver,
    "pachca": PachcaDriver,
}


E = TypeVar("E", bound=Exception)


@dataclass(frozen=True, slots=True)
class Options:
    """How to run. ``ready_file`` names fakes that run already; ``partial`` leaves unjudged rows out.

    ``patience`` bounds every wait in seconds: what never comes is then known sooner.
    """

    seed: int
    work: Path
    ready_file: Path | None = None
    parallel: int = 3
    partial: bool = False
    patience: float = math.inf


@dataclass(slots=True)
class _Progress:
    done: Callable[[Outcome], None]
    notices: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])
    outcomes: list[Outcome] = field(default_factory=list[Outcome])


async def run_subject(
    manifest: Manifest,
    behaviours: Mapping[int, Behaviour],
    options: Options,
    *,
    planned: Callable[[int], None] = lambda _: None,
    done: Callable[[Outcome], None] = lambda _: None,
) -> RunResult:
    """Judge a subject on its first platform that the suite can drive; return everything.

    ``planned`` is told the number of scenarios that will run, ``done`` each outcome as it comes.
    """
    platform = next((name for name in manifest.platforms if name in DRIVERS), None)
    if platform is None:
        known = ", ".join(DRIVERS)
        raise ManifestError(
            f"{manifest.path}: platforms: the suite drives {known}, not {manifest.platforms[0]}"
        )
    began, clock = dt.datetime.now(dt.UTC), time.monotonic()
    progress = _Progress(done)
    runnable = _sorted_out(manifest, behaviours, platform, progress, partial=options.partial)
    instances = plan(runnable, options.seed)
    planned(len(runnable))
    if instances:
        await _run(manifest, platform, instances, options, progress)
    progress.outcomes.sort(key=lambda one: one.number)
    return RunResult(
        subject=manifest.name,
        version=manifest.shown_version,
        platform=platform,
        seed=options.seed,
        started_at=began.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - clock, 3),
        instances=len(instances),
        outcomes=progress.outcomes,
        notices=progress.notices,
        broken=progress.broken,
    )


def _sorted_out(
    manifest: Manifest,
    behaviours: Mapping[int, Behaviour],
    platform: str,
    progress: _Progress,
    *,
    partial: bool,
) -> list[Behaviour]:
    """Give the rows that need no run their verdict; return the others."""
    runnable: list[Behaviour] = []
    for number, row in catalogue().items():
        behaviour = behaviours.get(number)
        if behaviour is None:
            excluded = row.excluded(platform)
            if excluded is not None and not partial:
                progress.outcomes.append(
                    Outcome(number, row.id, row.level, row.title, Verdict.NOT_APPLICABLE, excluded)
                )
            continue
        verdict = before(behaviour, row, manifest, platform)
        if verdict is None:
            runnable.append(behaviour)
        else:
            progress.outcomes.append(Outcome(number, row.id, row.level, row.title, *verdict))
    return runnable


async def _run(
    manifest: Manifest, platform: str, instances: Sequence[Instance], options: Options, progress: _Progress
) -> None:
    nonces = Nonces(options.seed, f"{os.getpid()}/{time.time_ns()}")
    plain = [one for one in instances if not one.clock]
    timed = [one for one in instances if one.clock]

    async def work(world: World, driver: Driver, queue: list[Instance]) -> None:
        while queue:
            instance = queue.pop(0)
            run = InstanceRun(
                world,
                driver,
                manifest,
                instance,
                options.work / f"instance-{instance.name}",
                nonces,
                progress.done,
            )
            outcomes = await run.run()
            progress.outcomes.extend(outcomes)
            progress.notices.extend(run.notices)

    async def run_all(world: World, queue: list[Instance], parallel: int) -> None:
        driver = DRIVERS[platform](world)
        await driver.prepare()
        first = world.journal.position
        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(parallel, len(queue))):
                tasks.create_task(work(world, driver, queue))
        notices, broken = sort_violations(world.journal.since(first))
        progress.notices.extend(notices)
        progress.broken.extend(broken)

    async def in_own_world(name: str, queue: list[Instance], parallel: int) -> None:
        if queue:
            async with started(
                options.work / name, (platform, "agent"), options.seed, options.patience
            ) as world:
                await run_all(world, queue, parallel)

    try:
        if options.ready_file is not None:
            async with _one_world(options.ready_file, options.patience) as world:
                await run_all(world, plain, options.parallel)
                # A moved clock would reach every subject, so these have the world to themselves.
                await run_all(world, timed, 1)
            return
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(in_own_world("world", plain, options.parallel))
            tasks.create_task(in_own_world("world-clock", timed, 1))
    except* ManifestError as group:
        # One for every instance that was about to start; the first says it.
        raise _leaves(group)[0] from None
    except* HarnessError as group:
        progress.broken.extend(str(error) for error in _leaves(group))


@contextlib.asynccontextmanager
async def _one_world(ready_file: Path, patience: float) -> AsyncGenerator[World, None]:
    async with attached(ready_file, patience) as world:
        yield world


def _leaves(group: BaseExceptionGroup[E]) -> list[E]:
    found: list[E] = []
    for error in group.exceptions:
        found.extend(_leaves(error) if isinstance(error, BaseExceptionGroup) else [error])
    return found
