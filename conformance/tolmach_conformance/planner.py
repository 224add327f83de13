"""Which behaviours share a subject, and in which order they run.

What it is for: as few subject starts as the settings allow, without one behaviour touching another.
What it must not do: I/O, or read a clock; the only randomness is the seeded one it is given.

Equal account-wide settings make a group; per-room settings ride along. A group whose behaviours use
up a shared budget, or bring too many rooms for one connection, is split. Inside a group the order is
random by the seed; behaviours that must be alone run after the others, one by one. A destructive behaviour
has an instance of its own, at the end.
"""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tolmach_conformance.behaviour import Behaviour
from tolmach_conformance.settings import group_key

__all__ = ["BUDGETS", "Instance", "plan"]

BUDGETS: Final[Mapping[str, int]] = {"pairing": 3}
"""What one subject has to share: pending pairing requests per account."""

ROOMS: Final = 26
"""At most so many rooms in one subject: servers ration subscriptions, and clients pace themselves by it."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One start of the subject and the behaviours judged on it, ``together`` first, then ``alone``."""

    name: str
    together: tuple[Behaviour, ...]
    alone: tuple[Behaviour, ...]
    clock: bool
    accounts: int
    destructive: bool = False

    @property
    def behaviours(self) -> tuple[Behaviour, ...]:
        """Return all behaviours in the order in which they begin."""
        return self.together + self.alone


def plan(behaviours: Iterable[Behaviour], seed: int, *, rooms: int = ROOMS) -> list[Instance]:
    """Return the instances of a run, the largest first and the destructive ones last."""
    rng = random.Random(seed)
    groups: dict[str, list[Behaviour]] = {}
    destructive: list[Behaviour] = []
    for one in sorted(behaviours, key=lambda b: b.number):
        if one.destructive:
            destructive.append(one)
        else:
            groups.setdefault(group_key(one), []).append(one)
    bins = [part for group in groups.values() for part in _split(_shuffled(group, rng), rooms)]
    bins.sort(key=len, reverse=True)
    rng.shuffle(destructive)
    instances = [_instance(f"{index:02d}", members) for index, members in enumerate(bins, 1)]
    instances += [
        Instance(f"{index:02d}-{one.number:03d}", (), (one,), one.clock, one.accounts, destructive=True)
        for index, one in enumerate(destructive, len(bins) + 1)
    ]
    return instances


def _shuffled(group: list[Behaviour], rng: random.Random) -> list[Behaviour]:
    mixed = list(group)
    rng.shuffle(mixed)
    return mixed


def _split(group: list[Behaviour], rooms: int) -> list[list[Behaviour]]:
    """Fill bins one after the other: a behaviour goes into the first that has room and budget for it."""
    bins: list[list[Behaviour]] = []
    for one in group:
        for members in bins:
            if sum(map(_rooms, [*members, one])) <= rooms and _affordable([*members, one]):
                members.append(one)
                break
        else:
            bins.append([one])
    return bins


def _rooms(behaviour: Behaviour) -> int:
    """Count the rooms that a behaviour brings, a direct chat among them."""
    return sum(1 for spec in behaviour.rooms.values() if spec.with_bot) + 1


def _affordable(members: list[Behaviour]) -> bool:
    return all(sum(one.uses.get(name, 0) for one in members) <= cap for name, cap in BUDGETS.items())


def _instance(name: str, members: list[Behaviour]) -> Instance:
    return Instance(
        name,
        tuple(one for one in members if not one.exclusive),
        tuple(one for one in members if one.exclusive),
        members[0].clock,
        members[0].accounts,
    )
