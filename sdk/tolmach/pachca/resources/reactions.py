"""Reactions to messages.

What it is for: reached as ``pachca.reactions``. What it must not do: take names of common emoji: the API
wants the character; ``tolmach.pachca.emoji`` translates.

Source: https://dev.pachca.com
"""

from tolmach.errors import NotSent
from tolmach.pachca.api import Resource
from tolmach.pachca.listing import Listing
from tolmach.pachca.models.reaction import Reaction, ReactionRequest
from tolmach.pachca.reading import read, wire
from tolmach.pachca.unset import UNSET, Unset, given

__all__ = ["Reactions"]


class Reactions(Resource):
    """Offer what concerns reactions."""

    def list(self, message_id: int, *, page_size: int | Unset = UNSET) -> Listing[Reaction]:
        """Return who reacted with what."""
        return self._api.listing(
            Reaction,
            "GET /messages/{id}/reactions",
            message_id,
            page_size=page_size,
            key=lambda reaction: (reaction.user_id, reaction.code, reaction.name),
        )

    async def add(self, message_id: int, code: str, *, name: str | Unset = UNSET) -> Reaction:
        """React with the character ``code``, or with the custom emoji ``name``; twice is once.

        A name between colons is looked up (``:+1:``). Raises Invalid at 20 kinds of one's own, 30 on
        the message, 1000 in all.
        """
        call = "POST /messages/{id}/reactions"
        json = wire(ReactionRequest, given(code=_glyph(code), name=name))
        return read(Reaction, await self._api.call(call, message_id, json=json), call)

    async def remove(self, message_id: int, code: str, *, name: str | Unset = UNSET) -> None:
        """Take one's own reaction back; raises NotFound when there is none."""
        query = {"code": _glyph(code), "name": name}
        await self._api.call("DELETE /messages/{id}/reactions", message_id, query=query)


def _glyph(code: str) -> str:
    if len(code) > 2 and code.startswith(":") and code.endswith(":"):
        from tolmach.pachca.emoji import glyph_of

        found = glyph_of(code)
        if found is None:
            raise NotSent(f"code: no emoji is called {code}", field="code")
        return found
    return code
