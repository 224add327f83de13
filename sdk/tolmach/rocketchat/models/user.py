"""People and bots.

What it is for: the user document of ``users.info`` and ``me``, and the short reference inside other
documents. What it must not do: decide whether somebody is a bot; that takes more than this document.
"""

from typing import Annotated

from pydantic import Field

from tolmach.rocketchat.models.document import Document, Known, Many, Maybe, Timestamp

__all__ = ["Email", "User", "UserRef"]


class UserRef(Document):
    """Name a user inside another document.

    Source: https://developer.rocket.chat/apidocs/get-message
    """

    id: str = Field(alias="_id")
    """Stable id; the only field that a decision may stand on."""
    username: Maybe[str] = None
    """Handle without ``@``; may change."""
    name: Maybe[str] = None
    """Display name."""


class Email(Document):
    """Hold one address of a user."""

    address: str
    verified: Maybe[bool] = None


class User(Document):
    """Describe a user; how much is there depends on who asks.

    Source: https://developer.rocket.chat/apidocs/get-users-info
    """

    id: str = Field(alias="_id")
    username: Maybe[str] = None
    """Handle without ``@``."""
    name: Maybe[str] = None
    """Display name."""
    type: Annotated[Maybe[str], Known("user", "bot", "app", "unknown")] = None
    """``bot`` and ``app`` mark automatons; a plain user may be one all the same."""
    active: Maybe[bool] = None
    roles: Many[str] = Field(default_factory=list[str])
    """Role ids (``admin``, ``bot``); not shown to everybody."""
    status: Annotated[Maybe[str], Known("online", "away", "offline", "busy", "disabled")] = None
    status_text: Maybe[str] = Field(default=None, alias="statusText")
    status_connection: Maybe[str] = Field(default=None, alias="statusConnection")
    emails: Many[Email] = Field(default_factory=list[Email])
    utc_offset: Maybe[float] = Field(default=None, alias="utcOffset")
    """Hours east of Greenwich."""
    nickname: Maybe[str] = None
    bio: Maybe[str] = None
    avatar_etag: Maybe[str] = Field(default=None, alias="avatarETag")
    avatar_url: Maybe[str] = Field(default=None, alias="avatarUrl")
    custom_fields: Maybe[dict[str, object]] = Field(default=None, alias="customFields")
    settings: Maybe[dict[str, object]] = None
    last_login: Maybe[Timestamp] = Field(default=None, alias="lastLogin")
    created_at: Maybe[Timestamp] = Field(default=None, alias="createdAt")
    updated_at: Maybe[Timestamp] = Field(default=None, alias="_updatedAt")
