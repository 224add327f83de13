"""The decorator that turns a scenario into a behaviour of the catalogue, and the registry of all.

What it is for: number, level and needs of a scenario as data, known before anything runs. What it
must not do: run anything.

Settings are neutral names (the catalogue's keys: ``dmPolicy``, ``allowFrom``, ``requireMention``,
``groups.*`` for the wildcard entry …) over the default world. In their texts ``{alice}`` is the id of the
behaviour's own alice, ``{alice.name}`` her handle, ``{room}`` and ``{room.name}`` likewise; ``{bot.route}``
is the path on which the first account takes deliveries. ``UNSET`` leaves a key out that the default world
sets. A key named in ``settings`` is required: a subject that cannot have it so is reported as not claiming
the row.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from tolmach_conformance.stage import Stage

__all__ = [
    "DEFAULT_SETTINGS",
    "MAY",
    "MUST",
    "SHOULD",
    "UNLISTED",
    "UNSET",
    "Behaviour",
    "Level",
    "RoomSpec",
    "Scenario",
    "behaviour",
    "listed",
    "registered",
]

Level: TypeAlias = Literal["MUST", "SHOULD", "MAY"]
MUST: Final = "MUST"
SHOULD: Final = "SHOULD"
MAY: Final = "MAY"

Scenario: TypeAlias = Callable[[Stage], Awaitable[None]]

UNSET: Final = "\x00unset"
"""Stands for "this key is not in the configuration"."""

DEFAULT_SETTINGS: Final[Mapping[str, object]] = {
    "dmPolicy": "allowlist",
    "allowFrom": ["{alice}"],
    "groupPolicy": "allowlist",
}


@dataclass(frozen=True, slots=True)
class RoomSpec:
    """A room that a behaviour wants before the subject starts.

    ``key`` is how the settings name it (``{id}``, ``#{name}``, ``channel:{id}``), ``settings`` its entry
    there; ``listed`` False keeps it out of the settings. ``members`` are people of the behaviour; the bot is
    always one of them unless ``with_bot`` is off.
    """

    kind: Literal["public", "private", "direct"] = "public"
    listed: bool = True
    key: str = "{id}"
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    members: Sequence[str] = ("alice", "bob", "otherbot")
    with_bot: bool = True
    name: str | None = None


def listed(
    *,
    key: str = "{id}",
    kind: Literal["public", "private", "direct"] = "public",
    members: Sequence[str] = ("alice", "bob", "otherbot"),
    **settings: object,
) -> RoomSpec:
    """Describe a room that the settings list, with its own entry (``listed(requireMention=False)``)."""
    return RoomSpec(kind=kind, key=key, settings=settings, members=members)


UNLISTED: Final = RoomSpec(listed=False)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One row of the catalogue with its scenario."""

    number: int
    id: str
    level: Level
    scenario: Scenario
    text: str
    needs: tuple[str, ...]
    settings: Mapping[str, object]
    rooms: Mapping[str, RoomSpec]
    people: tuple[str, ...]
    uses: Mapping[str, int]
    exclusive: bool
    destructive: bool
    clock: bool
    accounts: int
    second_settings: Mapping[str, object]
    facts: bool
    apart: bool = False
    words: frozenset[str] = frozenset()
    """The names that the scenario's own code uses: what it will not ask for need not be made."""


_registry: dict[int, Behaviour] = {}


def behaviour(
    number: int,
    name: str,
    level: Level,
    /,
    *,
    needs: Sequence[str] = (),
    settings: Mapping[str, object] | None = None,
    rooms: Mapping[str, RoomSpec] | None = None,
    people: Sequence[str] = (),
    uses: Mapping[str, int] | None = None,
    exclusive: bool = False,
    destructive: bool = False,
    clock: bool = False,
    accounts: int = 1,
    second_settings: Mapping[str, object] | None = None,
    facts: bool = False,
    apart: bool = False,
) -> Callable[[Scenario], Scenario]:
    """Register the decorated scenario as row ``number`` called ``name``.

    The first paragraph of its docstring is the row's sentence in the export.


    - ``needs``: capabilities of the manifest (``threads``, ``reactions``, ``typing``, ``tools`` …),
      operator commands (``operator.approve``, ``operator.status``), and ``webhook``: an address for events.
    - ``settings``: neutral settings over the default world.
    - ``rooms``: rooms by name; ``room`` (listed) exists unless given here otherwise, and so does
      ``unlisted`` where the scenario itself calls ``unlisted_room``.
    - ``people``: people besides alice, bob and otherbot.
    - ``uses``: shares of budgets that one subject has (``{"pairing": 1}``; the cap is three).
    - ``exclusive``: nothing else may run in the same subject meanwhile (restarts, dropped sockets).
    - ``destructive``: the subject is not usable afterwards; it gets an instance of its own, at the end.
    - ``clock``: the scenario moves the clock; it gets a world where it may.
    - ``accounts``: how many accounts the subject needs; ``second_settings`` are those of the second.
    - ``facts``: without turn facts nothing of the row can be seen.
    - ``apart``: the subject is shared with no other behaviour (rows about its pace).
    """

    def register(scenario: Scenario) -> Scenario:
        if number in _registry and _registry[number].id != name:
            raise ValueError(f"row {number} is registered twice: {_registry[number].id} and {name}")
        all_rooms: dict[str, RoomSpec] = {"room": RoomSpec()}
        words = frozenset[str](getattr(getattr(scenario, "__code__", None), "co_names", ()))
        if "unlisted_room" in words:
            # Every room costs a subscription of the subject's limited number, so not for everybody.
            all_rooms["unlisted"] = UNLISTED
        all_rooms.update(rooms or {})
        text = (scenario.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
        _registry[number] = Behaviour(
            number=number,
            id=name,
            level=level,
            scenario=scenario,
            text=" ".join(text.split()),
            needs=tuple(needs),
            settings=dict(settings or {}),
            rooms=all_rooms,
            people=("alice", "bob", "otherbot", *people),
            uses=dict(uses or {}),
            exclusive=exclusive or destructive,
            destructive=destructive,
            clock=clock,
            accounts=accounts,
            second_settings=dict(second_settings or {}),
            facts=facts,
            apart=apart,
            words=words,
        )
        return scenario

    return register


def registered() -> Mapping[int, Behaviour]:
    """Return all behaviours registered so far, by number."""
    return dict(sorted(_registry.items()))
