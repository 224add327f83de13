"""Read what was said: history, threads, what changed since.

What it is for: selections over stored messages, with the vendor's bounds and order. What it must
not do: change anything, or build documents.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from tolmach_mockservers.rocketchat.errors import MeteorError
from tolmach_mockservers.rocketchat.model import Message, Room

__all__ = [
    "Synced",
    "cursor",
    "history",
    "newest_first",
    "pinned",
    "sync_cursor",
    "sync_since",
    "thread",
    "threads",
]

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Synced:
    """Hold what moved; ``deleted`` are (id, time), the cursors are in ms."""

    updated: list[Message]
    deleted: list[tuple[str, int]]
    next: str | None = None
    previous: str | None = None


def history(
    room: Room,
    *,
    latest: int | None = None,
    oldest: int | None = None,
    inclusive: bool = False,
    offset: int = 0,
    count: int = 20,
    threads: bool = True,
) -> list[Message]:
    """Return messages between two times, newest first; ``count`` 0 is all.

    Without ``latest`` everything up to now counts, the present millisecond too, which a frozen
    clock makes a long one.
    """
    found: list[Message] = []
    skip = offset
    for message in reversed(room.messages):
        if latest is not None and not (message.ts < latest or (inclusive and message.ts == latest)):
            continue
        if oldest is not None and not (message.ts > oldest or (inclusive and message.ts == oldest)):
            break
        if not threads and message.thread is not None and not message.shown:
            continue
        if skip > 0:
            skip -= 1
            continue
        found.append(message)
        if count and len(found) >= count:
            break
    return found


def newest_first(room: Room) -> list[Message]:
    """Return every message of a room, newest first."""
    return room.messages[::-1]


def thread(room: Room, root_id: str) -> list[Message]:
    """Return the replies of a thread, oldest first, without the root."""
    return [message for message in room.messages if message.thread == root_id]


def threads(room: Room, *, follower: str | None = None, text: str | None = None) -> list[Message]:
    """Return the roots of a room's threads, the last answered first."""
    found = [
        message
        for message in room.messages
        if message.thread_count
        and (follower is None or follower in message.followers)
        and (text is None or text.lower() in message.text.lower())
    ]
    return sorted(found, key=lambda message: message.thread_last or 0, reverse=True)


def pinned(room: Room) -> list[Message]:
    """Return the pinned messages, newest first."""
    return [message for message in reversed(room.messages) if message.pinned]


def sync_since(room: Room, since: int) -> Synced:
    """Return what changed or went after ``since``, newest message first and without a limit."""
    return Synced(
        [message for message in reversed(room.messages) if message.updated > since],
        [(message_id, at) for message_id, at in room.deleted if at > since],
    )


def sync_cursor(
    room: Room, kind: str, *, after: int | None = None, before: int | None = None, count: int = 20
) -> Synced:
    """Return one page of changes of one ``kind``, "UPDATED" or "DELETED".

    ``after`` pages upwards in time, ``before`` downwards; with neither the vendor falls through
    to something empty.
    """
    if after is None and before is None:
        return Synced([], [])
    if kind == "UPDATED":
        updated, following, preceding = _page(room.messages, lambda each: each.updated, after, before, count)
        return Synced(updated, [], following, preceding)
    deleted, following, preceding = _page(room.deleted, lambda each: each[1], after, before, count)
    return Synced([], deleted, following, preceding)


def cursor(value: str) -> int:
    """Read a cursor, a string of milliseconds."""
    try:
        return int(value)
    except ValueError:
        raise MeteorError("error-cursor-param-invalid", "The cursor must be a time in ms") from None


def _page(
    items: Iterable[_Item], at: Callable[[_Item], int], after: int | None, before: int | None, count: int
) -> tuple[list[_Item], str | None, str | None]:
    if after is not None:
        chosen = sorted((each for each in items if at(each) > after), key=at)
    else:
        chosen = sorted((each for each in items if at(each) < (before or 0)), key=at, reverse=True)
    page = chosen[:count]
    more = len(chosen) > count
    if not page:
        return [], None, None
    if after is not None:
        return page, str(at(page[-1])) if more else None, str(at(page[0]))
    return page, str(at(page[0])), str(at(page[-1])) if more else None
