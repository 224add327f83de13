"""Realtime figures: a DDP method's round trip against a bare websocket echo, and one message to many."""

import asyncio
import contextlib
import json
import statistics
import time
from typing import Any

import aiohttp
from processes import bare, fakes, without_rate_limits
from rows import Row, at_most, below

CALLS = 1500
SUBSCRIBERS = 1000


async def _log_in(
    session: aiohttp.ClientSession, ready: dict[str, Any], person: dict[str, Any]
) -> aiohttp.ClientWebSocketResponse:
    socket = await session.ws_connect(ready["rocketchat"]["ws"])
    await socket.send_json({"msg": "connect", "version": "1", "support": ["1"]})
    await socket.send_json(
        {"msg": "method", "method": "login", "id": "in", "params": [{"resume": person["token"]}]}
    )
    while (frame := await socket.receive_json()).get("id") != "in" or frame.get("msg") != "result":
        pass
    return socket


async def _echo(port: int) -> float:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"ws://127.0.0.1:{port}/ws") as socket:
        times = []
        for number in range(CALLS):
            started = time.perf_counter()
            await socket.send_str(json.dumps({"msg": "method", "id": str(number), "params": []}))
            json.loads((await socket.receive()).data)
            times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


async def _method(ready: dict[str, Any]) -> float:
    async with aiohttp.ClientSession() as session:
        socket = await _log_in(session, ready, ready["rocketchat"]["bot"])
        times = []
        for number in range(CALLS):
            started = time.perf_counter()
            method = {"msg": "method", "method": "UserPresence:online", "id": str(number), "params": []}
            await socket.send_str(json.dumps(method))
            while json.loads((await socket.receive()).data).get("msg") != "result":
                pass
            times.append(time.perf_counter() - started)
        await socket.close()
    return statistics.median(times) * 1000


async def _fan_out(ready: dict[str, Any]) -> float:
    """Return the milliseconds from a post to its arrival at the last of the subscribers."""
    room = ready["rocketchat"]["rooms"]["general"]["id"]
    bot = ready["rocketchat"]["bot"]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session, contextlib.AsyncExitStack() as stack:
        sockets = []
        for _ in range(SUBSCRIBERS):
            socket = await _log_in(session, ready, bot)
            stack.push_async_callback(socket.close)
            await socket.send_json(
                {"msg": "sub", "id": "s", "name": "stream-room-messages", "params": [room, False]}
            )
            while (await socket.receive_json()).get("msg") != "ready":
                pass
            sockets.append(socket)
        times = []
        headers = {"X-Auth-Token": bot["token"], "X-User-Id": bot["id"]}
        for number in range(5):
            waits = [asyncio.create_task(socket.receive()) for socket in sockets]
            await asyncio.sleep(0)
            started = time.perf_counter()
            url = f"{ready['rocketchat']['url']}/api/v1/chat.postMessage"
            async with session.post(
                url, json={"roomId": room, "text": f"to all {number}"}, headers=headers
            ) as answer:
                assert answer.status == 200, await answer.text()
            await asyncio.gather(*waits)
            times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


async def measure() -> list[Row]:
    """Measure the round trip and the fan-out."""
    with bare() as port, fakes("rocketchat") as (ready, _):
        without_rate_limits(ready)
        echo = [await _echo(port), await _echo(port), await _echo(port)]
        method = [await _method(ready), await _method(ready), await _method(ready)]
        spread = await _fan_out(ready)
    return [
        at_most("DDP method round trip, p50", statistics.median(method), statistics.median(echo), 2.5, "ms"),
        below(f"one message to {SUBSCRIBERS} subscribers, receiving client included", spread, 100, "ms"),
    ]
