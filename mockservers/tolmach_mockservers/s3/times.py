"""The ways in which S3 writes a moment.

What it is for: reading and writing them as seconds since the epoch. What it must not do: read a clock.
"""

import calendar
import re
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_tz
from functools import lru_cache
from typing import Final

__all__ = ["basic", "from_basic", "from_http", "http_date", "xml_date"]

_BASIC: Final = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)


@lru_cache(maxsize=64)
def from_basic(text: str) -> float | None:
    """Read 20130524T000000Z; None when it has another shape."""
    found = _BASIC.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:
        return None


def basic(moment: float) -> str:
    """Write 20130524T000000Z."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y%m%dT%H%M%SZ")


@lru_cache(maxsize=16)
def from_http(text: str) -> float | None:
    """Read an HTTP date; None when it is none."""
    try:
        parts = parsedate_tz(text)
        if parts is None:
            return None
        return calendar.timegm((*parts[:6], 0, 1, 0)) - (parts[9] or 0)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


@lru_cache(maxsize=16)
def http_date(moment: int) -> str:
    """Write Fri, 24 May 2013 00:00:00 GMT."""
    return formatdate(moment, usegmt=True)


@lru_cache(maxsize=64)
def xml_date(moment: int) -> str:
    """Write 2013-05-24T00:00:00.000Z."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
