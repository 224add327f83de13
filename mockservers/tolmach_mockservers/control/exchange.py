"""Turn a plain function into a route of the control API.

What it is for: reading JSON and query in, writing JSON out, in one place. What it must not do:
know any route.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from aiohttp import web

from tolmach_mockservers.refusal import RefusalError

__all__ = ["Handler", "Route", "answer", "dump", "failed", "read", "read_query", "tell"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Route = tuple[str, str, Handler]
"""Method, path below the prefix, handler."""


def dump(value: object) -> str:
    """Return compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def failed(message: str, status: int, *, field: str | None = None) -> web.Response:
    """Return the error answer of the control API."""
    body = {"error": message} if field is None else {"error": message, "field": field}
    return web.json_response(body, status=status, dumps=dump)


def answer(act: Callable[[web.Request], Awaitable[Mapping[str, object]]]) -> Handler:
    """Return a handler that answers with what ``act`` returns."""

    async def handler(request: web.Request) -> web.StreamResponse:
        return web.json_response(await act(request), dumps=dump)

    return handler


def tell(act: Callable[[], Mapping[str, object]]) -> Handler:
    """Return a handler for a route that takes no input."""

    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.json_response(act(), dumps=dump)

    return handler


async def read(request: web.Request) -> object:
    """Return the body's JSON; an empty body is an empty object."""
    raw = await request.read()
    if not raw:
        return {}
    try:
        return cast("object", json.loads(raw))
    except ValueError as error:
        raise RefusalError(f"the body is not JSON: {error}") from error


def read_query(request: web.Request, whole: tuple[str, ...] = ()) -> dict[str, object]:
    """Return the query's fields; those named in ``whole`` as whole numbers."""
    given: dict[str, object] = {}
    for name, value in request.query.items():
        given[name] = int(value) if name in whole and value.lstrip("-").isdecimal() else value
    return given
