"""Write query parameters the way a JSON API expects them.

What it is for: one encoding of absent, true, times and lists. What it must not do: escape; the HTTP
client does that.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from tolmach.errors import NotSent

__all__ = ["QueryPairs", "QueryValue", "bracketed", "iso", "joined", "query_text"]

QueryValue = str | int | float | bool | datetime | Sequence[str] | Sequence[int] | None

QueryPairs = list[tuple[str, str]]


def query_text(query: Mapping[str, QueryValue]) -> dict[str, str]:
    """Return ``query`` as text: None left out, ``true``/``false``, ISO times, lists joined by commas."""
    return {name: _text(value) for name, value in query.items() if value is not None}


def joined(query: Mapping[str, QueryValue]) -> QueryPairs:
    """Return the pairs of ``query_text``: lists joined by commas."""
    return list(query_text(query).items())


def bracketed(query: Mapping[str, QueryValue]) -> QueryPairs:
    """Return ``query`` as pairs with a list written ``name[]=a&name[]=b``."""
    pairs: QueryPairs = []
    for name, value in query.items():
        if isinstance(value, Sequence) and not isinstance(value, str):
            pairs.extend((f"{name}[]", str(each)) for each in value)
        elif value is not None:
            try:
                pairs.append((name, _text(value)))
            except NotSent as error:
                raise NotSent(f"{name}: {error}", field=name) from None
    return pairs


def iso(moment: datetime) -> str:
    """Return an aware time as ISO 8601 in UTC with milliseconds and ``Z``."""
    if moment.tzinfo is None:
        raise NotSent("a time needs a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _text(value: QueryValue) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime():
            return iso(value)
        case int() | float():
            return str(value)
        case None:
            return ""
        case _:
            return ",".join(map(str, value))
