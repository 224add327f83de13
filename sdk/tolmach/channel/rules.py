"""What one account's decisions stand on: its settings, read once.

What it is for: settings with rooms merged and patterns compiled, so that a decision only looks up.
What it must not do: hold anything that changes while the account runs.
"""

import re
from dataclasses import dataclass, field
from typing import Self

from tolmach.channel.model import Conversation
from tolmach.channel.settings import ChannelSettings, LoopGuardSettings, RoomSettings

__all__ = ["Room", "Rules", "compile_patterns"]

_NESTED_REPETITION = re.compile(r"\([^()]*[+*}][^()]*\)[+*{]")


@dataclass(frozen=True, slots=True)
class Room:
    """Hold the settings that count in one room, after all fallbacks. ``listed`` is True with an own entry."""

    listed: bool
    enabled: bool
    require_mention: bool
    users: tuple[str, ...] | None
    ignore_other_mentions: bool
    allow_bots: bool | str
    loop_guard: LoopGuardSettings
    reply_to_mode: str | None


@dataclass(frozen=True, slots=True)
class Rules:
    """Hold the settings of one account and who it is.

    ``platform`` is the word in session keys, ``label`` the platform's name as people write it.
    ``names`` maps a lower-case name to an id: what was resolved at start.
    """

    settings: ChannelSettings
    platform: str
    label: str = ""
    agent_id: str = "main"
    account_id: str = "default"
    patterns: tuple[re.Pattern[str], ...] = ()
    rooms: dict[str, RoomSettings] = field(default_factory=dict[str, RoomSettings])

    @classmethod
    def of(
        cls,
        settings: ChannelSettings,
        platform: str,
        *,
        label: str = "",
        agent_id: str = "main",
        account_id: str = "default",
        agent_name: str = "",
    ) -> Self:
        """Return the rules of an account; call ``compile_patterns`` for the warnings."""
        patterns, _ = compile_patterns(settings.mention_patterns, agent_name)
        return cls(
            settings=settings,
            platform=platform.lower(),
            label=label or platform,
            agent_id=agent_id.lower(),
            account_id=account_id.lower(),
            patterns=patterns,
            rooms={_room_key(key): value for key, value in settings.groups.items()},
        )

    def room_of(self, conversation: Conversation) -> Room:
        """Return what counts where something happened; by name only where names are allowed."""
        if self.settings.dangerously_allow_name_matching and conversation.room_id not in self.rooms:
            for key in (f"#{conversation.name}", conversation.name):
                if conversation.name and key in self.rooms:
                    return self.room(key)
        return self.room(conversation.room_id)

    def room(self, room_id: str) -> Room:
        """Return what counts in a room: its entry, field by field, then ``*``, then the account."""
        own = self.rooms.get(room_id)
        default = self.rooms.get("*")
        merged = merge(own, default)
        account = self.settings
        return Room(
            listed=own is not None or default is not None,
            enabled=merged.enabled is not False,
            require_mention=_first(merged.require_mention, account.mention_required),
            users=merged.users if merged.users is not None else account.group_allow_from,
            ignore_other_mentions=_first(merged.ignore_other_mentions, account.ignore_other_mentions),
            allow_bots=merged.allow_bots if merged.allow_bots is not None else account.allow_bots,
            loop_guard=merged.bot_loop_protection or account.bot_loop_protection,
            reply_to_mode=merged.reply_to_mode,
        )


def merge(strong: RoomSettings | None, weak: RoomSettings | None) -> RoomSettings:
    """Return ``strong`` with the fields that it leaves unset taken from ``weak``."""
    fields = weak.model_dump(exclude_none=True) if weak else {}
    fields |= strong.model_dump(exclude_none=True) if strong else {}
    return RoomSettings.model_validate(fields)


def compile_patterns(
    patterns: tuple[str, ...] | None, agent_name: str = ""
) -> tuple[tuple[re.Pattern[str], ...], tuple[str, ...]]:
    """Return the mention patterns, and a warning for each one that is broken or could hang."""
    if patterns is None:
        patterns = (rf"(?<!\w){re.escape(agent_name)}(?!\w)",) if agent_name else ()
    compiled: list[re.Pattern[str]] = []
    warnings: list[str] = []
    for pattern in patterns:
        if _NESTED_REPETITION.search(pattern):
            warnings.append(f"mentionPatterns: {pattern!r} repeats a repetition and is ignored")
            continue
        try:
            compiled.append(re.compile(pattern, re.IGNORECASE))
        except re.error as error:
            warnings.append(f"mentionPatterns: {pattern!r} is ignored: {error}")
    return tuple(compiled), tuple(warnings)


def _room_key(key: str) -> str:
    kind, colon, rest = key.partition(":")
    return rest if colon and kind.lower() in {"channel", "group", "room"} else key


def _first(value: bool | None, otherwise: bool) -> bool:
    return otherwise if value is None else value
