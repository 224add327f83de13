"""Turn the names in a configuration into ids, once.

What it is for: room names at start, people's names where they are allowed. What it must not do: drop
what it cannot resolve; such a name stays as typed and never matches.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tolmach.channel import rules as ruling
from tolmach.channel.platform import Platform
from tolmach.channel.rules import Rules
from tolmach.channel.settings import RoomSettings
from tolmach.errors import TolmachError, Unauthorized

__all__ = ["Names", "apply", "resolve", "unresolved", "wanted"]

log = logging.getLogger("tolmach.channel")


@dataclass(frozen=True, slots=True)
class Names:
    """Hold what was found: ids by name. ``failed`` names could not be asked for; try them again."""

    rooms: Mapping[str, str]
    people: Mapping[str, str]
    failed: tuple[str, ...] = ()


def wanted(rules: Rules) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the room names and the people's names that a configuration holds."""
    rooms = tuple(key for key in rules.rooms if key.startswith("#"))
    people: tuple[str, ...] = ()
    if rules.settings.dangerously_allow_name_matching:
        people = tuple(entry for entry in rules.settings.allow_from if entry.startswith("@"))
    return rooms, people


async def resolve(rules: Rules, platform: Platform, before: Names | None = None) -> Names:
    """Ask the platform for every name that ``before`` does not hold."""
    found_rooms, found_people = (dict(before.rooms), dict(before.people)) if before else ({}, {})
    failed: list[str] = []
    rooms, people = wanted(rules)
    for names, found, ask in (
        (rooms, found_rooms, platform.resolve_room),
        (people, found_people, platform.resolve_person),
    ):
        for name in names:
            if name in found:
                continue
            try:
                answer = await ask(name[1:])
            except Unauthorized:
                raise
            except TolmachError as error:
                log.warning("cannot resolve %s now: %s", name, error)
                failed.append(name)
                continue
            if answer is None:
                log.warning("%s in the configuration is nobody and no room that the bot can see", name)
            else:
                found[name] = answer
    return Names(found_rooms, found_people, tuple(failed))


def apply(rules: Rules, names: Names) -> Rules:
    """Return the rules with rooms under their ids; an entry under the id itself wins field by field."""
    rooms: dict[str, RoomSettings] = dict(rules.rooms)
    for name, room_id in names.rooms.items():
        entry = rooms.pop(name, None)
        if entry is not None:
            rooms[room_id] = ruling.merge(rooms.get(room_id), entry)
    settings = rules.settings
    if names.people:
        entries = tuple(names.people.get(entry, entry) for entry in settings.allow_from)
        settings = settings.model_copy(update={"allow_from": entries})
    return replace(rules, rooms=rooms, settings=settings)


def unresolved(rules: Rules, names: Names) -> tuple[str, ...]:
    """Return the names that still belong to nobody."""
    rooms, people = wanted(rules)
    return tuple(name for name in (*rooms, *people) if name not in names.rooms and name not in names.people)
