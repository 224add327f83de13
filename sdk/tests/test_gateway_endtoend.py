"""A gateway as a process between two fakes, over real sockets."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import aiohttp
import pytest

from tolmach.bot import BotTurn
from tolmach_mockservers.server import Fakes

Body = dict[str, object]


class World:
    """The fakes, and a person's hands on their public interface."""

    def __init__(self, fakes: Fakes, session: aiohttp.ClientSession, folder: Path) -> None:
        self.fakes = fakes
        self.session = session
        self.folder = folder
        ready = cast("dict[str, dict[str, object]]", fakes.ready)
        self.chat = ready["rocketchat"]
        self.agent = ready["agent"]
        self.control = ready["control"]
        self.people = cast("dict[str, dict[str, str]]", self.chat["people"])
        self.bot = cast("dict[str, str]", self.chat["bot"])

    def config(self, **changes: object) -> Path:
        block: Body = {
            "serverUrl": self.chat["url"],
            "userId": self.bot["id"],
            "pat": self.bot["token"],
            "dangerouslyAllowInsecure": True,
            "dmPolicy": "open",
            "allowFrom": ["*"],
            **changes,
        }
        file = self.folder / "gateway.json"
        top = {
            "agentUrl": self.agent["url"],
            "apiKey": self.agent["key"],
            "model": self.agent["model"],
            "turnFacts": True,
            "stateDir": str(self.folder / "state"),
            "channels": {"rocketchat": block},
        }
        file.write_text(json.dumps(top))
        return file

    async def as_person(self, name: str, method: str, call: str, body: Body | None = None) -> Body:
        person = self.people[name]
        headers = {"X-User-Id": person["id"], "X-Auth-Token": person["token"]}
        url = f"{self.chat['url']}/api/v1/{call}"
        async with self.session.request(method, url, json=body, headers=headers) as response:
            return cast("Body", await response.json())

    async def by_control(self, method: str, path: str, body: Body | None = None) -> Body:
        headers = {"Authorization": f"Bearer {self.control['token']}"}
        url = f"{self.control['url']}{path}"
        async with self.session.request(method, url, json=body, headers=headers) as response:
            return cast("Body", await response.json())

    async def direct_room(self, name: str) -> str:
        created = await self.as_person(name, "POST", "im.create", {"username": self.bot["username"]})
        return cast("str", cast("Body", created["room"])["_id"])

    async def say(self, name: str, room_id: str, text: str) -> None:
        body: Body = {"message": {"rid": room_id, "msg": text}}
        assert (await self.as_person(name, "POST", "chat.sendMessage", body))["success"]

    async def entry(self, **match: object) -> Body:
        """Wait for a journal entry."""
        asked: Body = {"match": match, "after": 0, "timeout": 10}
        found = await self.by_control("POST", "/journal/wait", asked)
        assert found["matched"], found
        return cast("list[Body]", found["entries"])[0]

    async def bot_says(self, text: str) -> Body:
        return await self.entry(operation="chat.sendMessage", actor=self.bot["id"], text=text)


class Command:
    """One started `tolmach` command."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.errors = ""
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read_errors())

    async def line(self) -> str:
        assert self.process.stdout is not None
        return (await asyncio.wait_for(self.process.stdout.readline(), 30)).decode()

    async def complains(self, text: str) -> None:
        """Wait until a text stands in what the command wrote to standard error."""
        async with asyncio.timeout(30):
            while text not in self.errors:
                self._news.clear()
                await self._news.wait()

    async def end(self) -> int:
        code = await asyncio.wait_for(self.process.wait(), 30)
        await self._reading
        return code

    async def _read_errors(self) -> None:
        assert self.process.stderr is not None
        while line := await self.process.stderr.readline():
            self.errors += line.decode()
            self._news.set()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with Fakes(("rocketchat", "agent")) as fakes, aiohttp.ClientSession() as session:
        yield World(fakes, session, tmp_path)


async def tolmach(*arguments: str) -> Command:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tolmach",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if not name.startswith(("OCG_", "OPENAI_"))},
    )
    return Command(process)


@asynccontextmanager
async def gateway(config: Path, *options: str) -> AsyncIterator[Command]:
    command = await tolmach(*options, "gateway", "start", "--config", str(config))
    try:
        yield command
    finally:
        if command.process.returncode is None:
            command.process.send_signal(signal.SIGTERM)
        await command.end()


async def output(*arguments: str) -> tuple[int, str]:
    command = await tolmach(*arguments)
    assert command.process.stdout is not None
    text = (await command.process.stdout.read()).decode()
    return await command.end(), text + command.errors


async def test_a_direct_message_is_answered_by_the_agent(world: World):
    config = world.config()
    room = await world.direct_room("alice")
    async with gateway(config) as command:
        assert await command.line() == "tolmach gateway ready: rocketchat:default connected as @tolmach.bot\n"
        await world.say("alice", room, "hello there")
        post = await world.bot_says("Echo: hello there")
        assert post["room_id"] == room
        request = await world.entry(kind="agent.request", text="hello there")
        headers = cast("Body", cast("Body", request["detail"])["headers"])
        assert headers["x-turn-facts"]
        assert headers["x-ocg-target"] == f"user:{world.people['alice']['id']}"
        code, text = await output("gateway", "status", "--json", "--config", str(config))
        assert code == 0
        (account,) = json.loads(text)["accounts"]
        assert (account["connected"], account["lifecycle"], account["turns"]) == (True, "ready", 1)
        assert account["lastInboundAt"]
        command.process.send_signal(signal.SIGTERM)
        assert await command.end() == 0
    violations = await world.by_control("GET", "/violations")
    assert violations["violations"] == []


async def test_a_stranger_is_let_in_by_the_operator(world: World):
    config = world.config(dmPolicy="pairing", allowFrom=[])
    room = await world.direct_room("bob")
    async with gateway(config) as command:
        await command.line()
        await world.say("bob", room, "let me in")
        await world.entry(operation="chat.sendMessage", actor=world.bot["id"], room_id=room)
        _, listed = await output("pairing", "list", "--json", "--config", str(config))
        (waiting,) = json.loads(listed)
        assert waiting["userId"] == world.people["bob"]["id"]
        code, text = await output("pairing", "approve", waiting["code"].lower(), "--config", str(config))
        assert code == 0, text
        await world.say("bob", room, "and now?")
        await world.bot_says("Echo: and now?")
        code, text = await output("pairing", "approve", "ZZZZZZZZ", "--config", str(config))
        assert (code, text) == (1, "Error: no one waits with the code ZZZZZZZZ\n")
    # Approval outlives the process.
    async with gateway(config) as command:
        await command.line()
        await world.say("bob", room, "still me")
        await world.bot_says("Echo: still me")


async def test_a_wrong_token_is_one_clear_error_and_the_gateway_says_blocked(world: World):
    config = world.config(pat="wrong-token-sentinel")
    async with gateway(config) as command:
        line = await command.line()
        assert line.startswith("tolmach gateway ready: rocketchat:default blocked: ")
        _, text = await output("gateway", "status", "--json", "--config", str(config))
        (account,) = json.loads(text)["accounts"]
        assert (account["connected"], account["lifecycle"]) == (False, "blocked")
        assert account["credential"]["status"] == "refused"
        command.process.send_signal(signal.SIGTERM)
        assert await command.end() == 0
        assert "Traceback" not in command.errors
        assert "sentinel" not in line + text + command.errors


async def test_no_secret_shows_at_debug_level(world: World):
    config = world.config()
    room = await world.direct_room("alice")
    async with gateway(config, "--debug") as command:
        greeting = await command.line()
        await world.say("alice", room, "hello there")
        await world.bot_says("Echo: hello there")
        frame = {"user_id": world.bot["id"], "frame": "}{ garbage"}
        await world.by_control("POST", "/rocketchat/frames", frame)
        await world.say("alice", room, "again")
        await world.bot_says("Echo: again")
        command.process.send_signal(signal.SIGTERM)
        assert await command.end() == 0
        everything = greeting + command.errors + (world.folder / "state" / "gateway.json").read_text()
        for secret in (world.bot["token"], cast("str", world.agent["key"])):
            assert secret not in everything
        assert "DEBUG" in command.errors


async def test_a_server_that_is_down_is_waited_for_and_the_end_is_quick(world: World, unused_tcp_port: int):
    config = world.config(serverUrl=f"http://127.0.0.1:{unused_tcp_port}")
    async with gateway(config) as command:
        await command.complains("cannot start")
        command.process.send_signal(signal.SIGTERM)
        assert await command.end() == 0
        assert f"127.0.0.1:{unused_tcp_port}" in command.errors
        assert "Traceback" not in command.errors


async def test_an_agent_that_answers_nonsense_is_one_clear_line_and_a_short_notice(world: World):
    config = world.config()
    room = await world.direct_room("alice")
    script = {"match": {"text": "nonsense"}, "answers": [[{"raw": "<html>no</html>"}]]}
    await world.by_control("POST", "/agent/scripts", script)
    async with gateway(config) as command:
        await command.line()
        await world.say("alice", room, "talk nonsense")
        await world.bot_says("Sorry, I could not answer that.")
        await world.say("alice", room, "then this")
        await world.bot_says("Echo: then this")
        command.process.send_signal(signal.SIGTERM)
        assert await command.end() == 0
        assert "POST chat/completions" in command.errors
        assert "Traceback" not in command.errors


async def test_two_accounts_live_apart(world: World):
    second = await world.by_control("POST", "/rocketchat/people", {"username": "second.bot", "kind": "bot"})
    config = world.config(accounts={"second": {"userId": second["id"], "pat": second["token"]}})
    room = await world.direct_room("alice")
    async with gateway(config) as command:
        line = await command.line()
        assert "rocketchat:default connected as @tolmach.bot" in line
        assert "rocketchat:second connected as @second.bot" in line
        await world.by_control("POST", "/rocketchat/tokens/revoke", {"user_id": second["id"]})
        await world.say("alice", room, "are you there?")
        await world.bot_says("Echo: are you there?")


async def test_a_running_turn_may_finish_when_the_gateway_stops(world: World):
    config = world.config()
    room = await world.direct_room("alice")
    script: Body = {"match": {"text": "slowly"}, "answers": [[{"wait_for": "gate"}, {"say": "finished"}]]}
    await world.by_control("POST", "/agent/scripts", script)
    async with gateway(config) as command:
        await command.line()
        await world.say("alice", room, "slowly please")
        await world.entry(kind="agent.request", text="slowly please")
        command.process.send_signal(signal.SIGTERM)
        await command.complains("stopping")
        await world.by_control("POST", "/agent/gates/gate/open")
        await world.bot_says("finished")
        assert await command.end() == 0
        assert "Traceback" not in command.errors


async def test_a_bot_answers_by_its_handlers(world: World):
    from tolmach import Bot

    bot = Bot(json.loads(world.config().read_text()))

    @bot.turn
    async def answer(turn: BotTurn) -> None:
        await turn.stream(["You ", "said: ", turn.text])

    @bot.command("deploy")
    async def deploy(turn: BotTurn, target: str) -> str:
        return f"Deploying {target}"

    room = await world.direct_room("alice")
    ready = asyncio.Event()
    serving = asyncio.create_task(bot.serve(on_ready=lambda _: ready.set()))
    await ready.wait()
    await world.say("alice", room, "hello")
    await world.bot_says("You said: hello")
    await world.say("alice", room, "/deploy staging")
    await world.bot_says("Deploying staging")
    bot.stop()
    await serving
