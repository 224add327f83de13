"""A clock that a test moves from outside, over its wire protocol."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tolmach.clock import SystemClock
from tolmach.errors import ConfigError
from tolmach.transport.remote_clock import RemoteClock, clock_from_environment

START = 1_700_000_000.0


class Control:
    """The other side of the protocol: a clock that moves when told."""

    def __init__(self) -> None:
        self.now = START
        self.frozen = True
        self.version = 1
        self.moved = asyncio.Condition()
        self.waits: list[tuple[int, str]] = []
        self.url = ""

    def state(self) -> dict[str, object]:
        return {"now": self.now, "frozen": self.frozen, "version": self.version}

    async def clock(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer key-of-control":
            return web.json_response({"error": "no"}, status=401)
        return web.json_response(self.state())

    async def wait(self, request: web.Request) -> web.Response:
        seen = int(request.query["version"])
        async with self.moved:
            self.waits.append((seen, request.query["client"]))
            self.moved.notify_all()
            await self.moved.wait_for(lambda: self.version != seen)
        return web.json_response(self.state())

    async def move(self, seconds: float, *, frozen: bool = True) -> None:
        """Move, and return once the client came back with the new version."""
        async with self.moved:
            self.now += seconds
            self.frozen = frozen
            self.version += 1
            self.moved.notify_all()
            await self.moved.wait_for(lambda: any(seen == self.version for seen, _ in self.waits))


@asynccontextmanager
async def control() -> AsyncIterator[tuple[Control, RemoteClock]]:
    side = Control()
    app = web.Application()
    app.router.add_get("/control/clock", side.clock)
    app.router.add_get("/control/clock/wait", side.wait)
    async with TestServer(app) as server:
        side.url = str(server.make_url("/control"))
        clock = RemoteClock(side.url, "key-of-control", client="me")
        await asyncio.to_thread(clock.fetch)
        try:
            yield side, clock
        finally:
            await clock.aclose()


async def test_a_frozen_clock_stands() -> None:
    async with control() as (_, clock):
        assert clock.now() == START
        assert clock.now() == START


async def test_a_clock_that_was_not_asked_at_the_start_finds_its_way() -> None:
    async with control() as (side, _):
        clock = RemoteClock(side.url, "key-of-control", client="late")
        task = asyncio.create_task(clock.sleep(1_000_000_000))
        try:
            async with side.moved:
                await side.moved.wait_for(lambda: "late" in [client for _, client in side.waits])
            assert clock.now() == START
        finally:
            task.cancel()
            await clock.aclose()


async def test_an_advance_wakes_who_is_due_and_nobody_else() -> None:
    async with control() as (side, clock):
        woken: list[str] = []

        async def sleeper(name: str, seconds: float) -> None:
            await clock.sleep(seconds)
            woken.append(f"{name} at {clock.now() - START:.0f}")

        tasks = [
            asyncio.create_task(sleeper(name, s))
            for name, s in [("late", 300), ("early", 30), ("never", 301)]
        ]
        await asyncio.sleep(0)
        await side.move(29)
        assert woken == []
        await side.move(271)
        assert woken == ["early at 300", "late at 300"]
        tasks[2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_client_comes_back_only_after_its_sleepers_had_their_turns() -> None:
    async with control() as (side, clock):
        steps: list[int] = []

        async def sleeper() -> None:
            await clock.sleep(10)
            for step in range(5):
                steps.append(step)
                await asyncio.sleep(0)

        task = asyncio.create_task(sleeper())
        await asyncio.sleep(0)
        await side.move(10)
        assert steps == [0, 1, 2, 3, 4]
        await task
        assert {client for _, client in side.waits} == {"me"}


async def test_a_running_clock_needs_no_advance() -> None:
    async with control() as (side, clock):
        clock.now()
        await side.move(0, frozen=False)
        before = clock.now()
        await clock.sleep(0.02)
        assert clock.now() - before >= 0.02


async def test_a_sleep_started_while_frozen_ends_when_the_clock_runs_again() -> None:
    async with control() as (side, clock):
        task = asyncio.create_task(clock.sleep(0.01))
        await asyncio.sleep(0)
        await side.move(0, frozen=False)
        await asyncio.wait_for(task, 5)


async def test_no_sleep_is_needed_for_nothing() -> None:
    async with control() as (_, clock):
        await clock.sleep(0)
        await clock.sleep(-5)


async def test_a_cancelled_sleeper_leaves_the_others_alone() -> None:
    async with control() as (side, clock):
        first = asyncio.create_task(clock.sleep(5))
        second = asyncio.create_task(clock.sleep(5))
        await asyncio.sleep(0)
        first.cancel()
        await side.move(5)
        await asyncio.wait_for(second, 5)
        assert first.cancelled()


async def test_the_environment_names_the_clock() -> None:
    async with control() as (side, _):
        environ = {"TOLMACH_CLOCK": side.url + "/", "TOLMACH_CLOCK_TOKEN": "key-of-control"}
        clock = await asyncio.to_thread(clock_from_environment, environ)
        assert isinstance(clock, RemoteClock)
        assert clock.now() == START
        assert "key-of-control" not in repr(clock)
        await clock.aclose()


async def test_a_wrong_token_is_said_at_the_start() -> None:
    async with control() as (side, _):
        environ = {"TOLMACH_CLOCK": side.url, "TOLMACH_CLOCK_TOKEN": "wrong-key"}
        with pytest.raises(ConfigError, match="refused the token") as caught:
            await asyncio.to_thread(clock_from_environment, environ)
        assert "wrong-key" not in str(caught.value)


async def test_a_clock_that_is_not_there_is_said_at_the_start() -> None:
    async with control() as (side, _):
        url = side.url.replace("/control", "/elsewhere")
        with pytest.raises(ConfigError, match="no clock"):
            await asyncio.to_thread(clock_from_environment, {"TOLMACH_CLOCK": url})


@pytest.mark.parametrize(
    "url", ["http://chat.example.com/control", "https://127.0.0.1/x", "http://10.0.0.1", "clock"]
)
def test_a_clock_on_another_machine_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="this machine"):
        clock_from_environment({"TOLMACH_CLOCK": url})


def test_without_the_variable_it_is_the_machines_clock() -> None:
    assert isinstance(clock_from_environment({}), SystemClock)
    assert isinstance(clock_from_environment({"TOLMACH_CLOCK": " "}), SystemClock)
