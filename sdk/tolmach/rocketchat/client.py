"""The client: one object per account.

What it is for: putting transport, REST families and the realtime connection together under one roof.
What it must not do: hold logic of its own, or open a websocket that nobody asked for.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from random import Random
from typing import TYPE_CHECKING, Self

from tolmach.clock import Clock, SystemClock
from tolmach.errors import ConfigError, LocalProtocolError, RemoteError
from tolmach.rocketchat.account import Account
from tolmach.rocketchat.dialect import read_problem, refuses
from tolmach.rocketchat.rest import Auth, Channels, Chat, Direct, Groups, Rooms, Server, Subscriptions, Users
from tolmach.transport.http import Dialect, Http
from tolmach.transport.redaction import hide
from tolmach.transport.url import server_url

if TYPE_CHECKING:
    from types import TracebackType

    import aiohttp

    from tolmach.rocketchat.events import Change
    from tolmach.rocketchat.models import Message, User
    from tolmach.rocketchat.realtime import ConnectionState, Realtime

__all__ = ["RocketChat"]

_GOODBYE = 2.0
"""Seconds that logging out may take when the client is closed."""


class RocketChat:
    """Talk to a Rocket.Chat server as one account.

    ::

        async with RocketChat("https://chat.example.com", user_id=uid, token=pat) as rc:
            await rc.chat.send(room_id, "Hello")

    ``url`` may end in a slash or in ``/api/v1``. Give ``user_id`` and ``token``, or ``username`` and
    ``password``: then a login token is made on entering and ended on leaving. ``insecure`` allows
    plain http, ``timeout`` is seconds for each REST attempt, ``client_session`` an aiohttp session to
    share, ``random`` the source of message ids.

    Raises ConfigError for an address or credential that cannot be right.
    """

    def __init__(
        self,
        url: str,
        *,
        user_id: str | None = None,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        clock: Clock | None = None,
        insecure: bool = False,
        timeout: float = 30.0,
        client_session: aiohttp.ClientSession | None = None,
        random: Random | None = None,
    ) -> None:
        self.url = server_url(url, suffixes=("/api/v1", "/api"), insecure=insecure)
        self.clock: Clock = clock or SystemClock()
        _check(user_id, token, username, password)
        self.account = Account(user_id or "", token or "")
        self._username, self._password = username or "", password or ""
        hide(password)
        self._logged_in_here = False
        self._realtime: Realtime | None = None
        self.http = Http(
            f"{self.url}/api/v1",
            session=client_session,
            clock=self.clock,
            dialect=Dialect(self.account.headers, read_problem, refuses),
            timeout=timeout,
        )
        self.auth = Auth(self.http, self.account)
        self.chat = Chat(self.http, self._who, random or Random())
        self.rooms = Rooms(self.http)
        self.subscriptions = Subscriptions(self.http)
        self.channels = Channels(self.http)
        self.groups = Groups(self.http)
        self.direct = Direct(self.http)
        self.users = Users(self.http)
        self.server = Server(self.http)

    def __repr__(self) -> str:
        return f"RocketChat({self.url!r}, user_id={self.account.user_id!r})"

    @property
    def me(self) -> User:
        """Return who this client is; known once it was entered."""
        if self.account.me is None:
            raise LocalProtocolError("who this client is, is known inside `async with`")
        return self.account.me

    @property
    def websocket_url(self) -> str:
        """Return the address of the realtime API."""
        return f"ws{self.url.removeprefix('http')}/websocket"

    @property
    def connection(self) -> ConnectionState:
        """Return how the realtime connection is, without I/O."""
        return self.realtime.state

    @property
    def realtime(self) -> Realtime:
        """Return the realtime connection; made, not opened, on first use."""
        if self._realtime is None:
            from tolmach.rocketchat.realtime import Realtime

            self._realtime = Realtime(self)
        return self._realtime

    async def __aenter__(self) -> Self:
        try:
            await self.open()
        except BaseException:
            await self.http.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def open(self) -> User:
        """Log in with the password, or verify the token; return who this client is. Raises Unauthorized."""
        if not self.account.token:
            await self.auth.login(self._username, self._password)
            self._logged_in_here = True
            return self.me
        return await self.auth.me()

    async def aclose(self) -> None:
        """Close the websocket, end a token that was made here, close the session; idempotent."""
        try:
            if self._realtime is not None:
                await self._realtime.aclose()
        finally:
            try:
                await self._log_out()
            finally:
                await self.http.aclose()

    async def changes(self) -> AsyncGenerator[Change, None]:
        """Yield what happens in the rooms of this account, each thing once, gaps filled after a reconnect.

        Opens the websocket on first use.
        """
        await self.realtime.start()
        # A loop that is left early must not leave its queue behind.
        async with contextlib.aclosing(self.realtime.changes()) as changes:
            async for change in changes:
                yield change

    async def typing(self, room_id: str, on: bool = True, thread: Message | str | None = None) -> None:
        """Show or hide, to the others in a room, that this account is writing."""
        await self.realtime.start()
        await self.realtime.typing(room_id, on, thread)

    async def _who(self) -> User:
        return self.account.me or await self.auth.me()

    async def _log_out(self) -> None:
        if not self._logged_in_here or not self.account.token:
            return
        self._logged_in_here = False
        with contextlib.suppress(RemoteError):
            await self.auth.logout(timeout=_GOODBYE)


def _check(user_id: str | None, token: str | None, username: str | None, password: str | None) -> None:
    if token and not user_id:
        raise ConfigError("a token needs its user id", path="user_id", remedy="Give user_id beside token.")
    if user_id and not token:
        raise ConfigError("a user id needs its token", path="token", remedy="Give token beside user_id.")
    if token and (username or password):
        raise ConfigError("two credentials", path="token", remedy="Give a token or a password, not both.")
    if not token and not (username and password):
        raise ConfigError(
            "no credential", path="token", remedy="Give user_id and token, or username and password."
        )
