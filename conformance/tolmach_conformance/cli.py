"""The command ``tolmach conformance``.

What it is for: options, progress and exit codes. What it must not do: import more than click before a
command runs; ``tolmach --help`` loads this module.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tolmach_conformance.behaviour import Behaviour
    from tolmach_conformance.catalogue import Row

__all__ = ["conformance", "demo", "execute"]

_OUT = Path("build/conformance")


@click.group()
def conformance() -> None:
    """Judge chat bots against the catalogue of behaviours.

    Exit codes: 0 pass or within the baseline, 1 fail, 2 configuration, 3 harness error.
    """


@conformance.command()
@click.argument("manifests", nargs=-1, metavar="[MANIFEST]…")
@click.option("--only", multiple=True, metavar="ROWS", help="Numbers, ranges (60-79), ids or areas.")
@click.option(
    "--level", "levels", multiple=True, type=click.Choice(["MUST", "SHOULD", "MAY"], case_sensitive=False)
)
@click.option("--seed", type=int, default=None, help="Order of behaviours; random and printed if absent.")
@click.option(
    "--repeat", type=click.IntRange(1), default=1, show_default=True, help="Runs, each with the next seed."
)
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Known gaps (YAML): number, reason, owner, expires.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=_OUT, show_default=True)
@click.option(
    "--url",
    "ready_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="READY_FILE",
    help="Use the fakes that wrote this ready file.",
)
@click.option(
    "--parallel", type=click.IntRange(1, 16), default=3, show_default=True, help="Subjects at once."
)
@click.option(
    "--patience",
    type=click.FloatRange(1.0),
    default=None,
    metavar="SECONDS",
    help="Wait at most so long for anything; for subjects known to fail.",
)
def run(
    manifests: tuple[str, ...],
    only: tuple[str, ...],
    levels: tuple[str, ...],
    seed: int | None,
    repeat: int,
    baseline: Path | None,
    out: Path,
    ready_file: Path | None,
    parallel: int,
    patience: float | None,
) -> None:
    """Judge subjects by their manifests; without one, the channel that ships with Tolmach, everywhere."""
    code = execute(
        manifests,
        only=only,
        levels=levels,
        seed=seed,
        repeat=repeat,
        baseline=baseline,
        out=out,
        ready_file=ready_file,
        parallel=parallel,
        patience=patience,
    )
    sys.exit(code)


@conformance.command("list")
@click.option("--json", "as_json", is_flag=True, help="The whole catalogue with the scenarios' metadata.")
@click.option("--only", multiple=True, metavar="ROWS", help="Numbers, ranges (60-79), ids or areas.")
def list_rows(as_json: bool, only: tuple[str, ...]) -> None:
    """List the behaviours."""
    from tolmach_conformance.catalogue import catalogue, export, load_behaviours, select

    if as_json:
        import json

        click.echo(json.dumps({"version": 1, "rows": export()}, indent=1, ensure_ascii=False))
        return
    judged = load_behaviours()
    try:
        chosen = set(select(dict.fromkeys(catalogue(), next(iter(judged.values()))), only=only))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    for number, row in catalogue().items():
        if number in chosen:
            click.echo(f"{'*' if number in judged else ' '} {number:03d} {row.level:<6} {row.id}")
    click.echo(f"* judged by a scenario: {len(judged)} of {len(catalogue())}", err=True)


@conformance.command()
@click.argument("row")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=_OUT, show_default=True)
def explain(row: str, out: Path) -> None:
    """Tell what a row asks, how it is judged, and what the last run saw."""
    from tolmach_conformance.catalogue import catalogue, load_behaviours

    judged, rows = load_behaviours(), catalogue()
    digits = row.lstrip("#0")
    found = next((r for r in rows.values() if row == r.id or digits == str(r.number)), None)
    if found is None:
        raise click.UsageError(f"{row} is no number or id of the catalogue")
    click.echo(f"{found.number:03d} {found.id}  {found.level}\n\n{found.title}\n")
    for name, (verdict, why) in found.platforms.items():
        click.echo(f"  {name:<11} {verdict}{': ' + why if why else ''}")
    _explain_scenario(judged.get(found.number))
    for report in sorted(out.glob("report*.json")):
        _explain_last(found, report)


def _explain_scenario(behaviour: "Behaviour | None") -> None:
    if behaviour is None:
        click.echo("\nNo scenario judges this row yet.")
        return
    import inspect

    click.echo(f"\n{behaviour.text}\n")
    click.echo(inspect.getsource(behaviour.scenario))


def _explain_last(row: "Row", report: Path) -> None:
    import json

    results = json.loads(report.read_text(encoding="utf-8")).get("results", [])
    for one in (one for one in results if one.get("number") == row.number):
        reason = f": {one['reason']}" if one.get("reason") else ""
        click.echo(f"last run ({one['subject']}): {one['verdict']}{reason}")
        for step in one.get("exchange", []):
            click.echo(f"  {step['at']:8.3f}  {step['who']:<9} {step['what']}: {step['text']}")


def demo() -> int:
    """Judge the bundled channel on every platform with everything there is, as ``make demo`` does."""
    return execute((), out=_OUT)


def execute(
    manifests: Sequence[str],
    *,
    only: Sequence[str] = (),
    levels: Sequence[str] = (),
    seed: int | None = None,
    repeat: int = 1,
    baseline: Path | None = None,
    out: Path = _OUT,
    ready_file: Path | None = None,
    parallel: int = 3,
    patience: float | None = None,
) -> int:
    """Run everything and return the exit code."""
    import asyncio
    import math
    import random

    from rich.console import Console

    from tolmach_conformance.baseline import load_baseline
    from tolmach_conformance.catalogue import load_behaviours, select
    from tolmach_conformance.manifest import BUNDLED, ManifestError, load_manifest
    from tolmach_conformance.session import Session
    from tolmach_conformance.verdict import ExitCode

    errors = Console(stderr=True, highlight=False)
    try:
        loaded = [load_manifest(name) for name in (manifests or BUNDLED)]
        chosen = select(load_behaviours(), only=only, levels=[level.upper() for level in levels])
        gaps = load_baseline(baseline) if baseline is not None else []
        first = random.randrange(1_000_000) if seed is None else seed
        session = Session(
            out, ready_file, parallel, gaps, partial=bool(only or levels), patience=patience or math.inf
        )
        return session.judge(loaded, chosen, first, repeat)
    except (ManifestError, ValueError) as error:
        errors.print(str(error), style="red", markup=False)
        return ExitCode.CONFIGURATION
    except (KeyboardInterrupt, asyncio.CancelledError):
        errors.print("interrupted", style="red")
        return ExitCode.HARNESS
