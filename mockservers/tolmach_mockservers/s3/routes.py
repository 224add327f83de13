"""HTTP of the storage: from a request to an operation's handler and back.

What it is for: address, faults, authentication, errors, the journal, in the vendor's order. What it
must not do: know an operation; they register themselves in `call.OPERATIONS`.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from typing import Final

from aiohttp import web

from tolmach_mockservers.faults import Do
from tolmach_mockservers.kernel import Kernel
from tolmach_mockservers.s3 import (
    routes_bucket,
    routes_multipart,
    routes_object,
    routes_post,
    times,
    wire,
)
from tolmach_mockservers.s3.address import resolve
from tolmach_mockservers.s3.auth import Head, prove
from tolmach_mockservers.s3.body import pieces
from tolmach_mockservers.s3.call import OPERATIONS, Call, Streamed
from tolmach_mockservers.s3.errors import MALFORMED, S3Error
from tolmach_mockservers.s3.keys import Keyring
from tolmach_mockservers.s3.operations import operation_of
from tolmach_mockservers.s3.spool import Spool
from tolmach_mockservers.s3.state import State

__all__ = ["Storage"]

# Importing them is what fills the table.
REGISTERED: Final = (routes_bucket, routes_multipart, routes_object, routes_post)

_FAKE: Final = "s3"
_UPLOADS: Final = frozenset({"PutObject", "PostObject", "UploadPart"})
_OPEN: Final = frozenset({"GetObject", "HeadObject"})
"""Operations that an object's access control list may open to everybody."""

_BY_STATUS: Final = {403: "AccessDenied", 404: "NoSuchKey", 500: "InternalError", 503: "SlowDown"}
_EXPOSED: Final = "ETag, Content-Length, Content-Range, x-amz-request-id, x-amz-id-2"


class _CutError(Exception):
    """The connection ends here instead of an answer."""


class Storage:
    """Answer the requests of one storage."""

    def __init__(self, kernel: Kernel, state: State, spool: Spool, keys: Keyring, region: str) -> None:
        self._kernel = kernel
        self._state = state
        self._spool = spool
        self._keys = keys
        self._region = region
        self.owner = state.seed.hex_id(64)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        path, _, query = request.raw_path.partition("?")
        head = Head(request.method, path, query, _headers(request))
        call = Call(
            self._state,
            self._spool,
            self._keys,
            self._kernel.clock.now(),
            request,
            head,
            "",
            self._region,
            self.owner,
        )
        do: Do | None = None
        try:
            self._address(call)
            do = await self._fault(call)
            response = await self._answer(call)
            status = response.status
            if do is not None and do.kind == "cut_after_commit":
                self._write_down(call, status, cut="after")
                if call.operation == "GetObject":
                    await self._send_half(call, response)
                raise _CutError
        except S3Error as error:
            response = self._refusal(call, error)
            status = response.status
            call.note |= {"code": error.code, "message": error.message}
        except ConnectionError:
            # The client went away in the middle of its body: nobody to answer.
            self._write_down(call, None, cut="client")
            return web.Response(status=499)
        except _CutError:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=499)
        self._finish(call, response)
        self._write_down(call, status)
        if call.pending is not None and status < 300:
            with suppress(ConnectionError):
                await _stream(call, response, call.pending)
        return response

    def _address(self, call: Call) -> None:
        head = call.head
        with self._watching(call):
            address = resolve(head.headers.get("host", ""), head.path)
            call.bucket_name, call.key = address.bucket or "", address.key or ""
            call.operation = operation_of(head.method, address, head.params, head.headers)

    @contextmanager
    def _watching(self, call: Call) -> Generator[None]:
        """Record a request that is malformed, or asks for what is not modelled.

        Not watched: who asks, for a refused signature is normal use, and faults that a test asked for.
        """
        try:
            yield
        except S3Error as error:
            if error.code in MALFORMED:
                self._violation(call, error)
            raise

    def _violation(self, call: Call, error: S3Error) -> None:
        head, what = call.head, call.operation
        if error.code != "NotImplemented":
            text = f"{what or head.method}: {error.code}: {error.message}"
        elif "Resource" in error.extra:
            text = f"{head.method} ?{error.extra['Resource']} is not modelled"
            what = f"{head.method} ?{error.extra['Resource']}"
        else:
            text = f"{what} with {error.extra.get('Header', 'this header')} is not modelled"
        detail: dict[str, object] = {"code": error.code, "bucket": call.bucket_name, "key": call.key}
        if "ArgumentName" in error.extra:
            detail["argument"] = error.extra["ArgumentName"]
        self._kernel.violation(_FAKE, text, detail, operation=what or head.method)

    async def _answer(self, call: Call) -> web.StreamResponse:
        if call.operation == "Preflight":
            return _preflight(call)
        if call.operation != "PostObject":
            call.proof = prove(call.head, self._keys, self._region, call.now)
            if call.proof is None and call.operation not in _OPEN:
                raise S3Error("AccessDenied")
        with self._watching(call):
            return await OPERATIONS[call.operation](call)

    async def _fault(self, call: Call) -> Do | None:
        faults = self._kernel.faults
        if not faults.list():
            return None
        do = faults.take(_FAKE, operation=call.operation, text=call.key)
        match None if do is None else do.kind:
            case "delay" if do is not None:
                await self._kernel.clock.sleep(do.seconds)
            case "cut_before" | "lose":
                if call.operation in _UPLOADS:
                    # In the middle of the upload: something has arrived, nothing is kept.
                    async for _ in pieces(call.request):
                        break
                self._write_down(call, None, cut="before")
                raise _CutError
            case "rate_limit":
                raise S3Error("SlowDown")
            case "status" if do is not None:
                raise _asked_for(do)
            case _:
                pass
        return do

    def _refusal(self, call: Call, error: S3Error) -> web.Response:
        headers = {"Content-Type": "application/xml", **error.headers}
        if call.head.method == "HEAD" or error.status == 304:
            return web.Response(status=error.status, headers=headers)
        request_id, host_id = self._ids()
        body = wire.error_document(error, request_id, host_id)
        headers |= {"x-amz-request-id": request_id, "x-amz-id-2": host_id}
        return web.Response(status=error.status, headers=headers, body=body)

    def _ids(self) -> tuple[str, str]:
        drawn = self._state.seed.hex_id(48).upper()
        return drawn[:16], drawn[16:]

    def _finish(self, call: Call, response: web.StreamResponse) -> None:
        headers = response.headers
        if "x-amz-request-id" not in headers:
            headers["x-amz-request-id"], headers["x-amz-id-2"] = self._ids()
        headers["Server"] = "AmazonS3"
        headers["Date"] = times.http_date(int(self._kernel.clock.now()))
        if "origin" in call.head.headers:
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Access-Control-Expose-Headers"] = _EXPOSED
        if call.request.body_exists and not call.request.content.is_eof():
            # What was not read cannot be told from a next request.
            response.force_close()

    def _write_down(self, call: Call, status: int | None, *, cut: str | None = None) -> None:
        proof, note = call.proof, call.note
        actor = proof.access_key if proof is not None else note.pop("access_key", None)
        if cut is not None:
            note["cut"] = cut
        note |= {"method": call.head.method, "path": call.head.path}
        if call.bucket_name:
            note["bucket"] = call.bucket_name
        self._kernel.journal.record(
            fake=_FAKE,
            kind="http",
            actor=actor if isinstance(actor, str) else None,
            operation=call.operation or None,
            status=status,
            text=call.key or None,
            detail=note,
        )

    async def _send_half(self, call: Call, response: web.StreamResponse) -> None:
        pending = call.pending
        if pending is None:
            body = response.body if isinstance(response, web.Response) else None
            data = body if isinstance(body, bytes) else b""
            half = web.StreamResponse(status=response.status, headers=response.headers)
            half.content_length = len(data)
            await half.prepare(call.request)
            await half.write(data[: len(data) // 2])
            return
        middle = (pending.start + pending.stop) // 2
        await response.prepare(call.request)
        for piece in pending.blob.read(pending.start, middle):
            await response.write(piece)


async def _stream(call: Call, response: web.StreamResponse, pending: Streamed) -> None:
    await response.prepare(call.request)
    for piece in pending.blob.read(pending.start, pending.stop):
        await response.write(piece)
    await response.write_eof()


def _headers(request: web.BaseRequest) -> Mapping[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in request.raw_headers:
        name = raw_name.decode("ascii", "replace").lower()
        value = raw_value.decode("utf-8", "surrogateescape")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


def _preflight(call: Call) -> web.Response:
    asked = call.head.headers
    if "origin" not in asked or "access-control-request-method" not in asked:
        raise S3Error("BadRequest", "Insufficient information. Origin request header needed.")
    return web.Response(
        headers={
            "Access-Control-Allow-Methods": "GET, PUT, POST, DELETE, HEAD",
            "Access-Control-Allow-Headers": asked.get("access-control-request-headers", "*"),
            "Access-Control-Max-Age": "3000",
        }
    )


def _asked_for(do: Do) -> S3Error:
    body = do.body or {}
    code = str(body.get("code", _BY_STATUS.get(do.status, "InternalError")))
    message = body.get("message")
    return S3Error(code, None if message is None else str(message), status=do.status)
