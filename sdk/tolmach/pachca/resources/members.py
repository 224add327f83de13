"""Who is in a chat or thread.

What it is for: reached as ``pachca.members``; a thread is addressed by its chat id. What it must not do:
tell somebody's role in a chat: the API filters by it and shows it to nobody.

Source: https://dev.pachca.com
"""

from collections.abc import Sequence

from tolmach.pachca.api import Resource
from tolmach.pachca.listing import Listing
from tolmach.pachca.models.chat import AddMembersRequest, UpdateMemberRoleRequest
from tolmach.pachca.models.tag import AddTagsRequest
from tolmach.pachca.models.user import User
from tolmach.pachca.models.words import ChatMemberRole, ChatMemberRoleFilter
from tolmach.pachca.reading import wire
from tolmach.pachca.unset import UNSET, Unset, given

__all__ = ["Members"]


class Members(Resource):
    """Offer what concerns the members of a chat."""

    def list(
        self, chat_id: int, *, role: ChatMemberRoleFilter | Unset = UNSET, page_size: int | Unset = UNSET
    ) -> Listing[User]:
        """Return the members, or those who have one role."""
        query = {"role": role}
        return self._api.listing(User, "GET /chats/{id}/members", chat_id, query=query, page_size=page_size)

    async def add(self, chat_id: int, member_ids: Sequence[int], *, silent: bool | Unset = UNSET) -> None:
        """Add people: all of them, or nobody if one is unknown (NotFound). Members are skipped."""
        json = wire(AddMembersRequest, given(member_ids=member_ids, silent=silent))
        await self._api.call("POST /chats/{id}/members", chat_id, json=json)

    async def remove(self, chat_id: int, user_id: int) -> None:
        """Remove somebody; one who is held by a linked tag stays although this succeeds."""
        await self._api.call("DELETE /chats/{id}/members/{user_id}", chat_id, user_id)

    async def set_role(self, chat_id: int, user_id: int, role: ChatMemberRole) -> None:
        """Give a member another role; ``editor`` exists in channels only."""
        json = wire(UpdateMemberRoleRequest, {"role": role})
        await self._api.call("PUT /chats/{id}/members/{user_id}", chat_id, user_id, json=json)

    async def leave(self, chat_id: int) -> None:
        """Leave a chat."""
        await self._api.call("DELETE /chats/{id}/leave", chat_id)

    async def add_tags(self, chat_id: int, group_tag_ids: Sequence[int]) -> None:
        """Link tags: everybody who carries one becomes a member. All or, if one is unknown, none."""
        json = wire(AddTagsRequest, {"group_tag_ids": group_tag_ids})
        await self._api.call("POST /chats/{id}/group_tags", chat_id, json=json)

    async def remove_tag(self, chat_id: int, tag_id: int) -> None:
        """Unlink a tag; people leave a moment later."""
        await self._api.call("DELETE /chats/{id}/group_tags/{tag_id}", chat_id, tag_id)
