"""A literal Rocket.Chat of a hundred lines, and a clock moved by hand, for the tests of the driver.

It answers with documents written out here, never with models of the SDK.
"""

import asyncio
import heapq
import itertools
import json
from collections.abc import Callable
from types import TracebackType
from typing import Self, cast

from aiohttp import WSMsgType, web

T0 = 1_760_000_000_000
TOKEN = "stub-token-of-the-bot"
BOT = "uBot"
Doc = dict[str, object]


class ManualClock:
    """Stand still until ``advance``; fulfils ``tolmach.clock.Clock``."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), woken))
        await woken

    def due(self) -> list[float]:
        """Return in how many seconds each sleeper wakes, soonest first."""
        return sorted(round(at - self._now, 6) for at, _, woken in self._sleepers if not woken.done())

    async def advance(self, seconds: float) -> None:
        """Move on, waking sleepers at their own moments, in order."""
        until = self._now + seconds
        while self._sleepers and self._sleepers[0][0] <= until:
            at, _, woken = heapq.heappop(self._sleepers)
            self._now = max(self._now, at)
            if not woken.done():
                woken.set_result(None)
                await breathe()
        self._now = until
        await breathe()


async def breathe(turns: int = 30) -> None:
    """Let every task that can run, run."""
    for _ in range(turns):
        await asyncio.sleep(0)


async def until(holds: Callable[[], object]) -> None:
    """Return once ``holds`` is true; fail after five seconds."""
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - sockets have no event to wait for, and no time passes here
            await asyncio.sleep(0)


def message(identifier: str, sent: int, text: str = "hello", *, rid: str = "GENERAL", **more: object) -> Doc:
    """Return a document sent ``sent`` ms after T0."""
    return {
        "_id": identifier,
        "rid": rid,
        "msg": text,
        "ts": {"$date": T0 + sent},
        "u": {"_id": "uAlice", "username": "alice", "name": "Alice"},
        "_updatedAt": {"$date": T0 + sent},
        **more,
    }


class Socket:
    """One websocket of the stub: what it heard, and how it may misbehave."""

    def __init__(self, wire: web.WebSocketResponse) -> None:
        self.wire = wire
        self.heard: list[Doc] = []
        self.deaf = False
        self.ended = False
        self.logged_in = False

    async def send(self, frame: Doc | str) -> None:
        await self.wire.send_str(frame if isinstance(frame, str) else json.dumps(frame))

    async def event(self, collection: str, key: str, *args: object) -> None:
        fields: Doc = {"eventName": key, "args": list(args)}
        await self.send({"msg": "changed", "collection": collection, "id": "id", "fields": fields})

    async def post(self, document: Doc) -> None:
        hint: Doc = {"roomParticipant": True, "roomType": "c", "roomName": "general"}
        await self.event("stream-room-messages", "__my_messages__", document, hint)

    def subs(self) -> list[str]:
        return [
            f"{frame['name']} {cast('list[object]', frame['params'])[0]}"
            for frame in self.heard
            if frame["msg"] == "sub"
        ]

    def methods(self, name: str) -> list[Doc]:
        return [frame for frame in self.heard if frame.get("method") == name]

    def pings(self) -> int:
        return sum(frame["msg"] == "ping" for frame in self.heard)


class Stub:
    """Serve one bot in the rooms of ``subscriptions``; documents of ``synced`` fill gaps."""

    def __init__(self) -> None:
        self.sockets: list[Socket] = []
        self.upgrades = 0
        self.peak = 0
        self.calls: list[str] = []
        self.token_dead = False
        self.refuse_login: Doc | None = None
        self.refuse_subs: dict[str, Doc | None] = {}
        self.answer_methods = True
        self.answer_connect: Doc = {"msg": "connected", "session": "stub"}
        self.closed_to = 0
        self.may_upgrade = asyncio.Event()
        self.may_upgrade.set()
        self.status: dict[str, int] = {}
        self.settings: dict[str, object] = {"UI_Use_Real_Name": False}
        self.subscriptions: list[Doc] = [self.membership("GENERAL")]
        self.rooms: list[Doc] = [self.room("GENERAL", 0)]
        self.synced: dict[str, list[Doc]] = {}
        self.deleted: dict[str, list[str]] = {}
        self.hold_sync = asyncio.Event()
        self.hold_sync.set()
        self.url = ""

    @staticmethod
    def membership(rid: str, moved: int = 0, **more: object) -> Doc:
        return {
            "_id": f"sub-{rid}",
            "rid": rid,
            "t": "c",
            "name": rid.lower(),
            "ts": "2025-10-09T08:00:00.000Z",
            "u": {"_id": BOT, "username": "bot"},
            "_updatedAt": iso(moved),
            **more,
        }

    @staticmethod
    def room(rid: str, last: int) -> Doc:
        return {"_id": rid, "t": "c", "name": rid.lower(), "lm": iso(last), "_updatedAt": iso(last)}

    @property
    def live(self) -> list[Socket]:
        return [socket for socket in self.sockets if not socket.ended]

    @property
    def socket(self) -> Socket:
        return self.sockets[-1]

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/websocket", self._websocket)
        app.router.add_route("*", "/api/v1/{call}", self._rest)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hold_sync.set()
        self.may_upgrade.set()
        for socket in self.live:
            await self.drop(socket)
        await self._runner.cleanup()

    async def drop(self, socket: Socket) -> None:
        """Cut the connection without a goodbye."""
        transport = socket.wire._req.transport if socket.wire._req else None
        if transport is not None:
            transport.abort()
        await until(lambda: socket.ended)

    # Websocket

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        self.upgrades += 1
        await self.may_upgrade.wait()
        if self.closed_to:
            self.closed_to -= 1
            return web.Response(status=503)
        wire = web.WebSocketResponse(timeout=0.2)
        await wire.prepare(request)
        socket = Socket(wire)
        self.sockets.append(socket)
        self.peak = max(self.peak, len(self.live))
        try:
            await socket.send('{"server_id":"0"}')
            async for incoming in wire:
                if incoming.type is WSMsgType.TEXT:
                    frame = cast("Doc", json.loads(incoming.data))
                    socket.heard.append(frame)
                    if not socket.deaf:
                        await self._answer(socket, frame)
        except ConnectionError:
            pass
        finally:
            socket.ended = True
        return wire

    async def _answer(self, socket: Socket, frame: Doc) -> None:
        match frame:
            case {"msg": "connect"}:
                await socket.send(self.answer_connect)
            case {"msg": "ping", "id": identifier}:
                await socket.send({"msg": "pong", "id": identifier})
            case {"msg": "method", "method": "login", "id": identifier, "params": [{"resume": token}]}:
                await self._log_in(socket, identifier, token)
            case {"msg": "method", "id": identifier} if self.answer_methods:
                await socket.send({"msg": "updated", "methods": [identifier]})
                await socket.send({"msg": "result", "id": identifier, "result": {"$date": T0}})
            case {"msg": "sub", "id": identifier, "params": [str() as key, *_]}:
                if key in self.refuse_subs:
                    await socket.send({"msg": "nosub", "id": identifier, "error": self.refuse_subs[key]})
                else:
                    await socket.send({"msg": "ready", "subs": [identifier]})
            case _:
                pass

    async def _log_in(self, socket: Socket, identifier: object, token: object) -> None:
        refusal = self.refuse_login
        if self.token_dead or token != TOKEN:
            refusal = {"error": 403, "reason": "You've been logged out by the server. Please log in again."}
        if refusal is not None:
            await socket.send({"msg": "result", "id": identifier, "error": refusal})
            return
        socket.logged_in = True
        await socket.send({"msg": "updated", "methods": [identifier]})
        await socket.send({"msg": "result", "id": identifier, "result": {"id": BOT, "token": token}})

    # REST

    async def _rest(self, request: web.Request) -> web.Response:
        call = request.match_info["call"]
        self.calls.append(call)
        if self.token_dead:
            gone = "You must be logged in to do this."
            return web.json_response(
                {"success": False, "error": gone, "status": "error", "message": gone}, status=401
            )
        if call in self.status:
            return web.json_response({"success": False, "error": "broken"}, status=self.status[call])
        if call == "chat.syncMessages":
            await self.hold_sync.wait()
        return web.json_response({"success": True, **self._body(call, request)})

    def _body(self, call: str, request: web.Request) -> Doc:
        since = request.query.get("updatedSince")
        match call:
            case "me":
                return {"_id": BOT, "username": "bot", "name": "Botty", "roles": ["bot"], "active": True}
            case "subscriptions.get":
                return {"update": changed_since(self.subscriptions, since), "remove": []}
            case "rooms.get":
                return {"update": changed_since(self.rooms, since), "remove": []}
            case "chat.syncMessages":
                rid = request.query["roomId"]
                after = request.query["lastUpdate"]
                updated = [
                    doc for doc in map(rest_form, self.synced.get(rid, [])) if str(doc["_updatedAt"]) > after
                ]
                gone = [{"_id": name, "_deletedAt": iso(0)} for name in self.deleted.get(rid, [])]
                return {"result": {"updated": updated[::-1], "deleted": gone}}
            case "settings.public":
                shown = [{"_id": name, "value": value} for name, value in self.settings.items()]
                return {"settings": shown, "count": len(shown), "offset": 0, "total": len(shown)}
            case _:
                return {}


def changed_since(documents: list[Doc], since: str | None) -> list[Doc]:
    return [doc for doc in documents if since is None or str(doc["_updatedAt"]) > since]


def rest_form(document: Doc) -> Doc:
    """Return the REST twin of a streamed document: ISO dates."""

    def plain(value: object) -> object:
        match value:
            case {"$date": int() as moment}:
                return iso(moment - T0)
            case _:
                return value

    return {key: plain(value) for key, value in document.items()}


def iso(offset: int) -> str:
    """Return T0 plus ``offset`` ms as the server writes it in REST; T0 is 08:53:20."""
    seconds, ms = divmod(offset + 20_000, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"2025-10-09T08:{53 + minutes:02d}:{seconds:02d}.{ms:03d}Z"
