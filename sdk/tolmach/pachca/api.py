"""One way to make a call, shared by all resources.

What it is for: from a row of the table of operations to an answer, a document or a list. What it must
not do: know a resource.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from operator import attrgetter
from typing import ClassVar, TypeVar, cast
from urllib.parse import quote

from tolmach.clock import Clock
from tolmach.errors import NotSent, RemoteError, ScopeMissing
from tolmach.pachca.listing import Listing, Page
from tolmach.pachca.models.document import Document
from tolmach.pachca.operations import OPERATIONS
from tolmach.pachca.pace import GENERAL
from tolmach.pachca.reading import read_data, read_each
from tolmach.pachca.resources.lanes import Lanes
from tolmach.pachca.unset import UNSET, Unset
from tolmach.transport.http import Body, Http, Payload
from tolmach.transport.query import QueryValue
from tolmach.transport.retry import Safety

__all__ = ["Api", "Query", "Resource"]

D = TypeVar("D", bound=Document)
T = TypeVar("T")

Query = Mapping[str, QueryValue | Unset]

_BY_ID = attrgetter("id")


class Api:
    """Make calls for the resources of one client."""

    def __init__(self, http: Http) -> None:
        self.http = http
        self.lanes = Lanes(http.limiter.quotas)

    @property
    def clock(self) -> Clock:
        """Return the client's clock."""
        return self.http.clock

    async def call(
        self,
        operation: str,
        *ids: int | str,
        query: Query | None = None,
        json: object = None,
        payload: Payload | None = None,
        headers: Mapping[str, str] | None = None,
        lane: str = "",
        quota: str = "",
        signed: bool = True,
        redirects: bool = False,
        reconcile: Callable[[RemoteError], Awaitable[Body | None]] | None = None,
    ) -> Body:
        """Make the call that the table names ``operation``, ``ids`` put into its path in order."""
        row = OPERATIONS[operation]
        asked = {name: value for name, value in (query or {}).items() if not isinstance(value, Unset)}
        try:
            return await self.http.send(
                row.method,
                _path(row.path, ids),
                query=asked or None,
                json=json,
                # Who looks first whether it happened may repeat it.
                safety=row.safety if reconcile is None else Safety.KEYED,
                call=operation,
                signed=signed,
                payload=payload,
                headers=headers,
                lane=lane or row.lane,
                quota=quota,
                redirects=redirects,
                reconcile=reconcile,
            )
        except ScopeMissing as error:
            error.scopes = error.scopes or tuple(filter(None, (row.scope,)))
            await self._explain(error)
            raise

    async def _explain(self, error: ScopeMissing) -> None:
        """Say in the error what the token has; silent when that cannot be found out."""
        try:
            body = await self.http.send(
                "GET", "/oauth/token/info", call="GET /oauth/token/info", lane=GENERAL
            )
        except RemoteError:
            return
        match body.get("data"):
            case {"scopes": list(scopes), "user_id": int(user_id), **rest}:
                error.granted = tuple(str(scope) for scope in scopes)
                name = rest.get("name")
                if isinstance(name, str):
                    error.holder = f"{name!r} of user {user_id}"
                elif rest.get("authorized_at") is None:
                    # Only the main token of a bot has neither a name nor somebody who allowed it.
                    error.holder, error.place = f"bot {user_id}", "in the bot's settings"
                else:
                    error.holder = f"of user {user_id}"
            case _:
                pass

    async def fetch(
        self,
        model: type[D],
        operation: str,
        *ids: int | str,
        query: Query | None = None,
        json: object = None,
        payload: Payload | None = None,
        lane: str = "",
    ) -> D:
        """Make a call and return the document under ``data``."""
        body = await self.call(operation, *ids, query=query, json=json, payload=payload, lane=lane)
        return read_data(model, body, operation)

    def listing(
        self,
        model: type[D],
        operation: str,
        *ids: int | str,
        query: Query | None = None,
        page_size: int | Unset = UNSET,
        most: int = 50,
        key: Callable[[D], Hashable] = _BY_ID,
        notice: Callable[[D], None] | None = None,
    ) -> Listing[D]:
        """Return a list of documents; ``page_size`` is 1 to ``most``; ``notice`` is shown each of them."""

        def read_page(values: list[object]) -> list[D]:
            found = read_each(model, values, operation)
            if notice is not None:
                for document in found:
                    notice(document)
            return found

        return self.pages(
            read_page,
            operation,
            *ids,
            query=query,
            page_size=page_size,
            most=most,
            key=key,
        )

    def pages(
        self,
        read: Callable[[list[object]], list[T]],
        operation: str,
        *ids: int | str,
        query: Query | None = None,
        page_size: int | Unset = UNSET,
        most: int = 50,
        key: Callable[[T], Hashable],
    ) -> Listing[T]:
        """Return a list of whatever ``read`` makes of the records of a page."""
        if page_size is not UNSET and not 1 <= page_size <= most:
            raise NotSent(f"page_size: {operation} takes 1 to {most}", field="page_size")

        async def fetch(cursor: str | None) -> Page[T]:
            paging: Query = {"limit": page_size, "cursor": UNSET if cursor is None else cursor}
            body = await self.call(operation, *ids, query={**(query or {}), **paging})
            values = body.get("data")
            records = cast("list[object]", values) if isinstance(values, list) else []
            return _page(read(records), len(records), body.get("meta"))

        return Listing(fetch, key=key, clock=self.clock)


class Resource:
    """Be the root of all namespaces of the client."""

    asynchronous: ClassVar[bool] = True
    """Read by ``tolmach.sync``: a namespace of nothing but lists has no coroutine of its own."""

    def __init__(self, api: Api) -> None:
        self._api = api


def _path(template: str, ids: tuple[int | str, ...]) -> str:
    parts = template.split("/")
    values = iter(ids)
    filled = [quote(str(next(values)), safe="") if part.startswith("{") else part for part in parts]
    return "/".join(filled)


def _page(items: list[T], count: int, meta: object) -> Page[T]:
    told = cast("Mapping[str, object]", meta) if isinstance(meta, dict) else {}
    paginate = told.get("paginate")
    said = cast("Mapping[str, object]", paginate) if isinstance(paginate, dict) else {}
    total = told.get("total")
    return Page(
        items,
        count,
        _cursor(said.get("next_page")),
        _cursor(said.get("prev_page")),
        _truth(said.get("has_next")),
        _truth(said.get("has_prev")),
        total if isinstance(total, int) and not isinstance(total, bool) else None,
    )


def _cursor(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
