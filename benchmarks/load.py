"""Put load on an HTTP server over raw sockets, so that the generator is not what is measured.

It must not use the client library of the code under test. Requests are prepared bytes; an answer is
complete after Content-Length bytes or the last chunk.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """Hold the outcome of one run: requests a second, and latencies in milliseconds."""

    rate: float
    p50: float
    p99: float


class _Connection(asyncio.Protocol):
    """Send the next request as soon as an answer is complete."""

    def __init__(self, requests: Iterator[bytes], latencies: list[float], done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._latencies = latencies
        self._done = done
        self._buffer = bytearray()
        self._started = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def _next(self) -> None:
        assert self._transport is not None
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            if not self._done.done():
                self._done.set_result(None)
            return
        self._started = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = bytes(self._buffer[:head_end]).lower()
        if not head.startswith((b"http/1.1 200", b"http/1.1 201")):
            self._fail(RuntimeError(bytes(self._buffer[:400]).decode(errors="replace")))
            return
        at = head.find(b"content-length:")
        if at >= 0:
            length = int(head[at + 15 :].split(b"\r\n", 1)[0])
            complete = len(self._buffer) >= head_end + 4 + length
        else:
            complete = self._buffer.endswith(b"0\r\n\r\n")
        if complete:
            self._latencies.append(time.perf_counter() - self._started)
            self._buffer.clear()
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(error or ConnectionError("the server closed the connection"))

    def _fail(self, error: Exception) -> None:
        if not self._done.done():
            self._done.set_exception(error)


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return a POST request as bytes."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def sent(method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return any request as bytes; ``headers`` has its Host."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + f"\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def run(port: int, requests: list[bytes], connections: int = 32) -> Figures:
    """Send all requests over some connections, each one at a time, and return the figures."""
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    source = iter(requests)
    started = time.perf_counter()
    waits: list[asyncio.Future[None]] = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        waits.append(done)
        await loop.create_connection(
            lambda done=done: _Connection(source, latencies, done), "127.0.0.1", port
        )
    await asyncio.gather(*waits)
    seconds = time.perf_counter() - started
    latencies.sort()
    return Figures(
        rate=len(latencies) / seconds,
        p50=latencies[len(latencies) // 2] * 1000,
        p99=latencies[int(len(latencies) * 0.99)] * 1000,
    )


async def run_closing(port: int, requests: list[bytes], connections: int = 4) -> Figures:
    """Send all requests to a server that closes the connection after every answer."""
    latencies: list[float] = []
    source = iter(requests)

    async def work() -> None:
        for request in source:
            began = time.perf_counter()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            answer = await reader.read()
            writer.close()
            if not answer.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(answer[:400].decode(errors="replace"))
            latencies.append(time.perf_counter() - began)

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    seconds = time.perf_counter() - started
    latencies.sort()
    return Figures(
        rate=len(latencies) / seconds,
        p50=latencies[len(latencies) // 2] * 1000,
        p99=latencies[int(len(latencies) * 0.99)] * 1000,
    )
