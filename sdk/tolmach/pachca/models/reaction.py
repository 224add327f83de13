"""Reactions.

What it is for: reading and sending them. What it must not do: translate names; ``tolmach.pachca.emoji``
does.

Source: https://dev.pachca.com
"""

from tolmach.pachca.models.document import Document, Given, Sent, Timestamp

__all__ = ["Reaction", "ReactionRequest"]


class Reaction(Document):
    """Say who reacted with what."""

    user_id: int
    created_at: Timestamp
    code: str
    name: str


class ReactionRequest(Sent):
    """React; ``name`` chooses a custom emoji."""

    code: str
    name: Given[str] = None
