"""What is sent about bots.

What it is for: their settings. What it must not do: set what was not named: an absent field means
unchanged.

Source: https://dev.pachca.com
"""

from typing import Annotated

from pydantic import Field

from tolmach.pachca.models.document import Given, Sent, Short
from tolmach.pachca.models.words import (
    BotCanEdit,
    BotEventName,
    BotTemplateEngine,
    BotTriggerOn,
    BotWebhookKind,
    BotWhoCanAdd,
)

__all__ = [
    "BotChanges",
    "BotCreateRequest",
    "BotOAuthClientRequest",
    "BotPromoRequest",
    "BotSettings",
    "BotUpdateRequest",
    "BotWebhookSelfUpdateRequest",
    "OwnWebhook",
]


class BotOAuthClientRequest(Sent):
    """Set the OAuth client of a bot."""

    confidential: Given[bool] = None
    redirect_uris: Given[list[str]] = None
    scopes: Given[list[str]] = None


class BotPromoRequest(Sent):
    """Set the promo page of a bot."""

    description: Given[str] = None
    published: Given[bool] = None
    promo_images: Given[Annotated[list[str], Field(max_length=5)]] = None


class BotSettings(Sent):
    """Describe a bot to create."""

    name: Short
    nickname: Given[Short] = None
    outgoing_url: Given[str] = None
    events: Given[list[BotEventName]] = None
    trigger_on: Given[BotTriggerOn] = None
    commands: Given[list[str]] = None
    scopes: Given[list[str]] = None
    template: Given[str] = None
    template_engine: Given[BotTemplateEngine] = None
    challenge_key: Given[str] = None
    link_preview_enabled: Given[bool] = None
    ignore_self_messages: Given[bool] = None
    events_history_enabled: Given[bool] = None
    who_can_add: Given[BotWhoCanAdd] = None
    can_edit: Given[list[BotCanEdit]] = None
    single_chat: Given[bool] = None
    kind: Given[BotWebhookKind] = None
    unfurl_domains: Given[Annotated[list[str], Field(max_length=5)]] = None


class BotCreateRequest(Sent):
    """Ask for a new bot."""

    webhook: BotSettings
    empty: Given[bool] = None
    oauth_client: Given[BotOAuthClientRequest] = None
    promo: Given[BotPromoRequest] = None


class BotChanges(Sent):
    """Change a bot; what is absent stays."""

    name: Given[Short] = None
    nickname: Given[Short] = None
    outgoing_url: Given[str] = None
    events: Given[list[BotEventName]] = None
    trigger_on: Given[BotTriggerOn] = None
    commands: Given[list[str]] = None
    scopes: Given[list[str]] = None
    template: Given[str] = None
    template_engine: Given[BotTemplateEngine] = None
    challenge_key: Given[str] = None
    link_preview_enabled: Given[bool] = None
    ignore_self_messages: Given[bool] = None
    events_history_enabled: Given[bool] = None
    who_can_add: Given[BotWhoCanAdd] = None
    can_edit: Given[list[BotCanEdit]] = None
    single_chat: Given[bool] = None
    kind: Given[BotWebhookKind] = None
    unfurl_domains: Given[Annotated[list[str], Field(max_length=5)]] = None


class BotUpdateRequest(Sent):
    """Ask for changes of a bot; a null OAuth client turns it off."""

    webhook: Given[BotChanges] = None
    oauth_client: BotOAuthClientRequest | None = None
    promo: Given[BotPromoRequest] = None


class OwnWebhook(Sent):
    """Set where a bot gets its events; an empty text turns them off."""

    outgoing_url: str


class BotWebhookSelfUpdateRequest(Sent):
    """Ask for another address of the bot's own webhook."""

    webhook: OwnWebhook
