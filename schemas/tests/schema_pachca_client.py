"""A bare client of Pachca that checks everything it sends and gets against the written schemas.

What it is for: driving the fake with nothing of ours between the wire and the schemas; `Receiver` does the
same for what the platform posts to a bot. What it must not do: know what an operation means.
"""

import asyncio
import hmac
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Self, cast

import aiohttp
from aiohttp import web
from schema_client import Json, filled

from tolmach_schemas import operation
from tolmach_schemas.validation import Query, compile_document, compile_operation

__all__ = ["CheckedPachca", "Receiver"]


class CheckedPachca:
    """Call operations with one token; ``seen`` collects what was called, ``wrong`` what was found."""

    def __init__(self, session: aiohttp.ClientSession, base: str, token: str) -> None:
        self._session = session
        self._base = base.rstrip("/")
        self._token = token
        self.seen: set[str] = set()
        self.wrong: list[str] = []

    def acting_with(self, token: str) -> "CheckedPachca":
        """Return a client with another token that collects into the same lists."""
        other = CheckedPachca(self._session, self._base, token)
        other.seen, other.wrong = self.seen, self.wrong
        return other

    async def call(
        self,
        name: str,
        body: object = None,
        *,
        status: int = 200,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
        url: str | None = None,
        **at: object,
    ) -> Json:
        """Call ``METHOD path``, its parameters filled in by ``at``; return the body if it is an object.

        ``url`` is where it really lies, if not below the API; such a place gets no token.
        """
        found = operation(name, "pachca")
        checks = compile_operation(name, "pachca")
        self.wrong.extend(f"{name} request: {line}" for line in checks.request(query, shown(body)))
        kinds = cast("Mapping[str, Mapping[str, object]]", found.described).get("requestBody", {})
        kind = next(iter(cast("Mapping[str, object]", kinds.get("content", {"none": None}))))
        fields = cast("Mapping[str, str | bytes]", body)
        sent: Json = {"json": body}
        if kind != "application/json" and body is not None:
            sent = {"data": dict(fields) if "urlencoded" in kind else multipart(fields)}
        authorization = {} if url or not self._token else {"Authorization": f"Bearer {self._token}"}
        async with self._session.request(
            found.method,
            url or self._base + filled(found, {key: str(value) for key, value in at.items()}),
            params=pairs(query or {}),
            headers={**authorization, **(headers or {})},
            allow_redirects=False,
            json=sent.get("json"),
            data=sent.get("data"),
        ) as response:
            raw = await response.read()
            answer = read(raw, response.content_type)
            if response.status != status:
                self.wrong.append(f"{name}: status {response.status}, not {status}: {raw[:300]!r}")
            self.wrong.extend(
                f"{name} {response.status} {line}" for line in checks.response(response.status, answer)
            )
            location = response.headers.get("Location")
        self.seen.add(f"{found.method} {found.path}")
        if location:
            return {"location": location}
        return cast("Json", answer) if isinstance(answer, dict) else {}

    async def data(
        self,
        name: str,
        body: object = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **at: object,
    ) -> Json:
        """Call and return the object that lies under ``data``."""
        answer = await self.call(name, body, status=status, query=None, headers=headers, url=None, **at)
        found = answer.get("data")
        return cast("Json", found) if isinstance(found, dict) else {}


def shown(body: object) -> object:
    """Return a body for the check, which takes text for bytes."""
    if not isinstance(body, dict):
        return body
    fields = cast("Json", body)
    return {name: "" if isinstance(value, bytes) else value for name, value in fields.items()}


def multipart(fields: Mapping[str, str | bytes]) -> aiohttp.FormData:
    """Return a form whose bytes are files."""
    form = aiohttp.FormData()
    for name, value in fields.items():
        if isinstance(value, bytes):
            form.add_field(name, value, filename=f"{name}.png", content_type="image/png")
        else:
            form.add_field(name, value)
    return form


def pairs(query: Query) -> list[tuple[str, str]]:
    """Return the query as it travels, names repeated for lists."""
    listed = [(name, [value] if isinstance(value, str) else value) for name, value in query.items()]
    return [(name, one) for name, values in listed for one in values]


def read(raw: bytes, kind: str) -> object:
    """Return an answer's body as its kind says: parsed, text or bytes; None for nothing."""
    if not raw:
        return None
    if kind == "application/json":
        return cast("object", json.loads(raw))
    return raw.decode() if kind.startswith("text/") or kind.endswith("xml") else raw


class Receiver:
    """A bot's outgoing address on loopback: every payload is checked, with its signature."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._check = compile_document("pachca/webhooks/payload")
        self._arrived = asyncio.Condition()
        self.payloads: list[Json] = []
        self.wrong: list[str] = []
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/hook", self._receive)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = cast("tuple[str, int]", self._runner.addresses[0])[1]
        self.url = f"http://127.0.0.1:{port}/hook"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        raw = await request.read()
        payload = cast("Json", json.loads(raw))
        signed = hmac.digest(self._secret.encode(), raw, "sha256").hex()
        # The notice of an export goes to the address of a request, which has no secret.
        if payload.get("type") != "export" and request.headers.get("pachca-signature") != signed:
            self.wrong.append(f"the signature is not that of {raw[:200]!r}")
        if request.headers.get("content-type") != "application/json":
            self.wrong.append(f"content type {request.headers.get('content-type')}")
        self.wrong.extend(
            f"webhook {payload.get('type')} {payload.get('event')}{line}" for line in self._check(payload)
        )
        async with self._arrived:
            self.payloads.append(payload)
            self._arrived.notify_all()
        return web.Response()

    async def wait(self, kind: str, event: str, count: int = 1) -> Json:
        """Return the count-th payload of a type and event, old or new."""
        async with asyncio.timeout(10), self._arrived:
            await self._arrived.wait_for(lambda: len(self.of(kind, event)) >= count)
        return self.of(kind, event)[count - 1]

    def of(self, kind: str, event: str) -> list[Json]:
        """Return the payloads of a type and event so far."""
        return [one for one in self.payloads if (one.get("type"), one.get("event")) == (kind, event)]
