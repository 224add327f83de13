"""Tokens of bots, and the scopes to choose from.

What it is for: reading and writing them. What it must not do: show a token in a repr.

Source: https://dev.pachca.com
"""

from pydantic import Field

from tolmach.pachca.models.document import Document, Given, Many, Nullable, Sent, Short, Timestamp

__all__ = [
    "BotAccessToken",
    "BotScopeCatalog",
    "BotScopeCatalogGroup",
    "BotScopeCatalogItem",
    "BotScopeCatalogPreset",
    "BotTokenCreateRequest",
    "BotTokenUpdateRequest",
]


class BotAccessToken(Document):
    """Describe a token of a bot; ``token`` is whole only when made or reissued."""

    id: int
    token: str = Field(repr=False)
    user_id: int
    scopes: Many[str] = Field(default_factory=list[str])
    created_at: Timestamp
    name: Nullable[str] = None
    revoked_at: Nullable[Timestamp] = None
    expires_in: Nullable[int] = None
    last_used_at: Nullable[Timestamp] = None
    authorized_at: Nullable[Timestamp] = None


class BotTokenCreateRequest(Sent):
    """Ask for another token."""

    name: Short
    scopes: Given[list[str]] = None


class BotTokenUpdateRequest(Sent):
    """Ask for changes of a token."""

    name: Given[Short] = None
    scopes: Given[list[str]] = None


class BotScopeCatalogItem(Document):
    """Describe one scope."""

    id: str
    title: str
    group: str
    preset: Many[str] = Field(default_factory=list[str])


class BotScopeCatalogGroup(Document):
    """Describe a group of scopes."""

    id: str
    title: str
    description: str


class BotScopeCatalogPreset(Document):
    """Describe a preset of scopes."""

    id: str
    title: str


class BotScopeCatalog(Document):
    """Hold the scopes that a bot may be given."""

    scopes: Many[BotScopeCatalogItem] = Field(default_factory=list[BotScopeCatalogItem])
    groups: Many[BotScopeCatalogGroup] = Field(default_factory=list[BotScopeCatalogGroup])
    presets: Many[BotScopeCatalogPreset] = Field(default_factory=list[BotScopeCatalogPreset])
