"""The control listener: authentication, JSON, errors; the routes are in the modules beside it.

What it is for: one API under ``/control`` for every fake of a run. What it must not do: hold
state; it lives in the fakes and their kernel.
"""

import hmac
from typing import TYPE_CHECKING, Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from tolmach_mockservers.control import (
    agent_routes,
    journal_routes,
    kernel_routes,
    pachca_routes,
    rocketchat_routes,
    s3_routes,
)
from tolmach_mockservers.control.exchange import dump, failed, tell
from tolmach_mockservers.refusal import RefusalError

if TYPE_CHECKING:
    from tolmach_mockservers.server import Fakes

__all__ = ["control_app"]

PREFIX: Final = "/control"
_LARGEST_BODY: Final = 64 * 2**20
_OPEN: Final = frozenset({f"{PREFIX}/health", f"{PREFIX}/openapi.json"})


def control_app(fakes: "Fakes") -> web.Application:
    """Return the application that controls ``fakes``."""
    app = web.Application(middlewares=[_guard(fakes.control_token)], client_max_size=_LARGEST_BODY)
    app.router.add_get(f"{PREFIX}/health", tell(lambda: {"ok": True}))
    app.router.add_get(f"{PREFIX}/openapi.json", _openapi)
    for routes in (kernel_routes, journal_routes, rocketchat_routes, pachca_routes, s3_routes, agent_routes):
        for method, path, handler in routes.routes(fakes):
            app.router.add_route(method, f"{PREFIX}{path}", handler)
    return app


def _guard(token: str) -> Middleware:
    expected = f"Bearer {token}".encode()

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path not in _OPEN:
            given = request.headers.get("Authorization", "").encode()
            if not hmac.compare_digest(given, expected):
                return failed("send the header Authorization: Bearer <control.token of the ready file>", 401)
        try:
            return await handler(request)
        except RefusalError as refusal:
            return failed(refusal.message, refusal.status, field=refusal.field)
        except web.HTTPMethodNotAllowed as error:
            allowed = ", ".join(sorted(error.allowed_methods))
            return failed(f"{request.path} takes {allowed}, not {request.method}", 405)
        except web.HTTPNotFound:
            return failed(
                f"no such route: {request.method} {request.path}; {PREFIX}/openapi.json lists them", 404
            )
        except web.HTTPRequestEntityTooLarge:
            return failed(f"the body is larger than {_LARGEST_BODY} bytes", 413)

    return guard


async def _openapi(request: web.Request) -> web.StreamResponse:
    try:
        from tolmach_schemas import load
    except ModuleNotFoundError:
        return failed("the schemas are not part of this installation", 404)
    document = {**load("control/openapi"), "servers": [{"url": f"http://{request.host}{PREFIX}"}]}
    return web.json_response(document, dumps=dump)
