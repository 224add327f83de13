"""The fake's realtime frames, over a real websocket, every one of them checked."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import aiohttp
import pytest
from schema_client import CheckedSocket, Json

from tolmach_mockservers.rocketchat.fake import RocketChatFake
from tolmach_mockservers.server import Fakes
from tolmach_schemas.validation import compile_document

MY_MESSAGES = "__my_messages__"
MESSAGES, ROOM, USER = "stream-room-messages", "stream-notify-room", "stream-notify-user"


class Line:
    """A fake with one person's checked socket; the other people act through the fake itself."""

    def __init__(self, fakes: Fakes, socket: CheckedSocket) -> None:
        self.ready = fakes.ready["rocketchat"]
        self.people = self.ready["people"]
        self.bot = self.ready["bot"]
        self.general = self.ready["rooms"]["general"]["id"]
        self.team = self.ready["rooms"]["team"]["id"]
        self.chat = cast("RocketChatFake", fakes.rocketchat)
        self.socket = socket

    async def log_in(self) -> None:
        await self.socket.connect()
        await self.socket.method("login", {"resume": self.bot["token"]})

    def say(self, name: str, text: str, room: str | None = None, thread: str | None = None) -> str:
        said = self.chat.say(self.people[name]["id"], room or self.general, text, thread_id=thread)
        return str(said["message_id"])


@asynccontextmanager
async def opened() -> AsyncIterator[Line]:
    async with (
        Fakes(["rocketchat"], seed=3) as fakes,
        aiohttp.ClientSession() as session,
        CheckedSocket(session, fakes.ready["rocketchat"]["ws"], []) as socket,
    ):
        yield Line(fakes, socket)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with opened() as made:
        yield made


async def test_the_handshake_and_all_ways_to_log_in(line: Line) -> None:
    socket, bob = line.socket, line.people["bob"]
    await socket.wait(server_id="0")
    await socket.send({"msg": "sub", "id": "early", "name": MESSAGES, "params": ["x", False]})
    await socket.wait(msg="error")
    await socket.connect()
    await socket.send({"msg": "connect", "version": "1", "support": ["1"]})
    await socket.send({"msg": "ping", "id": "p1"})
    await socket.wait(msg="pong", id="p1")
    assert "error" in await socket.method("login", {"resume": "dead"})
    digest = {"digest": hashlib.sha256(bob["password"].encode()).hexdigest(), "algorithm": "sha-256"}
    by_password = await socket.method("login", {"user": {"username": bob["username"]}, "password": digest})
    assert cast("Json", by_password["result"])["type"] == "password"
    wrong = {"digest": "0" * 64, "algorithm": "sha-256"}
    assert "error" in await socket.method("login", {"user": {"username": bob["username"]}, "password": wrong})
    by_token = await socket.method("login", {"resume": line.bot["token"]})
    assert cast("Json", by_token["result"])["id"] == line.bot["id"]
    await socket.wait(msg="added", collection="users", id=line.bot["id"])
    assert "error" in await socket.method("noSuchMethod")
    await socket.method("logout")
    assert socket.wrong == []


async def test_results_of_login_are_as_written(line: Line) -> None:
    check = compile_document("rocketchat/ddp/login_result")
    await line.socket.connect()
    answer = await line.socket.method("login", {"resume": line.bot["token"]})
    assert check(answer["result"]) == []


async def test_what_happens_to_messages(line: Line) -> None:
    socket, alice = line.socket, line.people["alice"]["id"]
    await line.log_in()
    for name, key in (
        (MESSAGES, MY_MESSAGES),
        (MESSAGES, line.general),
        (ROOM, f"{line.general}/deleteMessage"),
    ):
        assert (await socket.subscribe(name, key))["msg"] == "ready"
    root = line.say("alice", f"hi @{line.bot['username']} @all in #general https://example.org")
    line.say("bob", "a reply", thread=root)
    line.chat.edit(alice, root, "edited")
    line.chat.react(alice, root, ":tada:", add=True)
    line.chat.react(alice, root, ":tada:", add=False)
    line.chat.delete(alice, line.say("alice", "gone"))
    line.chat.redeliver(root, times=1)
    (gone,) = await socket.event(ROOM, f"{line.general}/deleteMessage")
    assert set(cast("Json", gone)) == {"_id"}
    document, hint = await socket.event(MESSAGES, MY_MESSAGES)
    assert cast("Json", document)["_id"] == root
    assert cast("Json", hint)["roomType"] == "c"
    assert len(await socket.event(MESSAGES, line.general, nth=5)) == 1
    assert socket.wrong == []


async def test_what_happens_to_rooms_and_memberships(line: Line) -> None:
    socket, bot, alice = line.socket, line.bot["id"], line.people["alice"]["id"]
    await line.log_in()
    for name in (
        "rooms-changed",
        "subscriptions-changed",
        "message",
        "notification",
        "force_logout",
        "userData",
    ):
        assert (await socket.subscribe(USER, f"{bot}/{name}"))["msg"] == "ready"
    await socket.subscribe(MESSAGES, MY_MESSAGES)
    made = line.chat.create_room(name="fresh", kind="private", members=[alice, bot], owner=alice, topic=None)
    line.chat.create_room(name=None, kind="direct", members=[alice, bot], owner=alice, topic=None)
    line.say("alice", "hello", room=str(made["id"]))
    await socket.method("sendMessage", {"rid": str(made["id"]), "msg": "hello yourself", "_id": "b" * 17})
    assert await socket.event(USER, f"{bot}/subscriptions-changed", nth=2)
    assert await socket.event(USER, f"{bot}/rooms-changed", nth=2)
    seen = 1
    async with aiohttp.ClientSession() as session:
        headers = {"X-User-Id": alice, "X-Auth-Token": line.people["alice"]["token"]}
        for action, body in (
            ("groups.rename", {"name": "fresher"}),
            ("groups.setTopic", {"topic": "what for"}),
            ("groups.kick", {"userId": bot}),
        ):
            url = f"{line.ready['url']}/api/v1/{action}"
            sent = {"roomId": str(made["id"]), **body}
            async with session.post(url, json=sent, headers=headers) as response:
                assert response.status == 200
    last = line.say("alice", "are you still there?")
    while cast("Json", (await socket.event(MESSAGES, MY_MESSAGES, nth=seen))[0])["_id"] != last:
        seen += 1
    changes = socket.events(USER, f"{bot}/subscriptions-changed")
    (removed,) = [document for kind, document in changes if kind == "removed"]
    assert cast("Json", removed)["rid"] == made["id"]
    assert socket.wrong == []


async def test_typing_is_heard_by_the_others(line: Line) -> None:
    async with (
        aiohttp.ClientSession() as session,
        CheckedSocket(session, line.ready["ws"], line.socket.wrong) as other,
    ):
        await line.log_in()
        await line.socket.subscribe(ROOM, f"{line.general}/user-activity")
        await line.socket.subscribe(ROOM, f"{line.general}/typing")
        await other.connect()
        await other.method("login", {"resume": line.people["alice"]["token"]})
        key, name = f"{line.general}/user-activity", line.people["alice"]["username"]
        await other.method("stream-notify-room", key, name, ["user-typing"], {"tmid": "M1"})
        await other.method("stream-notify-room", key, name, [], {})
        await other.method("stream-notify-room", f"{line.general}/typing", name, True)
        assert (await line.socket.event(ROOM, key))[1] == ["user-typing"]
        assert (await line.socket.event(ROOM, key, nth=2))[1] == []
    assert line.socket.wrong == []


async def test_refusals_of_subscriptions_and_methods(line: Line) -> None:
    socket = line.socket
    await socket.connect()
    assert (await socket.subscribe(MESSAGES, line.team))["msg"] == "nosub"
    assert (await socket.subscribe("stream-weather", "today"))["msg"] == "nosub"
    await socket.method("login", {"resume": line.bot["token"]})
    assert (await socket.subscribe(USER, f"{line.people['bob']['id']}/message"))["msg"] == "nosub"
    assert (await socket.subscribe(MESSAGES, ""))["msg"] == "nosub"
    await socket.send(
        {
            "msg": "sub",
            "id": "live",
            "name": MESSAGES,
            "params": [line.team, {"useCollection": False, "args": []}],
        }
    )
    await socket.wait(msg="ready", subs=["live"])
    await socket.send({"msg": "unsub", "id": "live"})
    await socket.wait(msg="nosub", id="live")
    assert "error" in await socket.method(
        "sendMessage", {"rid": line.team, "msg": "x", "alias": "y"}, fits=False
    )
    await socket.send({"msg": "dance"}, fits=False)
    await socket.send({"msg": "method", "id": "9"}, fits=False)
    await socket.wait(msg="error", reason="Malformed method invocation")
    assert socket.wrong == []


async def test_an_unknown_version_fails() -> None:
    async with opened() as line:
        await line.socket.send({"msg": "connect", "version": "7", "support": ["7"]}, fits=False)
        await line.socket.wait(msg="failed")
        assert line.socket.wrong == []


async def test_the_method_limiter_refuses_as_written(line: Line) -> None:
    # Bots are exempt from limits, so somebody else asks.
    await line.socket.connect()
    await line.socket.method("login", {"resume": line.people["bob"]["token"]})
    answers = [await line.socket.method("getRoomNameById", line.general) for _ in range(25)]
    refused = [cast("Json", answer["error"])["error"] for answer in answers if "error" in answer]
    assert "too-many-requests" in refused
    assert line.socket.wrong == []
