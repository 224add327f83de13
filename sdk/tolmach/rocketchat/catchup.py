"""The calls that note where the rooms stand, and later close a gap.

What it is for: asking REST for what ``gapfill`` has planned. What it must not do: decide what is new,
or give up on all rooms because one refuses.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from tolmach.errors import ApiError, RateLimited, ServerFailed, Unauthorized
from tolmach.rocketchat.classify import Classifier
from tolmach.rocketchat.events import Change
from tolmach.rocketchat.gapfill import EARLY, Marks, Missed, Sync, plan
from tolmach.rocketchat.models.answer import RoomUpdates, SubscriptionUpdates, SyncPage, SyncResult
from tolmach.rocketchat.models.message import Message
from tolmach.rocketchat.roster import Roster

__all__ = ["Gap", "Source", "fill_gap", "take_stock"]

log = logging.getLogger("tolmach.realtime")

LONG_GAP = timedelta(hours=1)
"""A longer gap is read page by page: the short form of sync answers without a limit."""


class _ChatReads(Protocol):
    async def sync(self, room_id: str, *, since: datetime) -> SyncResult: ...

    async def sync_page(
        self, room_id: str, *, kind: Literal["UPDATED", "DELETED"], after: str | datetime, count: int = 100
    ) -> SyncPage: ...


class _RoomReads(Protocol):
    async def get(self, updated_since: datetime | None = None) -> RoomUpdates: ...


class _SubscriptionReads(Protocol):
    async def get(self, updated_since: datetime | None = None) -> SubscriptionUpdates: ...


class Source(Protocol):
    """Be the three REST families that a gap is filled from; a ``RocketChat`` is one."""

    @property
    def chat(self) -> _ChatReads:
        """Return the ``chat.*`` operations."""
        ...

    @property
    def rooms(self) -> _RoomReads:
        """Return the ``rooms.*`` operations."""
        ...

    @property
    def subscriptions(self) -> _SubscriptionReads:
        """Return the ``subscriptions.*`` operations."""
        ...


@dataclass(frozen=True, slots=True)
class Gap:
    """Hold what a gap contained: memberships first, then messages, then deletions by room and id."""

    memberships: Sequence[Change]
    messages: Sequence[Missed]
    deleted: Sequence[tuple[str, str]]


async def take_stock(source: Source, roster: Roster, marks: Marks, classifier: Classifier) -> None:
    """Note who is where and where each room stands; nothing of it is news."""
    memberships = (await source.subscriptions.get()).updated
    rooms = (await source.rooms.get()).updated
    roster.load(memberships)
    marks.listed(rooms, memberships)
    marks.heard(marks.rooms_at)
    marks.heard(marks.memberships_at)
    for room in rooms:
        last = room.last_message
        at = room.last_message_at or (last.ts if last else None)
        if at is not None:
            classifier.set_floor(at, room.id)
            marks.stands(room.id, max(at, last.updated_at) if last else at)
    if marks.newest is not None:
        classifier.set_floor(marks.newest)


async def fill_gap(source: Source, roster: Roster, marks: Marks) -> Gap:
    """Fetch what happened since the marks; ``roster`` and ``marks`` move only if all of it came.

    Raises what the transport raises, unless a single room refuses: that one is left out.
    """
    memberships = await source.subscriptions.get(_early(marks.memberships_at))
    rooms = (await source.rooms.get(_early(marks.rooms_at))).updated
    members = {*roster.rooms, *(subscription.room_id for subscription in memberships.updated)}
    joined = [item for item in memberships.updated if roster.hint(item.room_id) is None]
    answers: list[tuple[Sync, SyncResult]] = []
    for ask in plan(marks, rooms, joined):
        if ask.room_id not in members:
            continue
        try:
            answers.append((ask, await _ask(source, ask, marks.rooms_at)))
        except (Unauthorized, RateLimited, ServerFailed):
            raise
        except ApiError as error:
            log.warning("the gap in one room stays open: %s", error)
    changes = roster.catch_up(memberships)
    marks.listed(rooms, memberships.updated)
    messages = [
        Missed(message, roster.hint(ask.room_id), ask.missed_since)
        for ask, answer in answers
        for message in answer.updated
    ]
    deleted = [(ask.room_id, gone.id) for ask, answer in answers for gone in answer.deleted]
    return Gap(changes, messages, deleted)


async def _ask(source: Source, ask: Sync, reach: datetime | None) -> SyncResult:
    if reach is None or reach - ask.since < LONG_GAP:
        return await source.chat.sync(ask.room_id, since=ask.since)
    updated = await _pages(source, ask, "UPDATED")
    deleted = await _pages(source, ask, "DELETED")
    messages: list[Message] = [message for page in updated for message in page.updated]
    return SyncResult(updated=messages, deleted=[gone for page in deleted for gone in page.deleted])


async def _pages(source: Source, ask: Sync, kind: Literal["UPDATED", "DELETED"]) -> list[SyncPage]:
    pages: list[SyncPage] = []
    after: str | datetime | None = ask.since
    while after is not None:
        page = await source.chat.sync_page(ask.room_id, kind=kind, after=after)
        pages.append(page)
        after = page.next if page.next != after and (page.updated or page.deleted) else None
    return pages


def _early(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment - EARLY
