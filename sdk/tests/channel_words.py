"""Short ways to write neutral values in the channel's tests."""

from tolmach.channel.model import (
    ChatKind,
    Conversation,
    Identity,
    Mention,
    MentionKind,
    Message,
    MessageArrived,
    Sender,
)
from tolmach.channel.rules import Rules
from tolmach.channel.settings import ChannelSettings

BOT = Identity("uBot", "bot", "The Bot")
ALICE = Sender("uAlice", "alice", "Alice A", False)
BOB = Sender("uBob", "bob", "Bob B", False)
OTHERBOT = Sender("uOther", "other.bot", "Other", True)
ROOM1 = Conversation("ROOM1", ChatKind.ROOM, "ops")
DM = Conversation("DM1", ChatKind.DIRECT, peer_id="uAlice")
AT_BOT = Mention("uBot", "bot", "The Bot")
AT_BOB = Mention("uBob", "bob", "Bob B")
AT_ALL = Mention("all", "all", "", MentionKind.BROADCAST)


def settings(**keys: object) -> ChannelSettings:
    """Return settings from keys as a configuration file spells them."""
    return ChannelSettings.model_validate(keys)


def rules(**keys: object) -> Rules:
    """Return rules of an account on a platform called chat."""
    return Rules.of(settings(**keys), "chat", label="Chat")


def room(room_id: str = "ROOM1", *, thread: str | None = None, name: str = "ops") -> Conversation:
    """Return a room, or a thread in it."""
    return Conversation(room_id, ChatKind.ROOM, name, thread)


def dm(of: Sender = ALICE, *, thread: str | None = None) -> Conversation:
    """Return the direct chat with a person."""
    return Conversation(f"DM-{of.id}", ChatKind.DIRECT, thread_id=thread, peer_id=of.id)


def message(
    text: str = "hello",
    *,
    at: Conversation | None = None,
    by: Sender = ALICE,
    message_id: str = "m1",
    mentions: tuple[Mention, ...] = (),
    root_author: str | None = None,
    when: float = 1000.0,
) -> Message:
    """Return a message; ``@bot`` in the text is a mention."""
    found = (*mentions, AT_BOT) if "@bot" in text.split() and AT_BOT not in mentions else mentions
    return Message(
        id=message_id,
        conversation=at or room(),
        sender=by,
        text=text,
        at=when,
        mentions=found,
        root_author_id=root_author,
    )


def arrived(
    text: str = "hello",
    message_id: str = "m1",
    *,
    at: Conversation | None = None,
    by: Sender = ALICE,
    mentions: tuple[Mention, ...] = (),
    when: float = 1000.0,
) -> MessageArrived:
    """Return the event of a new message."""
    return MessageArrived(message(text, at=at, by=by, message_id=message_id, mentions=mentions, when=when))
