import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from tolmach.agent.answer import AnswerPart, Called, Ended, Said
from tolmach.agent.client import AgentClient, endpoint_of
from tolmach.agent.models import ChatMessage, ChatRequest, FunctionSpec, ToolSpec
from tolmach.errors import (
    ApiError,
    ConnectFailed,
    OutcomeUnknown,
    RateLimited,
    RemoteProtocolError,
    ServerFailed,
    Unauthorized,
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HELLO = (
    b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"},"finish_reason":null}]}\n\n'
)
LO = b'data: {"choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":null}]}\n\n'
STOP = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"
WHOLE = {"id": "c1", "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}}]}


class FakeClock:
    """Move only when told; remember every sleep."""

    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.slept: list[float] = []
        self.waiting: list[tuple[float, asyncio.Event]] = []
        self.started = asyncio.Event()

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if seconds < 300:
            self.time += seconds
            return
        event = asyncio.Event()
        self.waiting.append((self.time + seconds, event))
        self.started.set()
        await event.wait()

    def advance(self, seconds: float) -> None:
        self.time += seconds
        for due, event in self.waiting:
            if due <= self.time:
                event.set()


class Stub:
    """Answer with the handlers given, the last one repeating."""

    def __init__(self) -> None:
        self.handlers: list[Handler] = []
        self.requests: list[tuple[dict[str, str], dict[str, object]]] = []
        self.url = ""
        self.gone = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((dict(request.headers), await request.json()))
        handler = self.handlers[min(len(self.requests), len(self.handlers)) - 1]
        try:
            return await handler(request)
        except (asyncio.CancelledError, ConnectionResetError):
            self.gone.set()
            raise


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    stub = Stub()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", stub.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    stub.url = f"http://127.0.0.1:{port}/v1"
    yield stub
    await runner.cleanup()


def streams(*pieces: bytes, cut: bool = False, content_type: str = "text/event-stream") -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": content_type})
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
            await asyncio.sleep(0)
        if cut:
            assert request.transport is not None
            request.transport.abort()
        return response

    return handler


def says(document: object, status: int = 200, headers: dict[str, str] | None = None) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        body = document if isinstance(document, str) else json.dumps(document)
        return web.Response(text=body, status=status, headers=headers, content_type="application/json")

    return handler


def hangs_after(*pieces: bytes) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        if pieces:
            await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
        await asyncio.Event().wait()
        return response

    return handler


REQUEST = ChatRequest(model="m", messages=[ChatMessage(role="user", content="hi")], stream=True, user="s:1")


async def answer(
    stub: Stub, *handlers: Handler, clock: FakeClock | None = None, request: ChatRequest = REQUEST
) -> list[AnswerPart]:
    stub.handlers = list(handlers)
    agent = AgentClient(stub.url, api_key="sk-secret", clock=clock or FakeClock())
    try:
        return [part async for part in agent.ask(request)]
    finally:
        await agent.aclose()


HELLO_ANSWER = [Said("Hel"), Said("lo"), Ended("stop")]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param((HELLO, LO, STOP, DONE), id="the whole protocol"),
        pytest.param((HELLO + LO, STOP), id="finish reason without DONE"),
        pytest.param((HELLO, LO, DONE), id="DONE without finish reason"),
        pytest.param((HELLO, LO), id="neither, but a clean end of the body"),
        pytest.param((HELLO[:20], HELLO[20:] + LO[:50], LO[50:] + STOP[:-1], STOP[-1:] + DONE), id="split"),
        pytest.param(((HELLO + LO + STOP + DONE).replace(b"\n", b"\r\n"),), id="carriage returns"),
        pytest.param((b": keep-alive\n\n", HELLO, b": ping\n\n", LO, STOP, DONE), id="comments"),
        pytest.param(
            (HELLO, LO, STOP, b'data: {"choices":[],"usage":{"total_tokens":3}}\n\n', DONE), id="usage"
        ),
    ],
)
async def test_a_stream_is_read(stub: Stub, pieces: tuple[bytes, ...]):
    assert await answer(stub, streams(*pieces)) == HELLO_ANSWER


async def test_a_stream_is_read_whatever_its_content_type_says(stub: Stub):
    handler = streams(HELLO, LO, STOP, DONE, content_type="text/plain")
    assert await answer(stub, handler) == HELLO_ANSWER


async def test_one_json_document_may_answer_a_streaming_request(stub: Stub):
    assert await answer(stub, says(WHOLE)) == [Said("Hello"), Ended("stop")]
    mislabelled = streams(json.dumps(WHOLE).encode())
    assert await answer(stub, mislabelled) == [Said("Hello"), Ended("stop")]


async def test_content_as_a_list_of_parts_and_a_refusal_are_text(stub: Stub):
    parts = {
        "choices": [{"message": {"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}}]
    }
    assert await answer(stub, says(parts)) == [Said("ab"), Ended("stop")]
    refusal = b'data: {"choices":[{"delta":{"refusal":"I will not."},"finish_reason":"stop"}]}\n\n'
    assert await answer(stub, streams(refusal, DONE)) == [Said("I will not."), Ended("stop")]


async def test_an_empty_answer_is_an_answer(stub: Stub):
    assert await answer(stub, streams(STOP, DONE)) == [Ended("stop")]
    assert await answer(stub, says({"choices": [{"message": {"content": None}}]})) == [Ended("stop")]


async def test_tool_calls_are_put_together_from_their_pieces(stub: Stub):
    pieces = [
        {
            "tool_calls": [
                {"index": 0, "id": "a1", "type": "function", "function": {"name": "message", "arguments": ""}}
            ]
        },
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"action":'}}]},
        {"tool_calls": [{"index": 1, "id": "a2", "function": {"name": "other", "arguments": "{}"}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '"react"}'}}], "content": None},
    ]
    lines = [f"data: {json.dumps({'choices': [{'delta': piece}]})}\n\n".encode() for piece in pieces]
    finish = b'data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}\n\n'
    parts = await answer(stub, streams(*lines, finish, DONE))
    calls = [part.call for part in parts if isinstance(part, Called)]
    assert [(call.id, call.function.name, call.function.arguments) for call in calls] == [
        ("a1", "message", '{"action":"react"}'),
        ("a2", "other", "{}"),
    ]
    assert parts[-1] == Ended("tool_calls")


async def test_tool_calls_without_index_or_id_and_with_object_arguments_are_read(stub: Stub):
    call = {"function": {"name": "message", "arguments": {"action": "react"}}}
    parts = await answer(stub, says({"choices": [{"message": {"content": "", "tool_calls": [call]}}]}))
    assert isinstance(parts[0], Called)
    assert parts[0].call.id == "call_0"
    assert json.loads(parts[0].call.function.arguments) == {"action": "react"}


async def test_a_stream_cut_after_text_keeps_the_text_and_says_that_it_is_not_whole(stub: Stub):
    parts = await answer(stub, streams(HELLO, cut=True))
    assert parts[0] == Said("Hel")
    assert isinstance(parts[1], Ended)
    assert not parts[1].complete


async def test_a_stream_cut_before_text_is_an_error_and_is_not_repeated(stub: Stub):
    with pytest.raises(OutcomeUnknown, match="the connection broke"):
        await answer(stub, streams(b": thinking\n\n", cut=True))
    assert len(stub.requests) == 1


async def test_an_error_object_in_a_stream(stub: Stub):
    error = b'data: {"error":{"message":"model overloaded","code":"overloaded"}}\n\n'
    with pytest.raises(ServerFailed, match="model overloaded") as caught:
        await answer(stub, streams(error))
    assert caught.value.code == "overloaded"
    parts = await answer(stub, streams(HELLO, error))
    assert parts[0] == Said("Hel")
    assert isinstance(parts[1], Ended)
    assert (parts[1].complete, "model overloaded" in parts[1].reason) == (False, True)


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (says("<html>It works!</html>"), "not JSON"),
        (says("[1, 2]"), "no chat completion"),
        (says({"hello": "world"}), r"choices: field required"),
        (says({"choices": []}), "choices"),
        (says(""), "empty"),
        (streams(b"data: nonsense\n\n"), "not JSON"),
        (streams(b'data: {"choices": 7}\n\n'), "choices"),
        (streams(b": only comments\n\n"), "without an answer"),
        (streams(b"\x00\xff\xfe garbage", content_type="application/octet-stream"), "not JSON"),
    ],
)
async def test_nonsense_is_named_with_the_call_and_a_short_reason(stub: Stub, handler: Handler, reason: str):
    with pytest.raises(RemoteProtocolError, match=reason) as caught:
        await answer(stub, handler)
    assert str(caught.value).startswith("POST chat/completions: ")
    assert len(str(caught.value)) < 200


async def test_too_many_requests_is_repeated_after_the_time_that_the_agent_names(stub: Stub):
    clock = FakeClock()
    refuse = says({"error": {"message": "slow down"}}, 429, {"Retry-After": "7"})
    parts = await answer(stub, refuse, refuse, streams(HELLO, LO, STOP, DONE), clock=clock)
    assert parts == HELLO_ANSWER
    assert [seconds for seconds in clock.slept if seconds < 300] == [7.0, 7.0]


async def test_three_tries_are_all(stub: Stub):
    with pytest.raises(RateLimited, match="slow down"):
        await answer(stub, says({"error": {"message": "slow down"}}, 429))
    assert len(stub.requests) == 3


async def test_a_wait_of_minutes_is_reported_instead(stub: Stub):
    with pytest.raises(RateLimited) as caught:
        await answer(stub, says({}, 429, {"Retry-After": "3600"}))
    assert (caught.value.retry_after, len(stub.requests)) == (3600.0, 1)


async def test_503_is_repeated_only_when_it_names_a_time(stub: Stub):
    again = says({}, 503, {"Retry-After": "1"})
    assert await answer(stub, again, says(WHOLE)) == [Said("Hello"), Ended("stop")]
    stub.requests.clear()
    with pytest.raises(ServerFailed):
        await answer(stub, says({}, 503))
    assert len(stub.requests) == 1


async def test_500_is_not_repeated_and_401_names_the_credential_not_its_value(stub: Stub):
    with pytest.raises(ServerFailed):
        await answer(stub, says("boom", 500))
    with pytest.raises(Unauthorized) as caught:
        await answer(stub, says({"error": "bad key"}, 401))
    assert "sk-secret" not in str(caught.value)
    with pytest.raises(ApiError, match="404"):
        await answer(stub, says("", 404))
    assert len(stub.requests) == 3


async def test_an_agent_that_is_down_is_named(unused_tcp_port: int):
    agent = AgentClient(f"http://127.0.0.1:{unused_tcp_port}/v1", clock=FakeClock())
    with pytest.raises(ConnectFailed, match=f"127.0.0.1:{unused_tcp_port}"):
        await agent.complete(REQUEST)
    await agent.aclose()


@pytest.mark.parametrize("pieces", [(), (b": thinking\n\n",)])
async def test_silence_ends_the_request_after_300_seconds_of_the_clock(stub: Stub, pieces: tuple[bytes, ...]):
    clock = FakeClock()
    task = asyncio.create_task(answer(stub, hangs_after(*pieces), clock=clock))
    await clock.started.wait()
    clock.advance(299)
    await asyncio.sleep(0)
    assert not task.done()
    # Bytes that come late renew the patience, so that more than one limit may have to pass.
    while not task.done():
        clock.advance(300)
        await asyncio.wait([task], timeout=0.01)
    with pytest.raises(OutcomeUnknown, match="300 s"):
        await task


async def test_cancelling_drops_the_connection_at_once(stub: Stub):
    stub.handlers = [hangs_after(HELLO)]
    agent = AgentClient(stub.url, clock=FakeClock())
    seen = asyncio.Event()

    async def read() -> None:
        async for _ in agent.ask(REQUEST):
            seen.set()

    task = asyncio.create_task(read())
    await seen.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(stub.gone.wait(), 5)
    await agent.aclose()


async def test_the_request_is_standard(stub: Stub):
    tool = ToolSpec(function=FunctionSpec(name="message", description="d", parameters={"type": "object"}))
    request = REQUEST.model_copy(update={"tools": [tool]})
    await answer(stub, says(WHOLE), request=request)
    headers, body = stub.requests[0]
    assert headers["Authorization"] == "Bearer sk-secret"
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "user": "s:1",
        "tools": [
            {
                "type": "function",
                "function": {"name": "message", "description": "d", "parameters": {"type": "object"}},
            }
        ],
    }


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://a/v1", "http://a/v1/chat/completions"),
        ("http://a/v1/", "http://a/v1/chat/completions"),
        ("http://a/v1/chat/completions", "http://a/v1/chat/completions"),
        ("http://a", "http://a/v1/chat/completions"),
        ("http://a:1/proxy/v1?k=v", "http://a:1/proxy/v1/chat/completions?k=v"),
    ],
)
def test_the_endpoint_is_found_from_a_base(url: str, endpoint: str):
    assert endpoint_of(url) == endpoint
