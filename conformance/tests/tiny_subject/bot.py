"""A bot of one file on aiohttp alone: the suite's own guinea pig, with a few defects to switch on.

It answers direct messages of listed people and mentions in listed rooms. ``defect`` in the configuration
breaks it on purpose: ``substring`` takes a longer name for a mention, ``bots`` listens to bots, ``leak``
lets denied messages through after half a second, ``twice`` answers everything twice, ``deaf`` hears
nothing, ``talks`` prints its token, ``crash`` ends when a bot speaks.
"""

import asyncio
import json
import re
import signal
import sys
from pathlib import Path

import aiohttp


class TinyBot:
    """One connection, one lane per room."""

    def __init__(self, config: dict, session: aiohttp.ClientSession) -> None:
        self.config = config
        self.session = session
        self.defect = config.get("defect", "")
        self.seen: set[str] = set()
        self.lanes: dict[str, asyncio.Queue] = {}
        self.tasks: list[asyncio.Task] = []
        self.leaks: list[asyncio.Task] = []
        self.bots: dict[str, bool] = {}
        self.headers = {"X-User-Id": config["userId"], "X-Auth-Token": config["token"]}

    async def call(self, method: str, operation: str, **data: object) -> dict:
        kind = "params" if method == "GET" else "json"
        url = f"{self.config['serverUrl']}/api/v1/{operation}"
        async with self.session.request(method, url, headers=self.headers, **{kind: data}) as answer:
            return await answer.json()

    async def run(self) -> None:
        me = await self.call("GET", "me")
        self.name = me["username"]
        if self.defect == "talks":
            print("connecting with", self.config["token"], flush=True)
        async with self.session.ws_connect(self.config["wsUrl"]) as ws:
            await ws.send_json({"msg": "connect", "version": "1", "support": ["1"]})
            login = {
                "msg": "method",
                "method": "login",
                "id": "1",
                "params": [{"resume": self.config["token"]}],
            }
            sub = {
                "msg": "sub",
                "id": "2",
                "name": "stream-room-messages",
                "params": ["__my_messages__", False],
            }
            async for frame in ws:
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    break
                try:
                    data = json.loads(frame.data)
                except ValueError:
                    continue
                if not isinstance(data, dict):
                    continue
                match data.get("msg"):
                    case "connected":
                        await ws.send_json(login)
                    case "ping":
                        await ws.send_json({"msg": "pong"})
                    case "result" if data["id"] == "1":
                        await ws.send_json(sub)
                    case "ready":
                        print("ready", flush=True)
                    case "changed":
                        self.received(data)

    def received(self, data: dict) -> None:
        fields = data.get("fields") or {}
        args = fields.get("args") or []
        if len(args) == 2 and isinstance(args[0], dict) and isinstance(args[1], dict) and "u" in args[0]:
            message, room = args
            if message["_id"] in self.seen or "t" in message or "editedAt" in message:
                return
            self.seen.add(message["_id"])
            lane = self.lanes.get(message["rid"])
            if lane is None:
                lane = self.lanes[message["rid"]] = asyncio.Queue()
                self.tasks.append(asyncio.create_task(self.work(lane)))
            lane.put_nowait((message, room.get("roomType")))

    async def work(self, lane: asyncio.Queue) -> None:
        while True:
            message, kind = await lane.get()
            if await self.admits(message, kind):
                await self.answer(message)

    async def admits(self, message: dict, kind: str) -> bool:
        sender = message["u"]["_id"]
        if self.defect == "crash" and await self.is_bot(sender) and sender != self.config["userId"]:
            raise SystemExit("a bot spoke to me")
        if sender == self.config["userId"] or self.defect == "deaf":
            return False
        if self.defect != "bots" and await self.is_bot(sender):
            return False
        if kind == "d":
            allowed = sender in self.config.get("allowFrom", [])
        else:
            allowed = message["rid"] in self.config.get("groups", {}) and self.mentioned(message)
        if not allowed and self.defect == "leak":
            self.leaks.append(asyncio.create_task(self.late(message)))
        return allowed

    async def late(self, message: dict) -> None:
        await asyncio.sleep(0.5)
        await self.answer(message)

    def mentioned(self, message: dict) -> bool:
        if self.defect == "substring":
            return f"@{self.name}" in message["msg"]
        return re.search(rf"(?<!\w)@{re.escape(self.name)}(?![\w-])", message["msg"]) is not None

    async def is_bot(self, user_id: str) -> bool:
        if user_id not in self.bots:
            user = (await self.call("GET", "users.info", userId=user_id)).get("user", {})
            self.bots[user_id] = user.get("type") == "bot"
        return self.bots[user_id]

    async def answer(self, message: dict) -> None:
        body = {"model": "tiny", "messages": [{"role": "user", "content": message["msg"]}]}
        headers = {"Authorization": f"Bearer {self.config['agentKey']}"}
        for _ in range(2 if self.defect == "twice" else 1):
            url = f"{self.config['agentUrl']}/chat/completions"
            async with self.session.post(url, json=body, headers=headers) as answer:
                text = (await answer.json())["choices"][0]["message"]["content"]
            reply = {"rid": message["rid"], "msg": text}
            if "tmid" in message:
                reply["tmid"] = message["tmid"]
            await self.call("POST", "chat.sendMessage", message=reply)


async def serve(config: dict, *, clock: object) -> None:
    del clock
    async with aiohttp.ClientSession() as session:
        await TinyBot(config, session).run()


async def main(config: dict) -> None:
    async with aiohttp.ClientSession() as session:
        bot = TinyBot(config, session)
        running = asyncio.create_task(bot.run())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
        await asyncio.wait([running])
        if bot.leaks:
            await asyncio.wait(bot.leaks)


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
