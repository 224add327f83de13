"""Start, watch and stop a subject.

What it is for: processes of subjects, each in a process group and a directory of its own, their output kept.
What it must not do: know a platform or a behaviour; wait without a bound.
"""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import aiohttp

from tolmach_conformance.configuration import Written, filled
from tolmach_conformance.manifest import Manifest

__all__ = ["SubjectProcess", "free_port", "run_command"]

_KILL: Final = 5.0
_INHERITED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT", "PYTHONPATH")


def free_port() -> int:
    """Return a loopback port that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return a subject's environment: the plain part of ours, and what the manifest says."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**kept, "PYTHONUNBUFFERED": "1", **extra}


class SubjectProcess:
    """One subject as a process. ``names`` are the placeholders, ``work`` its directory."""

    def __init__(
        self,
        manifest: Manifest,
        written: Written,
        names: Mapping[str, str],
        work: Path,
        http: aiohttp.ClientSession,
    ) -> None:
        self._manifest = manifest
        self._written = written
        self.names = names
        self._log = work / "output.log"
        self._work = work
        self._http = http
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._grown = asyncio.Event()
        self._output = bytearray()
        self._ready_from = 0
        self.ended: Callable[[], None] = lambda: None

    @property
    def output(self) -> str:
        """Return everything it wrote to standard output and error, over all starts."""
        return self._output.decode("utf-8", errors="replace")

    @property
    def exit_code(self) -> int | None:
        """Return the exit code of the last start, None while it runs."""
        return None if self._process is None else self._process.returncode

    @property
    def running(self) -> bool:
        """Return whether the process lives."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Write the configuration and start the process."""
        _write(self._work, self._manifest, self._written, self.names)
        command = [filled(self._manifest, "command", part, self.names) for part in self._command()]
        beside = self._manifest.cwd or ("." if self._manifest.python is not None else None)
        cwd = self._work if beside is None else self._manifest.path.parent / beside
        self._ready_from = len(self._output)
        self._process = await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env=_environment(self._written.env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = asyncio.create_task(self._read(self._process), name="subject output")

    async def ready(self, within: float | None = None) -> bool:
        """Wait for the manifest's ready check; False when the process ends or time runs out before it."""
        bound = self._manifest.ready.within if within is None else within
        check = asyncio.create_task(self._check(), name="ready check")
        ended = asyncio.create_task(self._ended(), name="subject end")
        try:
            await asyncio.wait({check, ended}, timeout=bound, return_when=asyncio.FIRST_COMPLETED)
            return check.done() and self.running
        finally:
            for task in (check, ended):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def stop(self) -> float:
        """Stop gracefully, then by force; return the seconds until the process was gone."""
        began = time.monotonic()
        process = self._process
        if process is not None and process.returncode is None:
            if self._manifest.stop.command is not None:
                await run_command(self._manifest, "stop.command", self._manifest.stop.command, self.names)
            else:
                number = signal.SIGTERM if self._manifest.stop.signal == "TERM" else signal.SIGINT
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(number)
            try:
                async with asyncio.timeout(self._manifest.stop.within):
                    await process.wait()
            except TimeoutError:
                self._output += b"\n[suite] did not stop in time and was killed\n"
        took = time.monotonic() - began
        await self.kill()
        return took

    async def kill(self) -> None:
        """End the whole process group now."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            async with asyncio.timeout(_KILL):
                await self._process.wait()
        if self._reader is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_KILL):
                    await self._reader
        _keep(self._log, bytes(self._output))

    async def output_matches(self, pattern: str) -> None:
        """Return once a line written since the last start matches."""
        wanted = re.compile(pattern, re.MULTILINE)
        while wanted.search(self._output[self._ready_from :].decode("utf-8", errors="replace")) is None:
            grown = self._grown
            await grown.wait()

    async def _check(self) -> None:
        ready = self._manifest.ready
        if ready.stdout is not None:
            await self.output_matches(ready.stdout)
        elif ready.http is not None:
            url = filled(self._manifest, "ready.http", ready.http, self.names)
            while not await self._answers(url):  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(0.05)
        else:
            path = Path(filled(self._manifest, "ready.file", ready.file or "", self.names))
            while not _exists(path):  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(0.02)

    async def _answers(self, url: str) -> bool:
        try:
            async with self._http.get(url, timeout=aiohttp.ClientTimeout(total=2)) as answer:
                return answer.status < 300
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _ended(self) -> None:
        if self._process is not None:
            await self._process.wait()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            return
        while chunk := await process.stdout.read(65536):
            self._output += chunk
            grown, self._grown = self._grown, asyncio.Event()
            grown.set()
        await process.wait()
        self.ended()

    def _command(self) -> Sequence[str]:
        if self._manifest.command is not None:
            return self._manifest.command
        target = self._manifest.python or ""
        return ("{python}", "-m", "tolmach_conformance.serve", target, "{config}")


async def run_command(
    manifest: Manifest, field: str, command: Sequence[str], names: Mapping[str, str], within: float = 20.0
) -> tuple[int, str]:
    """Run an operator's command; return its exit code and output."""
    parts = [filled(manifest, field, part, names) for part in command]
    env = {key: filled(manifest, f"env.{key}", value, names) for key, value in manifest.env.items()}
    process = await asyncio.create_subprocess_exec(
        *parts,
        env=_environment(env),
        cwd=manifest.path.parent,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(within):
            output, _ = await process.communicate()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        return -1, f"the command did not end within {within:g} s"
    return process.returncode or 0, output.decode("utf-8", errors="replace")


def _write(work: Path, manifest: Manifest, written: Written, names: Mapping[str, str]) -> None:
    Path(names["state_dir"]).mkdir(parents=True, exist_ok=True)
    work.mkdir(parents=True, exist_ok=True)
    if manifest.config is not None:
        file = Path(names["config"])
        file.write_text(written.text, encoding="utf-8")
        file.chmod(0o600)


def _keep(log: Path, output: bytes) -> None:
    log.write_bytes(output)


def _exists(path: Path) -> bool:
    return path.exists()


def placeholders(manifest: Manifest, work: Path) -> dict[str, str]:
    """Return the placeholders that depend on neither platform nor bot."""
    file = "config.json" if manifest.config is None else manifest.config.file
    return {
        "python": sys.executable,
        "config": str(work / file),
        "state_dir": str(work / "state"),
        "manifest_dir": str(manifest.path.parent),
        "port": str(free_port()),
        "webhook_port": str(free_port()),
    }
