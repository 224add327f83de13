"""One page of a listing: prefix, delimiter, where to go on.

What it is for: the rule that both listings of objects and the one of uploads share. What it must
not do: XML, or know what is stored under a key.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Page", "page"]

_AFTER_ALL = chr(0x10FFFF)


@dataclass(frozen=True, slots=True)
class Page:
    """Hold keys and common prefixes; ``last`` is the last of either, where the next page goes on."""

    keys: list[str]
    prefixes: list[str]
    truncated: bool
    last: str


def page(keys: Sequence[str], *, prefix: str, delimiter: str, after: str, limit: int) -> Page:
    """Return up to ``limit`` keys and common prefixes behind ``after``; ``keys`` are sorted."""
    found: list[str] = []
    prefixes: list[str] = []
    last = ""
    if limit <= 0:
        return Page(found, prefixes, False, last)
    index = max(bisect_left(keys, prefix), bisect_right(keys, after) if after else 0)
    if delimiter and after.startswith(prefix):
        # A page that ended with a common prefix goes on behind everything below it.
        rolled = _rolled(after, prefix, delimiter)
        if rolled is not None and rolled == after:
            index = max(index, bisect_right(keys, rolled + _AFTER_ALL))
    while index < len(keys):
        key = keys[index]
        if not key.startswith(prefix):
            break
        if len(found) + len(prefixes) == limit:
            return Page(found, prefixes, True, last)
        rolled = _rolled(key, prefix, delimiter) if delimiter else None
        if rolled is None:
            found.append(key)
            last = key
            index += 1
        else:
            prefixes.append(rolled)
            last = rolled
            index = bisect_right(keys, rolled + _AFTER_ALL, index)
    return Page(found, prefixes, False, last)


def _rolled(key: str, prefix: str, delimiter: str) -> str | None:
    at = key.find(delimiter, len(prefix))
    return None if at < 0 else key[: at + len(delimiter)]
