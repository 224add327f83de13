"""What a running gateway answers on its own socket.

What it is for: status, probe, pairing and stop, for the command line on the same machine. What it
must not do: listen on a network, or say a secret. The folder's mode is the access control.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol, cast

from aiohttp import web

from tolmach.channel.turn import PendingPairing

__all__ = ["ControlServer", "Operations", "pending_document"]


class Operations(Protocol):
    """Say what a gateway lets its operator do."""

    def snapshot(self) -> Mapping[str, object]:
        """Return the status of everything."""
        ...

    async def probe(self, account: str | None) -> list[Mapping[str, object]]:
        """Call the identity endpoint of each account."""
        ...

    async def pairings(self, account: str | None) -> list[Mapping[str, object]]:
        """Return who waits for approval."""
        ...

    async def approve(self, code: str, account: str | None) -> Mapping[str, object] | None:
        """Approve a code; None when no account knows it."""
        ...

    def stop(self) -> None:
        """Begin to stop."""
        ...


class ControlServer:
    """Serve the operations over HTTP on a unix socket."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._runner: web.AppRunner | None = None

    async def start(self, socket: Path) -> None:
        """Listen. The folder around the socket keeps others out."""
        app = web.Application()
        routes: list[tuple[str, str, Callable[[web.Request], Awaitable[web.Response]]]] = [
            ("GET", "/status", self._status),
            ("POST", "/probe", self._probe),
            ("GET", "/pairing", self._pairing),
            ("POST", "/pairing/approve", self._approve),
            ("POST", "/stop", self._stop),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, handler)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
        await self._runner.setup()
        await web.UnixSite(self._runner, str(socket)).start()

    async def aclose(self) -> None:
        """Stop listening; idempotent."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _status(self, request: web.Request) -> web.Response:
        del request
        return web.json_response(self._operations.snapshot())

    async def _probe(self, request: web.Request) -> web.Response:
        return web.json_response({"probes": await self._operations.probe(account_of(request))})

    async def _pairing(self, request: web.Request) -> web.Response:
        return web.json_response({"pending": await self._operations.pairings(account_of(request))})

    async def _approve(self, request: web.Request) -> web.Response:
        code = await body_text(request, "code")
        if not code:
            return web.json_response({"error": "the body needs a code"}, status=400)
        approved = await self._operations.approve(code, account_of(request))
        if approved is None:
            return web.json_response({"error": f"no one waits with the code {code}"}, status=404)
        return web.json_response(approved)

    async def _stop(self, request: web.Request) -> web.Response:
        del request
        self._operations.stop()
        return web.json_response({"ok": True})


def account_of(request: web.Request) -> str | None:
    """Return the account that a request names."""
    return request.query.get("account") or None


async def body_text(request: web.Request, name: str) -> str:
    """Return one text of a JSON body, an empty one when it is not there."""
    try:
        body = cast("object", json.loads(await request.read()))
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    value = cast("dict[str, object]", body).get(name)
    return value if isinstance(value, str) else ""


def pending_document(account: str, one: PendingPairing) -> dict[str, object]:
    """Return one waiting person as a document."""
    return {
        "account": account,
        "code": one.code,
        "userId": one.user_id,
        "label": one.label,
        "createdAt": one.created_at,
        "lastSeenAt": one.last_seen_at,
    }
