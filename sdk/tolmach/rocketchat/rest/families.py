"""Channels, groups and direct rooms: the same operations under three names.

What it is for: the ``channels.*``, ``groups.*`` and ``im.*`` families. What it must not do: hide that
they differ; each class offers only what its family has.

Source: https://developer.rocket.chat/apidocs/channels
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from tolmach.errors import LocalProtocolError
from tolmach.rocketchat.models import DirectRoom, Message, Room, User
from tolmach.rocketchat.rest.reading import read, read_each, read_page
from tolmach.transport.http import Http
from tolmach.transport.pages import Page, by_offset
from tolmach.transport.query import QueryValue

__all__ = ["Channels", "Direct", "Groups"]


class _Readable:
    """List rooms of one kind, their members and their messages."""

    _family: str
    _one: str
    _many: str

    def __init__(self, http: Http) -> None:
        self._http = http

    async def list(self, *, page: int = 100) -> AsyncIterator[Room]:
        """Yield every room of this kind that the caller can see, each once."""

        async def fetch(offset: int) -> Page[Room]:
            body = await self._get("list", {"offset": offset, "count": page})
            return read_page(Room, body, self._many, f"GET {self._family}.list")

        async for room in by_offset(fetch, key=lambda room: room.id):
            yield room

    async def members(self, room_id: str, *, page: int = 100) -> AsyncIterator[User]:
        """Yield every member of a room, each once."""

        async def fetch(offset: int) -> Page[User]:
            body = await self._get("members", {"roomId": room_id, "offset": offset, "count": page})
            return read_page(User, body, "members", f"GET {self._family}.members")

        async for user in by_offset(fetch, key=lambda user: user.id):
            yield user

    async def history(
        self,
        room_id: str,
        *,
        count: int = 50,
        latest: datetime | None = None,
        oldest: datetime | None = None,
        inclusive: bool = False,
        threads: bool = True,
    ) -> Sequence[Message]:
        """Return up to ``count`` messages between ``oldest`` and ``latest``, newest first.

        ``threads`` says whether thread replies are among them.
        """
        query: dict[str, QueryValue] = {
            "roomId": room_id,
            "count": count,
            "latest": latest,
            "oldest": oldest,
            # Older servers take any text for yes.
            "inclusive": True if inclusive else None,
            "showThreadMessages": None if threads else False,
        }
        body = await self._get("history", query)
        return read_each(Message, body.get("messages"), f"GET {self._family}.history")

    async def _get(self, operation: str, query: dict[str, QueryValue]) -> dict[str, object]:
        return await self._http.send("GET", f"/{self._family}.{operation}", query=query)

    async def _post(self, operation: str, **body: object) -> dict[str, object]:
        return await self._http.send("POST", f"/{self._family}.{operation}", json=body)


class _Named(_Readable):
    """Make and change rooms that have a name."""

    async def create(
        self, name: str, *, members: Sequence[str] = (), read_only: bool = False, topic: str | None = None
    ) -> Room:
        """Make a room; ``members`` are usernames, the caller is one anyway."""
        body: dict[str, object] = {"name": name, "members": list(members)}
        if read_only:
            body["readOnly"] = True
        if topic is not None:
            body["extraData"] = {"topic": topic}
        answer = await self._post("create", **body)
        return read(Room, answer.get(self._one), f"POST {self._family}.create")

    async def info(self, room_id: str | None = None, *, name: str | None = None) -> Room:
        """Return a room by id or exact name; raises NotFound also for one that the caller may not see."""
        if (room_id is None) == (name is None):
            raise LocalProtocolError(f"{self._family}.info takes either room_id or name")
        body = await self._get("info", {"roomId": room_id, "roomName": name})
        return read(Room, body.get(self._one), f"GET {self._family}.info")

    async def invite(self, room_id: str, user_id: str) -> None:
        """Add a user."""
        await self._post("invite", roomId=room_id, userId=user_id)

    async def kick(self, room_id: str, user_id: str) -> None:
        """Remove a user."""
        await self._post("kick", roomId=room_id, userId=user_id)

    async def rename(self, room_id: str, name: str) -> Room:
        """Give a room another name."""
        answer = await self._post("rename", roomId=room_id, name=name)
        return read(Room, answer.get(self._one), f"POST {self._family}.rename")

    async def leave(self, room_id: str) -> None:
        """Leave a room."""
        await self._post("leave", roomId=room_id)


class Channels(_Named):
    """Offer public rooms; reached as ``rc.channels``.

    Source: https://developer.rocket.chat/apidocs/channels
    """

    _family, _one, _many = "channels", "channel", "channels"

    async def join(self, room_id: str, *, code: str | None = None) -> Room:
        """Join a public room; ``code`` where it asks for one."""
        body: dict[str, object] = {"roomId": room_id}
        if code is not None:
            body["joinCode"] = code
        answer = await self._post("join", **body)
        return read(Room, answer.get(self._one), "POST channels.join")


class Groups(_Named):
    """Offer private rooms; reached as ``rc.groups``.

    Source: https://developer.rocket.chat/apidocs/groups
    """

    _family, _one, _many = "groups", "group", "groups"


class Direct(_Readable):
    """Offer direct rooms; reached as ``rc.direct``.

    Source: https://developer.rocket.chat/apidocs/im
    """

    _family, _one, _many = "im", "room", "ims"

    async def create(self, *usernames: str) -> DirectRoom:
        """Open the direct room with these people, or find the one that is there.

        The answer is lean: read the members with ``rc.rooms.info``. A name that does not exist may
        be left out by the server when there are several.

        Source: https://developer.rocket.chat/apidocs/create-dm-session
        """
        if not usernames:
            raise LocalProtocolError("im.create takes at least one username")
        one = {"username": usernames[0]}
        body = one if len(usernames) == 1 else {"usernames": ",".join(usernames)}
        answer = await self._post("create", **body)
        return read(DirectRoom, answer.get("room"), "POST im.create")
