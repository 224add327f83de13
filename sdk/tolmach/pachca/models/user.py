"""People and bots, their status, and what is sent about them.

What it is for: the user card and its changes. What it must not do: guess rights: the workspace owner
shows as ``admin`` as well.

Source: https://dev.pachca.com
"""

from typing import Annotated

from pydantic import Field

from tolmach.pachca.models.document import Document, Given, Many, Moment, Nullable, Sent, Short, Timestamp
from tolmach.pachca.models.shared import CustomProperty
from tolmach.pachca.models.words import AnyInviteStatus, AnyUserRole, UserCreateRole, UserRoleInput

__all__ = [
    "AwayMessage",
    "StatusUpdate",
    "StatusUpdateRequest",
    "User",
    "UserCreate",
    "UserCreateRequest",
    "UserPropertyValue",
    "UserStatus",
    "UserUpdate",
    "UserUpdateRequest",
]


class AwayMessage(Document):
    """Hold what is shown to those who write while somebody is away."""

    text: str


class UserStatus(Document):
    """Hold a status; it may linger after ``expires_at``."""

    emoji: str
    title: str
    expires_at: Nullable[Timestamp] = None
    is_away: bool
    away_message: Nullable[AwayMessage] = None


class User(Document):
    """Describe a person or a bot; how much is there depends on who asks."""

    id: int
    first_name: Nullable[str] = None
    last_name: Nullable[str] = None
    nickname: str
    email: Nullable[str] = None
    phone_number: Nullable[str] = None
    department: Nullable[str] = None
    title: Nullable[str] = None
    role: AnyUserRole
    suspended: bool
    invite_status: AnyInviteStatus
    inviter_id: Nullable[int] = None
    list_tags: Many[str] = Field(default_factory=list[str])
    custom_properties: Many[CustomProperty] = Field(default_factory=list[CustomProperty])
    user_status: Nullable[UserStatus] = None
    bot: bool
    sso: bool
    created_at: Timestamp
    last_activity_at: Nullable[Timestamp] = None
    time_zone: Nullable[str] = None
    image_url: Nullable[str] = None


class UserPropertyValue(Sent):
    """Set one custom property of a person."""

    id: int
    value: Annotated[str, Field(max_length=768)]


class UserCreate(Sent):
    """Describe a person to invite."""

    email: Short
    first_name: Given[Short] = None
    last_name: Given[Short] = None
    phone_number: Given[Short] = None
    nickname: Given[Short] = None
    department: Given[Short] = None
    title: Given[str] = None
    role: Given[UserCreateRole] = None
    suspended: Given[bool] = None
    list_tags: Given[list[str]] = None
    chat_ids: Given[list[int]] = None
    custom_properties: Given[list[UserPropertyValue]] = None


class UserCreateRequest(Sent):
    """Ask for a new person."""

    user: UserCreate
    skip_email_notify: Given[bool] = None


class UserUpdate(Sent):
    """Change a person or a bot; what is absent stays."""

    first_name: Given[Short] = None
    last_name: Given[Short] = None
    email: Given[Short] = None
    phone_number: Given[Short] = None
    nickname: Given[Short] = None
    department: Given[Short] = None
    title: Given[str] = None
    role: Given[UserRoleInput] = None
    suspended: Given[bool] = None
    list_tags: Given[list[str]] = None
    custom_properties: Given[list[UserPropertyValue]] = None


class UserUpdateRequest(Sent):
    """Ask for changes of a person."""

    user: UserUpdate


class StatusUpdate(Sent):
    """Change a status; what is absent stays."""

    emoji: Given[str] = None
    title: Given[Annotated[str, Field(max_length=50)]] = None
    expires_at: Given[Moment] = None
    is_away: Given[bool] = None
    away_message: Given[Annotated[str, Field(max_length=1024)]] = None


class StatusUpdateRequest(Sent):
    """Ask for changes of a status."""

    status: StatusUpdate
