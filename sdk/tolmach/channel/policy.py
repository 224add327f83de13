"""Who may reach the bot, and where: rooms, senders, direct chats, bots, operators.

What it is for: one small function per question; each answers with a reason to say no, or None.
What it must not do: look at what a message says, or at whether it addresses the bot.
"""

from collections.abc import Iterable

from tolmach.channel.model import ChatKind, Conversation, Identity, Sender
from tolmach.channel.rules import Rules

__all__ = [
    "PAIR",
    "allow_list_entry",
    "bot_access",
    "dm_access",
    "event_access",
    "group_dm_access",
    "is_bot",
    "is_operator",
    "is_self",
    "listed",
    "room_access",
    "sender_access",
    "visible_in_context",
]

PAIR = "pair"
"""What ``dm_access`` answers when the person should be given a pairing code."""


def is_self(sender: Sender, identity: Identity | None) -> bool:
    """Tell whether the bot itself acted; by id alone."""
    return identity is not None and sender.id == identity.id


def is_bot(sender: Sender, rules: Rules) -> bool | None:
    """Tell whether a sender is a bot, None while nobody has looked."""
    if listed(rules.settings.known_bots, sender, rules):
        return True
    return sender.is_bot


def allow_list_entry(entry: str, platform: str) -> str:
    """Return the id in an entry: ``U1``, ``slack:U1``, ``user:U1`` and ``<@U1>`` are the same.

    Prefixes count in any letter case; the id keeps its own.
    """
    entry = entry.strip()
    if entry.startswith("<@") and entry.endswith(">"):
        entry = entry[2:-1]
    for _ in range(2):
        prefix, colon, rest = entry.partition(":")
        if colon and prefix.lower() in {platform, "user"}:
            entry = rest
    return entry


def listed(entries: Iterable[str], sender: Sender, rules: Rules) -> bool:
    """Tell whether a sender is in a list: by id, by ``*``, by name only where names are allowed."""
    names = _names(sender) if rules.settings.dangerously_allow_name_matching else frozenset[str]()
    for raw in entries:
        entry = allow_list_entry(raw, rules.platform)
        if not sender.id or not entry:
            continue
        if entry in {"*", sender.id}:
            return True
        if names and entry.removeprefix("@").lower() in names:
            return True
    return False


def room_access(conversation: Conversation, rules: Rules) -> str | None:
    """Return why the bot does not serve this room, or None."""
    policy = rules.settings.group_policy
    if policy == "disabled" or not conversation.is_member:
        return "channel-not-allowed"
    room = rules.room_of(conversation)
    if not room.enabled or (policy == "allowlist" and not room.listed):
        return "channel-not-allowed"
    return None


def sender_access(sender: Sender, conversation: Conversation, rules: Rules) -> str | None:
    """Return why this member of a served room may not speak to the bot, or None.

    The pairing store and the ``allowFrom`` of direct chats are deliberately not asked.
    """
    users = rules.room_of(conversation).users
    if users is None or listed(users, sender, rules):
        return None
    return "unauthorized-sender"


def group_dm_access(sender: Sender, conversation: Conversation, rules: Rules) -> str | None:
    """Return why a group chat of direct kind is not served, or None; pairings do not count here."""
    settings = rules.settings
    if not settings.dm.enabled or not settings.dm.group_enabled or settings.dm_policy == "disabled":
        return "dm-disabled"
    chats = settings.dm.group_channels
    if chats is not None and "*" not in chats and conversation.room_id not in chats:
        return "channel-not-allowed"
    return None if listed(settings.allow_from, sender, rules) else "unauthorized-sender"


def dm_access(sender: Sender, approved: frozenset[str], rules: Rules) -> str | None:
    """Return None, ``PAIR``, or why a direct chat with this person is not served."""
    settings = rules.settings
    if not settings.dm.enabled or settings.dm_policy == "disabled":
        return "dm-disabled"
    match settings.dm_policy:
        case "open":
            admitted = listed(settings.allow_from, sender, rules)
        case "owner_only":
            admitted = listed((settings.owner_id or "",), sender, rules)
        case "allowlist":
            admitted = listed(settings.allow_from, sender, rules)
        case _:
            admitted = sender.id in approved or listed(settings.allow_from, sender, rules)
    if admitted:
        return None
    return PAIR if settings.dm_policy == "pairing" else "dm-unauthorized"


def bot_access(sender: Sender, conversation: Conversation, rules: Rules, *, mentioned: bool) -> str | None:
    """Return why another bot is not answered, or None; call it for bots only.

    In a room a bot must stand in the list of senders by its id; ``*`` and an absent list do not do.
    """
    room = rules.room_of(conversation)
    in_room = conversation.kind is ChatKind.ROOM
    mode = room.allow_bots if in_room else rules.settings.allow_bots
    if mode is False:
        return "bot-disabled"
    if in_room:
        named = {allow_list_entry(entry, rules.platform) for entry in room.users or ()}
        if sender.id not in named:
            return "unauthorized-bot"
    if mode == "mentions" and conversation.kind is not ChatKind.DIRECT and not mentioned:
        return "bot-missing-mention"
    return None


def event_access(
    actor: Sender | None, conversation: Conversation, approved: frozenset[str], rules: Rules
) -> str | None:
    """Return why what somebody did leaves no system line, or None."""
    if actor is None or not actor.id:
        return "missing-sender"
    match conversation.kind:
        case ChatKind.ROOM:
            return room_access(conversation, rules) or sender_access(actor, conversation, rules)
        case ChatKind.GROUP:
            return group_dm_access(actor, conversation, rules)
        case ChatKind.DIRECT:
            refusal = dm_access(actor, approved, rules)
            return "dm-unauthorized" if refusal == PAIR else refusal


def is_operator(sender: Sender, conversation: Conversation, rules: Rules) -> bool:
    """Tell whether a sender may change models and stop turns.

    Without ``commandAllowFrom`` nobody may, but for a direct chat whose sender is the only one in
    ``allowFrom``. ``*`` in ``allowFrom`` makes nobody an operator.
    """
    operators = rules.settings.command_allow_from
    if operators is not None:
        return listed(operators, sender, rules)
    if conversation.kind is not ChatKind.DIRECT:
        return False
    if rules.settings.dm_policy == "owner_only":
        return listed((rules.settings.owner_id or "",), sender, rules)
    entries = [allow_list_entry(entry, rules.platform) for entry in rules.settings.allow_from]
    return len(entries) == 1 and entries[0] == sender.id


def visible_in_context(sender: Sender, conversation: Conversation, rules: Rules) -> bool:
    """Tell whether an earlier message of this person may be shown to the agent as context."""
    if rules.settings.context_visibility == "all" or conversation.kind is not ChatKind.ROOM:
        return True
    return sender_access(sender, conversation, rules) is None


def _names(sender: Sender) -> frozenset[str]:
    found = {name.lower() for name in (sender.username, sender.name) if name}
    return frozenset(found | {"-".join(name.split()) for name in found})
