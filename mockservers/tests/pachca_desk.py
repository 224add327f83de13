"""A fake Pachca in the test's own loop, spoken to over raw HTTP, with a bot's receiver beside it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp
from aiohttp import web

from tolmach_mockservers.faults import Do, Rule
from tolmach_mockservers.journal import Match
from tolmach_mockservers.server import Fakes


class Got(NamedTuple):
    """One answer: ``body`` is parsed when it is JSON."""

    status: int
    body: Any
    headers: Any


class Received(NamedTuple):
    """One delivery as the bot's receiver saw it."""

    raw: bytes
    signature: str
    headers: Any

    @property
    def payload(self) -> Any:
        return json.loads(self.raw)


class Receiver:
    """Be the bot's own server; ``answer`` makes the response of each delivery."""

    def __init__(self) -> None:
        self.got: asyncio.Queue[Received] = asyncio.Queue()
        self.answer: Callable[[], web.Response] = lambda: web.Response(text="ok")
        self.hold: asyncio.Event | None = None
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        raw = await request.read()
        await self.got.put(Received(raw, request.headers.get("pachca-signature", ""), request.headers))
        if self.hold is not None:
            await self.hold.wait()
        return self.answer()

    async def next(self, type_: str | None = None) -> Received:
        """Return the next delivery, of one type when it is named."""
        async with asyncio.timeout(10):
            while True:
                received = await self.got.get()
                if type_ is None or received.payload["type"] == type_:
                    return received


class Desk:
    """Speak to one fake as its people."""

    def __init__(self, fakes: Fakes, session: aiohttp.ClientSession) -> None:
        assert fakes.pachca is not None
        self.fakes = fakes
        self.fake = fakes.pachca
        self.session = session
        self.ready = fakes.ready["pachca"]
        self.url = self.ready["url"]
        self.tokens = {name: each["token"] for name, each in self.ready["people"].items()}
        self.ids = {name: each["id"] for name, each in self.ready["people"].items()}
        self.tokens["bot"], self.ids["bot"] = self.ready["bot"]["token"], self.ready["bot"]["id"]
        self.general = self.ready["rooms"]["general"]["id"]
        self.team = self.ready["rooms"]["team"]["id"]

    def add(self, name: str, **wish: Any) -> int:
        """Make a person who can be called by ``name`` from now on."""
        shown: Any = self.fake.create_person(username=name, **wish)
        self.tokens[name], self.ids[name] = shown["token"], shown["id"]
        return int(shown["id"])

    async def call(self, who: str, operation: str, body: Any = None, **options: Any) -> Got:
        """Make one call; ``operation`` is "POST /messages"."""
        method, _, path = operation.partition(" ")
        headers = {"Authorization": f"Bearer {self.tokens.get(who, who)}", **options.pop("headers", {})}
        if body is not None:
            options["json"] = body
        url = self.url + path
        async with self.session.request(
            method, url, headers=headers, allow_redirects=False, **options
        ) as answer:
            text = await answer.read()
            kind = answer.content_type
            shown = (
                json.loads(text) if text and kind == "application/json" else text.decode("utf-8", "replace")
            )
            return Got(answer.status, shown, answer.headers)

    async def ok(self, who: str, operation: str, body: Any = None, **options: Any) -> Any:
        """Make a call that succeeds; return its data."""
        got = await self.call(who, operation, body, **options)
        assert got.status < 300, got
        return got.body["data"] if isinstance(got.body, dict) and "data" in got.body else got.body

    async def refused(
        self, who: str, operation: str, body: Any = None, **options: Any
    ) -> tuple[int, str, str]:
        """Make a call that is refused; return status, key and code of the first error."""
        got = await self.call(who, operation, body, **options)
        assert got.status >= 400, got
        first = got.body["errors"][0]
        assert sorted(first) == ["code", "key", "message", "payload", "value"]
        return got.status, first["key"], first["code"]

    async def say(self, who: str, entity: int, content: str = "hello", **extra: Any) -> Any:
        """Send a message; return it."""
        return await self.ok(
            who, "POST /messages", {"message": {"entity_id": entity, "content": content, **extra}}
        )

    async def room(self, who: str = "alice", *members: str, **extra: Any) -> int:
        """Make a chat and return its id."""
        ids = [self.ids[each] for each in members]
        return int(
            (await self.ok(who, "POST /chats", {"chat": {"name": "room", "member_ids": ids, **extra}}))["id"]
        )

    def fault(
        self, operation: str, kind: Any, *, direction: Any = "in", count: int | None = 1, **do: Any
    ) -> None:
        """Let something go wrong."""
        self.fakes.kernel.faults.add(
            Rule("pachca", Do(kind, **do), operation=operation, direction=direction, count=count)
        )

    async def attempts(self, operation: str, count: int) -> list[Any]:
        """Return the journal's entries of deliveries, once there are so many."""
        match = Match(fake="pachca", kinds=frozenset({"webhook.out"}), operations=frozenset({operation}))
        waited = await self.fakes.kernel.journal.wait_for(match, count=count, timeout=10)
        assert waited.matched, (operation, waited.near)
        return waited.entries

    def violations(self) -> list[str | None]:
        """Return what clients did wrong."""
        return [each.text for each in self.fakes.violations() if "wrong" not in each.detail]

    def own_mistakes(self) -> list[Any]:
        """Return answers that the schemas do not allow."""
        return [
            (each.text, each.detail["wrong"])
            for each in self.fakes.violations()
            if each.detail.get("what") == "response"
        ]


@asynccontextmanager
async def opened() -> AsyncIterator[Desk]:
    """Run a fake whose every answer is checked against the written schemas."""
    async with (
        Fakes(["pachca"], strict=True) as fakes,
        aiohttp.ClientSession() as session,
    ):
        desk = Desk(fakes, session)
        desk.fake.patch_settings({"rate_limits": False})
        yield desk
        assert desk.own_mistakes() == []


@asynccontextmanager
async def received(desk: Desk) -> AsyncIterator[Receiver]:
    """Run the bot's server and let its events come there."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    receiver.url = f"http://127.0.0.1:{port}/hook"
    desk.fake.set_webhook(desk.ids["bot"], receiver.url)
    try:
        yield receiver
    finally:
        if receiver.hold is not None:
            receiver.hold.set()
        await runner.cleanup()
