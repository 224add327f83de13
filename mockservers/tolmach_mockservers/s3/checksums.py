"""The checksums that S3 knows, one interface over all of them.

What it is for: verifying ``x-amz-checksum-*`` in headers, fields and trailers while bytes pass by.
What it must not do: I/O. CRC-32C and CRC-64/NVME are not in the standard library; ours go byte by
byte over a table, some ten megabytes a second, which is enough for tests of the header.
"""

import base64
import binascii
import hashlib
import zlib
from typing import Final, Protocol

from tolmach_mockservers.s3.errors import S3Error

__all__ = ["ALGORITHMS", "Checksum", "checksum", "valid"]

ALGORITHMS: Final = {"crc32": 4, "crc32c": 4, "crc64nvme": 8, "sha1": 20, "sha256": 32}
"""Names as they stand behind ``x-amz-checksum-``, with their sizes in bytes."""


class Checksum(Protocol):
    """Take bytes, give the digest."""

    def update(self, data: bytes, /) -> None:
        """Add bytes."""
        ...

    def digest(self) -> bytes:
        """Return the checksum so far, big-endian."""
        ...


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


def _table(reflected: int) -> tuple[int, ...]:
    rows: list[int] = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (reflected if value & 1 else 0)
        rows.append(value)
    return tuple(rows)


class _TableCrc:
    """A reflected CRC with all bits set at both ends."""

    def __init__(self, reflected: int, size: int) -> None:
        self._table = _table(reflected)
        self._size = size
        self._mask = (1 << (8 * size)) - 1
        self._value = self._mask

    def update(self, data: bytes, /) -> None:
        value, table = self._value, self._table
        for byte in data:
            value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
        self._value = value

    def digest(self) -> bytes:
        return (self._value ^ self._mask).to_bytes(self._size, "big")


def checksum(algorithm: str) -> Checksum:
    """Start a checksum; ``algorithm`` is one of `ALGORITHMS`."""
    match algorithm:
        case "crc32":
            return _Crc32()
        case "crc32c":
            return _TableCrc(0x82F63B78, 4)
        case "crc64nvme":
            return _TableCrc(0x9A6C9329AC4BC9B5, 8)
        case "sha1":
            return hashlib.sha1(usedforsecurity=False)
        case "sha256":
            return hashlib.sha256()
        case _:
            raise S3Error(
                "InvalidRequest", "The algorithm type you specified in x-amz-checksum- header is invalid."
            )


def valid(algorithm: str, value: str) -> bool:
    """Whether ``value`` is base64 of a checksum's size."""
    try:
        return len(base64.b64decode(value.encode("ascii"), validate=True)) == ALGORITHMS[algorithm]
    except (binascii.Error, ValueError):
        return False
