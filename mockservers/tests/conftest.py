"""Fixtures shared by the tests of the fakes: the agent alone, in the test's own loop, and its control API."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

import aiohttp
import pytest
from pachca_desk import Desk as PachcaDesk
from pachca_desk import Receiver, opened, received
from s3_desk import Storage, running

from tolmach_mockservers.server import Fakes


class Answered(NamedTuple):
    status: int
    body: Any


class Caller:
    """Call one of the fakes' listeners with its own key."""

    def __init__(self, session: aiohttp.ClientSession, url: str, key: str | None) -> None:
        self.session = session
        self.url = url
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    async def call(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answered:
        sent = self.headers if headers is None else dict(headers)
        async with self.session.request(method, self.url + path, json=body, headers=sent) as response:
            if response.content_type == "application/json":
                return Answered(response.status, await response.json())
            return Answered(response.status, await response.text())

    async def get(self, path: str) -> Any:
        status, body = await self.call("GET", path)
        assert status == 200, body
        return body

    async def post(self, path: str, body: object = None) -> Any:
        status, answer = await self.call("POST", path, {} if body is None else body)
        assert status == 200, answer
        return answer

    async def refused(self, path: str, body: object, method: str = "POST") -> dict[str, Any]:
        status, answer = await self.call(method, path, body)
        assert status == 400, (status, answer)
        assert isinstance(answer, dict)
        return answer


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def agent_fakes() -> AsyncIterator[Fakes]:
    async with Fakes(["agent"], strict=True) as fakes:
        yield fakes


@pytest.fixture
def control(agent_fakes: Fakes, session: aiohttp.ClientSession) -> Caller:
    return Caller(session, agent_fakes.ready["control"]["url"], agent_fakes.control_token)


@pytest.fixture
def chat(agent_fakes: Fakes, session: aiohttp.ClientSession) -> Caller:
    agent = agent_fakes.ready["agent"]
    return Caller(session, agent["url"], agent["key"])


class Ddp:
    """Speak DDP over one websocket, frame by frame."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, **frame: object) -> None:
        await self.socket.send_json(frame)

    async def frame(self) -> Any:
        """Return the next frame as parsed JSON."""
        return await self.socket.receive_json(timeout=5)

    async def closed(self) -> aiohttp.WSMessage:
        """Return the message that ends the connection."""
        while True:
            message = await self.socket.receive(timeout=5)
            if message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}:
                return message

    async def connect(self) -> None:
        assert await self.frame() == {"server_id": "0"}
        await self.send(msg="connect", version="1", support=["1", "pre2", "pre1"])
        assert (await self.frame())["msg"] == "connected"

    async def call(self, method: str, *params: object, call_id: str = "1") -> Any:
        """Return the result frame of a method; "updated" comes before it."""
        await self.send(msg="method", method=method, id=call_id, params=list(params))
        while True:
            frame = await self.frame()
            if frame["msg"] == "result" and frame["id"] == call_id:
                return frame

    async def login(self, token: str) -> None:
        assert "error" not in await self.call("login", {"resume": token})

    async def sub(self, name: str, *params: object, sub_id: str = "s") -> Any:
        """Return the frame that answers a subscription."""
        await self.send(msg="sub", id=sub_id, name=name, params=list(params))
        return await self.frame()

    async def event(self) -> Any:
        """Return (event name, arguments) of the next stream event."""
        frame = await self.frame()
        assert frame["msg"] == "changed", frame
        assert frame["id"] == "id"
        return frame["fields"]["eventName"], frame["fields"]["args"]

    async def quiet(self) -> None:
        """Prove by a round trip that nothing else was sent before."""
        await self.send(msg="ping", id="quiet")
        assert await self.frame() == {"msg": "pong", "id": "quiet"}


class Desk:
    """Sit before a fake Rocket.Chat: call it as anybody, open sockets, reach behind it."""

    def __init__(self, fakes: Fakes, session: aiohttp.ClientSession) -> None:
        assert fakes.rocketchat is not None
        self.fakes = fakes
        self.fake = fakes.rocketchat
        self.session = session
        chat = fakes.ready["rocketchat"]
        self.url, self.ws = chat["url"], chat["ws"]
        self.bot: Any = chat["bot"]
        self.admin, self.alice, self.bob = (chat["people"][name] for name in ("admin", "alice", "bob"))
        self.general, self.team = (chat["rooms"][name]["id"] for name in ("general", "team"))

    async def raw(
        self, method: str, operation: str, person: Any = None, *, body: object = None, **query: Any
    ) -> tuple[int, str, Mapping[str, str]]:
        """Return status, text and headers."""
        headers = {"X-Auth-Token": person["token"], "X-User-Id": person["id"]} if person else {}
        async with self.session.request(
            method, f"{self.url}/api/v1/{operation}", json=body, params=query, headers=headers
        ) as response:
            return response.status, await response.text(), response.headers

    async def get(self, operation: str, person: Any = None, **query: Any) -> Any:
        status, text, _ = await self.raw("GET", operation, person, **query)
        assert status == 200, text
        answer = json.loads(text)
        assert answer.pop("success") is True
        return answer

    async def post(self, operation: str, person: Any = None, **body: Any) -> Any:
        status, text, _ = await self.raw("POST", operation, person, body=body)
        assert status == 200, text
        answer = json.loads(text)
        assert answer.pop("success") is True
        return answer

    async def refusal(self, operation: str, person: Any = None, **body: Any) -> Any:
        """Return (status, body) of a call that must fail."""
        status, text, _ = await self.raw("POST", operation, person, body=body)
        assert status != 200, text
        return status, json.loads(text)

    async def say(self, person: Any, text: str, rid: str | None = None, **more: Any) -> Any:
        """Return the message that a person sent by chat.sendMessage."""
        message = {"rid": rid or self.general, "msg": text, **more}
        return (await self.post("chat.sendMessage", person, message=message))["message"]

    async def person(self, **wish: Any) -> Any:
        return self.fake.create_person(**wish)

    async def open(self, person: Any = None) -> Ddp:
        """Return a connected socket, logged in when a person is given; the session closes it."""
        ddp = Ddp(await self.session.ws_connect(self.ws))
        await ddp.connect()
        if person is not None:
            await ddp.login(person["token"])
        return ddp

    def violations(self) -> list[str | None]:
        """Return what the clients did wrong by the fake's own judgement."""
        return [each.text for each in self._noted() if "wrong" not in each.detail]

    def own_mistakes(self) -> list[Any]:
        """Return answers and frames of the fake that its schemas do not allow."""
        sent = ("response", "server frame")
        return [
            (each.text, each.detail["wrong"]) for each in self._noted() if each.detail.get("what") in sent
        ]

    def _noted(self) -> list[Any]:
        return [each for each in self.fakes.kernel.journal.search() if each.kind == "violation"]


@pytest.fixture
async def rocket(session: aiohttp.ClientSession) -> AsyncIterator[Desk]:
    """Give a fake whose every answer and frame is checked against the written schemas."""
    async with Fakes(["rocketchat"], strict=True) as fakes:
        desk = Desk(fakes, session)
        desk.fake.patch_settings({"rate_limits": False})
        yield desk
        assert desk.own_mistakes() == []


@pytest.fixture
async def storage() -> AsyncIterator[Storage]:
    """Give a fake S3 that stands at the moment of the vendor's published examples."""
    async with running() as started:
        yield started


@pytest.fixture
async def pachca() -> AsyncIterator[PachcaDesk]:
    """Give a fake Pachca whose every answer is checked against the written schemas."""
    async with opened() as desk:
        yield desk


@pytest.fixture
async def receiver(pachca: PachcaDesk) -> AsyncIterator[Receiver]:
    """Give the server that the fake Pachca's bot gets its webhooks at."""
    async with received(pachca) as started:
        yield started
