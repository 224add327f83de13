"""Bots, as those see them who may configure them.

What it is for: reached as ``pachca.bots``. What it must not do: act as a bot; ``pachca.bot`` changes the
one whose token is used.

Source: https://dev.pachca.com
"""

from collections.abc import Mapping, Sequence

from tolmach.pachca.api import Resource
from tolmach.pachca.listing import Listing
from tolmach.pachca.models.bot import BotCreateResponse, BotResponse
from tolmach.pachca.models.bot_request import (
    BotCreateRequest,
    BotOAuthClientRequest,
    BotPromoRequest,
    BotUpdateRequest,
)
from tolmach.pachca.models.bot_token import BotScopeCatalog
from tolmach.pachca.models.words import (
    BotCanEdit,
    BotEventName,
    BotTemplateEngine,
    BotTriggerOn,
    BotWebhookKind,
    BotWhoCanAdd,
)
from tolmach.pachca.reading import read, wire
from tolmach.pachca.resources.avatars import AvatarSource, change_avatar
from tolmach.pachca.unset import UNSET, Unset, given

__all__ = ["Bots"]

Client = BotOAuthClientRequest | Mapping[str, object]
Promo = BotPromoRequest | Mapping[str, object]


class Bots(Resource):
    """Offer what concerns bots."""

    def list(self, *, query: str | Unset = UNSET, page_size: int | Unset = UNSET) -> Listing[BotResponse]:
        """Return the bots that the caller may configure."""
        return self._api.listing(BotResponse, "GET /bots", query={"query": query}, page_size=page_size)

    async def create(
        self,
        name: str,
        *,
        nickname: str | Unset = UNSET,
        outgoing_url: str | Unset = UNSET,
        events: Sequence[BotEventName] | Unset = UNSET,
        trigger_on: BotTriggerOn | Unset = UNSET,
        commands: Sequence[str] | Unset = UNSET,
        scopes: Sequence[str] | Unset = UNSET,
        template: str | Unset = UNSET,
        template_engine: BotTemplateEngine | Unset = UNSET,
        challenge_key: str | Unset = UNSET,
        link_preview_enabled: bool | Unset = UNSET,
        ignore_self_messages: bool | Unset = UNSET,
        events_history_enabled: bool | Unset = UNSET,
        who_can_add: BotWhoCanAdd | Unset = UNSET,
        can_edit: Sequence[BotCanEdit] | Unset = UNSET,
        single_chat: bool | Unset = UNSET,
        kind: BotWebhookKind | Unset = UNSET,
        unfurl_domains: Sequence[str] | Unset = UNSET,
        empty: bool | Unset = UNSET,
        oauth_client: Client | Unset = UNSET,
        promo: Promo | Unset = UNSET,
    ) -> BotCreateResponse:
        """Create a bot; ``access_token`` is shown this once, and not for an ``empty`` one.

        A new bot hears nothing: ``trigger_on`` is ``commands`` and there are none. The nickname ends
        with ``_bot``.
        """
        webhook = given(
            name=name,
            nickname=nickname,
            outgoing_url=outgoing_url,
            events=events,
            trigger_on=trigger_on,
            commands=commands,
            scopes=scopes,
            template=template,
            template_engine=template_engine,
            challenge_key=challenge_key,
            link_preview_enabled=link_preview_enabled,
            ignore_self_messages=ignore_self_messages,
            events_history_enabled=events_history_enabled,
            who_can_add=who_can_add,
            can_edit=can_edit,
            single_chat=single_chat,
            kind=kind,
            unfurl_domains=unfurl_domains,
        )
        around = given(empty=empty, oauth_client=oauth_client, promo=promo)
        json = wire(BotCreateRequest, {"webhook": webhook, **around})
        return await self._api.fetch(BotCreateResponse, "POST /bots", json=json)

    async def get(self, bot_id: int) -> BotResponse:
        """Return a bot; raises Forbidden for one that the caller may not configure."""
        return await self._api.fetch(BotResponse, "GET /bots/{id}", bot_id)

    async def update(
        self,
        bot_id: int,
        *,
        name: str | Unset = UNSET,
        nickname: str | Unset = UNSET,
        outgoing_url: str | Unset = UNSET,
        events: Sequence[BotEventName] | Unset = UNSET,
        trigger_on: BotTriggerOn | Unset = UNSET,
        commands: Sequence[str] | Unset = UNSET,
        scopes: Sequence[str] | Unset = UNSET,
        template: str | Unset = UNSET,
        template_engine: BotTemplateEngine | Unset = UNSET,
        challenge_key: str | Unset = UNSET,
        link_preview_enabled: bool | Unset = UNSET,
        ignore_self_messages: bool | Unset = UNSET,
        events_history_enabled: bool | Unset = UNSET,
        who_can_add: BotWhoCanAdd | Unset = UNSET,
        can_edit: Sequence[BotCanEdit] | Unset = UNSET,
        single_chat: bool | Unset = UNSET,
        kind: BotWebhookKind | Unset = UNSET,
        unfurl_domains: Sequence[str] | Unset = UNSET,
        oauth_client: Client | Unset | None = UNSET,
        promo: Promo | Unset = UNSET,
    ) -> BotResponse:
        """Change a bot; what is left out stays, ``oauth_client=None`` ends all grants."""
        webhook = given(
            name=name,
            nickname=nickname,
            outgoing_url=outgoing_url,
            events=events,
            trigger_on=trigger_on,
            commands=commands,
            scopes=scopes,
            template=template,
            template_engine=template_engine,
            challenge_key=challenge_key,
            link_preview_enabled=link_preview_enabled,
            ignore_self_messages=ignore_self_messages,
            events_history_enabled=events_history_enabled,
            who_can_add=who_can_add,
            can_edit=can_edit,
            single_chat=single_chat,
            kind=kind,
            unfurl_domains=unfurl_domains,
        )
        around = given(oauth_client=oauth_client, promo=promo)
        json = wire(BotUpdateRequest, {**({"webhook": webhook} if webhook else {}), **around})
        return await self._api.fetch(BotResponse, "PUT /bots/{id}", bot_id, json=json)

    async def delete(self, bot_id: int) -> None:
        """Delete a bot."""
        await self._api.call("DELETE /bots/{id}", bot_id)

    async def set_avatar(self, bot_id: int, image: AvatarSource, *, filename: str = "avatar.png") -> str:
        """Give a bot a picture (jpg, png or gif); return its URL."""
        return await change_avatar(self._api, "PUT /bots/{id}/avatar", bot_id, image=image, name=filename)

    async def delete_avatar(self, bot_id: int) -> None:
        """Take a bot's picture away; there need not be one."""
        await self._api.call("DELETE /bots/{id}/avatar", bot_id)

    async def recreate_token(self, bot_id: int) -> BotCreateResponse:
        """Replace a bot's main token: the old one dies at once, ``access_token`` is shown this once."""
        return await self._api.fetch(BotCreateResponse, "POST /bots/{id}/recreate_token", bot_id)

    async def rotate_client_secret(self, bot_id: int) -> BotResponse:
        """Replace the secret of a bot's OAuth client; ``client_secret`` is shown this once."""
        return await self._api.fetch(BotResponse, "POST /bots/{id}/rotate_client_secret", bot_id)

    async def scopes(self, bot_id: int) -> BotScopeCatalog:
        """Return the scopes that a bot may be given."""
        call = "GET /bots/{id}/scopes"
        return read(BotScopeCatalog, await self._api.call(call, bot_id), call)
