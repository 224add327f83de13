"""Where webhooks come in: the listeners of one process, shared by its accounts.

What it is for: one HTTP listener per address and port, one path per account. What it must not do: read
a body, or open anything before an account starts.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable

from aiohttp import web

from tolmach.errors import ConfigError

__all__ = ["Door", "Doors", "Handler"]

Handler = Callable[[web.Request], Awaitable[web.Response]]

LARGEST_BODY = 1024 * 1024
_CLOSE_WITHIN = 1.0
"""Seconds that deliveries under way get when a listener closes."""


class Door:
    """One account's path on a listener; made by ``Doors.claim``."""

    def __init__(self, listener: "_Listener", path: str) -> None:
        self._listener = listener
        self.path = path
        self.handler: Handler | None = None

    @property
    def port(self) -> int:
        """Return the port that is listened on, the real one where 0 was asked for."""
        return self._listener.port

    async def open(self, handler: Handler) -> None:
        """Let deliveries in; raises ConfigError when the port cannot be had."""
        self.handler = handler
        await self._listener.open()

    async def aclose(self) -> None:
        """Let nothing more in; the last one closes the listener."""
        self.handler = None
        await self._listener.release(self.path)


class Doors:
    """The listeners of one process."""

    def __init__(self) -> None:
        self._listeners: dict[tuple[str, int], _Listener] = {}

    def claim(self, host: str, port: int, path: str) -> Door:
        """Reserve a path; raises ConfigError when another account has it."""
        listener = self._listeners.setdefault((host, port), _Listener(host, port))
        return listener.claim(path)

    async def aclose(self) -> None:
        """Close every listener."""
        for listener in self._listeners.values():
            await listener.aclose()


class _Listener:
    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self.port = port
        self._doors: dict[str, Door] = {}
        self._runner: web.AppRunner | None = None
        self._lock = asyncio.Lock()

    def claim(self, path: str) -> Door:
        if path in self._doors:
            raise ConfigError(
                f"another account receives on {self._host}:{self.port}{path} already",
                path="webhookPath",
                remedy="Give each account a webhookPath of its own.",
            )
        self._doors[path] = Door(self, path)
        return self._doors[path]

    async def open(self) -> None:
        async with self._lock:
            if self._runner is not None:
                return
            app = web.Application(client_max_size=LARGEST_BODY)
            app.router.add_post("/{path:.*}", self._dispatch)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSE_WITHIN)
            await runner.setup()
            site = web.TCPSite(runner, self._host, self.port)
            try:
                await site.start()
            except OSError as error:
                await runner.cleanup()
                # asyncio repeats the address in the text of what the system says.
                number = error.errno or 0
                plain = os.strerror(number) if number > 0 else error.strerror or str(error)
                raise ConfigError(
                    f"{self._host}:{self.port} cannot be listened on: {plain.lower()}",
                    path="webhookPort",
                    remedy="Choose another webhookPort, or stop what uses this one.",
                ) from None
            self._runner = runner
            addresses = runner.addresses
            if addresses:
                self.port = int(addresses[0][1])

    async def release(self, path: str) -> None:
        self._doors.pop(path, None)
        if not self._doors:
            await self.aclose()

    async def aclose(self) -> None:
        async with self._lock:
            runner, self._runner = self._runner, None
            if runner is not None:
                await runner.cleanup()

    async def _dispatch(self, request: web.Request) -> web.Response:
        door = self._doors.get(request.path)
        if door is None:
            return web.Response(status=404)
        if door.handler is None:
            return web.Response(status=503)
        return await door.handler(request)
