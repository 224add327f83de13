"""Drive the package rocketchat-async over JSON lines; it must not import anything of this project.

In: {"call": "start"|"resume"|"subscribe"|"subscribe_changes"|"wait"|<method>, "args": [...]}.
``wait`` answers the next thing that a subscription's callback got.
"""

import asyncio
import json
import sys

from rocketchat_async import RocketChat


async def main() -> None:
    """Answer each line with one line, callbacks being collected in a queue."""
    client = RocketChat()
    seen: asyncio.Queue[object] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def on_message(*args: object) -> None:
        seen.put_nowait(["message", *args])

    def on_change(*args: object) -> None:
        seen.put_nowait(["room", *args])

    while True:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            return
        request = json.loads(line)
        call, args = request["call"], request.get("args", [])
        try:
            if call == "wait":
                answer = {"result": await asyncio.wait_for(seen.get(), 10)}
            elif call == "subscribe":
                answer = {"result": await client.subscribe_to_channel_messages(args[0], on_message)}
            elif call == "subscribe_changes":
                answer = {"result": await client.subscribe_to_channel_changes(on_change)}
            else:
                answer = {"result": await getattr(client, call)(*args)}
        except Exception as error:
            answer = {"error": {"type": type(error).__name__, "text": str(error)}}
        print(json.dumps(answer), flush=True)


asyncio.run(main())
