"""Run fakes in a thread with a loop of its own.

What it is for: synchronous fixtures, and tests whose own loop may come and go. What it must not
do: let the thread outlive `FakesThread.stop`.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Final, TypeVar

from tolmach_mockservers.contract import can_be_strict
from tolmach_mockservers.server import Fakes
from tolmach_mockservers.world import Person, Room, World

__all__ = ["TEST_WORLD", "FakesThread"]

_T = TypeVar("_T")
_EVERYBODY: Final = ("admin", "alice", "bob", "bot")

TEST_WORLD: Final = World(
    people=(
        Person("admin", "admin", "Ada Admin", "admin"),
        Person("alice", "alice", "Alice"),
        Person("bob", "bob", "Bob"),
        Person("bot", "bot", "Bot", "bot"),
    ),
    rooms=(
        Room("general", "public", _EVERYBODY, "general"),
        Room("team", "private", _EVERYBODY, "team"),
    ),
)
"""The default world, with a bot whom a test can call "@bot"."""


class FakesThread:
    """Hold running fakes; every access to them goes through `call` or `ask`."""

    def __init__(self, *, seed: int = 0, world: World = TEST_WORLD) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="tolmach-fakes", daemon=True)
        self._thread.start()
        self.fakes = Fakes(seed=seed, world=world, strict=can_be_strict())
        try:
            self.wait(self.fakes.start())
        except BaseException:
            self._end()
            raise

    def stop(self) -> None:
        """Stop the fakes and the thread."""
        try:
            self.wait(self.fakes.aclose())
        finally:
            self._end()

    def wait(self, work: Coroutine[object, object, _T]) -> _T:
        """Run ``work`` in the fakes' loop and block until it is done."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def call(self, act: Callable[[], _T]) -> _T:
        """Call ``act`` in the fakes' loop and block until it is done."""
        return self.wait(_called(act))

    async def ask(self, work: Coroutine[object, object, _T]) -> _T:
        """Run ``work`` in the fakes' loop and await it in the caller's."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def act(self, act: Callable[[], _T]) -> _T:
        """Call ``act`` in the fakes' loop and await it in the caller's."""
        return await self.ask(_called(act))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _called(act: Callable[[], _T]) -> _T:
    return act()
