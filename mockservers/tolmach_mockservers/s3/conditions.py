"""Conditional requests and ranges, by the rules of HTTP as S3 follows them.

What it is for: If-Match and its kin, Range. What it must not do: I/O.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tolmach_mockservers.s3 import times
from tolmach_mockservers.s3.errors import S3Error

__all__ = ["Span", "check_copy", "check_read", "check_write", "span_of"]

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """Hold the bytes from ``start`` up to, not including, ``stop``."""

    start: int
    stop: int


def check_read(headers: Mapping[str, str], etag: str, modified: int) -> None:
    """Refuse a GET or HEAD whose conditions do not hold: 412, or 304."""
    kept = _conditions(headers, "if-", etag, modified)
    if kept is not None:
        if kept in {"If-None-Match", "If-Modified-Since"}:
            raise S3Error(
                "NotModified", headers={"ETag": f'"{etag}"', "Last-Modified": times.http_date(modified)}
            )
        raise S3Error("PreconditionFailed", extra={"Condition": kept})


def check_copy(headers: Mapping[str, str], etag: str, modified: int) -> None:
    """Refuse a copy whose source does not meet the conditions: 412 always."""
    kept = _conditions(headers, "x-amz-copy-source-if-", etag, modified)
    if kept is not None:
        raise S3Error("PreconditionFailed", extra={"Condition": f"x-amz-copy-source-{kept}"})


def check_write(headers: Mapping[str, str], etag: str | None, key: str) -> None:
    """Refuse a write whose conditions do not hold; ``etag`` is None where nothing is stored."""
    none_match = headers.get("if-none-match")
    if none_match is not None:
        if none_match.strip() != "*":
            raise S3Error("NotImplemented", extra={"Header": "If-None-Match"})
        if etag is not None:
            raise S3Error("PreconditionFailed", extra={"Condition": "If-None-Match"})
    match = headers.get("if-match")
    if match is not None:
        if etag is None:
            raise S3Error("NoSuchKey", extra={"Key": key})
        if not _names(match, etag):
            raise S3Error("PreconditionFailed", extra={"Condition": "If-Match"})


def span_of(header: str | None, size: int) -> Span | None:
    """Read a Range; None means the whole, also for a form that S3 ignores."""
    found = None if header is None else _RANGE.fullmatch(header.strip())
    if found is None:
        return None
    first, last = found[1], found[2]
    if not first and not last:
        return None
    if first and last and int(first) > int(last):
        return None
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    if start >= size or (not first and int(last) == 0):
        raise S3Error(
            "InvalidRange",
            extra={"RangeRequested": header or "", "ActualObjectSize": str(size)},
            headers={"Content-Range": f"bytes */{size}"},
        )
    return Span(start, stop)


def _conditions(headers: Mapping[str, str], prefix: str, etag: str, modified: int) -> str | None:
    """Return the condition that does not hold, if any."""
    match = headers.get(f"{prefix}match")
    if match is not None:
        if not _names(match, etag):
            return "If-Match"
    else:
        since = times.from_http(headers.get(f"{prefix}unmodified-since", ""))
        if since is not None and modified > since:
            return "If-Unmodified-Since"
    none_match = headers.get(f"{prefix}none-match")
    if none_match is not None:
        if _names(none_match, etag):
            return "If-None-Match"
    else:
        since = times.from_http(headers.get(f"{prefix}modified-since", ""))
        if since is not None and modified <= since:
            return "If-Modified-Since"
    return None


def _names(header: str, etag: str) -> bool:
    if header.strip() == "*":
        return True
    return any(each.strip().removeprefix("W/").strip('"') == etag for each in header.split(","))
