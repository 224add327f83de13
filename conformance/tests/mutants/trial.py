"""One mutant on trial: the suite judges the channel with the defect in it.

What it is for: what the matrix and the tests share. What it must not do: print, or forgive a row that
failed without being listed.
"""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from mutants.mutant import Mutant
from tolmach_conformance.catalogue import load_behaviours
from tolmach_conformance.manifest import Manifest, load_manifest
from tolmach_conformance.outcome import Outcome
from tolmach_conformance.runner import Options, run_subject
from tolmach_conformance.verdict import Verdict

__all__ = ["HERE", "Report", "nursery", "run_trial"]

HERE = Path(__file__).parent
CLEAN = Mutant("-", "nothing", (), ())
"""The channel as it is, through the same launcher."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a trial. ``failed`` maps rows to reasons, ``judged`` are the rows that ran."""

    mutant: Mutant
    failed: dict[int, str]
    judged: frozenset[int]
    reached: bool
    seconds: float
    broken: tuple[str, ...]

    @property
    def expected(self) -> frozenset[int]:
        """Return the listed rows among those that ran."""
        return frozenset(self.mutant.rows) & self.judged

    @property
    def unlisted(self) -> frozenset[int]:
        """Return the rows that failed without being listed."""
        return frozenset(self.failed) - self.expected

    @property
    def missed(self) -> frozenset[int]:
        """Return the listed rows that did not notice."""
        return self.expected - frozenset(self.failed)

    @property
    def killed(self) -> bool:
        """Return whether any row noticed."""
        return bool(self.failed)

    @property
    def as_listed(self) -> bool:
        """Return whether exactly the listed rows failed, because of the defect."""
        reached = self.reached or not self.mutant.targets
        return reached and not self.unlisted and not self.missed and not self.broken


@contextlib.asynccontextmanager
async def nursery() -> AsyncGenerator[Path, None]:
    """Run a nursery for the time of the block; yield its socket."""
    with tempfile.TemporaryDirectory(prefix="nursery-") as folder:
        path = Path(folder) / "socket"
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(HERE / "nursery.py"),
            str(path),
            stdin=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(30):
                # The socket appears when everything is imported; nothing else announces it.
                while not _there(path):
                    if process.returncode is not None:
                        raise RuntimeError(f"the nursery ended with {process.returncode}")
                    await asyncio.sleep(0.02)
            yield path
        finally:
            if process.stdin is not None:
                process.stdin.close()
            await process.wait()


async def run_trial(
    mutant: Mutant,
    work: Path,
    socket: Path,
    *,
    rows: Collection[int] | None = None,
    seed: int = 1,
    patience: float = 4.0,
    ready_file: Path | None = None,
    done: Callable[[Outcome], None] = lambda _: None,
) -> Report:
    """Judge a mutant on all rows, or on some; ``socket`` is the nursery's.

    ``patience`` is the most seconds that any wait lasts.
    """
    mark = _fresh(work)
    behaviours = {number: one for number, one in load_behaviours().items() if rows is None or number in rows}
    options = Options(seed=seed, work=work, ready_file=ready_file, partial=True, patience=patience)
    began = asyncio.get_running_loop().time()
    result = await run_subject(_manifest(mutant, mark, socket), behaviours, options, done=done)
    seconds = asyncio.get_running_loop().time() - began
    failed = {one.number: one.reason for one in result.outcomes if one.verdict is Verdict.FAIL}
    strange = [f"{one.number}: {one.verdict.value}: {one.reason}" for one in result.outcomes if _strange(one)]
    judged = frozenset(one.number for one in result.outcomes)
    return Report(mutant, failed, judged, mark.exists(), seconds, (*result.broken, *strange))


def _fresh(work: Path) -> Path:
    work.mkdir(parents=True, exist_ok=True)
    mark = work / "reached"
    mark.unlink(missing_ok=True)
    return mark


def _strange(outcome: Outcome) -> bool:
    # What is not claimed stands in the manifest: no defect changes it.
    return outcome.verdict in {Verdict.HARNESS_ERROR, Verdict.NOT_OBSERVABLE}


def _manifest(mutant: Mutant, mark: Path, socket: Path) -> Manifest:
    """Return the bundled manifest with the nursery's client in the place of the command line."""
    manifest = load_manifest(f"tolmach-{mutant.platform}")
    client = ["{python}", "-I", "-S", str(HERE / "client.py"), str(socket)]

    def through(command: tuple[str, ...] | None, name: str) -> tuple[str, ...]:
        assert command is not None
        assert command[:3] == ("{python}", "-m", "tolmach.cli.main"), command
        return (*client, name, str(mark), *command[3:])

    operator = manifest.operator.model_copy(
        update={
            "approve": through(manifest.operator.approve, "-"),
            "status": through(manifest.operator.status, "-"),
        }
    )
    return manifest.model_copy(
        update={"command": through(manifest.command, mutant.name), "operator": operator}
    )


def _there(path: Path) -> bool:
    return path.exists()
