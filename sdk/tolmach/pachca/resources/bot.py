"""The bot whose token is used, changing itself.

What it is for: reached as ``pachca.bot``. What it must not do: change other bots; ``pachca.bots`` does.

Source: https://dev.pachca.com
"""

from tolmach.pachca.api import Resource
from tolmach.pachca.models.bot import BotSelfResponse, BotSelfTokenResponse
from tolmach.pachca.models.bot_request import BotWebhookSelfUpdateRequest
from tolmach.pachca.reading import wire

__all__ = ["OwnBot"]


class OwnBot(Resource):
    """Offer what a bot may change about itself."""

    async def set_webhook(self, outgoing_url: str) -> BotSelfResponse:
        """Set where events go; an empty text turns them off."""
        json = wire(BotWebhookSelfUpdateRequest, {"webhook": {"outgoing_url": outgoing_url}})
        return await self._api.fetch(BotSelfResponse, "PUT /bot/webhook", json=json)

    async def recreate_token(self) -> BotSelfTokenResponse:
        """Replace the bot's main token: the old one dies at once; this client keeps the old one."""
        return await self._api.fetch(BotSelfTokenResponse, "POST /bot/recreate_token")
