"""A bare client that checks everything it sends and gets against the written schemas.

What it is for: driving the fakes with nothing of ours between the wire and the schemas. What it must not
do: know what an operation means; the tests do.
"""

import asyncio
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Self, cast

import aiohttp

from tolmach_schemas import Operation, operation
from tolmach_schemas.validation import compile_frames, compile_operation

__all__ = ["CheckedRest", "CheckedSocket", "Json"]

Json = dict[str, object]


class CheckedRest:
    """Call operations of one API as somebody; ``seen`` collects what was called.

    ``wrong`` collects every finding, so that one run shows them all.
    """

    def __init__(
        self, session: aiohttp.ClientSession, api: str, base: str, headers: Mapping[str, str]
    ) -> None:
        self._session = session
        self._api = api
        self._base = base.rstrip("/")
        self._headers = dict(headers)
        self.seen: set[str] = set()
        self.wrong: list[str] = []

    def acting_as(self, headers: Mapping[str, str]) -> "CheckedRest":
        """Return a client with other credentials that collects into the same lists."""
        other = CheckedRest(self._session, self._api, self._base, headers)
        other.seen, other.wrong = self.seen, self.wrong
        return other

    async def call(
        self,
        name: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        status: int = 200,
        fits: bool = True,
        at: Mapping[str, str] | None = None,
    ) -> Json:
        """Call ``METHOD path``; ``fits`` False sends a request that the schema must refuse.

        ``at`` fills the path's parameters. Returns the body, an empty one for text.
        """
        found = operation(name, self._api)
        checks = compile_operation(name, self._api)
        refused = checks.request(query, body)
        if bool(refused) is fits:
            self.wrong.append(f"{name} request: {refused or 'should be refused'}")
        async with self._session.request(
            found.method,
            self._base + filled(found, at or {}),
            params=query,
            json=body,
            headers=self._headers,
        ) as response:
            text = await response.text()
            answer: object = json.loads(text) if "json" in response.content_type else text
            if response.status != status:
                self.wrong.append(f"{name}: status {response.status}, not {status}: {text[:200]}")
            self.wrong.extend(
                f"{name} {response.status} {line}" for line in checks.response(response.status, answer)
            )
        self.seen.add(f"{found.method} {found.path}")
        return cast("Json", answer) if isinstance(answer, dict) else {}


def filled(found: Operation, parameters: Mapping[str, str]) -> str:
    """Return the operation's path with its parameters filled in."""
    path = found.path
    for name, value in parameters.items():
        path = path.replace(f"{{{name}}}", value)
    return path


class CheckedSocket:
    """A realtime connection; frames of both sides are checked, findings go to ``wrong``."""

    def __init__(self, session: aiohttp.ClientSession, url: str, wrong: list[str]) -> None:
        self._session = session
        self._url = url
        self.wrong = wrong
        self.frames: list[Json] = []
        self._arrived = asyncio.Condition()
        self._calls = 0

    async def __aenter__(self) -> Self:
        self._socket = await self._session.ws_connect(self._url)
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._socket.close()
        await self._reader

    async def _read(self) -> None:
        check = compile_frames("server")
        async for frame in self._socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                break
            parsed = json.loads(frame.data)
            self.wrong.extend(check(parsed))
            async with self._arrived:
                self.frames.append(parsed)
                self._arrived.notify_all()

    async def send(self, frame: Json, *, fits: bool = True) -> None:
        """Send a frame; ``fits`` False sends one that the schema must refuse."""
        refused = compile_frames("client")(frame)
        if bool(refused) is fits:
            self.wrong.append(f"{frame}: {refused or 'should be refused'}")
        await self._socket.send_str(json.dumps(frame))

    async def wait(self, **fields: object) -> Json:
        """Return the first frame, old or new, with these fields."""

        def found() -> Json | None:
            return next((one for one in self.frames if fields.items() <= one.items()), None)

        async with asyncio.timeout(10), self._arrived:
            await self._arrived.wait_for(lambda: found() is not None)
        return cast("Json", found())

    async def event(self, collection: str, name: str, *, nth: int = 1) -> list[object]:
        """Return the arguments of the nth event of a stream."""
        async with asyncio.timeout(10), self._arrived:
            await self._arrived.wait_for(lambda: len(self.events(collection, name)) >= nth)
        return self.events(collection, name)[nth - 1]

    def events(self, collection: str, name: str) -> list[list[object]]:
        """Return the arguments of every event of a stream so far."""
        streamed = [cast("Json", one["fields"]) for one in self.frames if one.get("collection") == collection]
        return [cast("list[object]", one["args"]) for one in streamed if one.get("eventName") == name]

    async def connect(self) -> None:
        """Shake hands."""
        await self.send({"msg": "connect", "version": "1", "support": ["1", "pre2", "pre1"]})
        await self.wait(msg="connected")

    async def method(self, name: str, *params: object, fits: bool = True) -> Json:
        """Call a method and return its result frame."""
        self._calls += 1
        call = f"m{self._calls}"
        await self.send({"msg": "method", "method": name, "id": call, "params": list(params)}, fits=fits)
        return await self.wait(msg="result", id=call)

    async def subscribe(self, name: str, key: str) -> Json:
        """Subscribe to a stream and return the ready or nosub frame."""
        self._calls += 1
        call = f"s{self._calls}"
        await self.send({"msg": "sub", "id": call, "name": name, "params": [key, False]})

        def answer() -> Json | None:
            for one in self.frames:
                if one.get("msg") == "nosub" and one.get("id") == call:
                    return one
                if one.get("msg") == "ready" and call in cast("list[str]", one["subs"]):
                    return one
            return None

        async with asyncio.timeout(10), self._arrived:
            await self._arrived.wait_for(lambda: answer() is not None)
        return cast("Json", answer())
