"""Start a bot as a process, know when it listens, and end it with the test.

What it is for: bots in any language. What it must not do: leave a process behind.
"""

import asyncio
import os
import shlex
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from tolmach_mockservers.journal import Match
from tolmach_mockservers.testing.thread import FakesThread

__all__ = ["Launched", "Launcher"]

_GRACE: Final = 5.0
"""Seconds a process gets to end after SIGTERM."""


class Launched:
    """One started process; ``output()`` is what it has written so far."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], cwd: str | None) -> None:
        self.command = list(command)
        self._ended = ""
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in end()
        self.process = subprocess.Popen(  # noqa: S603 - the test chooses the command
            self.command,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **env},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=self._file,
            stderr=subprocess.STDOUT,
        )

    def output(self) -> str:
        """Return what the process has written to standard output and error."""
        if self._file.closed:
            return self._ended
        size = os.fstat(self._file.fileno()).st_size
        return os.pread(self._file.fileno(), size, 0).decode(errors="replace")

    def end(self) -> None:
        """End the process: SIGTERM, and after a grace SIGKILL."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._ended = self.output()
        self._file.close()


class Launcher:
    """Start processes for one test."""

    def __init__(self, thread: FakesThread) -> None:
        self._thread = thread
        self._started: list[Launched] = []
        # A bot that remembers what it handled must not do so from one test, or run, to the next.
        self._state = tempfile.TemporaryDirectory(prefix="tolmach-state-")

    async def __call__(
        self,
        command: str | Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | Path | None = None,
        ready: bool | None = None,
        timeout: float = 20.0,
    ) -> Launched:
        """Start ``command`` with ``env`` on top of the test's environment.

        Returns once the bot listens: it has subscribed to messages of the fake Rocket.Chat, or, where
        ``env`` has a PACHCA_TOKEN and no ROCKETCHAT_URL, set its webhook or read its history. With
        ``ready=False`` (the default when ``env`` has neither) at once. State that a bot keeps under
        ``XDG_STATE_HOME`` lives as long as the test.
        """
        words = shlex.split(command) if isinstance(command, str) else [*command]
        if words[0] in {"python", "python3"}:
            words[0] = sys.executable
        given = {"XDG_STATE_HOME": self._state.name, **(env or {})}
        after = self._thread.fakes.kernel.journal.last
        launched = Launched(words, given, None if cwd is None else str(cwd))
        self._started.append(launched)
        pachca = "PACHCA_TOKEN" in given and "ROCKETCHAT_URL" not in given
        if ready if ready is not None else pachca or "ROCKETCHAT_URL" in given:
            what, match = self._pachca_sign() if pachca else self._rocketchat_sign()
            await self._listens(launched, what, match, after, timeout)
        return launched

    def end(self) -> None:
        """End every process, and print what it wrote, for the report of a failed test."""
        for launched in reversed(self._started):
            launched.end()
            text = launched.output()
            if text:
                sys.stdout.write(f"--- output of {shlex.join(launched.command)}\n{text}\n")
        self._started.clear()
        self._state.cleanup()

    def _rocketchat_sign(self) -> tuple[tuple[str, str], Match]:
        ready = self._thread.fakes.ready.get("rocketchat")
        if ready is None:
            raise RuntimeError("the fake Rocket.Chat does not run")
        match = Match(
            kinds=frozenset({"ddp.in"}),
            operations=frozenset({"stream-room-messages"}),
            actor=ready["bot"]["id"],
        )
        return ("subscribe to stream-room-messages", "subscribed to stream-room-messages"), match

    def _pachca_sign(self) -> tuple[tuple[str, str], Match]:
        ready = self._thread.fakes.ready.get("pachca")
        if ready is None:
            raise RuntimeError("the fake Pachca does not run")
        match = Match(
            kinds=frozenset({"http"}),
            operations=frozenset({"PUT /bot/webhook", "GET /webhooks/events"}),
            actor=str(ready["bot"]["id"]),
        )
        return ("set a webhook or read its history", "set a webhook or read its history"), match

    async def _listens(
        self, launched: Launched, what: tuple[str, str], match: Match, after: int, timeout: float
    ) -> None:
        if not await self._thread.ask(self._either(match, after, timeout, launched)):
            status = launched.process.poll()
            how = (
                f"did not {what[0]} within {timeout:g} s"
                if status is None
                else f"ended with status {status} before it {what[1]}"
            )
            raise AssertionError(f"{shlex.join(launched.command)} {how}\n{launched.output()}")

    async def _either(self, match: Match, after: int, timeout: float, launched: Launched) -> bool:
        """Wait, in the fakes' loop, for the subscription or the end of the process."""
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()

        def watch() -> None:
            launched.process.wait()
            loop.call_soon_threadsafe(ended.set)

        # A daemon of its own: a loop's executor would be joined when a test's loop closes.
        threading.Thread(target=watch, name="tolmach-launched", daemon=True).start()
        journal = self._thread.fakes.kernel.journal
        waiting = asyncio.create_task(journal.wait_for(match, after=after, timeout=timeout))
        ending = asyncio.create_task(ended.wait())
        await asyncio.wait({waiting, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if waiting.done():
            return waiting.result().matched
        waiting.cancel()
        return False
