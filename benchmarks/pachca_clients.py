"""Our Pachca client against the vendor's, pachca-sdk, in one run; and the fake against bare aiohttp.

Both clients talk to the same fake, each in a process of its own: pachca-sdk in the environment that the
interop tests made for it. Rate limits are off, and our client gets no limiter, because theirs has none.
"""

import json
import statistics
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from load import Figures, post, run
from processes import bare, fakes, port_of
from rows import Row, at_least, at_most

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from interop_environments import python_of

ROUNDS = 5
CALLS = 400
MESSAGES = 10_000
REQUESTS = 4000


def _control(ready: dict[str, Any], method: str, path: str, body: object) -> Any:
    headers = {"Authorization": f"Bearer {ready['control']['token']}", "Content-Type": "application/json"}
    data = json.dumps(body).encode()
    request = urllib.request.Request(ready["control"]["url"] + path, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def _client(which: str, what: str, *arguments: str) -> float:
    python = sys.executable if which == "ours" else str(python_of("pachca_sdk"))
    command = [python, str(HERE / f"pachca_client_{which}.py"), what, *arguments]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _compared(what: str, *arguments: str, rounds: int = ROUNDS) -> tuple[float, float]:
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_client("ours", what, *arguments))
        theirs.append(_client("theirs", what, *arguments))
    return statistics.median(ours), statistics.median(theirs)


async def _rates(ready: dict[str, Any], plain: int, room: int) -> tuple[float, float]:
    message = {"message": {"entity_type": "discussion", "entity_id": room, "content": "hello from the load"}}
    body = json.dumps(message).encode()
    auth = {"Authorization": f"Bearer {ready['pachca']['bot']['token']}"}
    cases = {
        "bare": (plain, post("/json", body, {})),
        "fake": (port_of(ready["pachca"]["url"]), post("/api/shared/v1/messages", body, auth)),
    }
    found: dict[str, list[Figures]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, (port, request) in cases.items():
            found[name].append(await run(port, [request] * REQUESTS))
    return (
        statistics.median(each.rate for each in found["fake"]),
        statistics.median(each.rate for each in found["bare"]),
    )


async def measure() -> list[Row]:
    """Measure in turn, medians."""
    python_of("pachca_sdk")
    with bare() as plain, fakes("pachca") as (ready, _):
        pachca = ready["pachca"]
        _control(ready, "PATCH", "/pachca/settings", {"rate_limits": False})
        bot, alice = pachca["bot"], pachca["people"]["alice"]
        history = _control(
            ready,
            "POST",
            "/pachca/rooms",
            {"name": "history", "members": [alice["id"], bot["id"]], "kind": "private"},
        )["id"]
        load = json.dumps(
            {"message": {"entity_id": history, "content": "a line of the history " * 4}}
        ).encode()
        auth = {"Authorization": f"Bearer {bot['token']}"}
        await run(port_of(pachca["url"]), [post("/api/shared/v1/messages", load, auth)] * MESSAGES)
        where = (pachca["url"], bot["token"])
        room = str(pachca["rooms"]["team"]["id"])
        imports = _compared("import")
        calls = _compared("calls", *where, room, str(CALLS))
        memory = _compared("memory", *where, str(history), str(MESSAGES), rounds=3)
        rates = await _rates(ready, plain, pachca["rooms"]["general"]["id"])
    return [
        at_most("import and make a Pachca client, over pachca-sdk", *imports, 1.0, "ms"),
        at_least("messages.get, one after the other, over pachca-sdk", *calls, 1.0, "/s"),
        at_most("memory for 10,000 listed messages, over pachca-sdk", *memory, 1.0, "MB"),
        at_least("fake Pachca POST /messages, journal on", *rates, 0.3, "/s"),
    ]
