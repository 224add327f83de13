"""Drafts and scheduled messages of the caller.

What it is for: reached as ``pachca.drafts``; personal tokens only. What it must not do: send one: no
method does.

Source: https://dev.pachca.com
"""

from collections.abc import Mapping, Sequence

from tolmach.pachca.api import Resource
from tolmach.pachca.listing import Listing
from tolmach.pachca.models.draft import (
    Draft,
    DraftCreateRequest,
    DraftFileRequest,
    DraftScheduleRequest,
    DraftUpdateRequest,
)
from tolmach.pachca.models.file import OutgoingFile
from tolmach.pachca.models.words import DraftType, MessageEntityType
from tolmach.pachca.reading import wire
from tolmach.pachca.unset import UNSET, Unset, given

__all__ = ["Drafts"]

Files = Sequence[DraftFileRequest | OutgoingFile | Mapping[str, object]]
Schedule = DraftScheduleRequest | Mapping[str, object] | None


class Drafts(Resource):
    """Offer what concerns drafts."""

    def list(
        self,
        *,
        kind: DraftType | Unset = UNSET,
        entity_type: MessageEntityType | Unset = UNSET,
        entity_id: int | Unset = UNSET,
        page_size: int | Unset = UNSET,
    ) -> Listing[Draft]:
        """Return plain drafts, or ``scheduled`` ones, or ``all``; entity type and id go together."""
        query = {"type": kind, "entity_type": entity_type, "entity_id": entity_id}
        return self._api.listing(Draft, "GET /drafts", query=query, page_size=page_size)

    async def create(
        self,
        entity_id: int,
        *,
        entity_type: MessageEntityType = "discussion",
        content: str | Unset = UNSET,
        parent_message_id: int | Unset | None = UNSET,
        files: Files | Unset = UNSET,
        schedule: Schedule | Unset = UNSET,
    ) -> Draft:
        """Create a draft, or with ``schedule`` a scheduled message; text or files are needed.

        Raises Conflict when the chat has one: ``details["draft_id"]`` names it.
        """
        fields = given(
            entity_type=entity_type,
            entity_id=entity_id,
            content=content,
            parent_message_id=parent_message_id,
            files=files,
            schedule=schedule,
        )
        return await self._api.fetch(Draft, "POST /drafts", json=wire(DraftCreateRequest, {"draft": fields}))

    async def get(self, draft_id: int) -> Draft:
        """Return a draft."""
        return await self._api.fetch(Draft, "GET /drafts/{id}", draft_id)

    async def update(
        self,
        draft_id: int,
        *,
        content: str | Unset = UNSET,
        parent_message_id: int | Unset | None = UNSET,
        files: Files | Unset = UNSET,
        schedule: Schedule | Unset = UNSET,
    ) -> Draft:
        """Change a draft; what is left out stays, None clears the quote, ``files`` replaces all files."""
        fields = given(content=content, parent_message_id=parent_message_id, files=files, schedule=schedule)
        json = wire(DraftUpdateRequest, {"draft": fields})
        return await self._api.fetch(Draft, "PUT /drafts/{id}", draft_id, json=json)

    async def delete(self, draft_id: int) -> None:
        """Delete a draft."""
        await self._api.call("DELETE /drafts/{id}", draft_id)
