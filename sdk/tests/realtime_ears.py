"""A client on the stub, and a task that collects its changes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from realtime_stub import BOT, TOKEN, ManualClock, Stub

from tolmach.errors import Unauthorized
from tolmach.rocketchat import RocketChat
from tolmach.rocketchat.events import Change, MessageNew
from tolmach.rocketchat.realtime import Realtime


class Middle(Random):
    """Draw no jitter."""

    def random(self) -> float:
        return 0.5


@asynccontextmanager
async def client_of(url: str, user_id: str, token: str, clock: ManualClock) -> AsyncIterator[RocketChat]:
    async with RocketChat(url, user_id=user_id, token=token, clock=clock, insecure=True) as rc:
        rc._realtime = Realtime(rc, rng=Middle())
        yield rc


@asynccontextmanager
async def client(stub: Stub, clock: ManualClock, token: str = TOKEN) -> AsyncIterator[RocketChat]:
    async with client_of(stub.url, BOT, token, clock) as rc:
        yield rc


class Ears:
    """Collect the changes of a client, in a task."""

    def __init__(self, rc: RocketChat) -> None:
        self.heard: list[Change] = []
        self.error: BaseException | None = None
        self.ended = False
        self._rc = rc
        self._task = asyncio.create_task(self._listen(rc))

    async def _listen(self, rc: RocketChat) -> None:
        try:
            async for change in rc.changes():
                self.heard.append(change)
        except Unauthorized as error:
            self.error = error
        self.ended = True

    @property
    def listening(self) -> bool:
        return bool(self._rc.realtime._feeds)

    def texts(self) -> list[str]:
        return [change.message.text for change in self.heard if isinstance(change, MessageNew)]

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
