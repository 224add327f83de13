"""The operator's view of a subject: approve, status, restart, and further copies.

What it is for: SubjectSide of the Stage. What it must not do: guess; what the manifest does not offer is not
claimed.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

from tolmach_conformance.behaviour import Behaviour
from tolmach_conformance.configuration import filled
from tolmach_conformance.driver import Account
from tolmach_conformance.manifest import Manifest
from tolmach_conformance.subject import SubjectProcess, run_command
from tolmach_conformance.verdict import Failed, HarnessError, NotClaimed

__all__ = ["Copy", "OperatorSide", "Starter"]

Starter: TypeAlias = Callable[
    [Mapping[str, object], Mapping[str, object] | None, Mapping[str, str] | None],
    Awaitable[tuple[SubjectProcess, Account]],
]
"""Start another copy with settings, raw paths and environment."""


async def _status(manifest: Manifest, names: Mapping[str, str]) -> Mapping[str, object]:
    spec = manifest.operator
    if spec.status_file is not None:
        text = _read(Path(filled(manifest, "operator.status_file", spec.status_file, names)))
    elif spec.status is not None:
        code, text = await run_command(manifest, "operator.status", spec.status, names)
        if code != 0:
            raise Failed(f"the status command ended with {code}")
    else:
        raise NotClaimed("the manifest offers no status")
    try:
        found: object = json.loads(text)
    except ValueError:
        raise Failed("the status is not JSON") from None
    if not isinstance(found, dict):
        raise Failed("the status is no JSON object")
    return cast("Mapping[str, object]", found)


@dataclass(frozen=True, slots=True)
class Copy:
    """Another copy of the subject, started by a behaviour."""

    process: SubjectProcess
    bot: Account
    ready: bool
    manifest: Manifest

    @property
    def exit_code(self) -> int | None:
        """Return the exit code."""
        return self.process.exit_code

    @property
    def output(self) -> str:
        """Return its output."""
        return self.process.output

    async def status(self) -> Mapping[str, object]:
        """Return its status."""
        return await _status(self.manifest, self.process.names)


class OperatorSide:
    """What one behaviour may do to the subject of its instance."""

    def __init__(
        self,
        behaviour: Behaviour,
        manifest: Manifest,
        process: SubjectProcess,
        start_copy: Starter,
        secrets: Mapping[str, str],
    ) -> None:
        self._behaviour = behaviour
        self._manifest = manifest
        self._process = process
        self._start_copy = start_copy
        self._secrets = secrets
        self._copies: list[Copy] = []

    async def approve(self, code: str) -> bool:
        """Run the approve command."""
        command = self._manifest.operator.approve
        if command is None:
            raise NotClaimed("the manifest offers no approve command")
        names = {**self._process.names, "code": code}
        ended, _ = await run_command(self._manifest, "operator.approve", command, names)
        return ended == 0

    async def status(self) -> Mapping[str, object]:
        """Return the status."""
        return await _status(self._manifest, self._process.names)

    async def restart(self) -> None:
        """Stop and start again."""
        if not self._behaviour.exclusive:
            raise HarnessError("a restart needs exclusive or destructive")
        await self._process.stop()
        await self._process.start()
        if not await self._process.ready():
            raise Failed("the subject did not become ready again after a restart")

    async def stop(self) -> float:
        """Stop for good."""
        if not self._behaviour.destructive:
            raise HarnessError("stopping needs destructive")
        return await self._process.stop()

    async def launch(
        self,
        settings: Mapping[str, object] | None = None,
        *,
        raw: Mapping[str, object] | None = None,
        env: Mapping[str, str] | None = None,
        within: float = 15.0,
    ) -> Copy:
        """Start another copy and wait until it is ready or has ended."""
        for name in settings or {}:
            if self._manifest.target(name) is None:
                raise NotClaimed(f"the manifest maps no setting {name}")
        process, bot = await self._start_copy(settings or {}, raw, env)
        copy = Copy(process, bot, await process.ready(within), self._manifest)
        self._copies.append(copy)
        if not copy.ready and not process.running:
            await process.kill()  # collects what it wrote last
        return copy

    def output(self) -> str:
        """Return what the subject wrote so far."""
        return self._process.output

    async def logged(self, pattern: str, *, within: float = 5.0) -> bool:
        """Wait for a line of the output."""
        try:
            async with asyncio.timeout(within):
                await self._process.output_matches(pattern)
        except TimeoutError:
            return False
        return True

    def leaks(self, text: str) -> Sequence[str]:
        """Return which credentials stand in a text."""
        return [name for name, secret in self._secrets.items() if secret and secret in text]

    def second_name(self) -> str:
        """Return the last part of the path where the second account stands."""
        if self._manifest.accounts is None:
            raise NotClaimed("the manifest offers no second account")
        return self._manifest.accounts.path.rpartition(".")[2]

    def setting_name(self, setting: str) -> str:
        """Return the subject's own word for a setting."""
        target = self._manifest.target(setting)
        if target is None:
            raise NotClaimed(f"the manifest maps no setting {setting}")
        return target.rpartition(".")[2].removeprefix("env:")

    async def close(self) -> None:
        """Stop every copy."""
        for copy in self._copies:
            await copy.process.stop()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Failed(f"the status file cannot be read: {error.strerror}") from None
