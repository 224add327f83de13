"""An event whose lookups fail: tried again for a while, never at the cost of another event."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from channel_words import arrived
from fake_platform import ManualClock, breathe

from tolmach.adapters.pachca import LOOKUPS, PachcaPlatform
from tolmach.channel.model import Event
from tolmach.errors import ConfigError, ConnectFailed, NotFound, ServerFailed, TolmachError, Unauthorized
from tolmach.pachca import Pachca
from tolmach.pachca.events import Event as PachcaEvent
from tolmach.pachca.events import parse_event

MEANT = arrived("hi")
TOLD = parse_event(
    {
        "type": "message",
        "event": "new",
        "id": 1,
        "entity_type": "discussion",
        "entity_id": 7,
        "chat_id": 7,
        "content": "hi",
        "user_id": 3,
        "created_at": "2025-05-15T14:30:00.000Z",
        "url": "https://app.pachca.com/chats/7?message=1",
        "parent_message_id": None,
        "thread": None,
        "webhook_timestamp": 1747319400,
    }
)


class Rig:
    """An adapter whose translations fail as told, and what was settled."""

    def __init__(self, platform: PachcaPlatform, clock: ManualClock) -> None:
        self.platform = platform
        self.clock = clock
        self.errors: list[Exception] = []
        self.settled: list[PachcaEvent] = []
        self.settle_error: TolmachError | None = None
        self.tries = 0
        platform._translator.events = self._events  # type: ignore[method-assign]
        platform._feed.settle = self._settle  # type: ignore[method-assign]

    async def _events(self, happened: PachcaEvent) -> Sequence[Event]:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return [MEANT]

    async def _settle(self, event: PachcaEvent) -> None:
        if self.settle_error is not None:
            raise self.settle_error
        self.settled.append(event)

    async def told(self) -> Sequence[Event]:
        task = asyncio.create_task(self.platform._told(TOLD))
        for _ in range(12):
            await breathe()
            await self.clock.advance(64)
        return await asyncio.wait_for(task, 1)


@asynccontextmanager
async def rig() -> AsyncIterator[Rig]:
    clock = ManualClock()
    async with Pachca("token", clock=clock) as pachca:
        yield Rig(PachcaPlatform(pachca), clock)


@pytest.mark.parametrize("error", [ServerFailed("busy", status=503), ConnectFailed("refused")])
async def test_a_lookup_that_fails_for_now_is_tried_again(error: TolmachError) -> None:
    async with rig() as it:
        it.errors = [error, error]
        assert await it.told() == [MEANT]
        assert (it.tries, it.settled) == (3, [])
        await it.platform.settled(MEANT)
        assert it.settled == [TOLD]


async def test_what_goes_on_failing_is_left_where_it_came_from() -> None:
    async with rig() as it:
        it.errors = [ServerFailed("busy", status=503)] * 100
        assert await it.told() == ()
        assert (it.tries, it.settled) == (LOOKUPS, [])


@pytest.mark.parametrize("error", [NotFound("gone", status=404), ValueError("a defect of ours")])
async def test_what_cannot_be_understood_is_skipped_and_settled(error: Exception) -> None:
    async with rig() as it:
        it.errors = [error]
        assert await it.told() == ()
        assert (it.tries, it.settled) == (1, [TOLD])


async def test_an_inbox_that_fails_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with rig() as it:
        it.errors, it.settle_error = [NotFound("gone", status=404)], ConfigError("the disk is full")
        assert await it.told() == ()
    assert "could not be taken off" in caplog.text


async def test_a_dead_token_is_told() -> None:
    async with rig() as it:
        it.errors = [Unauthorized("dead", status=401)]
        with pytest.raises(Unauthorized):
            await it.told()
