"""The journal in a form that is byte-identical for the same seed and the same serial stimuli.

What it is for: comparing two runs. What it must not do: keep what depends on the machine: real
times, ports, the interleaving of lanes, and heartbeats (they follow real time).

A lane is what one person did in one room in one way (REST calls, frames in, frames out, …). Lanes
are sorted by name; inside a lane the order is kept, and an entry's time is its place in the lane.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from tolmach_mockservers.journal import Entry

__all__ = ["canonical"]

_HEARTBEATS: Final = frozenset({"ping", "pong"})
_PORT: Final = re.compile(r"\b(127\.0\.0\.1|localhost):\d{1,5}\b")
_STAMP: Final = re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?")
_EPOCH: Final = re.compile(r"(?<![\w.])[1-3]\d{9}(?:\d{3})?(?:\.\d+)?(?![\w.])")
_COLUMNS: Final = ("fake", "kind", "actor", "room_id", "thread_id", "operation", "status", "text")


def canonical(entries: Iterable[Entry]) -> str:
    """Return one JSON line an entry, lanes sorted, times and ports masked."""
    lanes: dict[tuple[str, str, str, str], list[Entry]] = {}
    for entry in entries:
        if entry.operation not in _HEARTBEATS:
            lane = (entry.fake, entry.actor or "", entry.room_id or "", entry.kind)
            lanes.setdefault(lane, []).append(entry)
    lines: list[str] = []
    for lane in sorted(lanes):
        for place, entry in enumerate(lanes[lane], start=1):
            shown: dict[str, object] = {"n": place}
            for name in _COLUMNS:
                value = getattr(entry, name)
                if value is not None:
                    shown[name] = value
            shown["detail"] = entry.detail
            lines.append(_dump(_masked(shown)))
    return "".join(f"{line}\n" for line in lines)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _masked(value: object) -> object:
    match value:
        case bool():
            return value
        case str():
            text = _PORT.sub(r"\1:{port}", value)
            return _EPOCH.sub("{time}", _STAMP.sub("{time}", text))
        case int() | float():
            return "{time}" if _EPOCH.fullmatch(str(value)) else value
        case Mapping():
            items = cast("Mapping[str, object]", value)
            # A reference to another entry by number depends on the interleaving.
            return {
                str(_masked(name)): _masked(item) for name, item in items.items() if not name.endswith("_seq")
            }
        case Sequence():
            return [_masked(item) for item in cast("Sequence[object]", value)]
        case _:
            return value
