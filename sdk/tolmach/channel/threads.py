"""Place the parts of an answer, and name the threads in which the bot spoke.

What it is for: reply modes and thread membership. What it must not do: send. A message inside a
thread is answered in that thread whatever the mode.
"""

from dataclasses import dataclass

from tolmach.channel.gating import Gate
from tolmach.channel.model import Address, ChatKind, Conversation
from tolmach.channel.rules import Rules

__all__ = ["Placement", "participation_key", "placement", "reply_mode", "seed_root"]


@dataclass(frozen=True, slots=True)
class Placement:
    """Say where each part goes: the first ``threaded`` parts under ``thread_id``, None for all of them."""

    room_id: str
    thread_id: str | None = None
    threaded: int | None = None

    def address(self, part: int) -> Address:
        """Return where part number ``part`` goes, counted from zero."""
        inside = self.threaded is None or part < self.threaded
        return Address(self.room_id, self.thread_id if inside else None)


def reply_mode(conversation: Conversation, rules: Rules) -> str:
    """Return the mode that counts: room, chat type, account, the older key of direct chats, off."""
    settings = rules.settings
    kind = conversation.kind
    by_type = settings.reply_to_mode_by_chat_type
    in_room = rules.room_of(conversation).reply_to_mode if kind is ChatKind.ROOM else None
    of_type = {
        ChatKind.DIRECT: by_type.direct,
        ChatKind.GROUP: by_type.group,
        ChatKind.ROOM: by_type.channel,
    }[kind]
    of_dm = settings.dm.reply_to_mode if kind is ChatKind.DIRECT else None
    return in_room or of_type or settings.reply_to_mode or of_dm or "off"


def placement(
    mode: str, conversation: Conversation, message_id: str, *, tagged: str | None = None
) -> Placement:
    """Return where the answer to a message goes.

    ``tagged`` is the root that the agent asked for, already checked; it counts unless mode is off.
    """
    if conversation.thread_id is not None:
        return Placement(conversation.room_id, conversation.thread_id)
    match mode:
        case "all":
            return Placement(conversation.room_id, tagged or message_id)
        case "first" | "batched":
            return Placement(conversation.room_id, tagged or message_id, threaded=1)
        case _:
            return Placement(conversation.room_id)


def seed_root(conversation: Conversation, message_id: str, gate: Gate, rules: Rules) -> str | None:
    """Return the message's id when its answer opens a thread under it: the session is that thread's."""
    if conversation.kind is not ChatKind.ROOM or conversation.thread_id is not None:
        return None
    if reply_mode(conversation, rules) == "off":
        return None
    open_room = not rules.room_of(conversation).require_mention
    return message_id if gate.mentioned or open_room else None


def participation_key(room_id: str, root_id: str) -> str:
    """Return the key under which it is remembered that the bot spoke in a thread."""
    return f"{room_id}/{root_id}"
