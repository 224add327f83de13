"""The message document.

What it is for: one shape for REST answers and realtime frames. What it must not do: say what
changed; a document has no kind, the classifier in ``events.py`` compares two of them.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from tolmach.rocketchat.models.attachment import Attachment, FileRef, Link
from tolmach.rocketchat.models.document import Document, Known, Many, Maybe, Timestamp
from tolmach.rocketchat.models.user import UserRef

__all__ = ["ChannelMention", "Mention", "Mentions", "Message", "Reaction"]

_WRITTEN_BY_PEOPLE = (None, "", "e2e", "videoconf")


class Mention(Document):
    """Name who is mentioned; ``@all`` and ``@here`` have the ids ``all`` and ``here`` and no type."""

    id: Maybe[str] = Field(default=None, alias="_id")
    username: Maybe[str] = None
    name: Maybe[str] = None
    type: Annotated[Maybe[str], Known("user", "team")] = None


class Mentions:
    """List mentions, and answer ``user_id in message.mentions``.

    Not a ``list`` by type: checkers refuse to look for a text in a list of something else.
    """

    __slots__ = ("_all",)

    def __init__(self, mentions: Iterable[Mention] = ()) -> None:
        self._all = tuple(mentions)

    def __iter__(self) -> Iterator[Mention]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, index: int) -> Mention:
        return self._all[index]

    def __contains__(self, item: object) -> bool:
        """Tell whether a mention, or somebody with this id, is in the list; teams never match an id."""
        if isinstance(item, str):
            return any(mention.id == item and mention.type != "team" for mention in self._all)
        return item in self._all

    def __eq__(self, other: object) -> bool:
        return self._all == other._all if isinstance(other, Mentions) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(mention.id for mention in self._all))

    def __repr__(self) -> str:
        return repr(list(self._all))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read a list of mentions; null is read as an empty one."""
        items = handler.generate_schema(list[Mention])
        return core_schema.no_info_wrap_validator_function(
            _read_mentions,
            items,
            serialization=core_schema.plain_serializer_function_ser_schema(list, return_schema=items),
        )


def _read_mentions(value: object, read: core_schema.ValidatorFunctionWrapHandler) -> Mentions:
    if isinstance(value, Mentions):
        return value
    return Mentions(read([] if value is None else value))


class ChannelMention(Document):
    """Name a room that the text mentions."""

    id: str = Field(alias="_id")
    name: Maybe[str] = None
    fname: Maybe[str] = None


class Reaction(Document):
    """Hold who reacted with one emoji: usernames, not ids."""

    usernames: Many[str] = Field(default_factory=list[str])
    names: Maybe[list[str]] = None


class Message(Document):
    """Hold one message as the server knows it.

    Source: https://developer.rocket.chat/apidocs/get-message
    """

    id: str = Field(alias="_id")
    room_id: str = Field(alias="rid")
    text: str = Field(alias="msg")
    user: UserRef = Field(alias="u")
    """The author; ``alias``, ``avatar`` and ``emoji`` only change the look."""
    ts: Timestamp
    """When it was sent, by the server's clock."""
    updated_at: Timestamp = Field(alias="_updatedAt")
    """When the document last changed in any way."""
    kind: Annotated[
        Maybe[str], Known("uj", "ul", "au", "ru", "r", "rm", "ut", "ui", "message_pinned", "e2e", "videoconf")
    ] = Field(default=None, alias="t")
    """Type of a system message; None for what people and bots write."""
    thread_id: Maybe[str] = Field(default=None, alias="tmid")
    """Id of the thread's root: this message is a reply in it."""
    shown_in_room: Maybe[bool] = Field(default=None, alias="tshow")
    thread_count: Maybe[int] = Field(default=None, alias="tcount")
    """On a root: number of replies."""
    thread_last: Maybe[Timestamp] = Field(default=None, alias="tlm")
    """On a root: time of the newest reply."""
    followers: Many[str] = Field(default_factory=list[str], alias="replies")
    """On a root: ids of those who follow the thread."""
    mentions: Mentions = Field(default_factory=Mentions)
    """Who is mentioned, found by the server; ``user_id in message.mentions`` works."""
    channels: Many[ChannelMention] = Field(default_factory=list[ChannelMention])
    links: Many[Link] = Field(default_factory=list[Link], alias="urls")
    attachments: Many[Attachment] = Field(default_factory=list[Attachment])
    files: Many[FileRef] = Field(default_factory=list[FileRef])
    reactions: Maybe[dict[str, Reaction]] = None
    """By emoji with colons (``:tada:``); None when the document has no such field."""
    edited_at: Maybe[Timestamp] = Field(default=None, alias="editedAt")
    edited_by: Maybe[UserRef] = Field(default=None, alias="editedBy")
    pinned: Maybe[bool] = None
    pinned_at: Maybe[Timestamp] = Field(default=None, alias="pinnedAt")
    pinned_by: Maybe[UserRef] = Field(default=None, alias="pinnedBy")
    bot: Maybe[dict[str, object]] = None
    """Set for messages of integrations; not for users of type bot."""
    alias: Maybe[str] = None
    avatar: Maybe[str] = None
    emoji: Maybe[str] = None
    groupable: Maybe[bool] = None
    private: Maybe[bool] = None
    """True: shown to one reader and stored nowhere."""
    discussion_id: Maybe[str] = Field(default=None, alias="drid")
    visitor_token: Maybe[str] = Field(default=None, alias="token", repr=False)
    custom_fields: Maybe[dict[str, object]] = Field(default=None, alias="customFields")

    @property
    def is_system(self) -> bool:
        """Tell whether the server wrote this about something that happened."""
        return self.kind not in _WRITTEN_BY_PEOPLE

    def reacted(self, emoji: str, username: str) -> bool:
        """Tell whether ``username`` has reacted with ``emoji`` (with or without colons)."""
        reaction = (self.reactions or {}).get(f":{emoji.strip(':')}:")
        return reaction is not None and username in reaction.usernames
