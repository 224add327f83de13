"""The fake Pachca with its storage, and clients of the people in it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import cast

import aiohttp

from tolmach.clock import Clock
from tolmach.pachca import Pachca
from tolmach_mockservers.pachca.fake import PachcaFake
from tolmach_mockservers.server import Fakes


class World:
    """Hold the fakes and hand out clients."""

    def __init__(self, fakes: Fakes, stack: AsyncExitStack) -> None:
        self.fakes = fakes
        self.ready = cast("Mapping[str, Mapping[str, object]]", fakes.ready["pachca"])
        assert fakes.pachca is not None
        self.fake: PachcaFake = fakes.pachca
        self._stack = stack

    @property
    def url(self) -> str:
        return str(self.ready["url"])

    def person(self, name: str) -> Mapping[str, object]:
        people = cast("Mapping[str, Mapping[str, object]]", self.ready["people"])
        return cast("Mapping[str, object]", self.ready["bot"]) if name == "bot" else people[name]

    def id(self, name: str) -> int:
        return cast("int", self.person(name)["id"])

    def room(self, name: str) -> int:
        return cast("int", cast("Mapping[str, Mapping[str, object]]", self.ready["rooms"])[name]["id"])

    async def client(self, name: str, clock: Clock | None = None) -> Pachca:
        return await self.client_of(str(self.person(name)["token"]), clock)

    async def client_of(self, token: str, clock: Clock | None = None) -> Pachca:
        client = Pachca(token, api_base=self.url, insecure=True, clock=clock)
        return await self._stack.enter_async_context(client)

    async def fault(self, operation: str, what: Mapping[str, object], *, fake: str = "pachca") -> None:
        """Let the next call of an operation go wrong."""
        async with self.posting("/faults") as post:
            await post({"fake": fake, "on": {"operation": operation}, "do": what})

    @asynccontextmanager
    async def posting(self, path: str) -> AsyncIterator[Callable[[object], Awaitable[Mapping[str, object]]]]:
        """Hand out a function that posts to the control API."""
        control = self.fakes.ready["control"]
        headers = {"Authorization": f"Bearer {control['token']}"}
        async with aiohttp.ClientSession(headers=headers) as session:

            async def post(body: object) -> Mapping[str, object]:
                async with session.post(control["url"] + path, json=body) as answer:
                    assert answer.status < 300, await answer.text()
                    return cast("Mapping[str, object]", await answer.json())

            yield post

    def operations(self) -> set[str]:
        """Return the operations that were answered well."""
        return {
            entry.operation or ""
            for entry in self.fakes.kernel.journal.search()
            if entry.fake == "pachca" and entry.kind == "http" and (entry.status or 0) < 400
        }


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    async with Fakes(["pachca", "s3"]) as fakes, AsyncExitStack() as stack:
        yield World(fakes, stack)
