"""Bring an answer to its place: in parts, in order, never mixed with another one.

What it is for: the one way to a platform's ``send``. What it must not do: repeat a part; what a
refused or unclear send means is decided where it happens.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from tolmach.channel import buttons, chunking, threads
from tolmach.channel.buttons import Rows
from tolmach.channel.chunking import Limits
from tolmach.channel.decide import Memory
from tolmach.channel.model import Address, Receipt
from tolmach.channel.platform import Platform
from tolmach.channel.settings import ChannelSettings
from tolmach.channel.threads import Placement
from tolmach.channel.turn import SeenStore
from tolmach.clock import Clock
from tolmach.errors import NotSent, TolmachError, Unauthorized

__all__ = ["Delivered", "Delivery", "remember"]

log = logging.getLogger("tolmach.channel")


@dataclass(frozen=True, slots=True)
class Delivered:
    """Say what arrived. ``error`` is set when a part did not; the ones before it stand."""

    receipt: Receipt
    texts: tuple[str, ...] = ()
    error: TolmachError | None = None

    @property
    def complete(self) -> bool:
        """Return whether every part arrived."""
        return self.error is None


class Delivery:
    """Send for one account; sends to one place wait for each other, in order."""

    def __init__(self, platform: Platform, memory: Memory, clock: Clock, seen: SeenStore | None) -> None:
        self.last_outbound_at: float | None = None
        self.last_error = ""
        self._platform = platform
        self._memory = memory
        self._clock = clock
        self._seen = seen
        self._turns: dict[Address, tuple[asyncio.Lock, int]] = {}

    async def send(
        self,
        markdown: str,
        place: Placement,
        settings: ChannelSettings,
        rows: Rows = (),
        *,
        answers: str = "",
        strict: bool = False,
    ) -> Delivered:
        """Render, cut and send a text, buttons under its last part.

        Buttons that the platform forbids are written out; with ``strict`` they are an error. ``answers`` is
        the key of what is answered: from the first part on a crash must not bring it back, half an answer is
        better than two. Raises ``Unauthorized`` when the account is dead; where nothing went out, the message
        may be answered later.
        """
        able = self._platform.capabilities
        if rows and not able.buttons:
            markdown, rows = f"{markdown}\n\n{buttons.numbered(rows)}", ()
        limits = Limits(settings.text_chunk_limit, able.max_text, able.text_unit)
        parts = chunking.split(self._platform.to_markup(markdown), limits, settings.chunk_mode)
        addresses = [place.address(number) for number in range(len(parts))]
        ids: list[str] = []
        error: TolmachError | None = None
        if answers:
            await self.handled(answers)
        async with self._alone(addresses):
            for number, (part, address) in enumerate(zip(parts, addresses, strict=True), 1):
                try:
                    under = rows if number == len(parts) else ()
                    ids.append(await self._part(address, part, under, strict=strict))
                except Unauthorized:
                    if answers and not ids:
                        await self._unhandled(answers)
                    raise
                except TolmachError as failure:
                    error = failure
                    self.last_error = f"{type(failure).__name__}: {failure}"
                    log.warning(
                        "delivered %d of %d parts to room=%s: %s",
                        len(ids),
                        len(parts),
                        place.room_id,
                        failure,
                    )
                    break
                await self._arrived(address)
        first = addresses[0] if addresses else Address(place.room_id, place.thread_id)
        return Delivered(Receipt(first, tuple(ids)), tuple(parts[: len(ids)]), error)

    async def _part(self, address: Address, part: str, rows: Rows, *, strict: bool) -> str:
        try:
            return await self._platform.send(address, part, rows)
        except NotSent as error:
            if not rows or strict:
                raise
            # Forbidden are the buttons, not the words that they stand under.
            log.warning("buttons in room=%s are written out: %s", address.room_id, error)
            return await self._platform.send(address, f"{part}\n\n{buttons.numbered(rows)}")

    async def handled(self, message_id: str) -> None:
        """Take note that a message is answered, or will not be: after a restart it is not handled again."""
        await remember(self._seen, "message", message_id, self._clock.now())

    async def _unhandled(self, key: str) -> None:
        if self._seen is not None:
            try:
                await self._seen.remove("message", key)
            except Exception:
                log.exception("what was not answered after all counts as answered")

    async def _arrived(self, address: Address) -> None:
        now = self._clock.now()
        self.last_outbound_at = now
        if address.thread_id is None:
            return
        key = threads.participation_key(address.room_id, address.thread_id)
        known = self._memory.spoke_in.has(key, now)
        self._memory.spoke_in.add(key, now)
        if not known:
            await remember(self._seen, "thread", key, now)

    @asynccontextmanager
    async def _alone(self, addresses: list[Address]) -> AsyncGenerator[None, None]:
        """Hold every place that the parts go to; sorted, so that two answers cannot block each other."""
        places = sorted(set(addresses), key=lambda place: (place.room_id, place.thread_id or ""))
        async with AsyncExitStack() as held:
            for place in places:
                await held.enter_async_context(self._turn(place))
            yield

    @asynccontextmanager
    async def _turn(self, place: Address) -> AsyncGenerator[None, None]:
        lock, users = self._turns.get(place, (asyncio.Lock(), 0))
        self._turns[place] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            _, users = self._turns[place]
            if users == 1:
                del self._turns[place]
            else:
                self._turns[place] = (lock, users - 1)


async def remember(seen: SeenStore | None, kind: str, key: str, at: float) -> None:
    """Note something for after a restart; a store that fails is no reason to fall silent."""
    if seen is None:
        return
    try:
        await seen.add(kind, key, at)
    except Exception:
        log.exception("what was handled could not be stored; after a restart it may be handled again")
