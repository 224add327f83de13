"""The aiohttp side of the realtime API: one websocket in, one `Socket` kept going.

What it is for: reading frames, the heartbeat's alarm, and the register of live sockets. What it
must not do: protocol or rules.

Frames are written straight to the transport: it is one system call a frame and no task switch,
which is what lets one message reach a thousand sockets in a moment. aiohttp only reads.
"""

import asyncio
from collections import Counter
from typing import Final

from aiohttp import WSMsgType, web

from tolmach_mockservers.clock import Timer
from tolmach_mockservers.rocketchat.ddp_socket import FAKE, Realtime, Socket
from tolmach_mockservers.seed import Seed

__all__ = ["Sockets"]

_MAX_FRAME: Final = 16 * 1024 * 1024


class Sockets:
    """Accept websockets and know those that live."""

    def __init__(self, shared: Realtime, seed: Seed) -> None:
        self._shared = shared
        self._ids = seed.child("rocketchat/sockets")
        self._live: dict[str, Socket] = {}
        self._alarms: dict[str, Timer] = {}
        self.peak: Counter[str] = Counter()

    def all(self) -> list[Socket]:
        """Return the live sockets in order of opening."""
        return [each for each in self._live.values() if each.live]

    def of(self, person_id: str) -> list[Socket]:
        """Return a person's live sockets."""
        return [each for each in self.all() if each.person_id == person_id]

    def recount(self) -> None:
        """Forget the most that anybody had at once, and begin with what is open now."""
        self.peak.clear()
        for socket in self.all():
            if socket.person_id is not None:
                self._count(socket.person_id)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it ends."""
        kernel = self._shared.kernel
        do = kernel.faults.take(FAKE, operation="websocket", direction="in")
        if do is not None:
            if do.kind == "delay":
                await kernel.clock.sleep(do.seconds)
            elif do.kind in {"cut_before", "cut_after_commit", "lose"}:
                if request.transport is not None:
                    request.transport.abort()
                return web.Response(status=503)
            else:
                return web.Response(status=429 if do.kind == "rate_limit" else do.status)
        websocket = web.WebSocketResponse(
            autoping=False, autoclose=False, compress=False, max_msg_size=_MAX_FRAME
        )
        await websocket.prepare(request)
        transport = request.transport
        if not isinstance(transport, asyncio.Transport):
            return websocket
        socket = Socket(self._shared, self._ids.meteor_id(), transport, request.remote or "")
        self._live[socket.id] = socket
        self._arm(socket)
        try:
            await self._read(websocket, socket)
        finally:
            socket.closed()
            del self._live[socket.id]
            alarm = self._alarms.pop(socket.id, None)
            if alarm is not None:
                alarm.cancel()
            transport.close()
        return websocket

    async def _read(self, websocket: web.WebSocketResponse, socket: Socket) -> None:
        while socket.live:
            message = await websocket.receive()
            if message.type is WSMsgType.TEXT:
                before = socket.person_id
                await socket.on_text(message.data)
                if socket.person_id is not None and socket.person_id != before:
                    self._count(socket.person_id)
            elif message.type is WSMsgType.PING:
                if not socket.silent:
                    await websocket.pong(message.data)
            elif message.type is WSMsgType.BINARY:
                socket.on_binary()
            elif message.type is WSMsgType.CLOSE:
                if not socket.silent:
                    socket.drop()
                return
            elif message.type is not WSMsgType.PONG:
                return

    def _count(self, person_id: str) -> None:
        self.peak[person_id] = max(self.peak[person_id], len(self.of(person_id)))

    def _arm(self, socket: Socket) -> None:
        deadline = socket.session.next_deadline()
        if deadline is not None and socket.live:
            clock = self._shared.kernel.clock
            self._alarms[socket.id] = clock.call_later(deadline - clock.now(), lambda: self._ring(socket))

    def _ring(self, socket: Socket) -> None:
        # The alarm is not moved with every frame: it looks, when it rings, whether anything is due.
        socket.on_deadline()
        if socket.silent:
            return
        self._arm(socket)

    def rearm(self, socket: Socket) -> None:
        """Start the heartbeat again after a connection was half-open."""
        if socket.id not in self._alarms or not self._alarms[socket.id].pending:
            self._arm(socket)

    def close(self) -> None:
        """Drop every connection."""
        for socket in self.all():
            socket.drop()
