"""The encoding aws-chunked, decoded and verified piece by piece.

What it is for: uploads whose signature travels with the chunks, and checksums that follow the
body. What it must not do: I/O, or hand out a byte of a signed chunk before its signature is proved.

`Decoder.receive` takes any piece of the body and returns the data that is certain by now;
`Decoder.close` says that the body has ended.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, NoReturn

from tolmach_mockservers.s3 import sigv4
from tolmach_mockservers.s3.errors import S3Error

__all__ = ["ChunkSigner", "Decoder"]

_SMALLEST: Final = 8192
"""Bytes that every chunk but the last must have."""

_LARGEST: Final = 16 * 2**20
"""Bytes that a signed chunk may have: it is kept until its signature is proved."""

_LONGEST_LINE: Final = 1024
_MOST_TRAILERS: Final = 4096
_SIGNED_HEAD: Final = re.compile(rb"([0-9a-fA-F]{1,16});chunk-signature=([0-9a-f]{64})")
_PLAIN_HEAD: Final = re.compile(rb"([0-9a-fA-F]{1,16})(?:;[\x20-\x7e]*)?")
_TRAILER: Final = re.compile(rb"([A-Za-z0-9\-]{1,128}):[ \t]*([\x21-\x7e]*)[ \t]*")
_SIGNATURE: Final = "x-amz-trailer-signature"

_State = Literal["head", "data", "break", "trailers", "done"]


@dataclass(slots=True)
class ChunkSigner:
    """Hold what signs the chunks of one upload; ``previous`` starts as the request's signature."""

    key: bytes
    timestamp: str
    scope: str
    previous: str

    def chunk(self, digest: str) -> str:
        """Return the signature that the next chunk must have; ``digest`` is its SHA-256."""
        self.previous = sigv4.sign(
            self.key, sigv4.chunk_to_sign(self.timestamp, self.scope, self.previous, digest)
        )
        return self.previous

    def trailer(self, trailers: Iterable[tuple[str, str]]) -> str:
        """Return the signature that the trailers must have."""
        return sigv4.sign(
            self.key, sigv4.trailer_to_sign(self.timestamp, self.scope, self.previous, trailers)
        )


class Decoder:
    """Decode one body of ``length`` decoded bytes.

    With a ``signer`` every chunk must be signed. ``expected`` are the names of the trailers that
    were announced, in lower case; what comes must be exactly these.
    """

    def __init__(
        self, length: int, *, signer: ChunkSigner | None = None, expected: Iterable[str] = ()
    ) -> None:
        self.trailers: dict[str, str] = {}
        self._length = length
        self._signer = signer
        self._expected = frozenset(expected)
        self._buffer = bytearray()
        self._state: _State = "head"
        self._left = 0
        self._last = False
        self._small = False
        self._given = ""
        self._decoded = 0
        self._lines: list[tuple[str, str]] = []
        self._trailer_size = 0

    @property
    def done(self) -> bool:
        """Whether the whole body was seen."""
        return self._state == "done"

    def receive(self, data: bytes) -> list[bytes]:
        """Take a piece of the body; return the decoded pieces that are certain."""
        self._buffer += data
        out: list[bytes] = []
        while self._advance(out):
            pass
        return out

    def close(self) -> None:
        """Say that the body has ended; one that is not complete is refused."""
        if self._state != "done":
            raise S3Error("IncompleteBody", "The request body terminated unexpectedly")

    def _advance(self, out: list[bytes]) -> bool:
        """Make one step; False when more bytes are needed."""
        match self._state:
            case "head":
                line = self._line()
                if line is not None:
                    self._head(line)
                return line is not None
            case "data":
                return self._data(out)
            case "break":
                if len(self._buffer) < 2:
                    return False
                if not self._buffer.startswith(b"\r\n"):
                    _broken()
                del self._buffer[:2]
                self._state = "done" if self._last else "head"
                return True
            case "trailers":
                line = self._line()
                if line is not None:
                    self._trailer(line)
                return line is not None
            case "done":
                if self._buffer:
                    _broken()
                return False

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\r\n", 0, _LONGEST_LINE)
        if end < 0:
            if len(self._buffer) >= _LONGEST_LINE:
                _broken()
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    def _head(self, line: bytes) -> None:
        found = (_PLAIN_HEAD if self._signer is None else _SIGNED_HEAD).fullmatch(line)
        if found is None:
            _broken()
        size = int(found[1], 16)
        if self._decoded + size > self._length:
            raise S3Error("IncompleteBody", "The request body terminated unexpectedly")
        if size and self._small:
            raise S3Error("InvalidChunkSizeError")
        self._small = size < _SMALLEST
        self._left = size
        if self._signer is None:
            self._state = "data"
        else:
            if size > _LARGEST:
                raise S3Error("InvalidRequest", f"A signed chunk may have at most {_LARGEST} bytes")
            self._given = found[2].decode()
            self._state = "data"
        if size == 0:
            self._end_of_data()

    def _data(self, out: list[bytes]) -> bool:
        if self._signer is not None:
            if len(self._buffer) < self._left:
                return False
            data = bytes(self._buffer[: self._left])
            del self._buffer[: self._left]
            self._prove(hashlib.sha256(data).hexdigest())
        else:
            if not self._buffer:
                return False
            data = bytes(self._buffer[: self._left])
            del self._buffer[: self._left]
        self._left -= len(data)
        self._decoded += len(data)
        out.append(data)
        if self._left == 0:
            self._state = "break"
        return True

    def _end_of_data(self) -> None:
        if self._signer is not None:
            self._prove(sigv4.EMPTY_SHA256)
        if self._decoded != self._length:
            raise S3Error("IncompleteBody")
        self._last = True
        self._state = "trailers" if self._expected else "break"

    def _prove(self, digest: str) -> None:
        assert self._signer is not None
        if not sigv4.same(self._signer.chunk(digest), self._given):
            raise S3Error("SignatureDoesNotMatch")

    def _trailer(self, line: bytes) -> None:
        if not line:
            self._end_of_trailers()
            return
        self._trailer_size += len(line)
        found = _TRAILER.fullmatch(line)
        if found is None or self._trailer_size > _MOST_TRAILERS:
            raise S3Error("MalformedTrailerError")
        name, value = found[1].decode().lower(), found[2].decode()
        if name in self.trailers or _SIGNATURE in self.trailers:
            raise S3Error("MalformedTrailerError")
        self.trailers[name] = value
        if name != _SIGNATURE:
            self._lines.append((name, value))

    def _end_of_trailers(self) -> None:
        signature = self.trailers.pop(_SIGNATURE, None)
        if frozenset(self.trailers) != self._expected:
            raise S3Error("MalformedTrailerError")
        if self._signer is not None:
            if signature is None:
                raise S3Error("MalformedTrailerError")
            if not sigv4.same(self._signer.trailer(self._lines), signature):
                raise S3Error("SignatureDoesNotMatch")
        self._state = "done"


def _broken() -> NoReturn:
    raise S3Error("InvalidRequest", "The chunked encoding of the request body is not well-formed.")
