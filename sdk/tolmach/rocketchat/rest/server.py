"""The server itself: version and public settings.

What it is for: what can be asked without logging in. What it must not do: keep the answers.
"""

from collections.abc import Sequence

from tolmach.rocketchat.models import ServerInfo, Setting
from tolmach.rocketchat.rest.reading import read, read_page
from tolmach.transport.http import Http
from tolmach.transport.pages import Page, by_offset
from tolmach.transport.query import QueryValue

__all__ = ["Server"]


class Server:
    """Offer what concerns the server; reached as ``rc.server``."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def info(self) -> ServerInfo:
        """Return the version, major and minor.

        Source: https://developer.rocket.chat/apidocs/server-information
        """
        return read(ServerInfo, await self._http.send("GET", "/info", signed=False), "GET info")

    async def public_settings(self, ids: Sequence[str]) -> dict[str, object]:
        """Return the values of public settings by id (``Message_MaxAllowedSize``); unknown ids are left out.

        Source: https://developer.rocket.chat/apidocs/get-public-settings
        """

        async def fetch(offset: int) -> Page[Setting]:
            query: dict[str, QueryValue] = {"_id": ",".join(ids), "offset": offset, "count": 100}
            body = await self._http.send("GET", "/settings.public", query=query, signed=False)
            return read_page(Setting, body, "settings", "GET settings.public")

        return {setting.id: setting.value async for setting in by_offset(fetch)}
