"""Tell whether a message addresses the bot.

What it is for: mentions by id, by name as a fallback, by pattern, and implied ones. What it must
not do: decide who may speak. Unknown identity closes the gate.
"""

import re
from dataclasses import dataclass, replace

from tolmach.channel import spans
from tolmach.channel.model import ChatKind, Identity, MentionKind, Message
from tolmach.channel.rules import Rules

__all__ = [
    "Gate",
    "addresses_somebody_else",
    "can_detect",
    "explicit_mention",
    "gate",
    "implicit_mention",
    "needs_root_author",
    "pattern_hit",
    "prefix_of",
    "token_in_text",
]

NONE = "none"
EXPLICIT = "explicit_bot"
PATTERN = "mention_pattern"
PREFIX = "prefix"
REPLY_TO_BOT = "reply_to_bot"
PARTICIPATION = "thread_participation"
QUOTED_BOT = "quoted_bot"

_BROADCASTS = frozenset({"all", "here", "channel", "everyone"})


@dataclass(frozen=True, slots=True)
class Gate:
    """Say whether a message passes. ``reason`` is set when it does not."""

    source: str = NONE
    reason: str | None = None

    @property
    def mentioned(self) -> bool:
        """Return whether anything addressed the bot, implied or not."""
        return self.source != NONE

    @property
    def explicit(self) -> bool:
        """Return whether the bot was named."""
        return self.source in {EXPLICIT, PATTERN, PREFIX}


def can_detect(identity: Identity | None) -> bool:
    """Tell whether mentions can be recognised: the bot is known, and is a bot."""
    return identity is not None and bool(identity.id) and identity.is_bot


def explicit_mention(message: Message, identity: Identity | None) -> bool:
    """Tell whether the platform, or else the text, names the bot. Broadcasts and teams never count."""
    if identity is None or not can_detect(identity):
        return False
    if any(mention.kind is MentionKind.USER and mention.id == identity.id for mention in message.mentions):
        return True
    if any(mention.kind is not MentionKind.BROADCAST for mention in message.mentions):
        return False
    return bool(identity.username) and token_in_text(message.text, identity.username)


def token_in_text(text: str, username: str) -> bool:
    """Tell whether ``@username`` stands in the text as a whole word, outside code."""
    token = rf"(?<![\w.@-])@{re.escape(username)}(?![\w-])(?!\.\w)"
    return re.search(token, spans.without_code(text), re.IGNORECASE) is not None


def pattern_hit(text: str, rules: Rules) -> bool:
    """Tell whether a configured pattern, or the agent's name, stands in the text."""
    return any(pattern.search(text) for pattern in rules.patterns)


def prefix_of(text: str, rules: Rules) -> str:
    """Return the trigger prefix that the text begins with, else an empty string."""
    if rules.settings.chatmode != "onchar":
        return ""
    stripped = text.lstrip()
    return next((prefix for prefix in rules.settings.onchar_prefixes if stripped.startswith(prefix)), "")


def implicit_mention(message: Message, identity: Identity | None, rules: Rules, *, participates: bool) -> str:
    """Return what implies that the bot is meant: a reply under its message, its own thread, a quote."""
    if identity is None or not can_detect(identity):
        return NONE
    wanted = rules.settings.implicit_mentions
    if message.conversation.thread_id is not None:
        if wanted.thread_participation and participates:
            return PARTICIPATION
        if wanted.reply_to_bot and message.root_author_id == identity.id:
            return REPLY_TO_BOT
    if wanted.quoted_bot and message.quoted_author_id == identity.id:
        return QUOTED_BOT
    return NONE


def addresses_somebody_else(message: Message, identity: Identity | None) -> bool:
    """Tell whether the message mentions a person other than the bot."""
    own = identity.id if identity else ""
    return any(
        mention.kind is MentionKind.USER and mention.id not in {own, ""} and mention.id not in _BROADCASTS
        for mention in message.mentions
    )


def gate(message: Message, identity: Identity | None, rules: Rules, *, participates: bool) -> Gate:
    """Return whether the message passes the mention gate of its place."""
    if message.press:
        return Gate(EXPLICIT)  # the button is the bot's own
    found = _source(message, identity, rules, participates=participates)
    if message.conversation.kind is not ChatKind.ROOM:
        return found
    room = rules.room_of(message.conversation)
    if room.require_mention:
        if found.mentioned:
            return found
        blind = not can_detect(identity) and not rules.patterns
        return replace(found, reason="mention-detection-unavailable" if blind else "missing-mention")
    if (
        room.ignore_other_mentions
        and can_detect(identity)
        and not found.mentioned
        and addresses_somebody_else(message, identity)
    ):
        return replace(found, reason="other-mention")
    return found


def needs_root_author(message: Message, identity: Identity | None, rules: Rules) -> bool:
    """Tell whether the gate can only be judged once the author of the thread's root is known."""
    return (
        message.conversation.kind is ChatKind.ROOM
        and message.conversation.thread_id is not None
        and message.root_author_id is None
        and can_detect(identity)
        and rules.settings.implicit_mentions.reply_to_bot
        and rules.room_of(message.conversation).require_mention
    )


def _source(message: Message, identity: Identity | None, rules: Rules, *, participates: bool) -> Gate:
    if explicit_mention(message, identity):
        return Gate(EXPLICIT)
    if prefix_of(message.text, rules):
        return Gate(PREFIX)
    if pattern_hit(message.text, rules):
        return Gate(PATTERN)
    return Gate(implicit_mention(message, identity, rules, participates=participates))
