"""How values look on Pachca's wire: JSON bytes, times, error bodies.

What it is for: the one place that spells bytes. What it must not do: decide anything.
Source: https://dev.pachca.com/api/errors
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

from tolmach_mockservers.pachca.errors import ApiError, Fault, Item, Limited, OAuthError

__all__ = ["Json", "Refused", "dump", "iso", "iso_seconds", "parse_date", "parse_time", "refused"]

Json = dict[str, object]

_LIMITED: Final = b"Retry later\n"
_JSON: Final = "application/json; charset=utf-8"
_ZONE: Final = re.compile(r" (\d\d:\d\d)$")


def dump(value: object) -> bytes:
    """Return compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def iso(ms: int | None) -> str | None:
    """Return a time with milliseconds, None for none."""
    if ms is None:
        return None
    seconds, rest = divmod(ms, 1000)
    return f"{_second(seconds)}.{rest:03d}Z"


def iso_seconds(ms: int) -> str:
    """Return a time without a fraction, as members' webhooks have it."""
    return f"{_second(ms // 1000)}Z"


def parse_time(text: str) -> int | None:
    """Read an ISO time in ms; without an offset it is UTC, None is not a time."""
    try:
        # An unescaped plus of an offset reaches the server as a blank.
        at = datetime.fromisoformat(_ZONE.sub(r"+\1", text))
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return round(at.timestamp() * 1000)


def parse_date(text: str) -> date | None:
    """Read YYYY-MM-DD, None is not a date."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


class Refused:
    """Hold a refusal's status, bytes and headers."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.status = status
        self.body = body
        self.headers = headers


def refused(fault: Fault, documented: frozenset[int] = frozenset()) -> Refused:
    """Return a refusal's bytes; a 422 of an operation that documents none is its 400."""
    match fault:
        case Limited(daily=True):
            body = dump({"errors": [Item("base", "rate_limit").document()]})
            return Refused(429, body, {"Content-Type": _JSON, "Retry-After": str(fault.wait)})
        case Limited():
            return Refused(429, _LIMITED, {"Content-Type": "text/plain", "Retry-After": str(fault.wait)})
        case OAuthError():
            headers = {"Content-Type": _JSON}
            if fault.scope is not None:
                headers["WWW-Authenticate"] = (
                    f'Bearer error="{fault.error}", error_description="{fault.description}", '
                    f'scope="{fault.scope}"'
                )
            elif fault.status == 401:
                headers["WWW-Authenticate"] = (
                    f'Bearer error="{fault.error}", error_description="{fault.description}"'
                )
            body = dump({"error": fault.error, "error_description": fault.description})
            return Refused(fault.status, body, headers)
        case ApiError():
            status = fault.status
            if status == 422 and documented and 422 not in documented and 400 in documented:
                status = 400
            body = dump({"errors": [each.document() for each in fault.items]})
            return Refused(status, body, {"Content-Type": _JSON})
        case _:
            raise fault
