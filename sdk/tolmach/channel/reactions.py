"""Reactions, in and out.

What it is for: which reactions of people are worth a line, when the bot acknowledges, and how an
emoji is named. What it must not do: hold a table of emoji; a platform's adapter has one.
"""

from collections.abc import Callable

from tolmach.channel import policy
from tolmach.channel.gating import Gate
from tolmach.channel.model import ChatKind, Conversation, Identity, ReactionChanged
from tolmach.channel.rules import Rules

__all__ = ["GlyphName", "acknowledges", "emoji_name", "notifies"]

GlyphName = Callable[[str], str | None]
"""Return the name of a glyph without colons, None when it has none."""


def notifies(event: ReactionChanged, identity: Identity | None, rules: Rules) -> bool:
    """Tell whether a reaction becomes a system line; who may cause one at all is judged before."""
    match rules.settings.reaction_notifications:
        case "off":
            return False
        case "all":
            return True
        case "allowlist":
            return event.actor is not None and policy.listed(
                rules.settings.reaction_allowlist, event.actor, rules
            )
        case "own":
            author = event.message_author
            return author is not None and identity is not None and author.id == identity.id


def acknowledges(conversation: Conversation, gate: Gate, rules: Rules) -> bool:
    """Tell whether an admitted message gets the acknowledging reaction."""
    if not emoji_name(rules.settings.ack_reaction):
        return False
    direct = conversation.kind is ChatKind.DIRECT
    match rules.settings.ack_reaction_scope:
        case "off":
            return False
        case "all":
            return True
        case "direct":
            return direct
        case "group-all":
            return not direct
        case "group-mentions":
            return not direct and gate.mentioned


def emoji_name(emoji: str, glyph_name: GlyphName | None = None) -> str:
    """Return the name of ``thumbsup``, ``:thumbsup:`` or a glyph, without colons; maybe empty."""
    emoji = emoji.strip()
    name = emoji.strip(":").strip()
    if not name or name.isascii() or glyph_name is None:
        return name
    return glyph_name(emoji) or name
