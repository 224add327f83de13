"""Routes of the journal: search, wait, canonical form, violations.

What it is for: the HTTP side of the journal. What it must not do: poll.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from aiohttp import web

from tolmach_mockservers.control.exchange import Route, answer, read, read_query, tell
from tolmach_mockservers.fields import Fields
from tolmach_mockservers.journal import Match

if TYPE_CHECKING:
    from tolmach_mockservers.server import Fakes

__all__ = ["routes"]

_FILTERS: Final = ("fake", "kind", "operation", "actor", "room_id", "text")
_LONGEST_WAIT: Final = 60.0


def routes(fakes: "Fakes") -> list[Route]:
    """Return the routes of ``fakes``' journal."""
    here = _Journal(fakes)
    return [
        ("GET", "/journal", answer(here.search)),
        ("POST", "/journal/wait", answer(here.wait)),
        ("GET", "/journal/canonical", here.canonical),
        ("GET", "/violations", tell(here.violations)),
    ]


class _Journal:
    def __init__(self, fakes: "Fakes") -> None:
        self._fakes = fakes
        self._journal = fakes.kernel.journal

    async def search(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(read_query(request, ("after", "limit")), (*_FILTERS, "after", "limit"))
        limit = fields.whole("limit", least=1) if "limit" in fields else None
        found = self._journal.search(_match(fields), after=fields.whole("after", 0), limit=limit)
        return {"entries": [entry.render() for entry in found], "last": self._journal.last}

    async def wait(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("match", "after", "count", "timeout"))
        waited = await self._journal.wait_for(
            _match(fields.inner("match", _FILTERS)),
            after=fields.whole("after", 0),
            count=fields.whole("count", 1, least=1),
            timeout=fields.seconds("timeout", 10.0, most=_LONGEST_WAIT),
        )
        return {
            "entries": [entry.render() for entry in waited.entries],
            "matched": waited.matched,
            "last": waited.last,
            "near": [entry.render() for entry in waited.near],
        }

    async def canonical(self, _request: web.Request) -> web.StreamResponse:
        from tolmach_mockservers.canonical import canonical

        return web.Response(text=canonical(self._journal), content_type="text/plain")

    def violations(self) -> Mapping[str, object]:
        return {"violations": [entry.render() for entry in self._fakes.violations()]}


def _match(fields: Fields) -> Match:
    return Match(
        fake=fields.optional_text("fake"),
        kinds=_list(fields, "kind"),
        operations=_list(fields, "operation"),
        actor=fields.optional_text("actor"),
        room_id=fields.optional_text("room_id"),
        text=fields.optional_text("text"),
    )


def _list(fields: Fields, name: str) -> frozenset[str]:
    given = fields.optional_text(name)
    return frozenset(item.strip() for item in given.split(",")) if given else frozenset()
