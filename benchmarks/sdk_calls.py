"""What an SDK call costs over the same call with raw aiohttp, against the same fake."""

import json
import statistics
import time
from typing import Any

import aiohttp
from processes import fakes
from rows import Row, at_most, below

CALLS = 600
ROUNDS = 5


async def _raw(ready: dict[str, Any], room: str) -> float:
    bot = ready["rocketchat"]["bot"]
    headers = {"X-Auth-Token": bot["token"], "X-User-Id": bot["id"]}
    url = f"{ready['rocketchat']['url']}/api/v1/rooms.info"
    async with aiohttp.ClientSession(headers=headers) as session:
        started = time.perf_counter()
        for _ in range(CALLS):
            async with session.get(url, params={"roomId": room}) as answer:
                json.loads(await answer.read())
        return (time.perf_counter() - started) / CALLS * 1000


async def _ours(ready: dict[str, Any], room: str) -> float:
    from tolmach.rocketchat import RocketChat

    bot = ready["rocketchat"]["bot"]
    url = ready["rocketchat"]["url"]
    async with RocketChat(url, user_id=bot["id"], token=bot["token"], insecure=True) as client:
        started = time.perf_counter()
        for _ in range(CALLS):
            await client.rooms.info(room_id=room)
        return (time.perf_counter() - started) / CALLS * 1000


async def _worlds(ready: dict[str, Any]) -> float:
    """Return the milliseconds of one fresh world of ten people and five rooms, made in process."""
    del ready
    from isolated_world import milliseconds

    return milliseconds()


async def measure() -> list[Row]:
    """Measure in turn, median of five."""
    raw, ours = [], []
    with fakes("rocketchat") as (ready, _):
        room = ready["rocketchat"]["rooms"]["general"]["id"]
        for _ in range(ROUNDS):
            raw.append(await _raw(ready, room))
            ours.append(await _ours(ready, room))
        world = await _worlds(ready)
    return [
        at_most(
            "SDK call over a raw aiohttp call", statistics.median(ours), statistics.median(raw), 1.25, "ms"
        ),
        below("new isolated world, 10 people and 5 rooms", world, 1.0, "ms"),
    ]
