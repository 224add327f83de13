"""The baseline server: bare aiohttp, nothing of this project. Prints its port and serves until killed.

POST /json reads JSON and answers JSON of a chat message's size; PUT /put reads a body; POST /sse
streams a short answer; /ws echoes frames.
"""

import asyncio
import json

from aiohttp import web

MESSAGE = {
    "ts": 1764000000000,
    "channel": "GENERAL",
    "message": {
        "_id": "a" * 17,
        "rid": "b" * 17,
        "msg": "hello from the baseline",
        "ts": "2026-01-01T00:00:00.000Z",
        "u": {"_id": "c" * 17, "username": "alice", "name": "Alice"},
        "_updatedAt": "2026-01-01T00:00:00.000Z",
        "urls": [],
        "mentions": [],
        "channels": [],
        "md": [],
    },
    "success": True,
}


async def answer_json(request: web.Request) -> web.Response:
    json.loads(await request.read())
    return web.Response(body=json.dumps(MESSAGE).encode(), content_type="application/json")


async def take(request: web.Request) -> web.Response:
    await request.read()
    return web.Response()


async def answer_sse(request: web.Request) -> web.StreamResponse:
    json.loads(await request.read())
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for piece in ("", "hello", ""):
        chunk = {
            "id": "x",
            "object": "chat.completion.chunk",
            "choices": [{"index": 0, "delta": {"content": piece}}],
        }
        await response.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


async def echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(json.dumps(json.loads(message.data)))
    return socket


async def main() -> None:
    app = web.Application()
    app.router.add_post("/json", answer_json)
    app.router.add_put("/put", take)
    app.router.add_post("/sse", answer_sse)
    app.router.add_get("/ws", echo)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
