"""Who is admitted where, read from a behaviour's own settings.

What it is for: find the sender of a sentinel. What it must not do: judge; a wrong guess here makes a
sentinel go unanswered, never a wrong pass.
"""

from collections.abc import Mapping, Sequence

from tolmach_conformance.behaviour import UNSET, Behaviour, RoomSpec
from tolmach_conformance.settings import account_wide

__all__ = ["admitted_in_dm", "admitted_in_room"]


def admitted_in_room(behaviour: Behaviour, spec: RoomSpec | None) -> str | None:
    """Return the name of a person who can start a turn by mention in a room, None if nobody can.

    ``spec`` is None for a room that was opened after the subject's start.
    """
    settings = account_wide(behaviour)
    policy = settings.get("groupPolicy", "allowlist")
    emptied = settings.get("groups") == UNSET
    # A key that names something else (a typo, a room of the past) lists nothing.
    named = spec is not None and spec.listed and not emptied and spec.key.endswith(("{id}", "{name}"))
    if policy == "disabled" or (spec is not None and spec.kind == "direct"):
        return None
    if not named and policy != "open" and "groups.*" not in settings:
        return None
    entry: Mapping[str, object] = spec.settings if spec is not None and named else {}
    wildcard = settings.get("groups.*")
    if isinstance(wildcard, Mapping):
        entry = {**wildcard, **entry}
    if entry.get("enabled") is False or entry.get("allow") is False:
        return None
    users = entry.get("users", entry.get("allowFrom"))
    members = ("alice", "bob") if spec is None else spec.members
    if users is None:
        return next((name for name in members if name != "otherbot"), None)
    return _first(users, members)


def admitted_in_dm(behaviour: Behaviour, name: str) -> bool:
    """Return whether a person can start a turn by direct message, pairing left aside."""
    settings = account_wide(behaviour)
    policy = settings.get("dmPolicy", "pairing")
    direct = settings.get("dm")
    if policy == "disabled" or settings.get("dm.enabled") is False:
        return False
    if isinstance(direct, Mapping) and direct.get("enabled") is False:
        return False
    allowed = settings.get("allowFrom")
    entries = allowed if isinstance(allowed, Sequence) and not isinstance(allowed, str) else []
    return any(str(entry) == "*" or str(entry).endswith(f"{{{name}}}") for entry in entries)


def _first(users: object, members: Sequence[str]) -> str | None:
    entries = [str(entry) for entry in users] if isinstance(users, list) else []
    return next(
        (name for name in members if name != "otherbot" and ("*" in entries or f"{{{name}}}" in entries)),
        None,
    )
