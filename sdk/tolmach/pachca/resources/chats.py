"""Conversations, channels and direct chats.

What it is for: reached as ``pachca.chats``. What it must not do: manage members; ``pachca.members`` does.

Source: https://dev.pachca.com
"""

from collections.abc import Sequence
from datetime import datetime

from tolmach.pachca.api import Resource
from tolmach.pachca.listing import Listing
from tolmach.pachca.models.chat import Chat, ChatCreateRequest, ChatUpdateRequest, MarkChatUnreadRequest
from tolmach.pachca.models.words import ChatAvailability, ChatSortField, SortOrder
from tolmach.pachca.reading import read_data, wire
from tolmach.pachca.resources.avatars import AvatarSource, change_avatar
from tolmach.pachca.unset import UNSET, Unset, given

__all__ = ["Chats"]


class Chats(Resource):
    """Offer what concerns chats."""

    def list(
        self,
        *,
        sort: ChatSortField | Unset = UNSET,
        order: SortOrder | Unset = UNSET,
        availability: ChatAvailability | Unset = UNSET,
        archived: bool | Unset = UNSET,
        last_message_at_after: datetime | Unset = UNSET,
        last_message_at_before: datetime | Unset = UNSET,
        personal: bool | Unset = UNSET,
        page_size: int | Unset = UNSET,
    ) -> Listing[Chat]:
        """Return the chats that the token's owner is in, or all open ones; threads are never listed.

        ``archived=True`` adds archived chats. Sorted by id, newest first, unless asked otherwise.
        """
        query = {
            "sort": sort,
            "order": order,
            "availability": availability,
            "archived": archived,
            "last_message_at_after": last_message_at_after,
            "last_message_at_before": last_message_at_before,
            "personal": personal,
        }
        return self._api.listing(Chat, "GET /chats", query=query, page_size=page_size)

    async def create(
        self,
        name: str,
        *,
        member_ids: Sequence[int] | Unset = UNSET,
        group_tag_ids: Sequence[int] | Unset = UNSET,
        channel: bool | Unset = UNSET,
        public: bool | Unset = UNSET,
    ) -> Chat:
        """Create a conversation, or a channel; the caller owns it for ever.

        Unknown and suspended people are dropped in silence: compare ``member_ids``, or read
        ``not_found_member_ids`` in ``model_extra``. Raises Forbidden (``bot_add_denied``), Conflict.
        """
        fields = given(
            name=name, member_ids=member_ids, group_tag_ids=group_tag_ids, channel=channel, public=public
        )
        call = "POST /chats"
        body = await self._api.call(call, json=wire(ChatCreateRequest, {"chat": fields}))
        chat = read_data(Chat, body, call)
        meta = body.get("meta")
        if isinstance(meta, dict) and chat.model_extra is not None:
            chat.model_extra.update(meta)
        return chat

    async def get(self, chat_id: int) -> Chat:
        """Return a chat; raises Forbidden for a closed one that the caller is not in."""
        return await self._api.fetch(Chat, "GET /chats/{id}", chat_id)

    async def update(self, chat_id: int, *, name: str | Unset = UNSET, public: bool | Unset = UNSET) -> Chat:
        """Rename a chat, or open or close it; refused for direct and archived ones."""
        json = wire(ChatUpdateRequest, {"chat": given(name=name, public=public)})
        return await self._api.fetch(Chat, "PUT /chats/{id}", chat_id, json=json)

    async def archive(self, chat_id: int) -> None:
        """Archive a chat: guests leave it and tags are unlinked for good."""
        await self._api.call("PUT /chats/{id}/archive", chat_id)

    async def unarchive(self, chat_id: int) -> None:
        """Bring a chat back from the archive."""
        await self._api.call("PUT /chats/{id}/unarchive", chat_id)

    async def mark_unread(self, chat_id: int, *, message_id: int | Unset = UNSET) -> None:
        """Mark a chat, or a thread by its chat id, as unread from a message on (the last one)."""
        json = wire(MarkChatUnreadRequest, given(message_id=message_id)) or None
        await self._api.call("PUT /chats/{id}/unread", chat_id, json=json)

    async def set_avatar(self, chat_id: int, image: AvatarSource, *, filename: str = "avatar.png") -> str:
        """Give a chat a picture (jpg, png or gif); return its URL."""
        return await change_avatar(self._api, "PUT /chats/{id}/avatar", chat_id, image=image, name=filename)

    async def delete_avatar(self, chat_id: int) -> None:
        """Take a chat's picture away; there need not be one."""
        await self._api.call("DELETE /chats/{id}/avatar", chat_id)
