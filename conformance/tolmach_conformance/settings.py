"""Neutral settings: symbolic in a behaviour, resolved and merged for one subject.

What it is for: turn "alice is on the list" of thirty behaviours into one configuration with thirty
ids. What it must not do: I/O, or know a subject's own keys (that is the manifest's).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tolmach_conformance.behaviour import DEFAULT_SETTINGS, UNSET, Behaviour

__all__ = ["NeutralConfig", "account_wide", "compose", "group_key", "resolve", "second_account"]

_REFERENCE = re.compile(r"\{([a-z_][a-z_0-9]*(?:\.[a-z]+)?)\}")


@dataclass(frozen=True, slots=True)
class NeutralConfig:
    """The settings of one subject: account-wide ones by neutral name, and its rooms by their key."""

    account: Mapping[str, object]
    rooms: Mapping[str, Mapping[str, object]]
    second: Mapping[str, object]


def resolve(value: object, names: Mapping[str, str]) -> object:
    """Return ``value`` with every ``{name}`` that ``names`` knows replaced, at any depth."""
    if isinstance(value, str):
        return _REFERENCE.sub(lambda found: names.get(found[1], found[0]), value)
    if isinstance(value, Mapping):
        return {str(resolve(str(key), names)): resolve(inner, names) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [resolve(inner, names) for inner in value]
    return value


def account_wide(behaviour: Behaviour) -> Mapping[str, object]:
    """Return the symbolic account-wide settings of a behaviour over the default world's.

    A key set to UNSET is left out; ``groups`` stays as a mark, for it also empties the room list.
    """
    merged = {**DEFAULT_SETTINGS, **behaviour.settings}
    return {key: value for key, value in merged.items() if value != UNSET or key == "groups"}


def second_account(behaviour: Behaviour) -> Mapping[str, object]:
    """Return the symbolic settings of the second account."""
    return dict(behaviour.second_settings)


def group_key(behaviour: Behaviour) -> str:
    """Return what two behaviours must have in common to share a subject.

    A list of references to people is a set that can grow, so it is equal to itself; a reference
    anywhere else binds the setting to one behaviour.
    """
    settings = account_wide(behaviour)
    bound = any(not _mergeable(value) and _refers(value) for value in settings.values())
    key = {
        "settings": settings,
        "second": second_account(behaviour),
        "accounts": behaviour.accounts,
        "clock": behaviour.clock,
        "only": behaviour.number if bound or behaviour.apart else 0,
    }
    return json.dumps(key, sort_keys=True, ensure_ascii=False)


def _mergeable(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and _refers(item) for item in value)


def _refers(value: object) -> bool:
    if isinstance(value, str):
        return _REFERENCE.search(value) is not None
    if isinstance(value, Mapping):
        return any(_refers(inner) or _refers(str(key)) for key, inner in value.items())
    if isinstance(value, Sequence):
        return any(_refers(inner) for inner in value)
    return False


def _merged(settings: Iterable[Mapping[str, object]]) -> dict[str, object]:
    result: dict[str, object] = {}
    for one in settings:
        for key, value in one.items():
            held = result.get(key)
            if isinstance(held, list) and isinstance(value, list):
                result[key] = [*held, *(item for item in value if item not in held)]
            else:
                result[key] = value
    return result


def compose(members: Iterable[tuple[Behaviour, Mapping[str, str]]]) -> NeutralConfig:
    """Merge the settings of behaviours that share a subject; each comes with its own names."""
    pairs = list(members)
    account = _merged(_resolved(account_wide(one), names) for one, names in pairs)
    second = _merged(_resolved(second_account(one), names) for one, names in pairs)
    rooms: dict[str, Mapping[str, object]] = {}
    if account.pop("groups", None) != UNSET:
        for one, names in pairs:
            for name, spec in one.rooms.items():
                if spec.listed and spec.kind != "direct":
                    own = {**names, "id": names[name], "name": names[f"{name}.name"]}
                    # The key may be ``#{name}`` or ``channel:{id}``: the room's own id and name.
                    rooms[str(resolve(spec.key, own))] = _resolved(spec.settings, own)
        wildcard = account.pop("groups.*", None)
        if isinstance(wildcard, Mapping):
            rooms["*"] = wildcard
    return NeutralConfig(account, rooms, second)


def _resolved(settings: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    return {key: resolve(value, names) for key, value in settings.items()}
