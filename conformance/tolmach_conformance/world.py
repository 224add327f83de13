"""A running set of fakes: started as a process for a run, or attached to by its ready file.

What it is for: the one place that starts and stops the fakes and reads the ready file. What it must not
do: import them.
"""

import asyncio
import contextlib
import json
import math
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import aiohttp

from tolmach_conformance.control import Control
from tolmach_conformance.journal import Journal
from tolmach_conformance.verdict import HarnessError

__all__ = ["World", "attached", "started"]

_START: Final = 30.0
_STOP: Final = 5.0


@dataclass(frozen=True, slots=True)
class World:
    """The fakes as the suite uses them; ``ready`` is the content of the ready file."""

    ready: Mapping[str, Mapping[str, object]]
    control: Control
    journal: Journal
    session: aiohttp.ClientSession

    def endpoint(self, part: str, name: str) -> str:
        """Return a text of the ready file (``agent``, ``url``); missing is a harness error."""
        value = self.ready.get(part, {}).get(name)
        if not isinstance(value, str):
            raise HarnessError(f"the ready file holds no {part}.{name}")
        return value


@contextlib.asynccontextmanager
async def attached(ready_file: Path, patience: float = math.inf) -> AsyncGenerator[World, None]:
    """Use fakes that run already; ``patience`` bounds every wait for them in seconds."""
    ready = _read(ready_file)
    control_url, token = str(ready["control"]["url"]), str(ready["control"]["token"])
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        control = Control(session, control_url, token)
        async with Journal(control, patience) as journal:
            yield World(ready, control, journal, session)


@contextlib.asynccontextmanager
async def started(
    work: Path, parts: Sequence[str], seed: int, patience: float = math.inf
) -> AsyncGenerator[World, None]:
    """Start fakes as a process of their own for the time of the block; logs go to ``work``."""
    ready_file = _fresh(work)
    command = [sys.executable, "-m", "tolmach_mockservers", "up", *parts]
    command += ["--ready-file", str(ready_file), "--seed", str(seed), "--strict"]
    with (work / "fakes.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        try:
            await _wait_for(ready_file, process, work / "fakes.log")
            async with attached(ready_file, patience) as world:
                yield world
        finally:
            await _stop(process)


async def _wait_for(ready_file: Path, process: asyncio.subprocess.Process, log: Path) -> None:
    try:
        async with asyncio.timeout(_START):
            # The file appears atomically when everything listens; nothing else announces it.
            while not _there(ready_file):
                if process.returncode is not None:
                    raise HarnessError(f"the fakes ended with {process.returncode}:\n{_tail(log)}")
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise HarnessError(f"the fakes were not ready within {_START:.0f} s; see {log}") from None


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_STOP):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _fresh(work: Path) -> Path:
    work.mkdir(parents=True, exist_ok=True)
    ready_file = work / "ready.json"
    ready_file.unlink(missing_ok=True)
    return ready_file


def _there(path: Path) -> bool:
    return path.exists()


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]


def _read(ready_file: Path) -> Mapping[str, Mapping[str, object]]:
    try:
        found = json.loads(ready_file.read_text(encoding="utf-8"))
        if {"url", "token"} <= found["control"].keys():
            return cast("Mapping[str, Mapping[str, object]]", found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise HarnessError(f"{ready_file}: no ready file of running fakes ({type(error).__name__})") from None
    raise HarnessError(f"{ready_file}: no ready file of running fakes (control.url, control.token)")
