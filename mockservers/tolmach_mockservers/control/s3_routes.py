"""Routes of the fake S3: its buckets, and further keys.

What it is for: what no public API can do. What it must not do: hold rules of the storage; the fake
does.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from tolmach_mockservers.control.exchange import Route, answer, read, tell
from tolmach_mockservers.fields import Fields
from tolmach_mockservers.refusal import RefusalError

if TYPE_CHECKING:
    from tolmach_mockservers.s3.fake import S3Fake
    from tolmach_mockservers.server import Fakes

__all__ = ["routes"]


def routes(fakes: "Fakes") -> list[Route]:
    """Return the routes of ``fakes``' storage."""
    here = _Storage(fakes)
    return [
        ("GET", "/s3", tell(here.world)),
        ("POST", "/s3/buckets", answer(here.add_bucket)),
        ("POST", "/s3/keys", answer(here.add_key)),
    ]


class _Storage:
    def __init__(self, fakes: "Fakes") -> None:
        self._fakes = fakes

    def world(self) -> Mapping[str, object]:
        return self._storage().world()

    async def add_bucket(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("name",))
        return self._storage().create_bucket(fields.text("name"))

    async def add_key(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("access_key", "secret_key", "expires_in"))
        return self._storage().create_key(
            access_key=fields.optional_text("access_key"),
            secret=fields.optional_text("secret_key"),
            expires_in=fields.seconds("expires_in") if "expires_in" in fields else None,
        )

    def _storage(self) -> "S3Fake":
        if self._fakes.s3 is None:
            raise RefusalError("the fake S3 does not run: start it with  tolmach up s3", status=409)
        return self._fakes.s3
