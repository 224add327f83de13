"""Cursor paging: the states of lists (forward and backward) and of searches.

What it is for: from rows in the order of a key to one page and its ``meta``. What it must not do:
I/O, or know what rows are.
Source: https://dev.pachca.com/api/pagination
"""

import base64
import binascii
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from tolmach_mockservers.pachca.errors import wrong
from tolmach_mockservers.pachca.wire import Json

__all__ = ["Key", "page", "search_page"]

Row = TypeVar("Row")
Key = int | tuple[int, ...]


def page(
    rows: Sequence[Row],
    key: Callable[[Row], Key],
    *,
    limit: int,
    cursor: str | None,
    descending: bool = True,
) -> tuple[list[Row], Json]:
    """Return one page of ``rows`` (ascending by ``key``) in the wanted order, and its ``meta``.

    A cursor names a key and the direction to go from it; a cursor of an empty list stands before
    everything that can still appear.
    """
    forward, backward = ("desc", "asc") if descending else ("asc", "desc")
    anchor: Key | None = None
    if cursor is None:
        shown = _from_end(rows, len(rows), limit) if descending else list(rows[:limit])
        has_next, has_prev = len(rows) > limit, False
    else:
        anchor, direction = _decoded(cursor)
        low = high = 0
        if anchor is not None:
            try:
                low = bisect_left(rows, anchor, key=key)
                high = bisect_right(rows, anchor, key=key)
            except TypeError:
                raise wrong("cursor", "invalid", cursor, status=400) from None
        if direction == "desc":
            shown, more = _from_end(rows, low, limit), low > limit
        else:
            shown, more = list(rows[high : high + limit]), len(rows) - high > limit
        if direction == forward:
            has_next, has_prev = more, True
        else:
            shown.reverse()
            has_next, has_prev = not shown, len(shown) >= limit
    first, last = (key(shown[0]), key(shown[-1])) if shown else (anchor, anchor)
    return shown, {
        "paginate": {
            "next_page": _encoded(last, forward),
            "prev_page": _encoded(first, backward),
            "has_next": has_next,
            "has_prev": has_prev,
        }
    }


def search_page(found: Sequence[Row], *, limit: int, cursor: str | None) -> tuple[list[Row], Json]:
    """Return one page of search results and its ``meta`` with the total."""
    start = 0
    if cursor is not None:
        anchor, direction = _decoded(cursor)
        if direction != "search" or not isinstance(anchor, int):
            raise wrong("cursor", "invalid", cursor, status=400)
        start = anchor
    shown = list(found[start : start + limit])
    return shown, {
        "total": len(found),
        "paginate": {"next_page": _encoded(start + len(shown), "search")},
    }


def _from_end(rows: Sequence[Row], end: int, limit: int) -> list[Row]:
    shown = list(rows[max(0, end - limit) : end])
    shown.reverse()
    return shown


def _encoded(anchor: object, direction: str) -> str:
    raw = json.dumps({"id": anchor, "dir": direction}, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(cursor: str) -> tuple[Key | None, str]:
    try:
        given = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise wrong("cursor", "invalid", cursor, status=400) from None
    if not isinstance(given, dict):
        raise wrong("cursor", "invalid", cursor, status=400)
    fields = cast("Json", given)
    anchor, direction = fields.get("id"), fields.get("dir")
    if isinstance(anchor, list):
        anchor = tuple(cast("list[int]", anchor))
    if direction not in {"asc", "desc", "search"} or not (anchor is None or isinstance(anchor, int | tuple)):
        raise wrong("cursor", "invalid", cursor, status=400)
    return cast("Key | None", anchor), str(direction)
