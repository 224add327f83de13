"""The JSON report, described by report.schema.json.

What it is for: programs. What it must not do: hold more than the schema knows.
"""

import importlib.metadata
import json
from pathlib import Path

from tolmach_conformance.outcome import Outcome, RunResult

__all__ = ["as_json", "write_json"]


def as_json(results: list[RunResult]) -> dict[str, object]:
    """Return the report of one subject; several repeats of one run become one list of results."""
    first = results[0]
    rows = [_result(one, run) for run in results for one in run.outcomes]
    gaps = sorted({one.number for run in results for one in run.outcomes if one.known_gap})
    return {
        "version": 1,
        "suite": f"tolmach-conformance {_version()}",
        "subject": {"name": first.subject, "version": first.version},
        "platform": first.platform,
        "started_at": first.started_at,
        "seconds": round(sum(run.seconds for run in results), 3),
        "results": rows,
        "summary": {
            "levels": first.counts(),
            "seeds": [run.seed for run in results],
            "instances": first.instances,
            "known_gaps": gaps,
            "baseline": first.baseline,
            "notices": sorted({text for run in results for text in run.notices}),
            "harness_errors": sorted({text for run in results for text in run.broken}),
        },
    }


def write_json(results: list[RunResult], path: Path) -> None:
    """Write the report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_json(results), indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")


def _result(one: Outcome, run: RunResult) -> dict[str, object]:
    result: dict[str, object] = {
        "number": one.number,
        "id": one.id,
        "level": one.level,
        "platform": run.platform,
        "subject": run.subject,
        "verdict": one.verdict.value,
        "seconds": one.seconds,
    }
    reason = "; ".join(part for part in (one.reason, *one.notes) if part)
    if reason:
        result["reason"] = reason
    if one.exchange:
        result["exchange"] = [
            {"at": step.at, "who": step.who, "what": step.what, "text": step.text} for step in one.exchange
        ]
    return result


def _version() -> str:
    try:
        return importlib.metadata.version("tolmach")
    except importlib.metadata.PackageNotFoundError:
        return "from source"
