"""Bots as their makers and companies see them.

What it is for: reading their settings. What it must not do: show a secret in a repr.

Source: https://dev.pachca.com
"""

from pydantic import Field

from tolmach.pachca.models.document import Document, Many, Maybe, Nullable, Timestamp
from tolmach.pachca.models.words import (
    AnyBotCanEdit,
    AnyBotEventName,
    AnyBotTemplateEngine,
    AnyBotTriggerOn,
    AnyBotWebhookKind,
    AnyBotWhoCanAdd,
)

__all__ = [
    "BotCreateResponse",
    "BotOAuthClient",
    "BotPermissions",
    "BotPromo",
    "BotPromoImage",
    "BotResponse",
    "BotSelfResponse",
    "BotSelfTokenResponse",
    "BotSelfWebhook",
    "BotWebhook",
    "CompanyBotResponse",
    "CompanyBotWebhook",
]


class BotWebhook(Document):
    """Hold the settings of a bot; ``url`` and ``secret_token`` are those of its incoming webhook."""

    name: str
    nickname: str
    outgoing_url: Nullable[str] = None
    events: Many[AnyBotEventName] = Field(default_factory=list[AnyBotEventName])
    trigger_on: AnyBotTriggerOn
    commands: Many[str] = Field(default_factory=list[str])
    scopes: Many[str] = Field(default_factory=list[str])
    template: Nullable[str] = None
    template_engine: AnyBotTemplateEngine
    challenge_key: Nullable[str] = None
    link_preview_enabled: bool
    ignore_self_messages: bool
    events_history_enabled: bool
    single_chat: bool
    can_edit: Many[AnyBotCanEdit] = Field(default_factory=list[AnyBotCanEdit])
    who_can_add: AnyBotWhoCanAdd
    unfurl_domains: Many[str] = Field(default_factory=list[str])
    kind: Nullable[AnyBotWebhookKind] = None
    last_request_at: Nullable[Timestamp] = None
    url: str | None = None
    secret_token: str | None = Field(default=None, repr=False)
    last_request_body: str | None = None


class BotOAuthClient(Document):
    """Describe the OAuth client of a bot."""

    client_id: str
    client_secret_preview: str
    confidential: bool
    redirect_uris: Many[str] = Field(default_factory=list[str])
    scopes: Many[str] = Field(default_factory=list[str])


class BotPermissions(Document):
    """Say what the caller may do with a bot."""

    update_oauth_client: bool
    recreate_token: bool
    destroy: bool


class BotPromoImage(Document):
    """Name one picture of a promo page."""

    key: str
    url: str


class BotPromo(Document):
    """Describe the promo page of a bot."""

    published: bool
    promo_images: Many[BotPromoImage] = Field(default_factory=list[BotPromoImage])
    description: Nullable[str] = None


class BotResponse(Document):
    """Describe a bot that the caller may configure."""

    id: int
    webhook: BotWebhook
    name: str
    nickname: str
    created_at: Timestamp
    authorized_users_count: int
    oauth_client_enabled: bool
    permissions: BotPermissions
    avatar_url: Nullable[str] = None
    creator_id: Nullable[int] = None
    last_used_at: Nullable[Timestamp] = None
    oauth_client: Nullable[BotOAuthClient] = None
    promo: Nullable[BotPromo] = None
    client_secret: Maybe[str] = Field(default=None, repr=False)


class BotCreateResponse(BotResponse):
    """Describe a new bot, or one with a new token: ``access_token`` is shown this once."""

    access_token: Maybe[str] = Field(default=None, repr=False)


class BotSelfWebhook(Document):
    """Hold the settings of a bot as it sees itself."""

    name: str
    nickname: str
    events: Many[AnyBotEventName] = Field(default_factory=list[AnyBotEventName])
    trigger_on: AnyBotTriggerOn
    commands: Many[str] = Field(default_factory=list[str])
    scopes: Many[str] = Field(default_factory=list[str])
    template_engine: AnyBotTemplateEngine
    link_preview_enabled: bool
    ignore_self_messages: bool
    events_history_enabled: bool
    single_chat: bool
    can_edit: Many[AnyBotCanEdit] = Field(default_factory=list[AnyBotCanEdit])
    who_can_add: AnyBotWhoCanAdd
    outgoing_url: Nullable[str] = None
    template: Nullable[str] = None
    challenge_key: Nullable[str] = None


class BotSelfResponse(Document):
    """Describe a bot as it sees itself; servers send more or less of it."""

    id: int
    webhook: BotSelfWebhook
    oauth_client: Nullable[BotOAuthClient] = None


class BotSelfTokenResponse(BotSelfResponse):
    """Hold the new main token of a bot, shown this once."""

    access_token: str = Field(repr=False)


class CompanyBotWebhook(Document):
    """Hold the settings of a company's bot; all but the names are null for a stranger."""

    name: str
    nickname: str
    outgoing_url: Nullable[str] = None
    events: Nullable[list[AnyBotEventName]] = None
    trigger_on: Nullable[AnyBotTriggerOn] = None
    commands: Nullable[list[str]] = None
    scopes: Nullable[list[str]] = None
    template: Nullable[str] = None
    template_engine: Nullable[AnyBotTemplateEngine] = None
    challenge_key: Nullable[str] = None
    link_preview_enabled: Nullable[bool] = None
    ignore_self_messages: Nullable[bool] = None
    events_history_enabled: Nullable[bool] = None
    single_chat: Nullable[bool] = None
    can_edit: Nullable[list[AnyBotCanEdit]] = None
    who_can_add: Nullable[AnyBotWhoCanAdd] = None


class CompanyBotResponse(Document):
    """Describe a bot of the company."""

    id: int
    webhook: CompanyBotWebhook
    oauth_client: Nullable[BotOAuthClient] = None
