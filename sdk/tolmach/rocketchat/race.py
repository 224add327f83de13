"""Waiting for the first of several things.

What it is for: one way to end the losers cleanly. What it must not do: leave a task behind.
"""

import asyncio
from collections.abc import Awaitable

__all__ = ["first_of"]


async def first_of(*awaitables: Awaitable[object]) -> None:
    """Wait until one is done, end the others, and raise what a finished one raised."""
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
