"""Each operation against literal answers: what goes out, what comes back."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tolmach.errors import (
    ApiError,
    ConfigError,
    Forbidden,
    LocalProtocolError,
    NotFound,
    RateLimited,
    RemoteProtocolError,
    Unauthorized,
)
from tolmach.rocketchat import RocketChat

ME = '{"_id":"bot1","username":"bot","name":"Bot","active":true,"roles":["bot"],"success":true}'
MESSAGE = (
    '{"_id":"m1","rid":"r1","msg":"hi","ts":"2023-11-14T22:13:20.123Z",'
    '"_updatedAt":"2023-11-14T22:13:20.123Z","u":{"_id":"bot1","username":"bot"}}'
)
ROOM = '{"_id":"r1","t":"c","name":"ops","msgs":0,"usersCount":1}'
NOT_PERMITTED = (
    '{"success":false,'
    '"error":"User does not have the permissions required for this action [error-unauthorized]"}'
)
INVALID = '{"success":false,"error":"must have required property \'x\'","errorType":"invalid-params"}'
NO_CHANNEL = '{"success":false,"error":"[invalid-channel]","errorType":"invalid-channel"}'
LOGGED_OUT = (
    '{"success":false,"error":"You must be logged in to do this.","status":"error",'
    '"message":"You must be logged in to do this."}'
)


class Server:
    """Answer by operation; remember what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[int, str]]] = {"me": [(200, ME)]}
        self.asked: list[tuple[str, str, dict[str, str], object]] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""

    def answer(self, operation: str, *bodies: str, status: int = 200) -> None:
        self.answers[operation] = [(status, body) for body in bodies]

    async def handle(self, request: web.Request) -> web.Response:
        operation = request.path.removeprefix("/api/v1/")
        body = await request.text()
        self.asked.append(
            (request.method, operation, dict(request.query), json.loads(body) if body else None)
        )
        self.headers.append(dict(request.headers))
        queue = self.answers.get(operation)
        if queue is None:
            return web.Response(status=404, text="<!DOCTYPE html><p>Not here</p>", content_type="text/html")
        status, text = queue.pop(0) if len(queue) > 1 else queue[0]
        return web.Response(status=status, text=text, content_type="application/json")

    @property
    def last(self) -> tuple[str, str, dict[str, str], object]:
        return self.asked[-1]


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[Server, RocketChat]]:
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    async with TestServer(app) as listening:
        server.url = str(listening.make_url("/"))
        async with RocketChat(
            server.url, user_id="bot1", token="sentinel-token", insecure=True, random=Random(1)
        ) as rc:
            yield server, rc


async def test_entering_verifies_the_token_and_tells_who_it_is() -> None:
    async with connected() as (server, rc):
        assert rc.me.id == "bot1"
        assert server.asked == [("GET", "me", {}, None)]
        assert server.headers[0]["X-Auth-Token"] == "sentinel-token"
        assert server.headers[0]["X-User-Id"] == "bot1"
        assert "sentinel" not in repr(rc)
        assert "sentinel" not in repr(rc.account)
        assert "sentinel" not in repr(rc.http)


async def test_a_dead_token_is_said_on_entering_and_nothing_is_left_open() -> None:
    server = Server()
    server.answer("me", LOGGED_OUT, status=401)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    async with TestServer(app) as listening:
        rc = RocketChat(str(listening.make_url("/")), user_id="bot1", token="sentinel-token", insecure=True)
        with pytest.raises(Unauthorized, match="GET me: You must be logged in") as caught:
            async with rc:
                pass
    assert caught.value.status == 401
    assert len(server.asked) == 1


async def test_a_password_makes_a_token_that_ends_with_the_client() -> None:
    server = Server()
    server.answer(
        "login",
        '{"success":true,"status":"success","data":{"userId":"u9","authToken":"fresh","me":' + ME + "}}",
    )
    server.answer("logout", '{"status":"success","data":{"message":"You\'ve been logged out!"}}')
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    async with TestServer(app) as listening:
        url = str(listening.make_url("/"))
        async with RocketChat(url, username="alice", password="pass-word", insecure=True) as rc:
            assert rc.me.username == "bot"
            await rc.auth.me()
    assert server.asked[0] == ("POST", "login", {}, {"user": "alice", "password": "pass-word"})
    assert "X-Auth-Token" not in server.headers[0]
    assert server.headers[1]["X-Auth-Token"] == "fresh"
    assert [asked[1] for asked in server.asked] == ["login", "me", "logout"]
    assert server.headers[2]["X-Auth-Token"] == "fresh"


async def test_a_refused_login_is_not_repeated_and_shows_no_password() -> None:
    async with connected() as (server, rc):
        refusal = '{"success":false,"status":"error","error":"Unauthorized","message":"Unauthorized"}'
        server.answer("login", refusal, status=401)
        with pytest.raises(Unauthorized) as caught:
            await rc.auth.login("alice", "pass-word")
        assert "pass-word" not in str(caught.value)
        assert [asked[1] for asked in server.asked] == ["me", "login"]


async def test_a_second_factor_is_asked_for_by_code() -> None:
    async with connected() as (server, rc):
        server.answer(
            "login",
            '{"success":false,"status":"error","error":"totp-required","message":"TOTP Required",'
            '"details":{"method":"totp","codeGenerated":false,"availableMethods":["totp","email"]}}',
            status=401,
        )
        with pytest.raises(Unauthorized, match="totp-required") as caught:
            await rc.auth.login("alice", "pass-word")
        assert caught.value.details["method"] == "totp"


async def test_a_session_that_was_handed_in_stays_open() -> None:
    async with connected() as (server, _), aiohttp.ClientSession() as session:
        async with RocketChat(
            server.url, user_id="u", token="sentinel-token", insecure=True, client_session=session
        ):
            pass
        assert not session.closed


async def test_tokens_are_made_and_removed_by_name() -> None:
    async with connected() as (server, rc):
        server.answer("users.generatePersonalAccessToken", '{"token":"made-here","success":true}')
        server.answer("users.removePersonalAccessToken", '{"success":true}')
        assert await rc.auth.create_token("tolmach") == "made-here"
        assert server.last[3] == {"tokenName": "tolmach"}
        await rc.auth.remove_token("tolmach")
        assert server.last[3] == {"tokenName": "tolmach"}


async def test_resume_logs_in_with_an_earlier_token() -> None:
    async with connected() as (server, rc):
        server.answer("login", '{"success":true,"data":{"userId":"u9","authToken":"fresh","me":' + ME + "}}")
        assert (await rc.auth.resume("earlier")).user_id == "u9"
        assert server.last[3] == {"resume": "earlier"}


async def test_a_refusal_has_its_code_apart_from_its_text() -> None:
    async with connected() as (server, rc):
        server.answer(
            "rooms.info",
            '{"success":false,"error":"The required \\"roomId\\" or \\"roomName\\" param does not match '
            'any channel [error-room-not-found]","errorType":"error-room-not-found"}',
            status=400,
        )
        with pytest.raises(NotFound) as caught:
            await rc.rooms.info("nope")
        assert caught.value.code == "error-room-not-found"
        assert caught.value.status == 400
        assert str(caught.value).count("[error-room-not-found]") == 1


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (400, '{"success":false,"error":"not-allowed","errorType":"Not Allowed"}', Forbidden, "Not Allowed"),
        (400, '{"success":false}', ApiError, ""),
        (400, INVALID, ApiError, "invalid-params"),
        (400, NO_CHANNEL, ApiError, "invalid-channel"),
        (403, NOT_PERMITTED, Forbidden, "error-unauthorized"),
        (401, NOT_PERMITTED, Forbidden, "error-unauthorized"),
        (403, '{"success":false,"error":"unauthorized"}', Forbidden, ""),
        (401, LOGGED_OUT, Unauthorized, ""),
        (401, '{"status":"error","message":"You must be logged in to do this."}', Unauthorized, ""),
        (404, '{"success":false,"error":"Resource not found"}', NotFound, ""),
        (200, '{"success":false,"error":"no"}', ApiError, ""),
    ],
)  # fmt: skip
async def test_every_wording_of_a_refusal_is_understood(
    status: int, body: str, kind: type[ApiError], code: str
) -> None:
    async with connected() as (server, rc):
        server.answer("rooms.info", body, status=status)
        with pytest.raises(ApiError) as caught:
            await rc.rooms.info("r1")
        assert type(caught.value) is kind
        assert caught.value.code == code
        assert len(server.asked) == 2


async def test_the_rate_limit_states_its_wait_in_words_only() -> None:
    async with connected() as (server, rc):
        server.answer(
            "rooms.info",
            '{"success":false,"error":"Error, too many requests. Please slow down. You must wait 77 seconds '
            'before trying this endpoint again. [error-too-many-requests]"}',
            status=429,
        )
        with pytest.raises(RateLimited) as caught:
            await rc.rooms.info("r1")
        assert caught.value.retry_after == 77
        assert caught.value.code == "error-too-many-requests"


async def test_an_unknown_operation_answers_with_a_page() -> None:
    async with connected() as (_, rc):
        with pytest.raises(NotFound):
            await rc.users.info("u1")


async def test_rooms_by_id_and_by_name() -> None:
    async with connected() as (server, rc):
        server.answer("rooms.info", '{"room":' + ROOM + ',"success":true}')
        assert (await rc.rooms.info("r1")).name == "ops"
        assert server.last[2] == {"roomId": "r1"}
        assert (await rc.rooms.info(name="ops")).id == "r1"
        assert server.last[2] == {"roomName": "ops"}
        with pytest.raises(LocalProtocolError):
            await rc.rooms.info()


async def test_what_changed_since_is_asked_in_iso_with_milliseconds() -> None:
    since = datetime(2023, 11, 14, 22, 13, 20, 123456, tzinfo=UTC)
    async with connected() as (server, rc):
        server.answer(
            "rooms.get", '{"update":[' + ROOM + ',{"odd":1}],"remove":[{"_id":"r0"}],"success":true}'
        )
        rooms = await rc.rooms.get(since)
        assert server.last[2] == {"updatedSince": "2023-11-14T22:13:20.123Z"}
        assert [room.id for room in rooms.updated] == ["r1"]
        assert [room.id for room in rooms.removed] == ["r0"]
        server.answer(
            "subscriptions.get", '{"update":[{"_id":"s1","rid":"r1","t":"c"}],"remove":[],"success":true}'
        )
        assert [each.room_id for each in (await rc.subscriptions.get()).updated] == ["r1"]
        assert server.last[2] == {}


async def test_no_membership_is_none() -> None:
    async with connected() as (server, rc):
        server.answer("subscriptions.getOne", '{"subscription":null,"success":true}')
        assert await rc.subscriptions.get_one("r1") is None


async def test_a_person_who_is_not_there_is_not_found() -> None:
    async with connected() as (server, rc):
        server.answer("users.info", '{"success":false,"error":"User not found."}', status=400)
        with pytest.raises(NotFound, match="User not found"):
            await rc.users.info(username="nobody")
        assert server.last[2] == {"username": "nobody"}
        with pytest.raises(LocalProtocolError):
            await rc.users.info("u", username="x")


async def test_the_server_is_asked_without_a_credential() -> None:
    async with connected() as (server, rc):
        server.answer("info", '{"version":"8.2","success":true}')
        server.answer(
            "settings.public",
            '{"settings":[{"_id":"Message_MaxAllowedSize","value":5000},{"_id":"Threads_enabled","value":true}],'
            '"count":2,"offset":0,"total":2,"success":true}',
        )
        assert (await rc.server.info()).version == "8.2"
        settings = await rc.server.public_settings(["Message_MaxAllowedSize", "Threads_enabled"])
        assert settings == {"Message_MaxAllowedSize": 5000, "Threads_enabled": True}
        assert server.last[2]["_id"] == "Message_MaxAllowedSize,Threads_enabled"
        assert "X-Auth-Token" not in server.headers[-1]


async def test_a_capped_list_is_read_to_its_end() -> None:
    async with connected() as (server, rc):
        server.answer(
            "channels.list",
            '{"channels":[{"_id":"a","t":"c"},{"_id":"b","t":"c"}],"count":2,"offset":0,"total":3,"success":true}',
            '{"channels":[{"_id":"c","t":"c"}],"count":1,"offset":2,"total":3,"success":true}',
        )
        assert [room.id async for room in rc.channels.list()] == ["a", "b", "c"]
        assert [asked[2]["offset"] for asked in server.asked[1:]] == ["0", "2"]


async def test_members_and_history_are_asked_by_family() -> None:
    async with connected() as (server, rc):
        server.answer(
            "groups.members", '{"members":[{"_id":"u1","username":"alice"}],"total":1,"success":true}'
        )
        server.answer("im.history", '{"messages":[' + MESSAGE + '],"success":true}')
        assert [user.username async for user in rc.groups.members("r1")] == ["alice"]
        messages = await rc.direct.history(
            "r1", count=5, oldest=datetime(2023, 1, 1, tzinfo=UTC), threads=False
        )
        assert [message.id for message in messages] == ["m1"]
        assert server.last[2] == {
            "roomId": "r1",
            "count": "5",
            "oldest": "2023-01-01T00:00:00.000Z",
            "showThreadMessages": "false",
        }


async def test_rooms_are_made_and_changed_by_family() -> None:
    async with connected() as (server, rc):
        server.answer("channels.create", '{"channel":' + ROOM + ',"success":true}')
        server.answer("groups.rename", '{"group":' + ROOM + ',"success":true}')
        server.answer("channels.join", '{"channel":' + ROOM + ',"success":true}')
        for operation in ("groups.invite", "groups.kick", "groups.leave"):
            server.answer(operation, '{"success":true}')
        assert (await rc.channels.create("ops", members=["alice"], topic="hard work")).id == "r1"
        assert server.last[3] == {"name": "ops", "members": ["alice"], "extraData": {"topic": "hard work"}}
        await rc.groups.rename("r1", "ops2")
        assert server.last[3] == {"roomId": "r1", "name": "ops2"}
        await rc.groups.invite("r1", "u1")
        await rc.groups.kick("r1", "u1")
        assert server.last[3] == {"roomId": "r1", "userId": "u1"}
        await rc.channels.join("r1")
        await rc.groups.leave("r1")
        assert server.last[3] == {"roomId": "r1"}


async def test_a_direct_room_is_opened_by_username() -> None:
    async with connected() as (server, rc):
        server.answer(
            "im.create", '{"room":{"_id":"ab","rid":"ab","t":"d","usernames":["alice","bot"]},"success":true}'
        )
        room = await rc.direct.create("alice")
        assert (room.id, room.usernames) == ("ab", ["alice", "bot"])
        assert server.last[3] == {"username": "alice"}
        await rc.direct.create("alice", "bob")
        assert server.last[3] == {"usernames": "alice,bob"}


async def test_an_answer_without_its_document_is_a_protocol_error_that_names_the_call() -> None:
    async with connected() as (server, rc):
        server.answer("rooms.info", '{"success":true}')
        with pytest.raises(RemoteProtocolError, match=r"GET rooms\.info: not a Room"):
            await rc.rooms.info("r1")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({}, "token"),
        ({"token": "x"}, "user_id"),
        ({"user_id": "x"}, "token"),
        ({"username": "x"}, "token"),
        ({"user_id": "x", "token": "sentinel token\n"}, "token"),
        ({"user_id": "x", "token": "sentinel-x", "username": "u", "password": "p"}, "token"),
    ],
)
def test_a_credential_that_cannot_be_right_is_said_at_once(given: dict[str, str], path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        RocketChat("https://chat.example.com", **given)  # type: ignore[arg-type]
    assert caught.value.path == path
    assert "sentinel" not in str(caught.value)


def test_plain_http_takes_a_flag() -> None:
    with pytest.raises(ConfigError, match="plain http"):
        RocketChat("http://127.0.0.1:3000", user_id="u", token="sentinel-token")


def test_the_realtime_address_follows_the_servers() -> None:
    rc = RocketChat("https://chat.example.com/sub/api/v1/", user_id="u", token="sentinel-token")
    assert rc.url == "https://chat.example.com/sub"
    assert rc.websocket_url == "wss://chat.example.com/sub/websocket"


def test_who_it_is_is_not_known_before_entering() -> None:
    rc = RocketChat("https://chat.example.com", user_id="u", token="sentinel-token")
    with pytest.raises(LocalProtocolError):
        _ = rc.me
