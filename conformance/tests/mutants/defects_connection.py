"""Defects in the connection: sockets, silence on the line, what is heard afterwards."""

import asyncio
import json
from typing import Any

from mutants.mutant import Function, Mutant, always, mutant

DDP = "tolmach.rocketchat.ddp:Session"


def _one_too_many(original: Function) -> Function:
    kept: list[Any] = []

    async def _connect(self: Any) -> Any:
        if self._attempt:
            beside = await original(self)
            login = {"msg": "method", "method": "login", "id": "1", "params": [self._ddp._login()]}
            for frame in ({"msg": "connect", "version": "1", "support": ["1"]}, login):
                await beside.send_str(json.dumps(frame))
            await asyncio.sleep(0.1)
            kept.append(beside)
        return await original(self)

    return _connect


def _forgets_subscriptions(original: Function) -> Function:
    def closed(self: Any, reason: str, now: float) -> Any:
        found = original(self, reason, now)
        if now - self._heard < 60:
            self._wanted.clear()
        return found

    return closed


def _deaf_to_new_rooms(original: Function) -> Function:
    known: dict[int, set[str]] = {}

    async def _release(self: Any, changes: Any) -> None:
        from tolmach.rocketchat.events import MessageNew

        rooms = known.setdefault(id(self), set(self._intake.roster.rooms))

        def heard(change: Any) -> bool:
            new = isinstance(change, MessageNew) and change.message.room_id not in rooms
            return not new or (change.room is not None and change.room.kind == "d")

        await original(self, [change for change in changes if heard(change)])

    return _release


def _never_gives_up(original: Function) -> Function:
    def on_deadline(self: Any, now: float) -> Any:
        if self._pinged is not None and now >= self._heartbeat_at():
            self._heard, self._pinged = now, None
        return original(self, now)

    return on_deadline


def _asks_nobody(original: Function) -> Function:
    def on_deadline(self: Any, now: float) -> Any:
        if self._pinged is None:
            self._pinged = self._heard
        return original(self, now)

    return on_deadline


MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "same-pause",
        "the pause between reconnects does not grow",
        ("tolmach.rocketchat.backoff:backoff", always(2.0)),
        rows=[266],
    ),
    mutant(
        "one-socket-too-many",
        "a reconnect leaves another socket open",
        ("tolmach.rocketchat.connection:Connection._connect", _one_too_many),
        rows=[267],
    ),
    mutant(
        "never-asks",
        "a line that answers nothing is kept",
        (f"{DDP}.on_deadline", _never_gives_up),
        rows=[268],
    ),
    mutant(
        "quiet-is-dead",
        "a quiet minute counts as a broken line",
        (f"{DDP}.on_deadline", _asks_nobody),
        rows=[268],
    ),
    mutant(
        "unheard-afterwards",
        "after a reconnect nothing is subscribed to",
        (f"{DDP}.closed", _forgets_subscriptions),
        rows=[266, 267, 268, 270],
    ),
    mutant(
        "new-rooms-unheard",
        "a room joined later is not heard",
        ("tolmach.rocketchat.realtime:Realtime._release", _deaf_to_new_rooms),
        rows=[270],
    ),
)
