"""Rocket.Chat's changes in the channel's words.

What it is for: one event per change that matters. What it must not do: judge access. What a stream
does not say (a direct room's members, who has a username) is looked up.
"""

from tolmach.adapters.rocketchat_people import RoomFacts, Rooms, Users, sender_of
from tolmach.channel import model as neutral
from tolmach.channel.model import ChatKind, Conversation, Event, FileNote, Mention, MentionKind, Sender
from tolmach.rocketchat import RocketChat
from tolmach.rocketchat import events as changes
from tolmach.rocketchat.models import Message, UserRef

__all__ = ["Translator"]

_BROADCASTS = frozenset({"all", "here"})


class NotServedError(Exception):
    """Say that something happened in a kind of room that bots have no business in."""


class Translator:
    """Translate for one account."""

    def __init__(self, rc: RocketChat, users: Users, rooms: Rooms) -> None:
        self._rc = rc
        self._users = users
        self._rooms = rooms

    async def event(self, change: changes.Change) -> Event | None:
        """Return the event of a change, None for one that is no event."""
        try:
            return await self._event(change)
        except NotServedError:
            return None

    async def _event(self, change: changes.Change) -> Event | None:
        match change:
            case changes.MessageNew(message=message, room=hint):
                return await self._new(message, hint)
            case changes.MessageEdited(message=message, room=hint):
                actor = sender_of(message.edited_by or message.user)
                place = await self._place(message.room_id, hint, message.thread_id, message.user)
                return neutral.MessageEdited(place, message.id, actor, _key(message, "edit"))
            case changes.MessageDeleted(room_id=room_id, message_id=message_id, previous=previous, room=hint):
                author = sender_of(previous.user) if previous else None
                thread = previous.thread_id if previous else None
                place = await self._place(room_id, hint, thread, previous.user if previous else None)
                return neutral.MessageDeleted(place, message_id, author, f"{message_id}:delete")
            case changes.ReactionAdded() | changes.ReactionRemoved():
                return await self._reaction(change)
            case changes.Pinned(message=notice, original=original, room=hint):
                thread = original.thread_id if original else notice.thread_id
                place = await self._place(notice.room_id, hint, thread, notice.user)
                return neutral.PinChanged(place, sender_of(notice.user), True, _key(notice, "pin"))
            case changes.Unpinned(message=message, room=hint):
                who = sender_of(message.pinned_by) if message.pinned_by else None
                place = await self._place(message.room_id, hint, message.thread_id, message.user)
                return neutral.PinChanged(place, who, False, _key(message, "unpin"))
            case changes.MemberAdded(member=member, message=notice, room=hint):
                return await self._member(member, notice, hint, joined=True)
            case changes.MemberRemoved(member=member, message=notice, room=hint):
                return await self._member(member, notice, hint, joined=False)
            case changes.RoomRenamed(room_id=room_id, name=name, actor=actor, message=notice, room=hint):
                known = self._rooms.known(room_id)
                if known is not None:
                    self._rooms.put(room_id, RoomFacts(known.kind, name, known.user_ids))
                place = await self._place(room_id, hint, None, actor)
                return neutral.RoomRenamed(place, sender_of(actor), name, _key(notice, "rename"))
            case _:
                return None

    async def _new(self, message: Message, hint: changes.RoomHint | None) -> Event | None:
        if message.is_system or message.private:
            return None
        self._users.saw(message.user)
        place = await self._place(message.room_id, hint, message.thread_id, message.user)
        return neutral.MessageArrived(self.message(message, place))

    def message(self, message: Message, place: Conversation) -> neutral.Message:
        """Return a message in the channel's words."""
        text = message.text
        if not text:
            # Servers before 8 keep a file's caption beside the file.
            text = next((one.description for one in message.attachments if one.description), "")
        return neutral.Message(
            id=message.id,
            conversation=place,
            sender=sender_of(message.user, is_bot=True if message.bot else None),
            text=text,
            at=message.ts.timestamp(),
            mentions=tuple(
                Mention(one.id or "", one.username or "", one.name or "", _kind(one.id, one.type))
                for one in message.mentions
            ),
            files=_files(message),
            quoted_author_id=self._quoted(message),
        )

    def remembered_place(self, message: Message) -> Conversation:
        """Return where a message stands as far as that is known without asking."""
        facts = self._rooms.known(message.room_id)
        kind = ChatKind.DIRECT if facts and facts.kind == "d" else ChatKind.ROOM
        return Conversation(message.room_id, kind, facts.name if facts else "", message.thread_id)

    async def _reaction(self, change: changes.ReactionAdded | changes.ReactionRemoved) -> Event | None:
        message = change.message
        self._users.saw(message.user)
        me = self._rc.account.me
        if change.own and me is not None:
            actor: Sender | None = Sender(me.id, me.username or "", me.name or "", True)
        else:
            actor = await self._users.ref(change.username)
        place = await self._place(message.room_id, change.room, message.thread_id, message.user, actor)
        added = isinstance(change, changes.ReactionAdded)
        emoji = change.emoji.strip(":")
        word = f"{'+' if added else '-'}{emoji}:{change.username}"
        return neutral.ReactionChanged(
            place, message.id, sender_of(message.user), actor, emoji, added, _key(message, word)
        )

    async def _member(
        self, member: UserRef, notice: Message, hint: changes.RoomHint | None, *, joined: bool
    ) -> Event | None:
        who = sender_of(member) if member.id else await self._users.ref(member.username or "")
        if who is None:
            who = sender_of(member)
        place = await self._place(notice.room_id, hint, None, notice.user)
        return neutral.MemberChanged(place, who, joined, _key(notice, "member"))

    async def _place(
        self,
        room_id: str,
        hint: changes.RoomHint | None,
        thread_id: str | None,
        author: UserRef | None,
        actor: Sender | None = None,
    ) -> Conversation:
        """Return where something happened. Raises ``NotServedError``, and what a lookup raises."""
        own = self._rc.account.user_id
        if hint is None:
            facts = await self._rooms.facts(room_id)
            member = await self._rc.subscriptions.get_one(room_id) is not None
        else:
            facts, member = RoomFacts(hint.kind, hint.name), hint.participant
            if hint.kind != "d" and hint.kind:
                known = self._rooms.known(room_id)
                self._rooms.put(room_id, facts if hint.name or known is None else known)
        if facts.kind in {"c", "p"}:
            return Conversation(room_id, ChatKind.ROOM, facts.name, thread_id, member)
        if facts.kind != "d":
            raise NotServedError
        facts = await self._rooms.facts(room_id)
        others = [user_id for user_id in facts.user_ids if user_id != own]
        if len(facts.user_ids) > 2:
            return Conversation(room_id, ChatKind.GROUP, facts.name, thread_id, member)
        peer = next(iter(others), "")
        if not peer:
            peer = next(
                (one for one in (author.id if author else "", actor.id if actor else "") if one != own), ""
            )
        return Conversation(room_id, ChatKind.DIRECT, "", thread_id, member, peer or None)

    def _quoted(self, message: Message) -> str | None:
        """Return the bot's id when the message quotes it: a quote names its author by name only."""
        me = self._rc.account.me
        if me is None or not me.username:
            return None
        quoted = any(one.message_link and one.author_name == me.username for one in message.attachments)
        return me.id if quoted else None


def _kind(identifier: str | None, kind: str | None) -> MentionKind:
    if identifier in _BROADCASTS:
        return MentionKind.BROADCAST
    return MentionKind.TEAM if kind == "team" else MentionKind.USER


def _files(message: Message) -> tuple[FileNote, ...]:
    """Return the files; the thumbnail that the server puts beside an image is none."""
    return tuple(
        FileNote(file.id, file.name or "", file.size, file.type or "")
        for file in message.files
        if not (file.name or "").startswith("thumb-")
    )


def _key(message: Message, what: str) -> str:
    return f"{message.id}:{message.updated_at.timestamp():.3f}:{what}"
