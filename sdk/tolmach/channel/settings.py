"""Every key of an account's block that says how the channel behaves.

What it is for: one closed model of the configuration; camelCase as documented, snake_case as well.
What it must not do: know a platform's credentials, resolve a name, or accept a key that nothing
honours: such a key is an error that says so.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic.alias_generators import to_camel, to_snake

__all__ = [
    "AckScope",
    "ChannelSettings",
    "DmScope",
    "DmSettings",
    "ImplicitMentions",
    "LoopGuardSettings",
    "ReplyMode",
    "ReplyModeByChatType",
    "RoomSettings",
    "SessionSettings",
    "StreamingSettings",
    "ThreadSettings",
]

ReplyMode = Literal["off", "first", "all", "batched"]
DmScope = Literal["main", "per-peer", "per-channel-peer", "per-account-channel-peer"]
AckScope = Literal["all", "direct", "group-all", "group-mentions", "off"]
AllowBots = bool | Literal["mentions"]

NOT_BUILT: Mapping[str, str] = {
    "access_groups": "write the members' ids into the list",
    "actions": "the only action is react; it is always on",
    "block_streaming_coalesce": "answers are sent whole",
    "commands": "use commandAllowFrom",
    "debounce_ms": "messages are never merged",
    "dms": "use dmHistoryLimit",
    "human_delay": "answers are sent at once",
    "join_intro": "the bot does not introduce itself",
    "link_preview": "previews are always off",
    "media_max_mb": "files are named to the agent, not read",
    "status_reactions": "use ackReaction",
    "typing_reaction": "use ackReaction",
    "unfurl_links": "previews are always off",
}
"""Keys that other products know and this version does not honour, each with what to do instead."""


def _entries(value: object) -> object:
    """Read numbers in a list of ids as ids; anything else is left for the type check."""
    if not isinstance(value, list):
        return value
    items = cast("list[object]", value)
    return [str(item) if isinstance(item, int) and not isinstance(item, bool) else item for item in items]


Entries = Annotated[tuple[str, ...], BeforeValidator(_entries)]
"""A list of ids; numbers are accepted, ``*`` is everybody."""


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_what_is_not_built(cls, data: object) -> object:
        if isinstance(data, Mapping):
            keys = cast("Mapping[object, object]", data)
            for key in keys:
                instead = NOT_BUILT.get(to_snake(str(key)))
                if instead is not None and to_snake(str(key)) not in cls.model_fields:
                    raise ValueError(f"{key} is not supported by this version: {instead}")
        return data


class DmSettings(_Block):
    """Say which direct chats exist for the bot; group chats of direct kind are off by default."""

    enabled: bool = True
    group_enabled: bool = False
    group_channels: Entries | None = None
    reply_to_mode: ReplyMode | None = None


class ImplicitMentions(_Block):
    """Say what addresses the bot without naming it."""

    reply_to_bot: bool = True
    thread_participation: bool = True
    quoted_bot: bool = True


class SessionSettings(_Block):
    """Say which direct chats share a session."""

    dm_scope: DmScope = "main"


class StreamingSettings(_Block):
    """Say how an answer grows; this version sends answers whole."""

    mode: Literal["off"] = "off"


class ThreadSettings(_Block):
    """Say what a new thread session starts with."""

    history_scope: Literal["thread"] = "thread"
    inherit_parent: bool = False
    initial_history_limit: Annotated[int, Field(ge=0, le=200)] = 20


class LoopGuardSettings(_Block):
    """Bound how often two bots may answer each other."""

    enabled: bool = True
    max_events_per_window: Annotated[int, Field(ge=1)] = 20
    window_seconds: Annotated[float, Field(gt=0)] = 60.0
    cooldown_seconds: Annotated[float, Field(ge=0)] = 60.0


class ReplyModeByChatType(_Block):
    """Say the reply mode per chat type."""

    direct: ReplyMode | None = None
    group: ReplyMode | None = None
    channel: ReplyMode | None = None


class RoomSettings(_Block):
    """Say how one room differs; a key left out falls back to ``*``, then to the account.

    ``users`` (or ``allowFrom``) lists who may speak to the bot; absent means every member, an empty
    list means nobody.
    """

    enabled: bool | None = None
    require_mention: bool | None = None
    users: Entries | None = None
    reply_to_mode: ReplyMode | None = None
    ignore_other_mentions: bool | None = None
    allow_bots: AllowBots | None = None
    bot_loop_protection: LoopGuardSettings | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_list_of_senders(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        block = dict(cast("Mapping[str, object]", data))
        for alias in ("allowFrom", "allow_from"):
            if alias in block:
                if "users" in block:
                    raise ValueError("users and allowFrom are the same list; write one of them")
                block["users"] = block.pop(alias)
        return block


class ChannelSettings(_Block):
    """Say how the channel behaves for one account. The defaults admit nobody but by pairing.

    An account's block of a platform subclasses this and adds its credentials.
    """

    dm_policy: Literal["pairing", "allowlist", "open", "disabled", "owner_only"] = "pairing"
    allow_from: Entries = ()
    owner_id: str | None = None
    dm: DmSettings = DmSettings()

    group_policy: Literal["allowlist", "open", "disabled"] = "allowlist"
    group_allow_from: Entries | None = None
    groups: dict[str, RoomSettings] = Field(default_factory=dict[str, RoomSettings])

    require_mention: bool | None = None
    chatmode: Literal["oncall", "onmessage", "onchar"] | None = None
    onchar_prefixes: tuple[str, ...] = (">",)
    ignore_other_mentions: bool = False
    implicit_mentions: ImplicitMentions = ImplicitMentions()
    mention_patterns: tuple[str, ...] | None = None
    """Regular expressions; unset: the agent's name is one, an empty list switches that off."""

    allow_bots: AllowBots = False
    known_bots: Entries = ()
    """Ids of accounts that are bots although the platform shows them as people."""
    bot_loop_protection: LoopGuardSettings = LoopGuardSettings()

    command_allow_from: Entries | None = None
    dangerously_allow_name_matching: bool = False

    reply_to_mode: ReplyMode | None = None
    reply_to_mode_by_chat_type: ReplyModeByChatType = ReplyModeByChatType()
    text_chunk_limit: Annotated[int, Field(ge=50, le=40_000)] = 4000
    chunk_mode: Literal["length", "newline"] = "length"
    response_prefix: str = ""
    block_streaming: Literal[False] = False
    streaming: StreamingSettings = StreamingSettings()

    history: Literal["transcript", "none"] = "transcript"
    """``none`` sends only the new message: for agents that keep their own memory by session key."""
    transcript_limit: Annotated[int, Field(ge=2, le=2000)] = 100
    history_limit: Annotated[int, Field(ge=0, le=200)] = 50
    dm_history_limit: Annotated[int, Field(ge=0, le=200)] = 0
    context_visibility: Literal["all", "allowlist"] = "all"
    session: SessionSettings = SessionSettings()
    thread: ThreadSettings = ThreadSettings()

    ack_reaction: str = "eyes"
    ack_reaction_scope: AckScope = "group-mentions"
    reaction_notifications: Literal["off", "own", "all", "allowlist"] = "own"
    reaction_allowlist: Entries = ()

    @field_validator("groups", mode="before")
    @classmethod
    def _room_ids_as_text(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        rooms = cast("Mapping[object, object]", value)
        return {str(key): {} if room is None else room for key, room in rooms.items()}

    @field_validator("block_streaming", mode="before")
    @classmethod
    def _no_block_streaming_yet(cls, value: object) -> object:
        if value is True:
            raise ValueError("blockStreaming is not supported by this version: answers are sent whole")
        return value

    @field_validator("streaming", mode="before")
    @classmethod
    def _streaming_by_one_word(cls, value: object) -> object:
        return {"mode": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _policies_hold_together(self) -> Self:
        if self.dm_policy == "open" and "*" not in self.allow_from:
            raise ValueError('dmPolicy: open needs allowFrom: ["*"]; for a list write dmPolicy: allowlist')
        if self.dm_policy == "owner_only" and not self.owner_id:
            raise ValueError("dmPolicy: owner_only needs ownerId; a bot's token cannot read who owns it")
        return self

    @model_validator(mode="after")
    def _one_word_on_mentions(self) -> Self:
        if self.chatmode is not None and self.require_mention is not None:
            wanted = self.chatmode != "onmessage"
            if self.require_mention != wanted:
                raise ValueError(f"chatmode: {self.chatmode} contradicts requireMention; write one of them")
        if self.chatmode == "onchar" and not all(self.onchar_prefixes):
            raise ValueError("oncharPrefixes holds an empty prefix, which every message would match")
        return self

    @property
    def mention_required(self) -> bool:
        """Return whether rooms without a word of their own are gated by mention."""
        if self.require_mention is not None:
            return self.require_mention
        return self.chatmode != "onmessage"
