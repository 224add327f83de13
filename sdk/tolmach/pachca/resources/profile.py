"""Who the token belongs to.

What it is for: reached as ``pachca.profile``. What it must not do: change other people.

Source: https://dev.pachca.com
"""

from datetime import datetime

from tolmach.pachca.api import Resource
from tolmach.pachca.models.user import StatusUpdateRequest, User, UserStatus
from tolmach.pachca.reading import read, wire
from tolmach.pachca.resources.avatars import AvatarSource, change_avatar
from tolmach.pachca.unset import UNSET, Unset, given

__all__ = ["Profile"]


class Profile(Resource):
    """Offer what concerns the caller."""

    async def get(self) -> User:
        """Return the caller's own card, always full; a bot's has ``bot`` true."""
        return await self._api.fetch(User, "GET /profile")

    async def set_avatar(self, image: AvatarSource, *, filename: str = "avatar.png") -> str:
        """Set the caller's picture (jpg, png or gif); return its URL."""
        return await change_avatar(self._api, "PUT /profile/avatar", image=image, name=filename)

    async def delete_avatar(self) -> None:
        """Take the caller's picture away; there need not be one."""
        await self._api.call("DELETE /profile/avatar")

    async def status(self) -> UserStatus | None:
        """Return the caller's status, None when there is none; look at ``expires_at``, it may linger."""
        call = "GET /profile/status"
        data = (await self._api.call(call)).get("data")
        return None if data is None else read(UserStatus, data, call)

    async def set_status(
        self,
        *,
        emoji: str | Unset = UNSET,
        title: str | Unset = UNSET,
        expires_at: datetime | Unset = UNSET,
        is_away: bool | Unset = UNSET,
        away_message: str | Unset = UNSET,
    ) -> UserStatus:
        """Set the caller's status; what is left out stays. A new one needs emoji and title."""
        fields = given(
            emoji=emoji, title=title, expires_at=expires_at, is_away=is_away, away_message=away_message
        )
        json = wire(StatusUpdateRequest, {"status": fields})
        return await self._api.fetch(UserStatus, "PUT /profile/status", json=json)

    async def delete_status(self) -> None:
        """Clear the caller's status; there need not be one."""
        await self._api.call("DELETE /profile/status")
