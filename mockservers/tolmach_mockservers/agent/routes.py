"""HTTP of the fake agent: authentication, routes, errors.

What it is for: POST /v1/chat/completions and GET /v1/models as an OpenAI-compatible server
answers them. What it must not do: say anything of its own; `answer` carries scripts out.

Source: https://platform.openai.com/docs/api-reference
"""

import hmac
import json
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from tolmach_mockservers.agent.answer import Answer
from tolmach_mockservers.agent.fake import MODELS, AgentFake
from tolmach_mockservers.agent.request import BadRequestError, last_user_text, parse_chat
from tolmach_mockservers.agent.wire import dump, error, model
from tolmach_mockservers.journal import Entry

__all__ = ["agent_app"]

_LARGEST_BODY: Final = 64 * 2**20
_SHOWN_HEADERS: Final = (
    "content-type",
    "accept",
    "user-agent",
    "x-turn-facts",
    "x-ocg-target",
    "x-ocg-callback",
    "idempotency-key",
    "x-stainless-retry-count",
)
_CHAT: Final = "chat/completions"


def agent_app(fake: AgentFake) -> web.Application:
    """Return the application of ``fake``."""
    routes = _Routes(fake)
    app = web.Application(client_max_size=_LARGEST_BODY)
    app.router.add_post(f"/v1/{_CHAT}", routes.chat)
    app.router.add_get("/v1/models", routes.models)
    app.router.add_get("/v1/models/{name:.+}", routes.model)
    app.router.add_route("*", "/{path:.*}", routes.unknown)
    return app


class _Routes:
    def __init__(self, fake: AgentFake) -> None:
        self._fake = fake
        self._kernel = fake.kernel
        self._bearer = f"Bearer {fake.key}".encode()
        self._created = int(fake.kernel.clock.now())

    async def chat(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        body = _json(raw)
        text = last_user_text(body)
        asked = self._kernel.journal.record(
            fake="agent",
            kind="agent.request",
            operation=_CHAT,
            text=text,
            detail={"body": _readable(raw) if body is None else body, "headers": _headers(request)},
        )
        refusal = self._unauthorized(request)
        if refusal is not None:
            return self._refused(asked, refusal, 401)
        try:
            chat = parse_chat(raw, body)
        except BadRequestError as bad:
            return self._refused(asked, bad.body, bad.status)
        self._fake.contract.request("POST", f"/v1/{_CHAT}", query=dict(request.query), body=body)
        return await Answer(self._fake, request, chat, asked).send()

    async def models(self, request: web.Request) -> web.StreamResponse:
        refusal = self._unauthorized(request)
        if refusal is not None:
            return self._plain(request, "models", refusal, 401)
        listed = [model(name, self._created) for name in MODELS]
        return self._plain(request, "models", {"object": "list", "data": listed}, 200)

    async def model(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        refusal = self._unauthorized(request)
        if refusal is not None:
            return self._plain(request, "models", refusal, 401)
        if name in MODELS:
            return self._plain(request, "models", model(name, self._created), 200)
        missing = error(f"The model '{name}' does not exist", param="model", code="model_not_found")
        return self._plain(request, "models", missing, 404)

    async def unknown(self, request: web.Request) -> web.StreamResponse:
        known = {f"/v1/{_CHAT}": "POST", "/v1/models": "GET"}
        operation = request.path.removeprefix("/v1/")
        self._kernel.violation(
            "agent",
            f"no such route: {request.method} {request.path}",
            {"known": [f"{method} {path}" for path, method in known.items()]},
            operation=operation,
        )
        if request.path in known:
            body = error(
                f"Not allowed to {request.method} on {request.path}. (HINT: Perhaps you meant to use a "
                "different HTTP method?)",
                code="method_not_supported",
            )
            return self._plain(request, operation, body, 405)
        return self._plain(request, operation, error(f"Invalid URL ({request.method} {request.path})"), 404)

    def _unauthorized(self, request: web.Request) -> dict[str, object] | None:
        given = request.headers.get("Authorization", "")
        if hmac.compare_digest(given.encode(), self._bearer):
            return None
        if not given.startswith("Bearer "):
            return error(
                "You didn't provide an API key. You need to provide your API key in an Authorization header "
                "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
            )
        key = given.removeprefix("Bearer ")
        shown = f"{key[:3]}***{key[-4:]}" if len(key) > 12 else "***"
        return error(f"Incorrect API key provided: {shown}.", code="invalid_api_key")

    def _refused(self, asked: Entry, body: Mapping[str, object], status: int) -> web.Response:
        self._fake.contract.response("POST", f"/v1/{_CHAT}", status, body)
        self._kernel.journal.record(
            fake="agent",
            kind="agent.answer",
            operation=_CHAT,
            status=status,
            detail={"outcome": "failed", "request_seq": asked.seq, "response": body},
        )
        return self._answered(body, status)

    def _plain(
        self, request: web.Request, operation: str, body: Mapping[str, object], status: int
    ) -> web.Response:
        self._kernel.journal.record(
            fake="agent",
            kind="http",
            operation=operation,
            status=status,
            detail={"method": request.method, "path": request.path, "response": body},
        )
        return self._answered(body, status)

    def _answered(self, body: Mapping[str, object], status: int) -> web.Response:
        headers = {"x-request-id": f"req_{self._fake.seed.hex_id(32)}"}
        return web.json_response(body, status=status, headers=headers, dumps=dump)


def _json(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _readable(raw: bytes) -> str:
    return raw.decode(errors="replace")


def _headers(request: web.Request) -> dict[str, str]:
    given = request.headers
    shown = {name: given[name] for name in _SHOWN_HEADERS if name in given}
    if "Authorization" in given:
        shown["authorization"] = f"{given['Authorization'].partition(' ')[0]} ***"
    return shown
