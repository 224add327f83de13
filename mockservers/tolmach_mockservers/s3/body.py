"""Take the body of an upload from the connection into the spool, verified.

What it is for: plain and aws-chunked bodies at constant memory. What it must not do: keep anything
of a body that turned out wrong.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from tolmach_mockservers.s3.auth import STREAMING, Head, Proof
from tolmach_mockservers.s3.chunked import Decoder
from tolmach_mockservers.s3.digests import Digests, trailer_names
from tolmach_mockservers.s3.errors import S3Error
from tolmach_mockservers.s3.sigv4 import UNSIGNED
from tolmach_mockservers.s3.spool import Blob, Spool, Writer

__all__ = ["LARGEST", "Received", "pieces", "receive", "receive_document"]

LARGEST: Final = 5 * 2**30
"""Bytes of one PUT, POST or part."""

_LARGEST_DOCUMENT: Final = 1024 * 1024
_SMALL: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """Hold a verified body; ``checksums`` are base64 by algorithm."""

    blob: Blob
    etag: str
    checksums: dict[str, str]


async def pieces(request: web.BaseRequest) -> AsyncIterator[bytes]:
    """Yield the body as it comes; a client that goes away before its end is `ConnectionError`."""
    await go_on(request)
    content = request.content
    length = request.content_length
    if length is not None and length <= _SMALL:
        yield await content.read()
        return
    while True:
        data = await content.readany()
        if not data:
            return
        yield data


async def go_on(request: web.BaseRequest) -> None:
    """Ask for the body of a request that waits for it; only now is it known to be welcome."""
    if "Expect" in request.headers and request.headers["Expect"].lower() == "100-continue":
        transport = request.transport
        if transport is not None:
            transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


async def receive(request: web.BaseRequest, head: Head, proof: Proof, spool: Spool) -> Received:
    """Read the whole body, or refuse it."""
    chunked = proof.payload.startswith(STREAMING)
    length = _length(head, chunked=chunked)
    if length > LARGEST:
        raise S3Error("EntityTooLarge", extra={"ProposedSize": str(length), "MaxSizeAllowed": str(LARGEST)})
    plain = chunked or proof.payload == UNSIGNED
    trailers = trailer_names(head.headers) if proof.payload.endswith("-TRAILER") else []
    digests = Digests(head.headers, sha256=None if plain else proof.payload, trailers=trailers)
    decoder = Decoder(length, signer=proof.signer, expected=trailers) if chunked else None
    if decoder is None and length <= _SMALL:
        await go_on(request)
        data = await request.content.read()
        digests.update(data)
        if len(data) != length:
            raise S3Error("IncompleteBody")
        return Received(Blob.of(data), digests.etag, digests.finish())
    writer = spool.writer()
    try:
        async for data in pieces(request):
            for each in decoder.receive(data) if decoder is not None else (data,):
                digests.update(each)
                writer.write(each)
        if decoder is not None:
            decoder.close()
        return _finished(writer, digests, length, None if decoder is None else decoder.trailers)
    finally:
        writer.discard()


async def receive_document(request: web.BaseRequest, head: Head, proof: Proof, spool: Spool) -> bytes:
    """Read a small body such as an XML document whole, and verify it."""
    if proof.payload.startswith(STREAMING):
        received = await receive(request, head, proof, spool)
        if received.blob.size > _LARGEST_DOCUMENT:
            raise _too_big()
        return b"".join(received.blob.read())
    digests = Digests(head.headers, sha256=None if proof.payload == UNSIGNED else proof.payload)
    data = bytearray()
    async for piece in pieces(request):
        data += piece
        if len(data) > _LARGEST_DOCUMENT:
            raise _too_big()
    digests.update(bytes(data))
    digests.finish()
    return bytes(data)


def _too_big() -> S3Error:
    return S3Error("MaxMessageLengthExceeded", extra={"MaxMessageLengthBytes": str(_LARGEST_DOCUMENT)})


def _finished(writer: Writer, digests: Digests, length: int, trailers: dict[str, str] | None) -> Received:
    if writer.size != length:
        raise S3Error("IncompleteBody")
    checksums = digests.finish(trailers)
    return Received(writer.blob(), digests.etag, checksums)


def _length(head: Head, *, chunked: bool) -> int:
    given = head.headers.get("x-amz-decoded-content-length" if chunked else "content-length")
    if given is None:
        if "transfer-encoding" in head.headers and not chunked:
            raise S3Error(
                "NotImplemented",
                "A header you provided implies functionality that is not implemented",
                {"Header": "Transfer-Encoding"},
            )
        raise S3Error("MissingContentLength")
    if not given.isascii() or not given.isdecimal() or len(given) > 18:
        raise S3Error("InvalidArgument", extra={"ArgumentName": "content-length", "ArgumentValue": given})
    return int(given)
