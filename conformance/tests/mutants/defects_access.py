"""Defects in who is heard and where."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mutants.mutant import Function, Mutant, always, mutant, then

POLICY = "tolmach.channel.policy"
RULES = "tolmach.channel.rules"


def _settings(rules: Any, **changes: object) -> Any:
    return replace(rules, settings=rules.settings.model_copy(update=changes))


def _group_policy(wrong: str, right: str) -> Function:
    def wrap(original: Function) -> Function:
        def room_access(conversation: Any, rules: Any) -> str | None:
            if rules.settings.group_policy == right:
                rules = _settings(rules, group_policy=wrong)
            found: str | None = original(conversation, rules)
            return found

        return room_access

    return wrap


def _open_by_default(original: Function) -> Function:
    def room_access(conversation: Any, rules: Any) -> str | None:
        given = "group_policy" in rules.settings.model_fields_set
        found: str | None = original(conversation, rules if given else _settings(rules, group_policy="open"))
        return found

    return room_access


def _dm_policy(wrong: str, right: str) -> Function:
    def wrap(original: Function) -> Function:
        def dm_access(sender: Any, approved: Any, rules: Any) -> str | None:
            if rules.settings.dm_policy == right:
                entries = ("*",) if wrong == "open" else rules.settings.allow_from
                rules = _settings(rules, dm_policy=wrong, allow_from=entries)
            found: str | None = original(sender, approved, rules)
            return found

        return dm_access

    return wrap


def _without_star(original: Function) -> Function:
    def listed(entries: Iterable[str], sender: Any, rules: Any) -> bool:
        return bool(original([entry for entry in entries if entry != "*"], sender, rules))

    return listed


def _names_count(original: Function) -> Function:
    def listed(entries: Iterable[str], sender: Any, rules: Any) -> bool:
        entries = tuple(entries)
        named = {entry.removeprefix("@").lower() for entry in entries}
        return sender.username.lower() in named or bool(original(entries, sender, rules))

    return listed


def _empty_is_all(original: Function) -> Function:
    def dm_access(sender: Any, approved: Any, rules: Any) -> str | None:
        given = rules.settings.dm_policy == "allowlist" and not rules.settings.allow_from
        found: str | None = original(
            sender, approved, _settings(rules, allow_from=("*",)) if given else rules
        )
        return found

    return dm_access


def _names_kept(original: Function) -> Function:
    def apply(rules: Any, names: Any) -> Any:
        entries = {name: entry for name, entry in rules.rooms.items() if name in names.rooms}
        found = original(rules, names)
        return replace(found, rooms={**found.rooms, **entries})

    return apply


def _by_name_too(original: Function) -> Function:
    def room_of(self: Any, conversation: Any) -> Any:
        by_name = f"#{conversation.name}"
        return self.room(by_name) if by_name in self.rooms else original(self, conversation)

    return room_of


def _dm_list_in_rooms(original: Function) -> Function:
    def sender_access(sender: Any, conversation: Any, rules: Any) -> str | None:
        from tolmach.channel import policy

        if rules.room_of(conversation).users is None and conversation.thread_id is None:
            return None if policy.listed(rules.settings.allow_from, sender, rules) else "unauthorized-sender"
        found: str | None = original(sender, conversation, rules)
        return found

    return sender_access


MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "dm-list-ignored",
        "dmPolicy: allowlist admits everybody",
        (f"{POLICY}:dm_access", _dm_policy("open", "allowlist")),
        rows=[91, 96, 98, 111],
    ),
    mutant(
        "star-unknown", "a star on a list admits nobody", (f"{POLICY}:listed", _without_star), rows=[92, 95]
    ),
    mutant(
        "dm-off-ignored",
        "dmPolicy: disabled is ignored",
        (f"{POLICY}:dm_access", _dm_policy("allowlist", "disabled")),
        rows=[93],
    ),
    mutant("names-admit", "names on a list count", (f"{POLICY}:listed", _names_count), rows=[96]),
    mutant(
        "empty-means-all", "an empty list admits everybody", (f"{POLICY}:dm_access", _empty_is_all), rows=[98]
    ),
    mutant(
        "open-by-default", "rooms are open by default", (f"{POLICY}:room_access", _open_by_default), rows=[99]
    ),
    mutant(
        "every-room-listed",
        "unlisted rooms are served",
        (f"{RULES}:Rules.room", then(lambda room: replace(room, listed=True))),
        rows=[99, 100, 106, 107, 111, 205],
        why="each of them asks for silence in a room outside the list, for another reason",
    ),
    mutant(
        "open-ignored",
        "groupPolicy: open serves listed rooms only",
        (f"{POLICY}:room_access", _group_policy("allowlist", "open")),
        rows=[102, 270],
    ),
    mutant(
        "shut-room-served",
        "enabled: false is ignored",
        (f"{RULES}:Rules.room", then(lambda room: replace(room, enabled=True))),
        rows=[102, 104],
    ),
    mutant(
        "rooms-off-ignored",
        "groupPolicy: disabled is ignored",
        (f"{POLICY}:room_access", _group_policy("allowlist", "disabled")),
        rows=[103],
    ),
    mutant(
        "room-prefix-unknown",
        "a room's key is taken with its prefix",
        (f"{RULES}:_room_key", lambda _original: lambda key: key),
        rows=[105],
    ),
    mutant(
        "names-unresolved",
        "a room's name on the list is not looked up",
        ("tolmach.channel.resolving:wanted", always(((), ()))),
        rows=[106, 107],
    ),
    mutant(
        "name-is-the-right",
        "whatever room has the name is served",
        (f"{RULES}:Rules.room_of", _by_name_too),
        ("tolmach.channel.resolving:apply", _names_kept),
        rows=[107],
    ),
    mutant(
        "room-users-ignored",
        "a room's list of people is ignored",
        (f"{POLICY}:sender_access", always(None)),
        rows=[17, 88, 108, 111, 218, 246],
        why="every row with a person outside a room's list notices",
    ),
    mutant(
        "dm-list-in-rooms",
        "the list for direct messages counts in rooms",
        (f"{POLICY}:sender_access", _dm_list_in_rooms),
        rows=[19, 96, 98, 109, 217, 241],
        why="everybody notices who speaks in a room without being on the list for direct messages",
    ),
)
