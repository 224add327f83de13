"""Group tags.

What it is for: reached as ``pachca.tags``. What it must not do: tag people (``pachca.users.update``) or
chats (``pachca.members.add_tags``).

Source: https://dev.pachca.com
"""

from collections.abc import Sequence

from tolmach.errors import NotSent
from tolmach.pachca.api import Resource
from tolmach.pachca.listing import Listing
from tolmach.pachca.models.tag import GroupTag, GroupTagRequest
from tolmach.pachca.models.user import User
from tolmach.pachca.reading import wire
from tolmach.pachca.unset import UNSET, Unset

__all__ = ["Tags"]

_MOST_NAMES = 100


class Tags(Resource):
    """Offer what concerns tags."""

    def list(
        self, *, names: Sequence[str] | Unset = UNSET, page_size: int | Unset = UNSET
    ) -> Listing[GroupTag]:
        """Return all tags, or those of up to 100 ``names``."""
        if names is not UNSET and len(names) > _MOST_NAMES:
            raise NotSent(f"names: at most {_MOST_NAMES}", field="names")
        return self._api.listing(GroupTag, "GET /group_tags", query={"names": names}, page_size=page_size)

    async def create(self, name: str) -> GroupTag:
        """Create a tag; raises Conflict when the name is taken in whatever case."""
        json = wire(GroupTagRequest, {"group_tag": {"name": name}})
        return await self._api.fetch(GroupTag, "POST /group_tags", json=json)

    async def get(self, tag_id: int) -> GroupTag:
        """Return a tag."""
        return await self._api.fetch(GroupTag, "GET /group_tags/{id}", tag_id)

    async def update(self, tag_id: int, name: str) -> GroupTag:
        """Rename a tag."""
        json = wire(GroupTagRequest, {"group_tag": {"name": name}})
        return await self._api.fetch(GroupTag, "PUT /group_tags/{id}", tag_id, json=json)

    async def delete(self, tag_id: int) -> None:
        """Delete a tag; people stay in the chats it brought them to."""
        await self._api.call("DELETE /group_tags/{id}", tag_id)

    def users(self, tag_id: int, *, page_size: int | Unset = UNSET) -> Listing[User]:
        """Return who carries a tag, suspended people and bots included."""
        return self._api.listing(User, "GET /group_tags/{id}/users", tag_id, page_size=page_size)
