"""Exports of messages.

What it is for: reached as ``pachca.exports``; for the owner, on the Corporation plan. What it must not
do: wait; a webhook says when an export is ready.

Source: https://dev.pachca.com
"""

from collections.abc import Sequence
from datetime import date

from tolmach.errors import NotSent, RemoteProtocolError
from tolmach.pachca.api import Resource
from tolmach.pachca.models.export import ChatExport, ExportRequest
from tolmach.pachca.reading import read, wire
from tolmach.pachca.unset import UNSET, Unset, given

__all__ = ["Exports"]

_MOST_CHATS = 50
_MOST_DAYS = 45
_MOST_DAYS_OF_CHATS = 366


class Exports(Resource):
    """Offer exports."""

    async def create(
        self,
        start_at: date,
        end_at: date,
        *,
        webhook_url: str | Unset = UNSET,
        chat_ids: Sequence[int] | Unset = UNSET,
        skip_chats_file: bool | Unset = UNSET,
    ) -> ChatExport | None:
        """Begin an export of whole days, both included: 45 at most, 366 of up to 50 ``chat_ids``.

        Return its id, or None from a server that names it in its notice only.
        """
        _check(start_at, end_at, chat_ids)
        call = "POST /chats/exports"
        fields = given(
            start_at=start_at,
            end_at=end_at,
            webhook_url=webhook_url,
            chat_ids=chat_ids,
            skip_chats_file=skip_chats_file,
        )
        headers = {"Prefer": "return=representation"}
        body = await self._api.call(call, json=wire(ExportRequest, fields), headers=headers)
        data = body.get("data")
        return None if data is None else read(ChatExport, data, call)

    async def link(self, export_id: int) -> str:
        """Return where the archive lies; the link works for five minutes.

        Raises NotFound (``export_file_not_found``) until it is ready.
        """
        call = "GET /chats/exports/{id}"
        location = (await self._api.call(call, export_id, redirects=True)).get("location")
        if not isinstance(location, str):
            raise RemoteProtocolError("no link came back", call=call)
        return location


def _check(start_at: date, end_at: date, chat_ids: Sequence[int] | Unset) -> None:
    days = (end_at - start_at).days + 1
    most = _MOST_DAYS if chat_ids is UNSET else _MOST_DAYS_OF_CHATS
    if not 1 <= days <= most:
        raise NotSent(f"end_at: an export spans 1 to {most} days, not {days}", field="end_at")
    if chat_ids is not UNSET and len(chat_ids) > _MOST_CHATS:
        raise NotSent(f"chat_ids: at most {_MOST_CHATS}", field="chat_ids")
