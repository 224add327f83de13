"""One call as its handler sees it, and the register that handlers put themselves into.

What it is for: typed reading of checked fields, paging, the table of operations. What it must not
do: HTTP; `routes` turns requests into calls and answers into responses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar, cast

from tolmach_mockservers.pachca.model import Chat, Message, Token, User
from tolmach_mockservers.pachca.paging import Key, page, search_page
from tolmach_mockservers.pachca.shape import Shape, Spec
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json

__all__ = ["ROUTES", "Answer", "Call", "Handler", "Route", "operation"]

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold an answer that is not plain JSON with the usual status."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    raw: bytes | None = None


@dataclass(slots=True)
class Call:
    """Hold one call; handlers may set ``room_id``, ``thread_id`` and ``text`` for the journal.

    ``unknown`` are names of fields that the API does not have; they are ignored and recorded.
    """

    state: State
    path: dict[str, str]
    query: dict[str, object] = field(default_factory=dict[str, object])
    body: Json = field(default_factory=dict[str, object])
    caller: User | None = None
    token: Token | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    image: tuple[str, bytes] | None = None
    room_id: int | None = None
    thread_id: int | None = None
    text: str | None = None
    unknown: list[str] = field(default_factory=list[str])

    @property
    def user(self) -> User:
        """Return the caller; operations without a token must not ask."""
        if self.caller is None:
            raise TypeError("this operation has no caller")
        return self.caller

    def id(self, name: str = "id") -> int:
        """Return a number of the path; what is no number belongs to nothing."""
        text = self.path[name]
        return int(text) if text.isascii() and text.isdecimal() else -1

    def inner(self, name: str) -> Json:
        """Return the object under a wrapper."""
        value = self.body.get(name)
        return cast("Json", value) if isinstance(value, dict) else {}

    def string(self, name: str) -> str | None:
        """Return a text of the query."""
        value = self.query.get(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> int | None:
        """Return a number or a time (ms) of the query."""
        value = self.query.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def flag(self, name: str) -> bool | None:
        """Return a yes or no of the query."""
        value = self.query.get(name)
        return value if isinstance(value, bool) else None

    def numbers(self, name: str) -> list[int]:
        """Return the numbers of a list in the query."""
        return cast("list[int]", self.query.get(name, []))

    def texts(self, name: str) -> list[str]:
        """Return the texts of a list in the query."""
        return cast("list[str]", self.query.get(name, []))

    def about(self, message: Message) -> Message:
        """Note for the journal which message the call is about."""
        self.in_chat(self.state.tables.chats[message.chat_id])
        return message

    def in_chat(self, chat: Chat) -> Chat:
        """Note for the journal which chat the call is about."""
        self.room_id = chat.id
        if chat.thread is not None:
            self.room_id = self.state.root_id(chat)
            self.thread_id = chat.thread.message_id or chat.thread.id
        return chat

    def page(
        self,
        rows: Sequence[Row],
        key: Callable[[Row], Key],
        show: Callable[[Row], object],
        *,
        most: int = 50,
        descending: bool = True,
    ) -> Json:
        """Return one page of a list; ``rows`` ascend by ``key``."""
        shown, meta = page(
            rows,
            key,
            limit=self.number("limit") or most,
            cursor=self.string("cursor"),
            descending=descending,
        )
        return {"data": [show(each) for each in shown], "meta": meta}

    def found(self, rows: Sequence[Row], show: Callable[[Row], object], *, most: int) -> Json:
        """Return one page of a search."""
        shown, meta = search_page(rows, limit=self.number("limit") or most, cursor=self.string("cursor"))
        return {"data": [show(each) for each in shown], "meta": meta}


Handler = Callable[[Call], object]


@dataclass(frozen=True, slots=True)
class Route:
    """Describe an operation; ``scope`` "" needs any token, None no token at all."""

    name: str
    method: str
    template: str
    handler: Handler
    scope: str | None
    status: int
    documented: frozenset[int]
    query: Shape | None
    body: Shape | None
    kind: str
    limit: str
    plan: bool


ROUTES: Final[dict[str, Route]] = {}
"""Every operation by "METHOD /path"."""


def operation(
    name: str,
    scope: str | None = "",
    *,
    status: int = 200,
    errors: str = "",
    query: Spec | None = None,
    body: Spec | None = None,
    lenient: str = "",
    paged: int = 0,
    kind: str = "json",
    limit: str = "other",
    plan: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a handler.

    ``paged`` is the largest page, ``kind`` how the body comes: json, form, image, optional or none.
    ``errors`` are the documented refusals.
    """
    method, _, template = name.partition(" ")
    fields: dict[str, object] = dict(query or {})
    if paged:
        fields |= {"limit": f"int 1..{paged}", "cursor": "str"}

    def register(handler: Handler) -> Handler:
        ROUTES[name] = Route(
            name,
            method,
            template,
            handler,
            scope,
            status,
            frozenset({status, *(int(each) for each in errors.split())}),
            Shape(fields, lenient=lenient) if fields else None,
            None if body is None else Shape(body, lenient=lenient),
            kind if body is not None or kind != "json" else "none",
            limit,
            plan,
        )
        return handler

    return register
