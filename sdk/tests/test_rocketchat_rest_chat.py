"""Messages: sent once, whatever happens on the way."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tolmach.errors import (
    ApiError,
    ConnectFailed,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Unauthorized,
)
from tolmach.rocketchat import RocketChat
from tolmach.rocketchat.identifier import new_message_id
from tolmach.rocketchat.models import Message

ALREADY_THERE = '{"success":false,"error":"Cannot read properties of undefined (reading \'_id\')"}'
NOT_THERE = '{"success":false}'


class SteppingClock:
    """Pass the time that is asked for at once, and remember it."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


def document(message: dict[str, object]) -> dict[str, object]:
    return {
        "ts": "2023-11-14T22:13:20.123Z",
        "_updatedAt": "2023-11-14T22:13:20.123Z",
        "u": {"_id": "bot1", "username": "bot"},
        **message,
    }


def cut(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def said(status: int, body: str, **headers: str) -> web.Response:
    return web.Response(status=status, text=body, content_type="application/json", headers=headers)


class Room:
    """Store messages by id as the server does; misbehave as told, one way for each post."""

    def __init__(self, *faults: str) -> None:
        self.faults = list(faults)
        self.stored: dict[str, dict[str, object]] = {}
        self.posts: list[str] = []
        self.reads = 0
        self.reading = "ok"
        self.writes: list[tuple[str, object]] = []
        self.answers: dict[str, tuple[int, str]] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        operation = request.path.removeprefix("/api/v1/")
        match operation:
            case "chat.sendMessage":
                return self.send(request, (await request.json())["message"])
            case "chat.getMessage":
                return self.read(request)
            case "me":
                return said(200, '{"_id":"bot1","username":"bot","success":true}')
            case _:
                text = await request.text()
                self.writes.append((operation, json.loads(text) if text else dict(request.query)))
                status, body = self.answers.get(operation, (200, '{"success":true}'))
                return said(status, body)

    def send(self, request: web.Request, message: dict[str, object]) -> web.StreamResponse:
        key = str(message["_id"])
        self.posts.append(key)
        fault = self.faults.pop(0) if self.faults else "ok"
        if fault == "cut before":
            return cut(request)
        if fault == "500 before":
            return said(500, '{"success":false,"error":"Internal server error"}')
        if fault == "429":
            return said(429, '{"success":false,"error":"You must wait 2 seconds. [error-too-many-requests]"}')
        if fault.startswith("{"):
            return said(400, fault)
        if fault == "401":
            return said(401, '{"status":"error","message":"You must be logged in to do this."}')
        if key in self.stored:
            return said(400, ALREADY_THERE)
        self.stored[key] = document(message)
        match fault:
            case "cut after":
                return cut(request)
            case "502 after":
                return web.Response(status=502, text="<h1>Bad Gateway</h1>", content_type="text/html")
            case "html after":
                return web.Response(status=200, text="<p>hm</p>", content_type="text/html")
            case "no message":
                return said(200, '{"success":true}')
            case _:
                return said(200, json.dumps({"message": self.stored[key], "success": True}))

    def read(self, request: web.Request) -> web.StreamResponse:
        self.reads += 1
        if self.reading == "cut":
            return cut(request)
        if self.reading == "401":
            return said(401, '{"status":"error","message":"You must be logged in to do this."}')
        message = self.stored.get(request.query["msgId"])
        if message is None:
            return said(400, NOT_THERE)
        return said(200, json.dumps({"message": message, "success": True}))


@asynccontextmanager
async def room(*faults: str) -> AsyncIterator[tuple[Room, RocketChat, SteppingClock]]:
    server = Room(*faults)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    clock = SteppingClock()
    async with TestServer(app) as listening:
        url = str(listening.make_url("/"))
        async with RocketChat(
            url, user_id="bot1", token="sentinel-token", insecure=True, random=Random(7), clock=clock
        ) as rc:
            yield server, rc, clock


async def test_a_message_is_sent_with_an_id_of_the_servers_form() -> None:
    async with room() as (server, rc, _):
        message = await rc.chat.send("r1", "hello")
    assert message.text == "hello"
    assert server.posts == [message.id]
    assert len(message.id) == 17
    assert message.id == new_message_id(Random(7))
    assert not set(message.id) & set("01IOUVl")
    assert server.reads == 0


@pytest.mark.parametrize("fault", ["cut after", "502 after", "html after", "no message"])
async def test_a_message_whose_answer_was_lost_is_there_once(fault: str) -> None:
    async with room(fault) as (server, rc, _):
        message = await rc.chat.send("r1", "hello")
    assert list(server.stored) == [message.id]
    assert server.posts == [message.id]


@pytest.mark.parametrize("fault", ["cut before", "500 before"])
async def test_a_message_that_never_arrived_is_sent_again_with_the_same_id(fault: str) -> None:
    async with room(fault, fault) as (server, rc, clock):
        message = await rc.chat.send("r1", "hello")
    assert server.posts == [message.id] * 3
    assert list(server.stored) == [message.id]
    assert clock.slept == [0.5, 1.0]


async def test_a_message_is_tried_three_times_and_then_reported() -> None:
    async with room(*["500 before"] * 5) as (server, rc, _):
        with pytest.raises(OutcomeUnknown, match=r"chat\.sendMessage"):
            await rc.chat.send("r1", "hello")
    assert len(server.posts) == 3
    assert server.stored == {}


async def test_a_message_that_cannot_be_looked_for_is_sent_again_because_the_id_makes_it_harmless() -> None:
    async with room("cut after") as (server, rc, _):
        server.reading = "cut"
        with pytest.raises(OutcomeUnknown, match="looking whether it is there failed"):
            await rc.chat.send("r1", "hello")
    assert len(server.stored) == 1
    assert len(server.posts) == 2
    assert len(set(server.posts)) == 1


async def test_a_token_that_dies_while_looking_leaves_the_outcome_unknown() -> None:
    async with room("cut after") as (server, rc, _):
        server.reading = "401"
        with pytest.raises(OutcomeUnknown, match="looking failed"):
            await rc.chat.send("r1", "hello")
    assert len(server.posts) == 1


async def test_an_id_that_is_there_already_is_adopted() -> None:
    async with room() as (server, rc, _):
        first = await rc.chat.send("r1", "hello", message_id="abcdefghijkmnopqr")
        again = await rc.chat.send("r1", "hello", message_id="abcdefghijkmnopqr")
    assert first == again
    assert list(server.stored) == ["abcdefghijkmnopqr"]


@pytest.mark.parametrize(
    "refusal",
    [
        '{"success":false,"error":"[error-message-size-exceeded]","errorType":"error-message-size-exceeded"}',
        '{"success":false,"error":"Invalid room"}',
    ],
)
async def test_a_refusal_is_raised_and_not_repeated(refusal: str) -> None:
    async with room(refusal) as (server, rc, clock):
        with pytest.raises(ApiError) as caught:
            await rc.chat.send("r1", "hello")
    assert caught.value.status == 400
    assert len(server.posts) == 1
    assert clock.slept == []


async def test_a_dead_token_is_not_tried_again() -> None:
    async with room("401") as (server, rc, _):
        with pytest.raises(Unauthorized):
            await rc.chat.send("r1", "hello")
    assert len(server.posts) == 1


async def test_a_rate_limit_is_waited_for_and_one_message_results() -> None:
    async with room("429", "429") as (server, rc, clock):
        message = await rc.chat.send("r1", "hello")
    assert list(server.stored) == [message.id]
    assert clock.slept == [2.0, 2.0]


async def test_a_rate_limit_that_does_not_end_is_an_error_after_three_tries() -> None:
    async with room(*["429"] * 4) as (server, rc, _):
        with pytest.raises(RateLimited):
            await rc.chat.send("r1", "hello")
    assert len(server.posts) == 3


async def test_a_server_that_is_down_is_not_an_unknown_outcome() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        rc = RocketChat(url, user_id="u", token="sentinel-token", insecure=True, clock=SteppingClock())
        with pytest.raises(ConnectFailed):
            await rc.chat.send("r1", "hello")
        await rc.aclose()


@pytest.mark.parametrize(
    ("thread", "root"),
    [
        ("m1", "m1"),
        (Message.model_validate(document({"_id": "m1", "rid": "r", "msg": ""})), "m1"),
        (Message.model_validate(document({"_id": "m2", "rid": "r", "msg": "", "tmid": "m1"})), "m1"),
        (None, None),
        ("", None),
    ],
)
async def test_a_reply_goes_into_the_thread_of_what_it_answers(
    thread: Message | str | None, root: str | None
) -> None:
    async with room() as (server, rc, _):
        message = await rc.chat.send("r1", "hello", thread=thread)
    assert message.thread_id == root
    assert ("tmid" in server.stored[message.id]) == (root is not None)


async def test_removing_a_reaction_that_is_not_there_would_add_it_so_it_is_not_asked() -> None:
    async with room() as (server, rc, _):
        server.stored["m1"] = document({"_id": "m1", "rid": "r1", "msg": "x"})
        await rc.chat.react("m1", "tada", add=False)
        server.stored["m1"]["reactions"] = {":tada:": {"usernames": ["alice"]}}
        await rc.chat.react("m1", "tada", add=False)
        assert server.writes == []
        server.stored["m1"]["reactions"] = {":tada:": {"usernames": ["alice", "bot"]}}
        await rc.chat.react("m1", ":tada:", add=False)
    assert server.writes == [("chat.react", {"messageId": "m1", "emoji": ":tada:", "shouldReact": False})]


async def test_adding_a_reaction_says_that_it_is_no_toggle() -> None:
    async with room() as (server, rc, _):
        await rc.chat.react("m1", "tada", add=True)
    assert server.writes == [("chat.react", {"messageId": "m1", "emoji": ":tada:", "shouldReact": True})]
    assert server.reads == 0


async def test_a_message_that_is_not_there_is_not_found() -> None:
    async with room() as (_, rc, _clock):
        with pytest.raises(NotFound, match=r"chat\.getMessage"):
            await rc.chat.get("nope")


async def test_editing_and_deleting_name_room_and_message() -> None:
    async with room() as (server, rc, _):
        server.answers["chat.update"] = (
            200,
            json.dumps({"message": document({"_id": "m1", "rid": "r1", "msg": "new"})}),
        )
        assert (await rc.chat.update("r1", "m1", "new")).text == "new"
        await rc.chat.delete("r1", "m1")
        await rc.chat.pin("m1")
        await rc.chat.unpin("m1")
    assert server.writes == [
        ("chat.update", {"roomId": "r1", "msgId": "m1", "text": "new"}),
        ("chat.delete", {"roomId": "r1", "msgId": "m1"}),
        ("chat.pinMessage", {"messageId": "m1"}),
        ("chat.unPinMessage", {"messageId": "m1"}),
    ]


async def test_an_edit_that_is_not_allowed_is_forbidden() -> None:
    async with room() as (server, rc, _):
        server.answers["chat.update"] = (
            400,
            '{"success":false,"error":"Message editing not allowed [error-action-not-allowed]",'
            '"errorType":"error-action-not-allowed","details":{"method":"updateMessage","action":"Message_editing"}}',
        )
        with pytest.raises(Forbidden) as caught:
            await rc.chat.update("r1", "m1", "new")
    assert caught.value.details["action"] == "Message_editing"


async def test_a_post_has_no_id_and_is_made_once() -> None:
    async with room() as (server, rc, _):
        server.answers["chat.postMessage"] = (500, "oops")
        with pytest.raises(ApiError):
            await rc.chat.post("r1", "hello", alias="Other", attachments=[{"text": "card"}])
    assert server.writes == [
        (
            "chat.postMessage",
            {"roomId": "r1", "text": "hello", "alias": "Other", "attachments": [{"text": "card"}]},
        )
    ]


async def test_a_thread_is_read_page_by_page() -> None:
    async with room() as (server, rc, _):
        replies = [document({"_id": f"m{n}", "rid": "r1", "msg": "", "tmid": "m0"}) for n in (1, 2)]
        server.answers["chat.getThreadMessages"] = (
            200,
            json.dumps({"messages": replies, "count": 2, "total": 2}),
        )
        assert [message.id async for message in rc.chat.thread("m0", page=2)] == ["m1", "m2"]
    assert server.writes == [("chat.getThreadMessages", {"tmid": "m0", "offset": "0", "count": "2"})]


async def test_catching_up_tells_changed_from_deleted_and_steps_over_what_it_cannot_read() -> None:
    async with room() as (server, rc, _):
        server.answers["chat.syncMessages"] = (
            200,
            json.dumps(
                {
                    "result": {
                        "updated": [document({"_id": "m2", "rid": "r1", "msg": "b"}), {"_id": "odd"}],
                        "deleted": [{"_id": "m1", "_deletedAt": "2023-11-14T22:13:20.123Z"}],
                    },
                    "success": True,
                }
            ),
        )
        result = await rc.chat.sync("r1", since=datetime(2023, 11, 14, 22, 0, 0, 5000, tzinfo=UTC))
    assert [message.id for message in result.updated] == ["m2"]
    assert [gone.id for gone in result.deleted] == ["m1"]
    assert server.writes == [
        ("chat.syncMessages", {"roomId": "r1", "lastUpdate": "2023-11-14T22:00:00.005Z"})
    ]


async def test_a_long_gap_is_walked_by_cursor() -> None:
    async with room() as (server, rc, _):
        server.answers["chat.syncMessages"] = (
            200,
            '{"result":{"updated":[],"deleted":[],"cursor":{"next":"1700000000001","previous":null}}}',
        )
        page = await rc.chat.sync_page(
            "r1", kind="DELETED", after=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
        )
    assert page.next == "1700000000001"
    assert server.writes == [
        ("chat.syncMessages", {"roomId": "r1", "type": "DELETED", "next": "1700000000000", "count": "100"})
    ]


async def test_no_secret_is_in_what_a_failed_call_says(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with room("cut before", "401") as (_, rc, _clock):
        with pytest.raises(Unauthorized) as caught:
            await rc.chat.send("r1", "hello")
    assert "sentinel-token" not in f"{caught.value!r} {caught.value} {caught.value.__cause__!r}"
    assert "chat.sendMessage" in caplog.text
    assert "sentinel-token" not in caplog.text
    assert "hello" not in caplog.text
