"""People and bots of the workspace.

What it is for: reached as ``pachca.users``. What it must not do: search; ``pachca.search`` does.

Source: https://dev.pachca.com
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tolmach.pachca.api import Resource
from tolmach.pachca.listing import Listing
from tolmach.pachca.models.user import (
    StatusUpdateRequest,
    User,
    UserCreateRequest,
    UserPropertyValue,
    UserStatus,
    UserUpdateRequest,
)
from tolmach.pachca.models.words import UserCreateRole, UserRoleInput
from tolmach.pachca.reading import read, wire
from tolmach.pachca.resources.avatars import AvatarSource, change_avatar
from tolmach.pachca.unset import UNSET, Unset, given

__all__ = ["Users"]

Properties = Sequence[UserPropertyValue | Mapping[str, object]]


class Users(Resource):
    """Offer what concerns people; bots are among them."""

    def list(self, *, query: str | Unset = UNSET, page_size: int | Unset = UNSET) -> Listing[User]:
        """Return everybody but the deleted; with ``query`` those it matches, and no bots."""
        return self._api.listing(User, "GET /users", query={"query": query}, page_size=page_size)

    async def create(
        self,
        email: str,
        *,
        first_name: str | Unset = UNSET,
        last_name: str | Unset = UNSET,
        phone_number: str | Unset = UNSET,
        nickname: str | Unset = UNSET,
        department: str | Unset = UNSET,
        title: str | Unset = UNSET,
        role: UserCreateRole | Unset = UNSET,
        suspended: bool | Unset = UNSET,
        list_tags: Sequence[str] | Unset = UNSET,
        chat_ids: Sequence[int] | Unset = UNSET,
        custom_properties: Properties | Unset = UNSET,
        skip_email_notify: bool | Unset = UNSET,
    ) -> User:
        """Invite somebody; a guest needs exactly one chat. Raises Conflict for a known email.

        A taken nickname is changed by the server without a word.
        """
        fields = given(
            email=email,
            first_name=first_name,
            last_name=last_name,
            phone_number=phone_number,
            nickname=nickname,
            department=department,
            title=title,
            role=role,
            suspended=suspended,
            list_tags=list_tags,
            chat_ids=chat_ids,
            custom_properties=custom_properties,
        )
        json = wire(UserCreateRequest, {"user": fields, **given(skip_email_notify=skip_email_notify)})
        return await self._api.fetch(User, "POST /users", json=json)

    async def get(self, user_id: int) -> User:
        """Return somebody; raises NotFound for the deleted."""
        return await self._api.fetch(User, "GET /users/{id}", user_id)

    async def update(
        self,
        user_id: int,
        *,
        first_name: str | Unset = UNSET,
        last_name: str | Unset = UNSET,
        email: str | Unset = UNSET,
        phone_number: str | Unset = UNSET,
        nickname: str | Unset = UNSET,
        department: str | Unset = UNSET,
        title: str | Unset = UNSET,
        role: UserRoleInput | Unset = UNSET,
        suspended: bool | Unset = UNSET,
        list_tags: Sequence[str] | Unset = UNSET,
        custom_properties: Properties | Unset = UNSET,
    ) -> User:
        """Change somebody, or a bot; what is left out stays, ``list_tags`` replaces all tags."""
        fields = given(
            first_name=first_name,
            last_name=last_name,
            email=email,
            phone_number=phone_number,
            nickname=nickname,
            department=department,
            title=title,
            role=role,
            suspended=suspended,
            list_tags=list_tags,
            custom_properties=custom_properties,
        )
        json = wire(UserUpdateRequest, {"user": fields})
        return await self._api.fetch(User, "PUT /users/{id}", user_id, json=json)

    async def delete(self, user_id: int) -> None:
        """Delete somebody, for good."""
        await self._api.call("DELETE /users/{id}", user_id)

    async def set_avatar(self, user_id: int, image: AvatarSource, *, filename: str = "avatar.png") -> str:
        """Set somebody's picture (jpg, png or gif); return its URL."""
        call = "PUT /users/{user_id}/avatar"
        return await change_avatar(self._api, call, user_id, image=image, name=filename)

    async def delete_avatar(self, user_id: int) -> None:
        """Take somebody's picture away; there need not be one."""
        await self._api.call("DELETE /users/{user_id}/avatar", user_id)

    async def status(self, user_id: int) -> UserStatus | None:
        """Return somebody's status, None when there is none; for owner and admins."""
        call = "GET /users/{user_id}/status"
        data = (await self._api.call(call, user_id)).get("data")
        return None if data is None else read(UserStatus, data, call)

    async def set_status(
        self,
        user_id: int,
        *,
        emoji: str | Unset = UNSET,
        title: str | Unset = UNSET,
        expires_at: datetime | Unset = UNSET,
        is_away: bool | Unset = UNSET,
        away_message: str | Unset = UNSET,
    ) -> UserStatus:
        """Set somebody's status; what is left out stays. A new one needs emoji and title."""
        fields = given(
            emoji=emoji, title=title, expires_at=expires_at, is_away=is_away, away_message=away_message
        )
        json = wire(StatusUpdateRequest, {"status": fields})
        return await self._api.fetch(UserStatus, "PUT /users/{user_id}/status", user_id, json=json)

    async def delete_status(self, user_id: int) -> None:
        """Clear somebody's status; there need not be one."""
        await self._api.call("DELETE /users/{user_id}/status", user_id)
