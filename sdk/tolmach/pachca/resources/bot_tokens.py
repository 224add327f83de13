"""Tokens of a bot, beside its main one.

What it is for: reached as ``pachca.bot_tokens``; for the bot's creator and admins. What it must not do:
keep a token.

Source: https://dev.pachca.com
"""

from collections.abc import Sequence

from tolmach.pachca.api import Resource
from tolmach.pachca.listing import Listing
from tolmach.pachca.models.bot_token import BotAccessToken, BotTokenCreateRequest, BotTokenUpdateRequest
from tolmach.pachca.reading import wire
from tolmach.pachca.unset import UNSET, Unset, given

__all__ = ["BotTokens"]


class BotTokens(Resource):
    """Offer what concerns the tokens of a bot."""

    def list(self, bot_id: int, *, page_size: int | Unset = UNSET) -> Listing[BotAccessToken]:
        """Return a bot's tokens, masked."""
        return self._api.listing(BotAccessToken, "GET /bots/{id}/tokens", bot_id, page_size=page_size)

    async def create(
        self, bot_id: int, name: str, *, scopes: Sequence[str] | Unset = UNSET
    ) -> BotAccessToken:
        """Make another token; ``token`` is whole this once."""
        json = wire(BotTokenCreateRequest, given(name=name, scopes=scopes))
        return await self._api.fetch(BotAccessToken, "POST /bots/{id}/tokens", bot_id, json=json)

    async def update(
        self,
        bot_id: int,
        token_id: int,
        *,
        name: str | Unset = UNSET,
        scopes: Sequence[str] | Unset = UNSET,
    ) -> BotAccessToken:
        """Rename a token or give it other scopes."""
        json = wire(BotTokenUpdateRequest, given(name=name, scopes=scopes))
        call = "PUT /bots/{id}/tokens/{token_id}"
        return await self._api.fetch(BotAccessToken, call, bot_id, token_id, json=json)

    async def delete(self, bot_id: int, token_id: int) -> None:
        """End a token."""
        await self._api.call("DELETE /bots/{id}/tokens/{token_id}", bot_id, token_id)

    async def reissue(self, bot_id: int, token_id: int) -> BotAccessToken:
        """Replace a token's value; ``token`` is whole this once."""
        return await self._api.fetch(
            BotAccessToken, "POST /bots/{id}/tokens/{token_id}/reissue", bot_id, token_id
        )
