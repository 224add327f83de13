"""Run a Python subject: ``python -m tolmach_conformance.serve package.module:serve CONFIG``.

What it is for: manifests that name a coroutine function ``serve(config, *, clock)`` instead of a command.
What it must not do: know what the function does. It prints ``serving`` when it calls the function and
cancels it on SIGTERM.
"""

import asyncio
import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import cast

import aiohttp

__all__ = ["ControlClock", "main"]


class ControlClock:
    """Tell the fakes' time: ``now`` in seconds since the epoch, ``sleep`` that wakes when it is moved.

    Follows GET /clock/wait of the control API, the same hook that TOLMACH_CLOCK gives to a process.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._base, self._read_at = time.time(), time.monotonic()
        self._frozen = False
        self._moved = asyncio.Event()

    def now(self) -> float:
        """Return the time."""
        return self._base if self._frozen else self._base + time.monotonic() - self._read_at

    async def sleep(self, seconds: float) -> None:
        """Return once ``now()`` has moved by at least ``seconds``."""
        due = self.now() + max(0.0, seconds)
        while self.now() < due:
            moved = self._moved
            left = None if self._frozen else due - self.now()
            try:
                async with asyncio.timeout(left):
                    await moved.wait()
            except TimeoutError:
                continue

    async def follow(self) -> None:
        """Follow the control API until cancelled."""
        client = f"serve-{os.getpid()}"
        async with aiohttp.ClientSession(headers=self._headers, raise_for_status=True) as session:
            path, query = "/clock", dict[str, str]()
            while True:
                async with session.get(self._url + path, params=query) as answer:
                    found = cast("Mapping[str, object]", await answer.json())
                path, query = "/clock/wait", {"version": str(found["version"]), "client": client}
                self._base = float(cast("float", found["now"]))
                self._read_at, self._frozen = time.monotonic(), found["frozen"] is True
                moved, self._moved = self._moved, asyncio.Event()
                moved.set()


async def _serve(target: str, config: object) -> None:
    module, _, name = target.partition(":")
    found = cast("Callable[..., Awaitable[None]]", getattr(importlib.import_module(module), name))
    clock = ControlClock(os.environ.get("TOLMACH_CLOCK", ""), os.environ.get("TOLMACH_CLOCK_TOKEN", ""))
    follower = asyncio.create_task(clock.follow()) if os.environ.get("TOLMACH_CLOCK") else None
    print("serving", flush=True)
    try:
        await found(config, clock=clock)
    finally:
        if follower is not None:
            follower.cancel()


async def _until_stopped(target: str, config: object) -> None:
    running = asyncio.create_task(_serve(target, config))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    await asyncio.wait([running])
    if not running.cancelled():
        running.result()


def main() -> None:
    """Run the function named on the command line with the configuration named there."""
    if len(sys.argv) != 3:
        sys.exit("usage: python -m tolmach_conformance.serve package.module:serve CONFIG")
    sys.path.insert(0, str(Path.cwd()))
    config: object = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    asyncio.run(_until_stopped(sys.argv[1], config))


if __name__ == "__main__":
    main()
