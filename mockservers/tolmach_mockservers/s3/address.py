"""Which bucket and key a request means: path style and virtual-host style.

What it is for: one reading of host and path. What it must not do: know which buckets exist.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from tolmach_mockservers.s3.errors import S3Error

__all__ = ["LONGEST_KEY", "Address", "check_bucket_name", "resolve"]

LONGEST_KEY: Final = 1024
"""Bytes of UTF-8."""

_HOSTED: Final = re.compile(
    r"(?P<bucket>[a-z0-9][a-z0-9.\-]*)\.(?:s3[.\-][a-z0-9.\-]*amazonaws\.com|(?:s3\.)?localhost)"
    r"(?::\d+)?",
    re.IGNORECASE,
)
_SERVICE: Final = re.compile(
    r"s3[.\-][a-z0-9.\-]*amazonaws\.com(?::\d+)?|(?:s3\.)?localhost(?::\d+)?", re.IGNORECASE
)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]")
_IP: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


@dataclass(frozen=True, slots=True)
class Address:
    """Hold what is meant; both None is the service itself, no key is the bucket."""

    bucket: str | None
    key: str | None


def resolve(host: str, path: str) -> Address:
    """Read host and percent-encoded path."""
    if not path.startswith("/"):
        raise S3Error("InvalidURI", extra={"URI": path})
    hosted = None if host[:1].isdecimal() or _SERVICE.fullmatch(host) else _HOSTED.fullmatch(host)
    if hosted is not None:
        return Address(hosted["bucket"].lower(), _decoded(path[1:]) or None)
    bucket, _, key = path[1:].partition("/")
    return Address(_decoded(bucket) or None, _decoded(key) or None)


def check_bucket_name(name: str) -> None:
    """Refuse a name that no bucket can have."""
    if not _NAME.fullmatch(name) or ".." in name or _IP.fullmatch(name) or ".-" in name or "-." in name:
        raise S3Error("InvalidBucketName", extra={"BucketName": name})


def _decoded(text: str) -> str:
    if "%" not in text and text.isascii():
        return text
    try:
        return unquote_to_bytes(text.encode("utf-8", "surrogateescape")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise S3Error("InvalidURI", extra={"URI": text.encode("ascii", "replace").decode()}) from error
