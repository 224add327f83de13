"""Known gaps: rows that may fail for a while, each with a reason, an owner and an end.

What it is for: a run that is honest about what is known and fails on what is new. What it must not do:
outlive its reasons; an entry that passes, has expired or names no row fails the run.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

from tolmach_conformance.catalogue import Catalogue
from tolmach_conformance.manifest import ManifestError
from tolmach_conformance.outcome import Outcome
from tolmach_conformance.verdict import Verdict

__all__ = ["Gap", "apply", "load_baseline"]

_FIELDS = ("number", "reason", "owner", "expires")


@dataclass(frozen=True, slots=True)
class Gap:
    """One known gap; ``expires`` is the last day on which it holds."""

    number: int
    reason: str
    owner: str
    expires: dt.date


def load_baseline(path: Path) -> list[Gap]:
    """Read a baseline: a YAML or JSON list of gaps. Raises ManifestError naming what is wrong."""
    try:
        raw: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ManifestError(f"{path}: cannot be read as YAML or JSON ({type(error).__name__})") from None
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise ManifestError(f"{path}: a baseline is a list of gaps with {', '.join(_FIELDS)}")
    return [_gap(path, index, item) for index, item in enumerate(cast("Sequence[object]", raw))]


def _gap(path: Path, index: int, raw: object) -> Gap:
    where = f"{path}: [{index}]"
    item = cast("Mapping[str, object]", raw) if isinstance(raw, dict) else {}
    for name in _FIELDS:
        if not item.get(name):
            raise ManifestError(f"{where}.{name}: is missing; a gap has {', '.join(_FIELDS)}")
    number, expires = item["number"], item["expires"]
    if not isinstance(number, int):
        raise ManifestError(f"{where}.number: is no row number")
    try:
        day = expires if isinstance(expires, dt.date) else dt.date.fromisoformat(str(expires))
    except ValueError:
        raise ManifestError(f"{where}.expires: {expires!r} is no date such as 2027-01-31") from None
    return Gap(number, str(item["reason"]), str(item["owner"]), day)


def apply(gaps: Iterable[Gap], outcomes: Sequence[Outcome], rows: Catalogue, today: dt.date) -> list[str]:
    """Mark the failures that are known gaps; return what is wrong with the baseline itself.

    A gap of a row that this run did not judge is left alone, so that a part of the catalogue can run.
    """
    wrong: list[str] = []
    judged = {one.number: one for one in outcomes}
    seen: set[int] = set()
    for gap in gaps:
        named = f"baseline: row {gap.number:03d} ({gap.owner})"
        if gap.number in seen:
            wrong.append(f"{named} stands there twice")
        seen.add(gap.number)
        if gap.number not in rows:
            wrong.append(f"{named} is no row of the catalogue")
        elif gap.expires < today:
            wrong.append(f"{named} expired on {gap.expires.isoformat()}")
        elif gap.number in judged:
            outcome = judged[gap.number]
            if outcome.verdict is Verdict.FAIL:
                outcome.known_gap = gap.reason
            elif outcome.verdict is Verdict.PASS:
                wrong.append(f"{named} passes; take the entry away")
            elif outcome.verdict is not Verdict.HARNESS_ERROR:
                wrong.append(f"{named} is stale: the row is {outcome.verdict.value}")
    return wrong
