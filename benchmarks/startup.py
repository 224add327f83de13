"""Start-up and memory: from the shell to the first answer, imports, and idle size."""

import compileall
import importlib
import statistics
import subprocess
import sys
import time
from pathlib import Path

from processes import bare, fakes, resident_megabytes
from rows import Row, at_most, below

ROUNDS = 5


def _first_answer(what: str) -> float:
    started = time.perf_counter()
    if what == "bare":
        with bare():
            return (time.perf_counter() - started) * 1000
    with fakes(*what.split()):
        return (time.perf_counter() - started) * 1000


def _import_milliseconds(statement: str) -> float:
    times = []
    for _ in range(ROUNDS):
        code = (
            "import time, aiohttp, pydantic\n"
            "from aiohttp import web\n"
            f"started = time.perf_counter()\n{statement}\n"
            "print((time.perf_counter() - started) * 1000)"
        )
        times.append(
            float(
                subprocess.run(
                    [sys.executable, "-c", code], capture_output=True, text=True, check=True
                ).stdout
            )
        )
    return statistics.median(times)


def _help_milliseconds(*command: str) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        subprocess.run([sys.executable, *command], capture_output=True, check=True)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


async def measure() -> list[Row]:
    """Measure in turn, median of five, with bytecode in place as an installation has it."""
    for package in ("tolmach", "tolmach_mockservers", "tolmach_schemas"):
        folder = str(Path(importlib.import_module(package).__file__ or "").parent)
        compileall.compile_dir(folder, quiet=1)
    every = "rocketchat pachca s3 agent"
    found: dict[str, list[float]] = {"bare": [], "rocketchat": [], "rocketchat agent": [], every: []}
    for _ in range(ROUNDS):
        for what, times in found.items():
            times.append(_first_answer(what))
    middle = {what: statistics.median(times) for what, times in found.items()}
    with fakes("rocketchat", "agent") as (_, pid):
        size = resident_megabytes(pid)
    with fakes(*every.split()) as (_, pid):
        whole = resident_megabytes(pid)
    plain = _help_milliseconds("-c", "pass")
    return [
        at_most("one fake up, shell to listening", middle["rocketchat"], middle["bare"], 1.2, "ms"),
        at_most("both fakes up, shell to listening", middle["rocketchat agent"], middle["bare"], 1.6, "ms"),
        at_most("all four fakes up, shell to listening", middle[every], middle["bare"], 1.6, "ms"),
        below("memory, both fakes idle", size, 80, "MB"),
        below("memory, all four fakes idle", whole, 80, "MB"),
        below(
            "import tolmach.rocketchat on top of aiohttp and pydantic",
            _import_milliseconds("import tolmach.rocketchat as r; r.RocketChat"),
            60,
            "ms",
        ),
        below(
            "import tolmach.pachca on top of aiohttp and pydantic",
            _import_milliseconds("import tolmach.pachca as p; p.Pachca"),
            60,
            "ms",
        ),
        at_most(
            "tolmach version over a bare interpreter",
            _help_milliseconds("-m", "tolmach", "version"),
            plain,
            5.0,
            "ms",
        ),
    ]
