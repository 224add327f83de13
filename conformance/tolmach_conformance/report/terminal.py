"""The matrix in the terminal.

What it is for: a person who wants to know what failed and why, in one screen. What it must not do: write
files, or run anything.
"""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tolmach_conformance.outcome import Outcome, RunResult
from tolmach_conformance.verdict import Verdict

__all__ = ["print_matrix", "print_side_by_side"]

_COLUMNS = {
    Verdict.PASS: ("pass", "green"),
    Verdict.FAIL: ("fail", "red"),
    Verdict.NOT_APPLICABLE: ("n.a.", "dim"),
    Verdict.NOT_CLAIMED: ("not claimed", "dim"),
    Verdict.NOT_OBSERVABLE: ("not observable", "dim"),
    Verdict.HARNESS_ERROR: ("harness error", "magenta"),
}


def print_matrix(run: RunResult, console: Console, *, where: str = "") -> None:
    """Print what came of a run; ``where`` is a directory with the full reports."""
    judged = sum(1 for one in run.outcomes if one.verdict in {Verdict.PASS, Verdict.FAIL})
    title = f"{run.subject} {run.version} on {run.platform}"
    tail = f"{judged} of {len(run.outcomes)} judged in {run.seconds:.0f} s"
    console.print(Text.assemble((title, "bold"), "  ", (tail, "dim")))
    console.print()
    shown = [v for v in _COLUMNS if v is not Verdict.HARNESS_ERROR or _any(run, v)]
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("", min_width=8)
    for verdict in shown:
        table.add_column(_COLUMNS[verdict][0], justify="right", header_style="")
    counts = run.counts()
    for level in ("MUST", "SHOULD", "MAY"):
        row = counts.get(level)
        if row is not None:
            table.add_row(f"  {level}", *(_cell(verdict, row[verdict.value]) for verdict in shown))
    console.print(table)
    _print_rows(run, console)
    for text in run.broken:
        console.print(Text.assemble(("  HARNESS  ", "magenta"), text))
    for text in run.baseline:
        console.print(Text.assemble(("  BASELINE ", "red"), text))
    for text in run.notices:
        console.print(Text.assemble(("  note     ", "dim"), (text, "dim")))
    bad = [one for one in run.outcomes if one.verdict in {Verdict.FAIL, Verdict.HARNESS_ERROR}]
    if bad:
        console.print()
        console.print(Text(f"  explain: tolmach conformance explain {bad[0].number}", style="dim"))
    if where:
        console.print(
            Text(f"  seed {run.seed}, {run.instances} starts of the subject, reports in {where}", style="dim")
        )


def print_side_by_side(runs: Sequence[RunResult], console: Console) -> None:
    """Print several subjects in one matrix, and every row on which they differ with the reason."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("", min_width=8)
    columns = {verdict: word for verdict, word in _COLUMNS.items() if any(_any(run, verdict) for run in runs)}
    for run in runs:
        for verdict, (word, _) in columns.items():
            head = f"{run.platform}\n{word}" if verdict is next(iter(columns)) else f"\n{word}"
            table.add_column(head, justify="right", header_style="")
    for level in ("MUST", "SHOULD", "MAY"):
        counts = [run.counts().get(level) for run in runs]
        if any(row is not None for row in counts):
            cells = [
                _cell(verdict, row[verdict.value] if row else 0) for row in counts for verdict in columns
            ]
            table.add_row(f"  {level}", *cells)
    console.print()
    console.print(Text("side by side", "bold"))
    console.print()
    console.print(table)
    _print_differences(runs, console)


def _print_differences(runs: Sequence[RunResult], console: Console) -> None:
    by_number = [{one.number: one for one in run.outcomes} for run in runs]
    table = Table(box=None, padding=(0, 1, 0, 1), show_header=False, show_edge=False)
    for no_wrap in (True, True, False):
        table.add_column("", no_wrap=no_wrap, ratio=None if no_wrap else 1)
    for number in sorted({number for rows in by_number for number in rows}):
        found = [rows.get(number) for rows in by_number]
        if len({None if one is None else one.verdict for one in found}) == 1:
            continue
        said = [f"{run.platform} {_said(one)}" for run, one in zip(runs, found, strict=True)]
        name = next(one.id for one in found if one is not None)
        table.add_row(f"  {number:03d}", name, Text("; ".join(said), style="dim"))
    if table.row_count:
        console.print()
        console.print(Text("  rows that differ", style="dim"))
        console.print(table)


def _said(one: Outcome | None) -> str:
    if one is None:
        return "not judged"
    word = _COLUMNS[one.verdict][0]
    return f"{word} ({one.reason})" if one.reason else word


def _any(run: RunResult, verdict: Verdict) -> bool:
    return any(one.verdict is verdict for one in run.outcomes)


def _cell(verdict: Verdict, count: int) -> Text:
    return Text(str(count), style=_COLUMNS[verdict][1] if count else "dim")


def _print_rows(run: RunResult, console: Console) -> None:
    rows = [one for one in run.outcomes if one.verdict in {Verdict.FAIL, Verdict.HARNESS_ERROR}]
    if rows:
        console.print()
    table = Table(box=None, padding=(0, 1, 0, 1), show_header=False, show_edge=False)
    for column in ({"no_wrap": True}, {}, {"no_wrap": True}, {"ratio": 1}):
        table.add_column("", no_wrap=bool(column.get("no_wrap")), ratio=column.get("ratio"))
    for one in rows:
        if one.known_gap:
            word, style = "known", "yellow"
        elif one.verdict is Verdict.FAIL:
            word, style = "FAIL", "red"
        else:
            word, style = "ERROR", "magenta"
        table.add_row(Text(f" {word}", style=style), f"{one.number:03d}", one.id, Text(one.reason))
    if rows:
        console.print(table)
