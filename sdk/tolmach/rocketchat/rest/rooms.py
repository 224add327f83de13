"""Rooms of any kind, and the caller's memberships.

What it is for: the ``rooms.*`` and ``subscriptions.*`` operations. What it must not do: make or
change rooms; the families do that by kind.
"""

from datetime import datetime

from tolmach.errors import LocalProtocolError
from tolmach.rocketchat.models import Deleted, Room, RoomUpdates, Subscription, SubscriptionUpdates
from tolmach.rocketchat.rest.reading import read, read_each
from tolmach.transport.http import Http

__all__ = ["Rooms", "Subscriptions"]


class Rooms:
    """Offer what concerns rooms of any kind; reached as ``rc.rooms``."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def info(self, room_id: str | None = None, *, name: str | None = None) -> Room:
        """Return a room by id or by its exact name (no ``#``).

        Raises NotFound, or Forbidden when the caller may not see it.

        Source: https://developer.rocket.chat/apidocs/get-room-information
        """
        if (room_id is None) == (name is None):
            raise LocalProtocolError("rooms.info takes either room_id or name")
        query = {"roomId": room_id, "roomName": name}
        body = await self._http.send("GET", "/rooms.info", query=query)
        return read(Room, body.get("room"), "GET rooms.info")

    async def get(self, updated_since: datetime | None = None) -> RoomUpdates:
        """Return the caller's rooms, or those changed after ``updated_since``.

        Source: https://developer.rocket.chat/apidocs/get-rooms
        """
        call = "GET rooms.get"
        body = await self._http.send("GET", "/rooms.get", query={"updatedSince": updated_since})
        return RoomUpdates(
            update=read_each(Room, body.get("update"), call),
            remove=read_each(Deleted, body.get("remove"), call),
        )


class Subscriptions:
    """Offer what concerns the caller's memberships; reached as ``rc.subscriptions``."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def get(self, updated_since: datetime | None = None) -> SubscriptionUpdates:
        """Return the caller's memberships, or those changed after ``updated_since``.

        Source: https://developer.rocket.chat/apidocs/get-all-subscriptions
        """
        call = "GET subscriptions.get"
        body = await self._http.send("GET", "/subscriptions.get", query={"updatedSince": updated_since})
        return SubscriptionUpdates(
            update=read_each(Subscription, body.get("update"), call),
            remove=read_each(Deleted, body.get("remove"), call),
        )

    async def get_one(self, room_id: str) -> Subscription | None:
        """Return the caller's membership in a room, None when there is none.

        Source: https://developer.rocket.chat/apidocs/get-subscription
        """
        body = await self._http.send("GET", "/subscriptions.getOne", query={"roomId": room_id})
        found = body.get("subscription")
        return None if found is None else read(Subscription, found, "GET subscriptions.getOne")
