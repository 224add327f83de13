"""The Markdown summary and the badge.

What it is for: a pull request's comment and a README's badge. What it must not do: repeat the full report.
"""

import json
from pathlib import Path

from tolmach_conformance.outcome import RunResult
from tolmach_conformance.verdict import Verdict

__all__ = ["write_badge", "write_markdown"]


def write_markdown(results: list[RunResult], path: Path) -> None:
    """Write counts by level, and every failure in one line."""
    lines: list[str] = []
    for run in results:
        lines += [f"## {run.subject} {run.version} on {run.platform}", ""]
        lines += ["| level | " + " | ".join(verdict.value for verdict in Verdict) + " |"]
        lines += ["|---" * (len(Verdict) + 1) + "|"]
        for level, counts in sorted(
            run.counts().items(), key=lambda item: ("MUST", "SHOULD", "MAY").index(item[0])
        ):
            lines.append(
                f"| {level} | " + " | ".join(str(counts[verdict.value]) for verdict in Verdict) + " |"
            )
        lines.append("")
        for one in run.outcomes:
            if one.verdict in {Verdict.FAIL, Verdict.HARNESS_ERROR}:
                known = f" (known: {one.known_gap})" if one.known_gap else ""
                lines.append(f"- **{one.number:03d} {one.id}** {one.verdict.value}: {one.reason}{known}")
        lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8")


def write_badge(results: list[RunResult], path: Path) -> None:
    """Write what shields.io calls an endpoint: passed of judged MUST rows, for every platform."""
    said: list[str] = []
    good = True
    for run in results:
        must = [one for one in run.outcomes if one.level == "MUST"]
        judged = [one for one in must if one.verdict in {Verdict.PASS, Verdict.FAIL}]
        passed = sum(1 for one in judged if one.verdict is Verdict.PASS)
        good = good and passed == len(judged) and bool(judged)
        name = f"{run.platform} " if len(results) > 1 else ""
        said.append(f"{name}{passed}/{len(judged)}")
    badge = {
        "schemaVersion": 1,
        "label": "conformance",
        "message": f"{', '.join(said)} MUST",
        "color": "brightgreen" if good else "red",
    }
    path.write_text(json.dumps(badge) + "\n", encoding="utf-8")
