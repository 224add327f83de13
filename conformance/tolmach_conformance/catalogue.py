"""The numbered catalogue of behaviours as data, and the scenarios registered for it.

What it is for: say what every row asks, on which platform it can exist, and whether a scenario judges
it. What it must not do: run a scenario, or decide what a row asks.
"""

import importlib
import json
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, TypeAlias, cast

from tolmach_conformance.behaviour import Behaviour, Level, registered

__all__ = ["Catalogue", "PlatformVerdict", "Row", "catalogue", "export", "load_behaviours", "select"]

PlatformVerdict: TypeAlias = Literal["yes", "map", "degrade", "not_applicable"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``platforms`` holds the verdict and, where it is not plain, the reason per platform."""

    number: int
    id: str
    level: Level
    area: str
    title: str
    needs: tuple[str, ...]
    platforms: Mapping[str, tuple[PlatformVerdict, str]]

    def excluded(self, platform: str) -> str | None:
        """Return why the row cannot exist on a platform, None if it can."""
        verdict, why = self.platforms.get(platform, ("yes", ""))
        return (why or "the platform has no such thing") if verdict == "not_applicable" else None


Catalogue: TypeAlias = Mapping[int, Row]


@cache
def catalogue() -> Catalogue:
    """Return all rows by number."""
    text = (resources.files("tolmach_conformance") / "catalogue.json").read_text(encoding="utf-8")
    rows = cast("list[dict[str, object]]", json.loads(text)["rows"])
    return {row.number: row for row in map(_row, rows)}


def _row(raw: Mapping[str, object]) -> Row:
    platforms = cast("Mapping[str, Mapping[str, str]]", raw["platforms"])
    return Row(
        number=cast("int", raw["number"]),
        id=cast("str", raw["id"]),
        level=cast("Level", raw["level"]),
        area=cast("str", raw["area"]),
        title=cast("str", raw["title"]),
        needs=tuple(cast("Sequence[str]", raw["needs"])),
        platforms={
            name: (cast("PlatformVerdict", entry["verdict"]), entry.get("why", ""))
            for name, entry in platforms.items()
        },
    )


def load_behaviours() -> Mapping[int, Behaviour]:
    """Import every module of behaviours and return what they registered, by number.

    Raises ValueError for a behaviour whose id or level differs from the catalogue's.
    """
    package = importlib.import_module("tolmach_conformance.behaviours")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    rows = catalogue()
    for number, found in registered().items():
        row = rows.get(number)
        if row is None or (row.id, row.level) != (found.id, found.level):
            asked = "no such row" if row is None else f"{row.id} {row.level}"
            raise ValueError(f"behaviour {number} {found.id} {found.level}: the catalogue has {asked}")
    return registered()


def select(
    behaviours: Mapping[int, Behaviour], *, only: Sequence[str] = (), levels: Sequence[str] = ()
) -> Mapping[int, Behaviour]:
    """Choose behaviours by number, range (``60-79``), id or area, and by level.

    Raises ValueError for a word that chooses nothing.
    """
    rows = catalogue()
    wanted: set[int] = set()
    for word in (part for item in only for part in item.replace(",", " ").split()):
        low, dash, high = word.partition("-")
        if low.isdigit() and (high.isdigit() or not dash):
            found = set(range(int(low), int(high or low) + 1)) & rows.keys()
        else:
            found = {
                n for n, row in rows.items() if word in {row.id, row.area} or row.id.startswith(word + ".")
            }
        if not found:
            raise ValueError(f"--only {word}: no row has this number, id or area")
        wanted |= found
    return {
        number: found
        for number, found in behaviours.items()
        if (not only or number in wanted) and (not levels or found.level in levels)
    }


def export() -> list[dict[str, object]]:
    """Return the catalogue with the scenarios' metadata, ready for JSON."""
    behaviours = load_behaviours()
    rows: list[dict[str, object]] = []
    for row in catalogue().values():
        found = behaviours.get(row.number)
        scenario: dict[str, object] | None = None
        if found is not None:
            scenario = {
                "text": found.text,
                "needs": list(found.needs),
                "settings": dict(found.settings),
                "exclusive": found.exclusive,
                "destructive": found.destructive,
                "clock": found.clock,
                "accounts": found.accounts,
            }
        rows.append(
            {
                "number": row.number,
                "id": row.id,
                "level": row.level,
                "area": row.area,
                "title": row.title,
                "needs": list(row.needs),
                "platforms": {
                    name: {"verdict": verdict, **({"why": why} if why else {})}
                    for name, (verdict, why) in row.platforms.items()
                },
                "scenario": scenario,
            }
        )
    return rows
