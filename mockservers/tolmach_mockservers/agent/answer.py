"""Carry out one answer of the fake agent, step by step, streamed or not.

What it is for: the order of bytes on the wire and the outcome in the journal. What it must not
do: choose the steps.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from tolmach_mockservers.agent.fake import AgentFake
from tolmach_mockservers.agent.request import ChatRequest
from tolmach_mockservers.agent.scripts import (
    Cut,
    Delay,
    Fail,
    Finish,
    Hang,
    Raw,
    Say,
    Step,
    Stream,
    ToolCall,
    WaitFor,
)
from tolmach_mockservers.agent.wire import DONE, Frame, dump, error, event, usage
from tolmach_mockservers.faults import Do
from tolmach_mockservers.journal import Entry

__all__ = ["Answer"]

_CHAT: Final = "chat/completions"
_STREAM_HEADERS: Final = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
}


class _CutError(Exception):
    """The connection is to be cut here."""


class Answer:
    """Answer one request; every way it can end is recorded once."""

    def __init__(self, fake: AgentFake, request: web.Request, chat: ChatRequest, asked: Entry) -> None:
        self._fake = fake
        self._request = request
        self._chat = chat
        self._asked = asked
        self._clock = fake.kernel.clock
        self._frame = Frame(
            f"chatcmpl-{fake.seed.meteor_id(29)}",
            int(self._clock.now()),
            chat.model,
            with_usage=chat.with_usage,
        )
        self._headers = {"x-request-id": f"req_{fake.seed.hex_id(32)}"}
        self._stream: web.StreamResponse | None = None
        self._pending: list[bytes] = []
        self._said: list[str] = []
        self._raw: list[str] = []
        self._calls: list[dict[str, object]] = []
        self._opened = False
        self._finish: str | None = None

    async def send(self) -> web.StreamResponse:
        """Send the answer and return it to the server."""
        fault = self._fake.kernel.faults.take(
            "agent", operation=_CHAT, actor=self._chat.user, text=self._chat.text
        )
        steps: tuple[Step, ...] = ()
        try:
            if fault is not None:
                failure = await self._suffer(fault)
                if failure is not None:
                    return await self._fail(failure)
            steps = self._fake.scripts.choose(self._chat.text, self._chat.user, self._chat.model)
            for step in steps:
                if isinstance(step, Fail):
                    return await self._fail(step)
                await self._carry_out(step)
            if fault is not None and fault.kind == "cut_after_commit":
                raise _CutError
            return await self._end(raw_only=bool(self._raw) and not self._opened and self._finish is None)
        except _CutError:
            self._record("cut")
            self._abort()
            return self._stream or web.Response()
        except (ConnectionResetError, asyncio.CancelledError):
            self._record("client_gone")
            raise

    async def _suffer(self, fault: Do) -> Fail | None:
        match fault.kind:
            case "status":
                return Fail(fault.status, fault.body)
            case "rate_limit":
                return Fail(429, None, {"retry-after": f"{fault.wait:g}", **_limits(fault.wait)})
            case "delay":
                await self._clock.sleep(fault.seconds)
            case "cut_before":
                raise _CutError
            case _:
                pass
        return None

    async def _carry_out(self, step: Step) -> None:
        match step:
            case Say(text):
                self._say(text)
            case Stream(pieces, pause):
                for place, piece in enumerate(pieces):
                    if place and pause:
                        await self._clock.sleep(pause)
                    self._say(piece)
                    await self._flush()
            case ToolCall(name, arguments):
                self._call(name, arguments)
            case Raw(text):
                self._raw.append(text)
                self._pending.append(text.encode())
                await self._flush()
            case Finish(reason):
                self._finish = reason
            case Delay(seconds):
                await self._flush()
                await self._clock.sleep(seconds)
            case WaitFor(name):
                await self._flush()
                await self._fake.pass_gate(name)
            case Hang():
                await self._flush()
                await self._fake.closing.wait()
                raise _CutError
            case Cut():
                await self._flush()
                raise _CutError
            case Fail():
                raise AssertionError("a failure ends the answer before it is carried out")

    def _open(self) -> None:
        if not self._opened:
            self._opened = True
            self._delta({"role": "assistant", "content": "", "refusal": None})

    def _say(self, text: str) -> None:
        self._open()
        self._said.append(text)
        self._delta({"content": text})

    def _call(self, name: str, arguments: object) -> None:
        self._open()
        text = arguments if isinstance(arguments, str) else dump(arguments)
        index = len(self._calls)
        call: dict[str, object] = {
            "id": f"call_{self._fake.seed.meteor_id(24)}",
            "type": "function",
            "function": {"name": name, "arguments": text},
        }
        self._calls.append(call)
        head = {**call, "function": {"name": name, "arguments": ""}}
        self._delta({"tool_calls": [{"index": index, **head}]})
        self._delta({"tool_calls": [{"index": index, "function": {"arguments": text}}]})

    def _delta(self, delta: Mapping[str, object], finish: str | None = None) -> None:
        if self._chat.stream:
            self._pending.append(self._frame.chunk(delta, finish))

    async def _flush(self) -> None:
        """Put on the wire what is pending; without streaming the whole answer waits for its end."""
        if self._chat.stream and self._pending:
            data = b"".join(self._pending)
            self._pending.clear()
            await (await self._started()).write(data)

    async def _started(self) -> web.StreamResponse:
        if self._stream is None:
            self._stream = web.StreamResponse(headers={**_STREAM_HEADERS, **self._headers})
            await self._stream.prepare(self._request)
        return self._stream

    async def _end(self, *, raw_only: bool) -> web.StreamResponse:
        if raw_only or (self._raw and not self._chat.stream):
            return await self._close("".join(self._raw).encode())
        finish = self._finish or ("tool_calls" if self._calls else "stop")
        said = "".join(self._said)
        counted = usage(self._chat.size, len(said))
        if self._chat.stream:
            self._open()
            self._delta({}, finish)
            if self._chat.with_usage:
                self._pending.append(self._frame.usage_chunk(counted))
            self._pending.append(DONE)
            return await self._close(b"")
        content = None if self._calls and not said else said
        body = self._frame.completion(content, self._calls, finish, counted)
        if self._finish is None:
            # A scripted finish reason may be wrong on purpose.
            self._fake.contract.response("POST", f"/v1/{_CHAT}", 200, body)
        return await self._close(dump(body).encode())

    async def _close(self, body: bytes) -> web.StreamResponse:
        if not self._chat.stream:
            self._record("done")
            return web.Response(body=body, content_type="application/json", headers=self._headers)
        data = b"".join(self._pending)
        self._pending.clear()
        stream = await self._started()
        await stream.write_eof(data)
        self._record("done")
        return stream

    async def _fail(self, failure: Fail) -> web.StreamResponse:
        body = dict(failure.body) if failure.body is not None else _error_body(failure.status)
        if self._stream is None and not self._pending:
            self._record("failed", status=failure.status)
            headers = {**self._headers, **(failure.headers or {})}
            return web.json_response(body, status=failure.status, headers=headers, dumps=dump)
        if not self._chat.stream:
            self._record("failed", status=failure.status)
            return web.json_response(body, status=failure.status, headers=self._headers, dumps=dump)
        self._pending.append(event(body))
        data = b"".join(self._pending)
        self._pending.clear()
        stream = await self._started()
        await stream.write_eof(data)
        self._record("failed", status=failure.status)
        return stream

    def _abort(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()

    def _record(self, outcome: str, *, status: int | None = None) -> None:
        if status is None and outcome == "done":
            status = 200
        detail: dict[str, object] = {"outcome": outcome, "request_seq": self._asked.seq}
        if self._calls:
            detail["tool_calls"] = self._calls
        self._fake.kernel.journal.record(
            fake="agent",
            kind="agent.answer",
            operation=_CHAT,
            status=status,
            text="".join(self._said),
            detail=detail,
        )


def _limits(wait: float) -> dict[str, str]:
    return {
        "retry-after-ms": f"{wait * 1000:.0f}",
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": f"{wait:g}s",
    }


def _error_body(status: int) -> dict[str, object]:
    match status:
        case 401:
            return error("Incorrect API key provided.", code="invalid_api_key")
        case 429:
            return error("Rate limit reached for requests", kind="requests", code="rate_limit_exceeded")
        case 503:
            return error("The engine is currently overloaded, please try again later", kind="server_error")
        case _ if status >= 500:
            return error("The server had an error while processing your request.", kind="server_error")
        case _:
            return error(f"The request was refused with status {status}.")
