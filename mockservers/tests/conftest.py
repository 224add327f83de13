"""Fixtures shared by the tests of the fakes: the agent alone, in the test's own loop, and its control API."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

import aiohttp
import pytest

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
