"""One request on its way through the fake, and the table of operations that answer it.

What it is for: what every handler gets, and how it answers. What it must not do: know an operation;
they register themselves.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from tolmach_mockservers.s3 import wire
from tolmach_mockservers.s3.auth import Head, Proof
from tolmach_mockservers.s3.errors import S3Error
from tolmach_mockservers.s3.keys import Keyring
from tolmach_mockservers.s3.spool import Blob, Spool
from tolmach_mockservers.s3.state import Bucket, State

__all__ = ["OPERATIONS", "Call", "Handler", "Streamed", "operation", "xml"]


@dataclass(slots=True)
class Call:
    """Hold one request; ``proof`` is None for one without a signature.

    ``now`` is the fakes' clock. ``note`` is what the journal says beside its columns. ``pending`` is
    what the answer streams after its head.
    """

    state: State
    spool: Spool
    keys: Keyring
    now: float
    request: web.BaseRequest
    head: Head
    operation: str
    region: str
    owner: str
    bucket_name: str = ""
    key: str = ""
    proof: Proof | None = None
    note: dict[str, object] = field(default_factory=dict[str, object])
    pending: "Streamed | None" = None

    @property
    def signed(self) -> Proof:
        """Return who signed; a request without a signature is refused."""
        if self.proof is None:
            raise S3Error("AccessDenied")
        return self.proof

    @property
    def bucket(self) -> Bucket:
        """Return the bucket that is addressed."""
        return self.state.bucket(self.bucket_name)

    def param(self, name: str, default: str = "") -> str:
        """Return a parameter of the query."""
        return self.head.params.get(name, default)


@dataclass(frozen=True, slots=True)
class Streamed:
    """Hold what is sent after the head of an answer."""

    blob: Blob
    start: int
    stop: int


Handler = Callable[[Call], Awaitable[web.StreamResponse]]

OPERATIONS: Final[dict[str, Handler]] = {}
"""Handlers by the operation's name in the vendor's reference."""


def operation(name: str) -> Callable[[Handler], Handler]:
    """Register a handler."""

    def register(handler: Handler) -> Handler:
        OPERATIONS[name] = handler
        return handler

    return register


def xml(root: str, *inner: str, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return an XML answer."""
    return web.Response(
        body=wire.document(root, inner),
        status=status,
        headers={"Content-Type": "application/xml", **(headers or {})},
    )
