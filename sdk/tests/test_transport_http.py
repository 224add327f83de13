"""The one call site, against servers that answer literal bytes or none."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from tolmach.errors import (
    ApiError,
    ConnectFailed,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    RemoteError,
    RemoteProtocolError,
    ServerFailed,
    Unauthorized,
)
from tolmach.transport.http import Body, Dialect, Http
from tolmach.transport.problem import Problem
from tolmach.transport.retry import Safety

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"success":true}'
FAILED = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\n{}"
TOO_MANY = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n"
CUT = b""
HANG = None

Answer = bytes | None


class SteppingClock:
    """Pass the time that is asked for at once, and remember it."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


class Script:
    """Answer each request of a server with the next item; the last one repeats."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.url = ""
        self.connections = 0
        self.writer: asyncio.StreamWriter | None = None

    async def hang_up(self) -> None:
        """Close the connection and let the client notice."""
        assert self.writer is not None
        self.writer.close()
        await self.writer.wait_closed()
        for _ in range(10):
            await asyncio.sleep(0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writer = writer
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = 0
                for line in head.split(b"\r\n"):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                self.requests.append(head + await reader.readexactly(length))
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if answer is HANG:
                    await reader.read()
                    return
                if answer == CUT:
                    return
                writer.write(answer)
                await writer.drain()
                if b"connection: close" in answer.lower():
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def script(*answers: Answer) -> AsyncIterator[Script]:
    scripted = Script(answers)
    server = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
    scripted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield scripted
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def client(
    url: str, *, dialect: Dialect | None = None, timeout: float = 5.0
) -> AsyncIterator[tuple[Http, SteppingClock]]:
    clock = SteppingClock()
    http = Http(url, clock=clock, dialect=dialect, timeout=timeout)
    try:
        yield http, clock
    finally:
        await http.aclose()


def json_answer(status: int, body: bytes, *headers: bytes) -> bytes:
    head = [b"HTTP/1.1 %d X" % status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


async def test_a_call_carries_credential_agent_and_compact_json() -> None:
    dialect = Dialect(headers=lambda: {"X-Auth-Token": "tok", "X-User-Id": "uid"})
    async with script(OK) as server, client(server.url, dialect=dialect) as (http, _):
        answer = await http.send(
            "POST", "/chat.sendMessage", json={"a": [1, None]}, query={"x": "a b", "no": None}
        )
    assert answer == {"success": True}
    request = server.requests[0].decode()
    assert request.startswith("POST /chat.sendMessage?x=a+b HTTP/1.1\r\n")
    assert "X-Auth-Token: tok\r\n" in request
    assert "User-Agent: tolmach/" in request
    assert request.endswith('\r\n\r\n{"a":[1,null]}')


async def test_an_unsigned_call_carries_no_credential() -> None:
    dialect = Dialect(headers=lambda: {"X-Auth-Token": "tok"})
    async with script(OK) as server, client(server.url, dialect=dialect) as (http, _):
        await http.send("POST", "/login", json={}, signed=False)
    assert b"X-Auth-Token" not in server.requests[0]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ApiError),
        (401, Unauthorized),
        (402, ApiError),
        (403, Forbidden),
        (404, NotFound),
        (429, RateLimited),
        (500, ServerFailed),
        (503, ServerFailed),
    ],
)
@pytest.mark.parametrize(
    "body", [b"", b"null", b"<html><h1>No</h1></html>", b"[1]", b'"text"', b"\xff\xfe", b"{", b"[" * 5000]
)
async def test_the_status_decides_whatever_the_body_is(
    status: int, kind: type[ApiError], body: bytes
) -> None:
    async with script(json_answer(status, body)) as server, client(server.url) as (http, _):
        with pytest.raises(ApiError) as caught:
            await http.send("POST", "/x", safety=Safety.ONCE)
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert str(caught.value).startswith("POST x: ")


@pytest.mark.parametrize("body", [b"", b"null", b" \n"])
async def test_a_good_answer_may_be_empty(body: bytes) -> None:
    async with script(json_answer(200, body)) as server, client(server.url) as (http, _):
        assert await http.send("POST", "/x") == {}


async def test_a_page_of_html_with_status_200_is_no_answer_of_a_server() -> None:
    page = json_answer(200, b"<html>Log in to the wifi</html>", b"Content-Type: text/html; charset=utf-8")
    async with script(page) as server, client(server.url) as (http, _):
        with pytest.raises(RemoteProtocolError, match=r"text/html.*right server"):
            await http.send("GET", "/me")
    assert len(server.requests) == 1


async def test_a_redirect_is_not_followed_so_the_credential_stays_here() -> None:
    moved = json_answer(302, b"", b"Location: https://elsewhere.example/login?next=secret")
    async with script(moved) as server, client(server.url) as (http, _):
        with pytest.raises(RemoteProtocolError, match=r"redirected to https://elsewhere\.example/login;"):
            await http.send("GET", "/me")


async def test_what_is_not_http_is_a_protocol_error() -> None:
    async with (
        script(b"SSH-2.0-OpenSSH_9.6\r\nConnection: close\r\n\r\n") as server,
        client(server.url) as (http, _),
    ):
        with pytest.raises(RemoteProtocolError):
            await http.send("POST", "/x", json={})


async def test_nobody_listening_means_nothing_was_sent_and_is_tried_three_times() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with client(f"http://127.0.0.1:{taken.getsockname()[1]}") as (http, clock):
            with pytest.raises(ConnectFailed):
                await http.send("POST", "/chat.sendMessage", json={})
    assert clock.slept == [0.5, 1.0]


@pytest.mark.parametrize("answer", [CUT, HANG])
async def test_a_write_without_an_answer_is_unknown_and_made_once(answer: Answer) -> None:
    async with script(answer) as server, client(server.url, timeout=0.2) as (http, clock):
        with pytest.raises(OutcomeUnknown):
            await http.send("POST", "/chat.postMessage", json={})
    assert len(server.requests) == 1
    assert clock.slept == []


async def test_a_write_on_a_reused_connection_that_dies_is_unknown_and_made_once() -> None:
    async with script(OK, CUT) as server, client(server.url) as (http, _):
        await http.send("POST", "/first", json={})
        with pytest.raises(OutcomeUnknown):
            await http.send("POST", "/second", json={})
    assert server.connections == 1
    assert len(server.requests) == 2


async def test_a_connection_that_the_server_closed_meanwhile_is_not_used_again() -> None:
    async with script(OK) as server, client(server.url) as (http, _):
        await http.send("POST", "/first", json={})
        await server.hang_up()
        await http.send("POST", "/second", json={})
    assert server.connections == 2


async def test_an_answer_cut_in_the_middle_is_unknown_for_a_write() -> None:
    half = b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{"success":'
    async with script(half) as server, client(server.url) as (http, _):
        with pytest.raises(OutcomeUnknown):
            await http.send("POST", "/chat.postMessage", json={})
    assert len(server.requests) == 1


async def test_an_error_cut_in_the_middle_is_still_that_error() -> None:
    half = b'HTTP/1.1 403 No\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{"success":'
    async with script(half) as server, client(server.url) as (http, _):
        with pytest.raises(Forbidden):
            await http.send("POST", "/x", json={})


async def test_a_write_is_not_repeated_after_a_server_error() -> None:
    async with script(FAILED) as server, client(server.url) as (http, _):
        with pytest.raises(ServerFailed):
            await http.send("POST", "/chat.postMessage", json={})
    assert len(server.requests) == 1


async def test_a_read_is_tried_three_times() -> None:
    async with script(FAILED, HANG, OK) as server, client(server.url, timeout=0.2) as (http, clock):
        assert await http.send("GET", "/me") == {"success": True}
    assert len(server.requests) == 3
    assert clock.slept == [0.5, 1.0]


async def test_a_read_that_fails_for_good_says_why() -> None:
    async with script(FAILED) as server, client(server.url) as (http, _):
        with pytest.raises(ServerFailed):
            await http.send("GET", "/me")
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_refusal_is_never_repeated(status: int) -> None:
    async with script(json_answer(status, b"{}")) as server, client(server.url) as (http, clock):
        with pytest.raises(ApiError):
            await http.send("GET", "/x")
    assert len(server.requests) == 1
    assert clock.slept == []


async def test_a_write_that_is_too_early_waits_as_stated_three_tries_in_all() -> None:
    async with script(TOO_MANY) as server, client(server.url) as (http, clock):
        with pytest.raises(RateLimited) as caught:
            await http.send("POST", "/x", json={})
    assert caught.value.retry_after == 2.0
    assert clock.slept == [2.0, 2.0]
    assert len(server.requests) == 3


async def test_others_on_the_same_route_wait_too() -> None:
    async with script(TOO_MANY, OK) as server, client(server.url) as (http, clock):
        with pytest.raises(RateLimited):
            await http.send("POST", "/x", json={}, safety=Safety.ONCE)
        await http.send("POST", "/x", json={})
    assert clock.slept == [2.0]


async def test_a_reset_in_milliseconds_is_waited_for_before_being_refused() -> None:
    last = json_answer(
        200, b"{}", b"X-RateLimit-Limit: 10", b"X-RateLimit-Remaining: 0", b"X-RateLimit-Reset: 1700000004500"
    )
    async with script(last, OK) as server, client(server.url) as (http, clock):
        await http.send("POST", "/x", json={})
        await http.send("POST", "/x", json={})
    assert clock.slept == [4.5]


async def test_the_end_of_a_window_is_no_wait_for_another_error() -> None:
    reset = b"X-RateLimit-Reset: 1700000055000"
    failed = json_answer(500, b"{}", b"X-RateLimit-Remaining: 5", reset)
    async with script(failed, OK) as server, client(server.url) as (http, clock):
        await http.send("GET", "/x")
    assert clock.slept == [0.5]


async def test_a_call_made_once_does_not_wait_for_its_turn() -> None:
    async with script(TOO_MANY) as server, client(server.url) as (http, clock):
        for _ in range(2):
            with pytest.raises(RateLimited):
                await http.send("GET", "/me", safety=Safety.ONCE)
    assert len(server.requests) == 1
    assert clock.slept == []


async def test_a_wait_beyond_the_cap_is_refused_here() -> None:
    closed = json_answer(429, b"{}", b"Retry-After: 86400")
    async with script(closed) as server, client(server.url) as (http, clock):
        for _ in range(2):
            with pytest.raises(RateLimited) as caught:
                await http.send("POST", "/x", json={})
            assert caught.value.retry_after == 86400
    assert clock.slept == []
    assert len(server.requests) == 1


async def test_a_dialect_may_find_a_refusal_behind_status_200() -> None:
    dialect = Dialect(
        refuses=lambda body: body.get("success") is False,
        read_problem=lambda status, body: Problem(message="no", code="error-x"),
    )
    async with (
        script(json_answer(200, b'{"success":false}')) as server,
        client(server.url, dialect=dialect) as (http, _),
    ):
        with pytest.raises(ApiError, match=r"no \[error-x\]") as caught:
            await http.send("GET", "/x")
    assert caught.value.status == 200


async def test_a_refused_credential_is_reported_but_not_a_refused_login() -> None:
    heard: list[Unauthorized] = []
    async with script(json_answer(401, b"{}")) as server, client(server.url) as (http, _):
        http.on_unauthorized = heard.append
        with pytest.raises(Unauthorized):
            await http.send("POST", "/login", json={}, signed=False)
        assert heard == []
        with pytest.raises(Unauthorized):
            await http.send("GET", "/me")
    assert len(heard) == 1


Look = Callable[[RemoteError], Awaitable[Body | None]]


def lacking(*found: Body | RemoteError | None) -> tuple[list[RemoteError], Look]:
    asked: list[RemoteError] = []
    answers = list(found)

    async def look(error: RemoteError) -> Body | None:
        asked.append(error)
        answer = answers.pop(0)
        if isinstance(answer, RemoteError):
            raise answer
        return answer

    return asked, look


async def test_a_keyed_write_is_looked_for_before_it_is_repeated() -> None:
    asked, look = lacking(None)
    async with script(CUT, OK) as server, client(server.url) as (http, _):
        await http.send("POST", "/x", json={}, safety=Safety.KEYED, reconcile=look)
    assert [type(error) for error in asked] == [OutcomeUnknown]
    assert len(server.requests) == 2


async def test_a_keyed_write_that_was_found_is_not_repeated() -> None:
    _, look = lacking({"found": 1})
    async with script(FAILED) as server, client(server.url) as (http, _):
        answer = await http.send("POST", "/x", json={}, safety=Safety.KEYED, reconcile=look)
    assert answer == {"found": 1}
    assert len(server.requests) == 1


async def test_a_keyed_write_whose_fate_cannot_be_seen_is_reported_and_not_repeated() -> None:
    _, look = lacking(ConnectFailed("gone"))
    async with script(CUT) as server, client(server.url) as (http, _):
        with pytest.raises(OutcomeUnknown, match="looking failed"):
            await http.send("POST", "/x", json={}, safety=Safety.KEYED, reconcile=look)
    assert len(server.requests) == 1


async def test_a_keyed_write_unclear_to_the_end_is_unknown() -> None:
    _, look = lacking(None, None, None)
    async with script(FAILED) as server, client(server.url) as (http, clock):
        with pytest.raises(OutcomeUnknown, match="it may have happened"):
            await http.send("POST", "/x", json={}, safety=Safety.KEYED, reconcile=look)
    assert len(server.requests) == 3
    assert clock.slept == [0.5, 1.0]


async def test_a_failed_handshake_is_not_tried_again() -> None:
    connections = 0

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.read(1)
        # A TLS alert: handshake failure.
        writer.write(b"\x15\x03\x03\x00\x02\x02\x28")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    try:
        async with client(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}") as (http, clock):
            with pytest.raises(ConnectFailed):
                await http.send("GET", "/me")
    finally:
        server.close()
        await server.wait_closed()
    assert connections == 1
    assert clock.slept == []
