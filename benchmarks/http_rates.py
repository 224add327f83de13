"""Requests a second of the fakes' hot paths against bare aiohttp in the same run."""

import json
import statistics

from load import Figures, post, run
from processes import bare, fakes, port_of
from rows import Row, at_least, at_most

REQUESTS = 6000
ROUNDS = 3


def _median(rounds: list[Figures]) -> Figures:
    return Figures(
        rate=statistics.median(each.rate for each in rounds),
        p50=statistics.median(each.p50 for each in rounds),
        p99=statistics.median(each.p99 for each in rounds),
    )


async def measure() -> list[Row]:
    """Measure chat.postMessage and a short streamed agent answer, rounds taken in turn."""
    with bare() as plain, fakes("rocketchat", "agent") as (ready, _):
        bot = ready["rocketchat"]["bot"]
        auth = {"X-Auth-Token": bot["token"], "X-User-Id": bot["id"]}
        room = ready["rocketchat"]["rooms"]["general"]["id"]
        body = json.dumps({"roomId": room, "text": "hello from the load"}).encode()
        question = {
            "model": ready["agent"]["model"],
            "stream": True,
            "messages": [{"role": "user", "content": "hello"}],
        }
        key = {"Authorization": f"Bearer {ready['agent']['key']}"}
        ask = json.dumps(question).encode()
        chat_port, agent_port = port_of(ready["rocketchat"]["url"]), port_of(ready["agent"]["url"])
        cases = {
            "bare json": (plain, post("/json", body, {})),
            "post": (chat_port, post("/api/v1/chat.postMessage", body, auth)),
            "bare sse": (plain, post("/sse", ask, {})),
            "sse": (agent_port, post("/v1/chat/completions", ask, key)),
        }
        rounds: dict[str, list[Figures]] = {name: [] for name in cases}
        for _ in range(ROUNDS):
            for name, (port, request) in cases.items():
                count = REQUESTS if "sse" not in name else REQUESTS // 2
                rounds[name].append(await run(port, [request] * count))
    found = {name: _median(each) for name, each in rounds.items()}
    return [
        at_least("fake chat.postMessage, journal on", found["post"].rate, found["bare json"].rate, 0.5, "/s"),
        at_most("its p99 at 32 connections", found["post"].p99, found["bare json"].p99, 2.0, "ms"),
        at_least("fake agent, short streamed answer", found["sse"].rate, found["bare sse"].rate, 0.4, "/s"),
    ]
