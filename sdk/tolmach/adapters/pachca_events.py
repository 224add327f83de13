"""Pachca's events in the channel's words.

What it is for: what one event of the platform is to the channel. What it must not do: judge access.
What an event does not say (the author's kind, a reaction's thread, the files of a message) is looked up.

Source: https://dev.pachca.com/guides/webhook
"""

import re
from collections.abc import Sequence

from tolmach.adapters.bounded import Bounded
from tolmach.adapters.emoji_names import glyph_name
from tolmach.adapters.pachca_people import People
from tolmach.adapters.pachca_places import Places
from tolmach.channel import model as neutral
from tolmach.channel.model import Conversation, Event, FileNote, Identity, Mention, MentionKind, Sender
from tolmach.channel.spans import without_code
from tolmach.errors import Forbidden, NotFound, RemoteError, Unauthorized
from tolmach.pachca import Pachca
from tolmach.pachca import events as pachca_events
from tolmach.pachca.events import MessageEvent, event_key
from tolmach.pachca.models.message import Message

__all__ = ["Translator"]

_TOKEN = re.compile(r"(?<![\w.@-])@([\w][\w.-]*[\w]|\w)")
_BROADCASTS = frozenset({"all", "here"})


class Translator:
    """Translate for one account."""

    def __init__(self, pachca: Pachca, people: People, places: Places) -> None:
        self._pachca = pachca
        self._people = people
        self._places = places
        self._lying: Bounded[tuple[Conversation, int]] = Bounded()
        self.me: Identity | None = None

    def lane(self, happened: pachca_events.Event) -> str | None:
        """Return the room that an event has to stay in order with; None for one that concerns all."""
        if isinstance(happened, MessageEvent) and happened.thread and happened.thread.message_chat_id:
            return str(happened.thread.message_chat_id)
        if isinstance(happened, pachca_events.CompanyMemberEvent):
            return None
        chat_id: int | None = getattr(happened, "chat_id", None)
        return None if chat_id is None else str(self._places.room_of(chat_id))

    async def events(self, happened: pachca_events.Event) -> Sequence[Event]:
        """Return what an event is, nothing for one that concerns no conversation."""
        match happened:
            case pachca_events.MessageNew():
                return [neutral.MessageArrived(await self._arrived(happened))]
            case pachca_events.MessageEdited():
                actor = await self._sender(happened.user_id)
                place = await self._place(happened)
                return [neutral.MessageEdited(place, str(happened.id), actor, _key(happened))]
            case pachca_events.MessageDeleted():
                author = await self._sender(happened.user_id)
                place = await self._place(happened)
                return [neutral.MessageDeleted(place, str(happened.id), author, _key(happened))]
            case pachca_events.ButtonPressed():
                return await self._press(happened)
            case pachca_events.ReactionAdded() | pachca_events.ReactionRemoved():
                return await self._reaction(happened)
            case pachca_events.ChatMemberAdded() | pachca_events.ChatMemberRemoved():
                return await self._members(happened) if happened.thread_id is None else []
            case pachca_events.CompanyMemberEvent():
                for user_id in happened.user_ids:
                    self._people.forget(user_id)
                return []
            case _:
                return []

    async def message(self, document: Message) -> neutral.Message:
        """Return a message that was read in the channel's words."""
        place = await self._places.of_message(document)
        return neutral.Message(
            id=str(document.id),
            conversation=place,
            sender=await self._sender(document.user_id),
            text=document.content,
            at=document.created_at.timestamp(),
            mentions=self._mentions(document.content),
            files=_files(document),
        )

    async def _sender(self, user_id: int) -> Sender:
        me = self.me
        if me is not None and str(user_id) == me.id:
            return Sender(me.id, me.username, me.name, me.is_bot)
        return await self._people.sender(user_id)

    async def _arrived(self, told: MessageEvent) -> neutral.Message:
        place = await self._place(told)
        text = told.content
        files = await self._files(told.id) if self._may_have_files(told, place) else ()
        return neutral.Message(
            id=str(told.id),
            conversation=place,
            sender=await self._sender(told.user_id),
            text=text,
            at=told.created_at.timestamp(),
            mentions=self._mentions(text),
            files=files,
            quoted_author_id=await self._quoted(told.parent_message_id),
        )

    async def _place(self, told: MessageEvent) -> Conversation:
        match told.entity_type:
            case "user":
                place = self._places.direct(told.chat_id, told.entity_id)
            case "thread":
                place = await self._in_thread(told)
            case _:
                place = await self._places.in_chat(told.chat_id)
        self._lying.put(str(told.id), (place, told.user_id))
        return place

    async def _in_thread(self, told: MessageEvent) -> Conversation:
        root = told.thread
        if root is None:
            # A thread of its own says so; here it was not told, and is never guessed.
            return await self._places.in_some_thread(told.entity_id, told.chat_id)
        return await self._places.in_thread(
            told.entity_id, told.chat_id, root.message_id, root.message_chat_id
        )

    def _may_have_files(self, told: MessageEvent, place: Conversation) -> bool:
        """Tell whether a message is worth one more call: events never list files."""
        if self.me is not None and str(told.user_id) == self.me.id:
            return False
        return not told.content.strip() or place.kind is neutral.ChatKind.DIRECT

    async def _files(self, message_id: int) -> tuple[FileNote, ...]:
        try:
            return _files(await self._pachca.messages.get(message_id))
        except Unauthorized:
            raise
        except RemoteError:
            return ()

    async def _quoted(self, parent_id: int | None) -> str | None:
        if parent_id is None:
            return None
        try:
            return str((await self._lies(parent_id))[1])
        except Unauthorized:
            raise
        except RemoteError:
            return None

    async def _lies(self, message_id: int) -> tuple[Conversation, int]:
        """Return where a message lies and who wrote it."""
        known = self._lying.get(str(message_id))
        if known is not None:
            return known
        document = await self._pachca.messages.get(message_id)
        place = await self._places.of_message(document)
        return self._lying.put(str(message_id), (place, document.user_id))

    async def _reaction(
        self, happened: pachca_events.ReactionAdded | pachca_events.ReactionRemoved
    ) -> Sequence[Event]:
        if happened.chat_id is None:
            return []
        try:
            place, author = await self._lies(happened.message_id)
        except (NotFound, Forbidden):
            return []
        return [
            neutral.ReactionChanged(
                place,
                str(happened.message_id),
                await self._sender(author),
                await self._sender(happened.user_id),
                glyph_name(happened.code) or happened.name.strip(":") or happened.code,
                isinstance(happened, pachca_events.ReactionAdded),
                _key(happened),
            )
        ]

    async def _press(self, happened: pachca_events.ButtonPressed) -> Sequence[Event]:
        """Return a press as what starts a turn where its button stands."""
        try:
            place, _ = await self._lies(happened.message_id)
        except (NotFound, Forbidden):
            return []
        message = neutral.Message(
            id=str(happened.message_id),
            conversation=place,
            sender=await self._sender(happened.user_id),
            text="",
            at=float(happened.webhook_timestamp),
            press=neutral.Press(happened.data, _key(happened)),
        )
        return [neutral.MessageArrived(message)]

    async def _members(
        self, happened: pachca_events.ChatMemberAdded | pachca_events.ChatMemberRemoved
    ) -> Sequence[Event]:
        place = await self._places.in_chat(happened.chat_id)
        joined = isinstance(happened, pachca_events.ChatMemberAdded)
        return [
            neutral.MemberChanged(place, await self._sender(one), joined, f"{_key(happened)}:{one}")
            for one in happened.user_ids
        ]

    def _mentions(self, text: str) -> tuple[Mention, ...]:
        """Return the tokens of a text as mentions: the platform names no ids.

        The bot's own token gets its id; for others the handle stands for the id.
        """
        found: list[Mention] = []
        for name in _TOKEN.findall(without_code(text)):
            if name.casefold() in _BROADCASTS:
                found.append(Mention(name.casefold(), name, kind=MentionKind.BROADCAST))
            elif self.me is not None and name.casefold() == self.me.username.casefold():
                found.append(Mention(self.me.id, name))
            else:
                found.append(Mention(f"@{name}", name))
        return tuple(found)


def _files(document: Message) -> tuple[FileNote, ...]:
    return tuple(FileNote(str(file.id), file.name, None, file.file_type) for file in document.files)


def _key(happened: pachca_events.Event) -> str:
    return repr(event_key(happened))
