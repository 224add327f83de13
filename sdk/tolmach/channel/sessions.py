"""Name the session that an event belongs to.

What it is for: session keys and their grammar. What it must not do: keep a session. A key is
``agent:<agentId>:<channel>:<kind>:<roomId>[:thread:<root>]``; all but the platform's ids is lower
case, because two ids may differ in letter case alone.
"""

from dataclasses import dataclass

from tolmach.channel.model import ChatKind, Conversation
from tolmach.channel.rules import Rules

__all__ = ["SessionParts", "base_key", "dm_key", "parse", "session_key", "with_thread"]

_THREAD = ":thread:"


@dataclass(frozen=True, slots=True)
class SessionParts:
    """Hold what a key or a raw conversation id is made of; ``parents`` is narrowest first."""

    base: str
    thread_id: str | None
    parents: tuple[str, ...]


def session_key(conversation: Conversation, peer_id: str, rules: Rules, *, seed: str | None = None) -> str:
    """Return the session of something that happened.

    ``peer_id`` is the other person of a direct chat. ``seed`` is the id of a message at room level
    that will be answered in a thread under it. A thread in a direct chat stays with the chat.
    """
    base = base_key(conversation, peer_id, rules)
    if conversation.kind is ChatKind.DIRECT:
        return base
    root = conversation.thread_id or seed
    return with_thread(base, root) if root else base


def base_key(conversation: Conversation, peer_id: str, rules: Rules) -> str:
    """Return the session of a room or direct chat itself, threads apart."""
    if conversation.kind is ChatKind.DIRECT:
        return dm_key(peer_id, rules)
    return f"agent:{rules.agent_id}:{rules.platform}:{conversation.kind.value}:{conversation.room_id}"


def dm_key(peer_id: str, rules: Rules) -> str:
    """Return the session of a direct chat in the configured scope."""
    agent = f"agent:{rules.agent_id}"
    match rules.settings.session.dm_scope:
        case "main":
            return f"{agent}:main"
        case "per-peer":
            return f"{agent}:direct:{peer_id}"
        case "per-channel-peer":
            return f"{agent}:{rules.platform}:direct:{peer_id}"
        case "per-account-channel-peer":
            return f"{agent}:{rules.platform}:{rules.account_id}:direct:{peer_id}"


def with_thread(base: str, root_id: str) -> str:
    """Return the session of a thread."""
    return f"{base}{_THREAD}{root_id}"


def parse(text: str) -> SessionParts:
    """Split a key or a raw conversation id; the last ``:thread:`` counts.

    Raises ``ValueError`` for an empty text and for a key that begins with ``agent:`` but is none.
    """
    if not text.strip():
        raise ValueError("an empty conversation id")
    if text.startswith("agent:"):
        parts = text.split(":")
        if len(parts) < 3 or not all(parts[:3]):
            raise ValueError("a session key is agent:<agentId>:<rest>")
    base, mark, thread = text.rpartition(_THREAD)
    if not mark or not base or not thread:
        return SessionParts(text, None, ())
    parents = [base]
    while _THREAD in parents[-1]:
        parents.append(parents[-1].rpartition(_THREAD)[0])
    return SessionParts(base, thread, tuple(parents))
