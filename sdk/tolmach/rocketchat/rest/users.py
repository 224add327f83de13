"""People as the server knows them.

What it is for: the ``users.*`` lookups. What it must not do: guess who is a bot.
"""

from tolmach.errors import ApiError, LocalProtocolError
from tolmach.rocketchat.models import User
from tolmach.rocketchat.rest.reading import missing, read
from tolmach.transport.http import Http

__all__ = ["Users"]


class Users:
    """Offer what concerns people; reached as ``rc.users``."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def info(self, user_id: str | None = None, *, username: str | None = None) -> User:
        """Return a user by id or exact username (no ``@``); raises NotFound.

        Source: https://developer.rocket.chat/apidocs/get-users-info
        """
        if (user_id is None) == (username is None):
            raise LocalProtocolError("users.info takes either user_id or username")
        query = {"userId": user_id, "username": username}
        try:
            body = await self._http.send("GET", "/users.info", query=query)
        except ApiError as error:
            raise missing(error) from None
        return read(User, body.get("user"), "GET users.info")
