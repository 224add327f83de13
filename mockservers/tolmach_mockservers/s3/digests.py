"""What the body of one upload was announced to be, held against what came.

What it is for: ETag, Content-MD5, the signed SHA-256, and ``x-amz-checksum-*`` in headers or
trailers, all computed while the bytes pass by. What it must not do: I/O.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Final

from tolmach_mockservers.s3.checksums import ALGORITHMS, Checksum, checksum, valid
from tolmach_mockservers.s3.errors import S3Error

__all__ = ["Digests", "trailer_names"]

_CHECKSUM: Final = "x-amz-checksum-"
_NOT_VALUES: Final = frozenset({"x-amz-checksum-algorithm", "x-amz-checksum-mode", "x-amz-checksum-type"})
_SHORT: Final = 64


def trailer_names(headers: Mapping[str, str]) -> list[str]:
    """Return the trailers that a request announces, in lower case."""
    names = [name.strip().lower() for name in headers.get("x-amz-trailer", "").split(",") if name.strip()]
    for name in names:
        if name.removeprefix(_CHECKSUM) not in ALGORITHMS or not name.startswith(_CHECKSUM):
            raise S3Error(
                "InvalidRequest", "The value specified in the x-amz-trailer header is not supported"
            )
    if len(names) > 1:
        raise S3Error(
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        )
    return names


class Digests:
    """Compute what one body needs; ``given`` are headers or a form's fields by lower-case name."""

    def __init__(
        self, given: Mapping[str, str], *, sha256: str | None = None, trailers: list[str] | None = None
    ) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = None if sha256 is None else hashlib.sha256()
        self._wanted_sha256 = sha256
        self._wanted_md5 = _md5_of(given.get("content-md5"))
        self._algorithm = ""
        self._wanted = ""
        self._trailing = False
        self._checksum: Checksum | None = None
        named = [name for name in given if name.startswith(_CHECKSUM) and name not in _NOT_VALUES]
        if len(named) + len(trailers or ()) > 1:
            raise S3Error(
                "InvalidRequest",
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
            )
        if named:
            self._algorithm = named[0].removeprefix(_CHECKSUM)
            self._checksum = checksum(self._algorithm)
            self._wanted = given[named[0]]
            if not valid(self._algorithm, self._wanted):
                raise S3Error("InvalidRequest", f"Value for {named[0]} header is invalid.")
        elif trailers:
            self._trailing = True
            self._algorithm = trailers[0].removeprefix(_CHECKSUM)
            self._checksum = checksum(self._algorithm)
        algorithm = given.get("x-amz-sdk-checksum-algorithm")
        if algorithm is not None and algorithm.lower() != self._algorithm:
            raise S3Error(
                "InvalidRequest",
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
                "x-amz-trailer headers were found.",
            )

    def update(self, data: bytes) -> None:
        """Add bytes of the decoded body."""
        self._md5.update(data)
        if self._sha256 is not None:
            self._sha256.update(data)
        if self._checksum is not None:
            self._checksum.update(data)

    def finish(self, trailers: Mapping[str, str] | None = None) -> dict[str, str]:
        """Refuse a body that is not what was announced; return its checksum by algorithm."""
        if self._sha256 is not None and self._sha256.hexdigest() != self._wanted_sha256:
            raise S3Error(
                "XAmzContentSHA256Mismatch",
                extra={
                    "ClientComputedContentSHA256": self._wanted_sha256 or "",
                    "S3ComputedContentSHA256": self._sha256.hexdigest(),
                },
            )
        if self._wanted_md5 is not None and self._md5.digest() != self._wanted_md5:
            raise S3Error(
                "BadDigest",
                extra={
                    "ExpectedDigest": base64.b64encode(self._wanted_md5).decode(),
                    "CalculatedDigest": base64.b64encode(self._md5.digest()).decode(),
                },
            )
        if self._checksum is None:
            return {}
        wanted = self._wanted
        if self._trailing:
            name = f"{_CHECKSUM}{self._algorithm}"
            wanted = (trailers or {}).get(name, "")
            if not valid(self._algorithm, wanted):
                raise S3Error("InvalidRequest", f"Value for {name} trailing header is invalid.")
        if base64.b64decode(wanted) != self._checksum.digest():
            raise S3Error(
                "BadDigest",
                f"The {self._algorithm.upper()} you specified did not match the calculated checksum.",
            )
        return {self._algorithm: wanted}

    @property
    def etag(self) -> str:
        """Return the MD5 in hexadecimal."""
        return self._md5.hexdigest()


def _md5_of(given: str | None) -> bytes | None:
    if given is None:
        return None
    try:
        digest = base64.b64decode(given.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != 16:
        raise S3Error("InvalidDigest", extra={"Content-MD5": given[:_SHORT]})
    return digest
