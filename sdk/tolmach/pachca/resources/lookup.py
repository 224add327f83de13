"""Whether a message arrived although its answer did not.

What it is for: an unclear send is looked up in the chat: the caller's own messages, the same text, not
older than the send. One match is the message, none in two readings means that it was not sent, several
mean that nobody can tell. A person's chat that was not seen yet is looked for among the direct chats; none
there means that nothing was sent either. What it must not do: send anything.
"""

import re
from datetime import UTC, datetime
from typing import Final

from tolmach.errors import OutcomeUnknown, RemoteError
from tolmach.pachca.api import Api, Query
from tolmach.pachca.models.message import Message
from tolmach.pachca.reading import read_data, read_each
from tolmach.pachca.resources.lanes import Lanes
from tolmach.transport.http import Body

__all__ = ["Lookup"]

_MOST_PAGES: Final = 3
_EARLIER: Final = 5.0
"""Seconds before the send at which reading stops: the server's clock may differ."""
_SECOND_LOOK: Final = 2.0
_CHATS: Final = "GET /chats"
_ASKED_AS_ID: Final = re.compile(r"<@\d+>")
_MENTION: Final = re.compile(r"@[\w.\-]+")


class Lookup:
    """Look for one message; made before it is sent."""

    def __init__(self, api: Api, lanes: Lanes, entity: tuple[str, int], content: str) -> None:
        self._api = api
        self._lanes = lanes
        self._entity = entity
        self._text = _comparable(content)
        self._since = api.clock.now() - _EARLIER
        self._me: int | None = None

    async def find(self, error: RemoteError) -> Body | None:
        """Return the answer that the lost one would have been, or None when it was not sent."""
        found = await self._look()
        if not found:
            await self._api.clock.sleep(_SECOND_LOOK)
            found = await self._look()
        if len(found) > 1:
            raise OutcomeUnknown("it may have been sent: several messages look like it", call=error.call)
        return {"data": found[0]} if found else None

    async def _look(self) -> list[object]:
        """Return the matching messages as they came."""
        chat_id = self._lanes.chat_of(*self._entity) or await self._find_chat()
        if chat_id is None:
            return []
        me = await self._who()
        found: list[object] = []
        query: dict[str, str | int] = {"chat_id": chat_id}
        for _ in range(_MOST_PAGES):
            body = await self._api.call("GET /messages", query=query)
            values = body.get("data")
            records = values if isinstance(values, list) else []
            for record in records:
                for message in read_each(Message, [record], "GET /messages"):
                    if message.created_at < datetime.fromtimestamp(self._since, UTC):
                        return found
                    if self._fits(message, me):
                        found.append(record)
            cursor = _next(body)
            if not records or cursor is None:
                break
            query = {**query, "cursor": cursor}
        return found

    def _fits(self, message: Message, me: int) -> bool:
        return (
            message.user_id == me
            and not self._lanes.is_mine(message.id)
            and self._matches(_comparable(message.content))
        )

    def _matches(self, text: str) -> bool:
        if text == self._text:
            return True
        # The server writes <@id> as @nickname: compare what stands around.
        if not _ASKED_AS_ID.search(self._text):
            return False
        pattern = _MENTION.pattern.join(map(re.escape, _ASKED_AS_ID.split(self._text)))
        return re.fullmatch(pattern, text) is not None

    async def _who(self) -> int:
        if self._me is None:
            call = "GET /oauth/token/info"
            from tolmach.pachca.models.oauth import AccessTokenInfo

            self._me = read_data(AccessTokenInfo, await self._api.call(call), call).user_id
        return self._me

    async def _find_chat(self) -> int | None:
        """Return the chat of a thread or a person; None when there is no direct chat with the person."""
        kind, target = self._entity
        if kind == "thread":
            from tolmach.pachca.models.thread import Thread

            return (await self._api.fetch(Thread, "GET /threads/{id}", target)).chat_id
        from tolmach.pachca.models.chat import Chat

        me = await self._who()
        if target == me:
            # Members who are suspended are not named: the chat with one of them looks the same.
            raise OutcomeUnknown("it may have been sent, and a chat with oneself cannot be told", call=_CHATS)
        # By id, which never changes: sorted by time, a chat that is written to would jump past the reader.
        query: Query = {"personal": True, "sort": "id", "order": "desc"}
        async for chat in self._api.listing(Chat, _CHATS, query=query, page_size=50):
            if chat.personal and {target, me} >= set(chat.member_ids) >= {target}:
                self._lanes.saw_direct(target, chat.id)
                return chat.id
        return None


def _comparable(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _next(body: Body) -> str | None:
    match body.get("meta"):
        case {"paginate": {"next_page": str(cursor), "has_next": True}}:
            return cursor
        case _:
            return None
