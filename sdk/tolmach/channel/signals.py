"""What a person sees of a turn before its answer: the acknowledging reaction and the typing sign.

What it is for: signs that come and go by themselves. What it must not do: delay or break a turn; a
failing sign is a line in the log.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from tolmach.channel import reactions
from tolmach.channel.model import Address, Message
from tolmach.channel.platform import Platform
from tolmach.clock import Clock
from tolmach.errors import TolmachError, Unauthorized

__all__ = ["Background", "acknowledge", "typing_shown"]

log = logging.getLogger("tolmach.channel")

TYPING_AFTER = 0.3
"""Seconds before the first sign: servers limit how many there may be, and a quick answer needs none."""
TYPING_EVERY = 8.0
"""Seconds between two signs: clients hide one after about fifteen."""


class Background:
    """Hold tasks that nobody waits for, so that they can be ended.

    ``on_dead`` hears of a refused credential.
    """

    def __init__(self, on_dead: Callable[[Unauthorized], None]) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._on_dead = on_dead

    def start(self, work: Callable[[], Awaitable[None]]) -> "asyncio.Task[None]":
        """Run something beside everything else."""

        async def run() -> None:
            try:
                await work()
            except Unauthorized as error:
                self._on_dead(error)
            except TolmachError as error:
                log.info("something on the side failed: %s", error)
            except Exception:
                log.exception("something on the side failed")

        task = asyncio.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def idle(self) -> None:
        """Return once everything has ended."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def aclose(self) -> None:
        """End everything."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def acknowledge(platform: Platform, message: Message, emoji: str) -> None:
    """Add the acknowledging reaction."""
    place = Address(message.conversation.room_id, message.conversation.thread_id)
    await platform.react(place, message.id, reactions.emoji_name(emoji), add=True)


@asynccontextmanager
async def typing_shown(
    platform: Platform, place: Address, clock: Clock, background: Background
) -> AsyncGenerator[None, None]:
    """Show that the bot is at work, from a moment after the start until the block ends in any way."""
    if not platform.capabilities.typing:
        yield
        return

    begun = False

    async def show() -> None:
        nonlocal begun
        await clock.sleep(TYPING_AFTER)
        begun = True
        while True:
            try:
                await platform.typing(place, on=True)
            except Unauthorized:
                raise
            except TolmachError as error:
                log.debug("no typing sign: %s", error)
            await clock.sleep(TYPING_EVERY)

    async def hide() -> None:
        shown.cancel()
        await asyncio.gather(shown, return_exceptions=True)
        if begun:
            await platform.typing(place, on=False)

    shown = background.start(show)
    try:
        yield
    finally:
        background.start(hide)
