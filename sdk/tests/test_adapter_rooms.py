"""One room in order, other rooms meanwhile."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest
from fake_platform import breathe

from tolmach.adapters.pachca_rooms import SideBySide
from tolmach.errors import Unauthorized

Item = tuple[str | None, int]


class Rooms:
    """A source that is fed by hand, and translations that wait at gates."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Item | None] = asyncio.Queue()
        self.gates: dict[int, asyncio.Event] = {}
        self.fails: dict[int, Exception] = {}
        self.seen: list[int] = []
        self.rooms: SideBySide[Item, int] = SideBySide(lambda item: item[0], self.translate)
        self.error: Exception | None = None
        self.task = asyncio.create_task(self.collect())

    async def source(self) -> AsyncGenerator[Item, None]:
        while (item := await self.queue.get()) is not None:
            yield item

    async def translate(self, item: Item) -> Sequence[int]:
        number = item[1]
        if number in self.gates:
            await self.gates[number].wait()
        if number in self.fails:
            raise self.fails[number]
        return [number] * (number > 0)

    async def collect(self) -> None:
        try:
            async for number in self.rooms.over(self.source()):
                self.seen.append(number)
        except Unauthorized as error:
            self.error = error

    async def feed(self, *items: Item | None) -> None:
        for item in items:
            self.queue.put_nowait(item)
        await breathe()


async def test_a_lookup_that_hangs_holds_up_its_own_room_only() -> None:
    rooms = Rooms()
    rooms.gates[1] = asyncio.Event()
    await rooms.feed(("a", 1), ("a", 2), ("b", 3), ("b", 4))
    assert rooms.seen == [3, 4]
    rooms.gates[1].set()
    await breathe()
    assert rooms.seen == [3, 4, 1, 2]
    await rooms.feed(None)
    assert rooms.task.done()


async def test_what_concerns_all_comes_before_what_is_behind_it() -> None:
    rooms = Rooms()
    rooms.gates[1] = asyncio.Event()
    await rooms.feed((None, 1), ("b", 2))
    assert rooms.seen == []
    rooms.gates[1].set()
    await rooms.feed(None)
    assert rooms.seen == [1, 2]


async def test_the_end_waits_for_what_was_read() -> None:
    rooms = Rooms()
    rooms.gates[1] = asyncio.Event()
    await rooms.feed(("a", 1), None)
    assert not rooms.task.done()
    rooms.gates[1].set()
    await breathe()
    assert rooms.seen == [1]
    assert rooms.task.done()


@pytest.mark.parametrize("lane", ["a", None])
async def test_an_error_ends_the_stream(lane: str | None) -> None:
    rooms = Rooms()
    rooms.fails[1] = Unauthorized("dead", status=401)
    await rooms.feed((lane, 1))
    assert rooms.task.done()
    assert rooms.error is rooms.fails[1]


async def test_who_leaves_early_leaves_nothing_running() -> None:
    rooms = Rooms()
    rooms.gates[1] = asyncio.Event()
    await rooms.feed(("a", 1))
    before = len(asyncio.all_tasks())
    rooms.task.cancel()
    await asyncio.gather(rooms.task, return_exceptions=True)
    await breathe()
    assert len(asyncio.all_tasks()) < before
    assert not any("lane" in task.get_name() or "rooms" in task.get_name() for task in asyncio.all_tasks())


async def test_no_more_is_read_than_somebody_takes() -> None:
    queue: asyncio.Queue[int] = asyncio.Queue()
    for number in range(20_000):
        queue.put_nowait(number)

    async def source() -> AsyncGenerator[int, None]:
        while True:
            yield await queue.get()

    async def same(number: int) -> Sequence[int]:
        return [number]

    stream = SideBySide[int, int](lambda number: str(number % 5), same).over(source())
    assert await anext(stream) == 0
    await breathe(3000)
    assert queue.qsize() > 15_000
    await stream.aclose()
