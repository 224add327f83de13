"""One REST call as its handler sees it, and the register that handlers put themselves into.

What it is for: typed reading of checked fields, paging, and the tables from operation to handler.
What it must not do: HTTP; `routes` turns requests into calls and answers into responses.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal, TypeVar, cast

from tolmach_mockservers.rocketchat.errors import MeteorError, PlainError
from tolmach_mockservers.rocketchat.model import Message, Person, Room
from tolmach_mockservers.rocketchat.shape import Shape
from tolmach_mockservers.rocketchat.state import State
from tolmach_mockservers.rocketchat.wire import Json

__all__ = ["ROUTES", "Call", "Handler", "Page", "Route", "get", "page_fields", "post"]

PAGE: Final[Mapping[str, str]] = {
    "offset": "number?",
    "count": "number?",
    "sort": "string?",
    "query": "string?",
    "fields": "string?",
}

_Item = TypeVar("_Item")


@dataclass(slots=True)
class Call:
    """Hold one call; handlers may set ``room_id``, ``thread_id`` and ``text`` for the journal."""

    state: State
    given: dict[str, object]
    caller: Person | None = None
    token: str | None = None
    room_id: str | None = None
    thread_id: str | None = None
    text: str | None = None

    @property
    def person(self) -> Person:
        """Return the caller; routes without a login must not ask."""
        if self.caller is None:
            raise TypeError("this route has no caller")
        return self.caller

    def string(self, name: str) -> str | None:
        """Return a text field, ``None`` when it is absent, null or empty."""
        value = self.given.get(name)
        return value if isinstance(value, str) and value else None

    def need(self, name: str) -> str:
        """Return a text field that the shape requires."""
        value = self.given.get(name)
        return value if isinstance(value, str) else ""

    def flag(self, name: str) -> bool | None:
        """Return a yes-or-no field."""
        value = self.given.get(name)
        return value if isinstance(value, bool) else None

    def says_true(self, name: str) -> bool:
        """Whether a query field says "true"."""
        return self.given.get(name) in ("true", True)

    def number(self, name: str) -> int | None:
        """Return a number field."""
        value = self.given.get(name)
        return int(value) if isinstance(value, int | float) else None

    def mapping(self, name: str) -> dict[str, object] | None:
        """Return an object field."""
        value = self.given.get(name)
        return cast("dict[str, object]", value) if isinstance(value, dict) else None

    def strings(self, name: str) -> list[str]:
        """Return a list of texts, one text being a list of one."""
        value = self.given.get(name)
        if isinstance(value, str):
            return [value]
        return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []

    def objects(self, name: str) -> list[dict[str, object]] | None:
        """Return a list of objects."""
        value = self.given.get(name)
        return cast("list[dict[str, object]]", value) if isinstance(value, list) else None

    def time(self, name: str) -> int | None:
        """Return an ISO date field in ms, ``None`` when it is absent or no date."""
        value = self.given.get(name)
        return parse_time(value) if isinstance(value, str) else None

    def about(self, message: Message) -> Message:
        """Note for the journal which message the call is about."""
        self.room_id = message.rid
        self.thread_id = message.thread
        return message

    def in_room(self, room: Room) -> Room:
        """Note for the journal which room the call is about."""
        self.room_id = room.id
        return room


def parse_time(value: str) -> int | None:
    """Read what JavaScript's Date.parse reads of ISO 8601; ``None`` is not a date."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return round(at.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Page:
    """Hold ``offset``, ``count`` (0 is all) and the sort keys of a paged call."""

    offset: int
    count: int
    sort: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, call: Call, *, default: int | None = None) -> "Page":
        """Read a call's paging with the server's limits."""
        settings = call.state.settings
        offset = call.number("offset") or 0
        count = call.number("count")
        if count is None:
            count = settings.number("API_Default_Count") if default is None else default
        most = settings.number("API_Upper_Count_Limit")
        if count > most or (count == 0 and not settings.flag("API_Allow_Infinite_Count")) or count < 0:
            count = most
        return cls(offset, count, _sort(call.string("sort")))

    def of_documents(self, name: str, documents: Sequence[Json]) -> Json:
        """Return one page under ``name`` with its totals."""
        chosen: Sequence[Json] = documents
        for key, direction in reversed(self.sort):
            chosen = sorted(chosen, key=lambda each: _rank(each.get(key)), reverse=direction < 0)
        page = self.cut(chosen)
        return {name: page, "count": len(page), "offset": self.offset, "total": len(documents)}

    def of_items(self, name: str, items: Sequence[_Item], show: Callable[[_Item], Json]) -> Json:
        """Return one page of documents; only what is on it is built, unless it must be sorted."""
        if self.sort:
            return self.of_documents(name, [show(each) for each in items])
        page = [show(each) for each in self.cut(items)]
        return {name: page, "count": len(page), "offset": self.offset, "total": len(items)}

    def cut(self, items: Sequence[_Item]) -> list[_Item]:
        """Return the items of this page."""
        return list(items[self.offset : self.offset + self.count if self.count else None])


def _rank(value: object) -> tuple[int, float, str]:
    ms = getattr(value, "ms", value)
    if isinstance(ms, int | float):
        return 1, float(ms), ""
    return (0, 0.0, "") if value is None else (2, 0.0, str(value).lower())


def _sort(text: str | None) -> tuple[tuple[str, int], ...]:
    if text is None:
        return ()
    try:
        keys = json.loads(text)
    except ValueError:
        raise MeteorError(
            "error-invalid-sort",
            f'Invalid sort parameter provided: "{text}"',
            {"helperMethod": "parseJsonQuery"},
        ) from None
    if not isinstance(keys, dict) or any(each not in (1, -1) for each in keys.values()):
        raise MeteorError(
            "error-invalid-sort-value",
            "Invalid sort parameter value provided",
            {"helperMethod": "parseJsonQuery"},
        )
    return tuple(keys.items())


Handler = Callable[[Call], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Route:
    """Describe an operation.

    ``typed`` routes word a refused body differently; ``permission`` is asked before the handler.
    """

    name: str
    method: Literal["GET", "POST"]
    handler: Handler
    shape: Shape | None = None
    typed: bool = False
    auth: bool = True
    permission: str | None = None
    limited: bool = True
    writes: bool = field(default=False)


ROUTES: Final[dict[str, Route]] = {}
"""Every operation by "METHOD name"."""


def get(
    name: str, shape: Shape | None = None, *, typed: bool = False, auth: bool = True
) -> Callable[[Handler], Handler]:
    """Register a reading operation."""

    def register(handler: Handler) -> Handler:
        ROUTES[f"GET {name}"] = Route(name, "GET", handler, shape, typed, auth)
        return handler

    return register


def post(
    name: str,
    shape: Shape | None = None,
    *,
    typed: bool = False,
    auth: bool = True,
    permission: str | None = None,
    limited: bool = True,
) -> Callable[[Handler], Handler]:
    """Register a writing operation."""

    def register(handler: Handler) -> Handler:
        ROUTES[f"POST {name}"] = Route(
            name, "POST", handler, shape, typed, auth, permission, limited, writes=True
        )
        return handler

    return register


def page_fields(**kinds: str) -> dict[str, str]:
    """Return the kinds of a paged query with some of its own."""
    return {**PAGE, **kinds}


def needed(value: _Item | None, text: str) -> _Item:
    """Return a value that must be there, or fail with a plain text."""
    if value is None:
        raise PlainError(text)
    return value
