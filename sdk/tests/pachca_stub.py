"""A small server with literal answers, and a clock that does not wait."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

from tolmach.clock import Clock
from tolmach.pachca import Pachca
from tolmach.pachca.pace import TokenPacer

TOKEN = "stub-token-0123456789"

MESSAGE = (
    '{"id":194275,"entity_type":"discussion","entity_id":334,"chat_id":334,"root_chat_id":334,'
    '"content":"Hello","user_id":12,"created_at":"2025-05-15T14:30:00.000Z",'
    '"url":"https://app.pachca.com/chats/334?message=194275","files":[],"voice_content":null,'
    '"buttons":null,"thread":null,"forwarding":null,"parent_message_id":null,"changed_at":null,'
    '"deleted_at":null}'
)


class SteppingClock:
    """Stand still, but for what is slept."""

    def __init__(self, now: float = 1_747_319_400.0) -> None:
        self.at = now
        self.slept: list[float] = []

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += max(0.0, seconds)
        await asyncio.sleep(0)


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: str
    body: bytes
    headers: dict[str, str]


@dataclass
class Answer:
    """One answer; ``cut`` drops the connection instead."""

    status: int = 200
    text: str = ""
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    body: bytes | None = None


class Stub:
    """Answer in order, the last answer again and again; remember what was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.url = ""
        self.changed = asyncio.Event()
        self._answers: dict[str, list[Answer]] = {}

    def answer(self, path: str, *answers: Answer | str) -> None:
        """Answer requests for ``METHOD /path``; a text is a 200 of JSON."""
        self._answers[path] = [Answer(text=one) if isinstance(one, str) else one for one in answers]

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait until requests have made something true."""
        while not happened():
            self.changed.clear()
            await self.changed.wait()

    @property
    def last(self) -> Asked:
        return self.asked[-1]

    def calls(self, path: str) -> list[Asked]:
        return [one for one in self.asked if f"{one.method} {one.path}" == path]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/api/shared/v1")
        self.asked.append(
            Asked(
                request.method,
                path,
                request.raw_path.partition("?")[2],
                await request.read(),
                dict(request.headers),
            )
        )
        self.changed.set()
        queue = self._answers.get(f"{request.method} {path}") or self._answers.get("*")
        if queue is None:
            return web.Response(status=404, text='{"errors":[{"key":"base","code":"not_found"}]}')
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        if answer.cut:
            assert request.transport is not None
            request.transport.abort()
        body = answer.text.encode() if answer.body is None else answer.body
        return web.Response(
            status=answer.status,
            body=body,
            headers={"Content-Type": answer.kind, **answer.headers},
        )


@asynccontextmanager
async def stubbed(
    clock: Clock | None = None, pacer: TokenPacer | None = None
) -> AsyncIterator[tuple[Stub, Pachca]]:
    """Run the stub and a client of it."""
    stub = Stub()
    app = web.Application(client_max_size=2**28)
    app.router.add_route("*", "/{path:.*}", stub.handle)
    async with TestServer(app) as server:
        stub.url = str(server.make_url("/")).rstrip("/")
        async with Pachca(
            TOKEN,
            api_base=f"{stub.url}/api/shared/v1",
            insecure=True,
            clock=clock or SteppingClock(),
            pacer=pacer,
        ) as pachca:
            yield stub, pachca
