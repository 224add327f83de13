"""REST over HTTP: from a request to an operation's handler and back.

What it is for: authentication, the limiter, shapes, faults, the journal, in the vendor's order.
What it must not do: know an operation; they register themselves in `call.ROUTES`.
"""

import json
from collections.abc import Mapping
from typing import Final, cast
from urllib.parse import parse_qsl

from aiohttp import web

from tolmach_mockservers.contract import contract_for
from tolmach_mockservers.faults import Do
from tolmach_mockservers.kernel import Kernel
from tolmach_mockservers.rocketchat import (
    people,
    routes_chat,
    routes_direct,
    routes_family,
    routes_rooms,
    routes_server,
    routes_users,
)
from tolmach_mockservers.rocketchat.call import ROUTES, Call, Route
from tolmach_mockservers.rocketchat.errors import Answer, Forbidden, MeteorError, PlainError
from tolmach_mockservers.rocketchat.limits import Limited, Windows
from tolmach_mockservers.rocketchat.model import Person
from tolmach_mockservers.rocketchat.redaction import redacted
from tolmach_mockservers.rocketchat.state import State
from tolmach_mockservers.rocketchat.wire import Json, rest_error, rest_json, too_many_requests

__all__ = ["Rest"]

# Importing them is what fills the table.
REGISTERED: Final = (routes_chat, routes_direct, routes_family, routes_rooms, routes_server, routes_users)

_FAKE: Final = "rocketchat"
_PREFIX: Final = "/api/v1/"
_NOT_LOGGED_IN: Final = "You must be logged in to do this."
_UNAUTHORIZED: Final[Mapping[str, object]] = {
    "success": False,
    "error": _NOT_LOGGED_IN,
    "status": "error",
    "message": _NOT_LOGGED_IN,
}
_NAMING_ROOM: Final = ("roomId", "rid")
_NAMING_MESSAGE: Final = ("messageId", "msgId", "tmid")


class _CutError(Exception):
    """The connection ends here instead of an answer."""


class Rest:
    """Answer REST requests of one server."""

    def __init__(self, kernel: Kernel, state: State) -> None:
        self.kernel = kernel
        self.state = state
        self.contract = contract_for(kernel, _FAKE)
        self._windows = Windows()
        instance = state.secrets.meteor_id()
        self.headers = {
            "Content-Type": "application/json",
            "Cache-Control": "no-store",
            "Pragma": "no-cache",
            "X-Instance-ID": instance,
        }

    def forget_limits(self) -> None:
        """Start every limiter's window anew."""
        self._windows.clear()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request of any path below ``/api``."""
        path, method = request.path, request.method
        name = path[len(_PREFIX) :] if path.startswith(_PREFIX) else path.removeprefix("/api/")
        if name.startswith("method.call/"):
            name = "method.call"
        route = ROUTES.get(f"{method} {name}")
        if route is None:
            return self._unknown(request)
        exchange = _Exchange(self, request, route)
        try:
            return await exchange.run()
        except _CutError:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=499)

    def _unknown(self, request: web.Request) -> web.Response:
        operation = request.path.removeprefix(_PREFIX)
        self.kernel.violation(_FAKE, f"unknown route {request.method} {request.path}", operation=operation)
        self.kernel.journal.record(
            fake=_FAKE,
            kind="http",
            operation=operation,
            status=404,
            detail={"method": request.method, "path": request.path},
        )
        return web.Response(status=404, text="404 Not Found")

    def by_headers(self, request: web.Request) -> tuple[Person, str] | None:
        """Return the caller and the token, when both headers name the same user."""
        token, user_id = request.headers.get("X-Auth-Token"), request.headers.get("X-User-Id")
        if token is None or user_id is None:
            return None
        found = people.by_token(self.state, token)
        return (found[0], token) if found is not None and found[0].id == user_id else None

    def limit(self, route: Route, person: Person | None, ip: str | None) -> Limited | None:
        """Count a call; ``None`` when nobody counts."""
        settings = self.state.settings
        if not route.limited or not settings.flag("API_Enable_Rate_Limiter"):
            return None
        if person is not None and self.state.may(person, "api-bypass-rate-limit"):
            return None
        return self._windows.take(
            (ip, route.name, route.method),
            settings.number("API_Enable_Rate_Limiter_Limit_Calls_Default"),
            settings.number("API_Enable_Rate_Limiter_Limit_Time_Default"),
            self.state.now(),
        )


class _Exchange:
    """Run one request; holds what the journal will say."""

    __slots__ = ("_call", "_limited", "_request", "_rest", "_route", "_state")

    def __init__(self, rest: Rest, request: web.Request, route: Route) -> None:
        self._rest = rest
        self._request = request
        self._route = route
        self._state = rest.state
        self._call = Call(rest.state, {})
        self._limited: Limited | None = None

    async def run(self) -> web.Response:
        """Answer, whatever happens on the way."""
        raw = await self._request.read() if self._route.method == "POST" else b""
        self._call.given = self._given(raw)
        if self._rest.kernel.strict:
            self._check_request(raw)
        do = None
        try:
            self._authenticate()
            do = self._fault()
            if do is not None:
                await self._before(do)
            self._count(do)
            status = 200
            body: Mapping[str, object] = self._handle()
        except (MeteorError, PlainError, Forbidden, Answer) as error:
            if isinstance(error, MeteorError) and error.code == "error-too-many-requests":
                status, body = 429, {"success": False, "error": error.message}
            else:
                status, body = rest_error(error)
        payload = rest_json(body)
        if self._rest.kernel.strict and (do is None or do.kind != "status"):
            self._check_answer(status, payload)
        cut = "after" if do is not None and do.kind == "cut_after_commit" else None
        self._write_down(status, payload, cut=cut)
        if cut is not None:
            raise _CutError
        return self._response(status, payload)

    def _check_request(self, raw: bytes) -> None:
        query = dict(parse_qsl(self._request.rel_url.raw_query_string, keep_blank_values=True))
        body = self._call.given if raw else None
        self._rest.contract.request(self._route.method, self._template, query=query, body=body)

    def _check_answer(self, status: int, payload: bytes) -> None:
        person = self._call.caller
        actor = None if person is None else person.id
        body = json.loads(payload)
        self._rest.contract.response(self._route.method, self._template, status, body, actor=actor)

    @property
    def _template(self) -> str:
        path = self._request.path
        return f"{_PREFIX}method.call/{{method}}" if self._route.name == "method.call" else path

    def _given(self, raw: bytes) -> dict[str, object]:
        request = self._request
        if self._route.method == "GET":
            query = request.rel_url.raw_query_string
            return dict(parse_qsl(query, keep_blank_values=True)) if query else {}
        if "form" in request.content_type:
            return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
        try:
            given = json.loads(raw) if raw else {}
        except ValueError:
            # The vendor swallows it and then misses the fields.
            return {}
        return cast("dict[str, object]", given) if isinstance(given, dict) else {}

    def _authenticate(self) -> None:
        found = self._rest.by_headers(self._request)
        if found is not None:
            self._call.caller, self._call.token = found
        elif self._route.auth:
            raise Answer(401, _UNAUTHORIZED)

    def _fault(self) -> Do | None:
        faults = self._rest.kernel.faults
        if not faults.list():
            return None
        rid, _, text = self._subject()
        person = self._call.caller
        return faults.take(
            _FAKE,
            operation=self._route.name,
            actor=None if person is None else person.id,
            room_id=rid,
            direction="in",
            text=text,
        )

    async def _before(self, do: Do) -> None:
        match do.kind:
            case "delay":
                await self._rest.kernel.clock.sleep(do.seconds)
            case "cut_before" | "lose":
                self._write_down(None, b"", cut="before")
                raise _CutError
            case "status":
                body = {"success": False, "error": "Internal server error"} if do.body is None else do.body
                raise Answer(do.status, body)
            case _:
                pass

    def _count(self, do: Do | None) -> None:
        now = self._state.now()
        if do is not None and do.kind == "rate_limit":
            most = self._state.settings.number("API_Enable_Rate_Limiter_Limit_Calls_Default")
            self._limited = Limited(False, most, 0, now + int(do.wait * 1000))
        else:
            self._limited = self._rest.limit(self._route, self._call.caller, self._request.remote)
        if self._limited is not None and not self._limited.allowed:
            raise too_many_requests(max(0, self._limited.reset - now))

    def _handle(self) -> Json:
        route, call = self._route, self._call
        if route.shape is not None:
            self._check()
        body = dict(route.handler(call))
        body["success"] = True
        return body

    def _check(self) -> None:
        route, given = self._route, self._call.given
        if route.shape is None:
            return
        problems = route.shape.errors(given)
        if not problems:
            return
        unknown = sorted(set(given) - route.shape.names)
        if unknown:
            self._rest.kernel.violation(
                _FAKE,
                f"unknown field {', '.join(unknown)} in {route.method} {route.name}",
                {"fields": unknown},
                operation=route.name,
                actor=None if self._call.caller is None else self._call.caller.id,
            )
        text = "\n ".join(problems)
        if not route.typed:
            raise MeteorError("invalid-params", text)
        error_type = "invalid-params" if route.method == "POST" else "error-invalid-params"
        raise Answer(400, {"success": False, "error": text, "errorType": error_type})

    def _subject(self) -> tuple[str | None, str | None, str | None]:
        """Return room, thread and text as far as handler or request tell."""
        call, given = self._call, self._call.given
        rid, thread, text = call.room_id, call.thread_id, call.text
        inner = given.get("message")
        for source in (given, inner) if isinstance(inner, dict) else (given,):
            named = cast("Mapping[str, object]", source)
            for name in _NAMING_ROOM:
                rid = rid or _text(named.get(name))
            thread = thread or _text(named.get("tmid"))
            text = text or _text(named.get("text")) or _text(named.get("msg"))
        if rid is None:
            for name in _NAMING_MESSAGE:
                message = self._state.message(_text(given.get(name)) or "")
                if message is not None:
                    rid = message.rid
        return rid, thread, text

    def _write_down(self, status: int | None, payload: bytes, *, cut: str | None) -> None:
        rid, thread, text = self._subject()
        person = self._call.caller
        keep = self._route.writes or (status or 0) >= 400
        self._rest.kernel.journal.record(
            fake=_FAKE,
            kind="http",
            actor=None if person is None else person.id,
            room_id=rid,
            thread_id=thread,
            operation=self._route.name,
            status=status,
            text=text,
            detail=_Detail(
                self._route.method,
                self._request.path,
                self._call.given,
                payload if keep else None,
                cut,
                self._request.headers.get("X-User-Id") if person is None else None,
            ),
        )

    def _response(self, status: int, payload: bytes) -> web.Response:
        response = web.Response(body=payload, status=status, headers=self._rest.headers)
        limited = self._limited
        if limited is not None:
            response.headers["X-RateLimit-Limit"] = str(limited.limit)
            response.headers["X-RateLimit-Remaining"] = str(limited.remaining)
            response.headers["X-RateLimit-Reset"] = str(limited.reset)
        return response


class _Detail:
    """Make the journal's detail of a call when somebody reads it."""

    __slots__ = ("_claimed", "_cut", "_given", "_method", "_path", "_payload")

    def __init__(
        self,
        method: str,
        path: str,
        given: Mapping[str, object],
        payload: bytes | None,
        cut: str | None,
        claimed: str | None,
    ) -> None:
        self._method = method
        self._path = path
        self._given = given
        self._payload = payload
        self._cut = cut
        self._claimed = claimed

    def __call__(self) -> Mapping[str, object]:
        shown: Json = {"method": self._method, "path": self._path, "request": redacted(dict(self._given))}
        if self._payload:
            shown["response"] = redacted(json.loads(self._payload))
        if self._cut is not None:
            shown["cut"] = self._cut
        if self._claimed is not None:
            shown["claimed"] = self._claimed  # whom a caller without a valid credential pretends to be
        return shown


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
