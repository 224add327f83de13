"""The API over HTTP: from a request to an operation's handler and back.

What it is for: tokens, limits, scopes, shapes, faults, the journal, in the vendor's order. What it
must not do: know an operation; they register themselves in `call.ROUTES`.
"""

import json
from collections.abc import Hashable, Mapping
from typing import Final, cast
from urllib.parse import parse_qsl, unquote

from aiohttp import MultipartReader, web

from tolmach_mockservers.contract import Contract, NoContract, contract_for
from tolmach_mockservers.faults import Do
from tolmach_mockservers.kernel import Kernel
from tolmach_mockservers.pachca import (
    routes_bots,
    routes_chats,
    routes_forms,
    routes_messages,
    routes_people,
    routes_work,
)
from tolmach_mockservers.pachca.call import Answer, Call, Route
from tolmach_mockservers.pachca.errors import ApiError, Fault, Item, Limited, OAuthError, wrong
from tolmach_mockservers.pachca.journal import Detail, subject
from tolmach_mockservers.pachca.limits import Windows
from tolmach_mockservers.pachca.scopes import HOLDERS, holder
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.tree import Node, tree
from tolmach_mockservers.pachca.wire import dump, refused

__all__ = ["PREFIX", "Api"]

# Importing them is what fills the table.
REGISTERED: Final = (routes_bots, routes_chats, routes_forms, routes_messages, routes_people, routes_work)

FAKE: Final = "pachca"
PREFIX: Final = "/api/shared/v1"
_JSON: Final = "application/json; charset=utf-8"
_TOKEN_SEEN_MS: Final = 3_600_000


class _CutError(Exception):
    """The connection ends here instead of an answer."""


def _contract(kernel: Kernel) -> Contract:
    if not kernel.strict:
        return NoContract()
    from tolmach_schemas import load

    try:
        load("pachca/openapi")
    except (KeyError, FileNotFoundError, ModuleNotFoundError):
        return NoContract()
    return contract_for(kernel, FAKE)


class Api:
    """Answer requests of one workspace."""

    def __init__(self, kernel: Kernel, state: State) -> None:
        self.kernel = kernel
        self.state = state
        self.windows = Windows()
        self.contract = _contract(kernel)
        self._root = tree()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request below the API's prefix."""
        words = request.path[len(PREFIX) :].strip("/").split("/")
        node: Node | None = self._root
        for word in words:
            if node is None:
                break
            node = node.words.get(word) or node.any
        method = request.method
        if (
            method == "POST"
            and node is not None
            and words[-1] == "avatar"
            and self.state.settings.post_avatars
        ):
            method = "PUT"
        found = None if node is None else node.routes.get(method)
        if found is None:
            return self._unknown(request)
        route, names = found
        path = {name: unquote(words[place]) for place, name in names}
        try:
            return await _Exchange(self, request, route, path).run()
        except _CutError:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=499)

    def _unknown(self, request: web.Request) -> web.Response:
        path = request.path[len(PREFIX) :]
        operation = f"{request.method} {path}"
        self.kernel.violation(FAKE, f"unknown route {operation}", operation=operation)
        self.kernel.journal.record(
            fake=FAKE,
            kind="http",
            operation=operation,
            status=404,
            detail={"path": path, "method": request.method},
        )
        body = dump({"errors": [Item("base", "not_found").document()]})
        return web.Response(status=404, body=body, headers={"Content-Type": _JSON})


class _Exchange:
    """Run one request; holds what the journal will say."""

    __slots__ = ("_api", "_call", "_query", "_raw", "_request", "_route", "_state", "_unknown")

    def __init__(self, api: Api, request: web.Request, route: Route, path: dict[str, str]) -> None:
        self._api = api
        self._request = request
        self._route = route
        self._state = api.state
        self._raw: object = None
        self._query: dict[str, str | list[str]] = {}
        self._unknown: list[str] = []
        self._call = Call(api.state, path, headers=request.headers, unknown=self._unknown)

    async def run(self) -> web.StreamResponse:
        """Answer, whatever happens on the way."""
        do: Do | None = None
        cut = False
        try:
            await self._receive()
            self._authenticate()
            do = self._fault()
            cut = do is not None and do.kind == "cut_after_commit"
            if do is not None:
                await self._before(do)
            self._limit()
            self._authorize()
            self._read()
            result = self._route.handler(self._call)
            answer = result if isinstance(result, Answer) else Answer(self._route.status, result)
            status, body, headers = self._answered(answer)
        except Fault as fault:
            refusal = refused(fault, self._route.documented)
            status, body, headers = refusal.status, refusal.body, refusal.headers
        except _AnsweredError as answered:
            status, body, headers = answered.status, answered.body, answered.headers
        if self._unknown:
            names = sorted(set(self._unknown))
            self._violation(f"unknown field {', '.join(names)} in {self._route.name}", {"fields": names})
        if self._api.kernel.strict and (do is None or do.kind != "status"):
            self._check(status, body, headers)
        self._write_down(status, body, "after" if cut else None)
        if cut:
            raise _CutError
        return web.Response(body=body, status=status, headers=headers)

    def _answered(self, answer: Answer) -> tuple[int, bytes, Mapping[str, str]]:
        if answer.raw is not None:
            headers = dict(answer.headers)
            if answer.raw and "Content-Type" not in headers:
                headers["Content-Type"] = _JSON
            return answer.status, answer.raw, headers
        if answer.body is None:
            return answer.status, b"", answer.headers
        return answer.status, dump(answer.body), {"Content-Type": _JSON, **answer.headers}

    async def _receive(self) -> None:
        """Take the bytes in; what they mean is judged after the token."""
        query = self._request.rel_url.raw_query_string
        if query:
            for name, value in parse_qsl(query, keep_blank_values=True):
                if name.endswith("[]"):
                    cast("list[str]", self._query.setdefault(name, [])).append(value)
                else:
                    self._query[name] = value
        kind = self._route.kind
        if kind == "image":
            await self._receive_image()
        elif kind == "form":
            self._raw = dict(parse_qsl((await self._request.text()), keep_blank_values=True))
        elif self._request.body_exists:
            self._raw = await self._request.read() or None

    async def _receive_image(self) -> None:
        if not self._request.content_type.startswith("multipart/"):
            await self._request.read()
            return
        reader = await self._request.multipart()
        while (part := await reader.next()) is not None:
            if isinstance(part, MultipartReader):
                continue
            body = bytes(await part.read())
            if part.name == "image":
                self._call.image = (part.filename or "", body)
            else:
                self._unknown.append(str(part.name))

    def _authenticate(self) -> None:
        if self._route.scope is None:
            return
        header = self._request.headers.get("Authorization", "")
        kind, _, value = header.partition(" ")
        state = self._state
        if not value or kind.lower() != "bearer":
            raise OAuthError(401, "invalid_token", "Access token is missing")
        token = state.tables.tokens.get(value.strip())
        user = None if token is None else state.tables.users.get(token.user_id)
        if token is None or user is None or not user.active:
            raise OAuthError(401, "invalid_token", "Access token is invalid")
        now = state.now()
        if token.expires_in is not None and now >= token.created_at + token.expires_in * 1000:
            raise OAuthError(401, "invalid_token", "Access token is expired")
        if token.last_used_at is None or now - token.last_used_at >= _TOKEN_SEEN_MS:
            token.last_used_at = now
        self._call.caller, self._call.token = user, token

    def _fault(self) -> Do | None:
        faults = self._api.kernel.faults
        if not faults.list():
            return None
        room, _, text = subject(self._call, self._given(), self._query)
        caller = self._call.caller
        return faults.take(
            FAKE,
            operation=self._route.name,
            actor=None if caller is None else str(caller.id),
            room_id=room,
            direction="in",
            text=text,
        )

    async def _before(self, do: Do) -> None:
        match do.kind:
            case "delay":
                await self._api.kernel.clock.sleep(do.seconds)
            case "cut_before" | "lose":
                self._write_down(None, b"", "before")
                raise _CutError
            case "rate_limit":
                raise Limited(max(1, round(do.wait)))
            case "status":
                # Servers in trouble rarely answer in JSON.
                if do.body is None:
                    text = f"<html><body><h1>{do.status}</h1></body></html>".encode()
                    raise _AnsweredError(do.status, text, {"Content-Type": "text/html"})
                raise _AnsweredError(do.status, dump(do.body), {"Content-Type": _JSON})
            case _:
                pass

    def _limit(self) -> None:
        token, route, state = self._call.token, self._route, self._state
        if token is None or not state.settings.rate_limits:
            return
        wanted: list[tuple[str, Hashable]] = [(route.limit, token.id)]
        if route.limit == "write":
            room, thread, _ = subject(self._call, self._given(), self._query)
            wanted.append(("write_chat", (token.id, room, thread)))
        elif route.name == "GET /chats" and "page" in self._query:
            wanted = [("chats_by_page", token.id)]
        wait = self._api.windows.wait(wanted, state.clock.now())
        if wait:
            raise Limited(wait)

    def _authorize(self) -> None:
        state, route = self._state, self._route
        if not state.settings.paid and route.scope is not None:
            raise ApiError(402, Item("base", "payment_required"))
        user, token = self._call.caller, self._call.token
        if user is None or token is None or not route.scope:
            return
        scope = route.scope
        if scope not in token.scopes:
            raise OAuthError(403, "insufficient_scope", f"Insufficient scope. Required: {scope}", scope)
        if holder(user.role, owner=user.owner, bot=user.bot is not None) not in HOLDERS[scope]:
            raise OAuthError(403, "role_forbidden", "Your role does not allow this")
        if route.plan and state.settings.plan != "corporation":
            raise ApiError(403, Item("base", "access_denied"))

    def _given(self) -> Mapping[str, object]:
        """Return the body's fields as far as they can be read."""
        if isinstance(self._raw, bytes):
            try:
                self._raw = json.loads(self._raw)
            except ValueError:
                return {}
        return cast("Mapping[str, object]", self._raw) if isinstance(self._raw, dict) else {}

    def _read(self) -> None:
        route, call = self._route, self._call
        if route.query is not None:
            call.query = self._from_query()
        elif self._query:
            self._unknown.extend(f"?{name}" for name in self._query)
        if route.body is None:
            return
        given = self._given()
        if isinstance(self._raw, bytes) or (self._raw is not None and not isinstance(self._raw, dict)):
            self._violation(f"the body of {route.name} is no JSON object")
            raise wrong("base", "invalid", status=400)
        call.body = route.body.read(given, self._unknown)

    def _from_query(self) -> dict[str, object]:
        assert self._route.query is not None
        unknown: list[str] = []
        try:
            read = self._route.query.read(
                {name: value for name, value in self._query.items() if value != ""}, unknown
            )
        except ApiError as error:
            raise ApiError(400, *error.items) from None
        finally:
            self._unknown.extend(f"?{name}" for name in unknown)
        return read

    def _violation(self, what: str, detail: Mapping[str, object] | None = None) -> None:
        caller = self._call.caller
        self._api.kernel.violation(
            FAKE,
            what,
            detail,
            operation=self._route.name,
            actor=None if caller is None else str(caller.id),
        )

    def _check(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        caller, route = self._call.caller, self._route
        actor = None if caller is None else str(caller.id)
        if route.kind != "image":
            given = self._given() if self._raw is not None else None
            query = cast("Mapping[str, str]", self._query)
            self._api.contract.request(route.method, route.template, query=query, body=given, actor=actor)
        kind = headers.get("Content-Type", "")
        shown: object = (
            json.loads(body) if body and "json" in kind else (body.decode("utf-8", "replace") or None)
        )
        self._api.contract.response(route.method, route.template, status, shown, actor=actor)

    def _write_down(self, status: int | None, body: bytes, cut: str | None) -> None:
        room, thread, text = subject(self._call, self._given(), self._query)
        caller = self._call.caller
        keep = self._route.method != "GET" or (status or 0) >= 400
        self._api.kernel.journal.record(
            fake=FAKE,
            kind="http",
            actor=None if caller is None else str(caller.id),
            room_id=room,
            thread_id=thread,
            operation=self._route.name,
            status=status,
            text=text,
            detail=Detail(
                self._route.method,
                self._request.path[len(PREFIX) :],
                self._query,
                self._given(),
                body if keep else b"",
                cut,
                self._claimed() if caller is None and status == 401 else None,
            ),
        )

    def _claimed(self) -> int | None:
        """Return whose token it was that is dead now; who calls with it is nobody."""
        value = self._request.headers.get("Authorization", "").partition(" ")[2].strip()
        return self._state.tables.dead_tokens.get(value)


class _AnsweredError(Exception):
    """A fault answers in the place of the operation."""

    def __init__(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        super().__init__(str(status))
        self.status = status
        self.body = body
        self.headers = headers
