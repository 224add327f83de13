"""How the API searches: typo tolerant names, word forms and parts in texts.

What it is for: matching and ranking. What it must not do: HTTP, or decide who sees what.
"""

import re
from typing import Final

__all__ = ["fits_name", "fits_text"]

_WORDS: Final = re.compile(r"\w+")
_PHRASES: Final = re.compile(r'"([^"]+)"')
_TYPOS_FROM: Final = 4
_STEM: Final = 5


def fits_name(query: str, *names: str | None) -> int:
    """Return how well a query fits names: 0 not at all, more is better; one typo a word is forgiven."""
    words = _WORDS.findall(query.casefold())
    have = [word for name in names if name for word in _WORDS.findall(name.casefold())]
    score = 0
    for word in words:
        if word in have:
            score += 3
        elif any(word in each for each in have):
            score += 2
        elif len(word) >= _TYPOS_FROM and any(_close(word, each) for each in have):
            score += 1
        else:
            return 0
    return score


def fits_text(query: str, text: str) -> int:
    """Return how well a query fits a text; quoted phrases must stand in it as they are."""
    folded = text.casefold()
    phrases = _PHRASES.findall(query.casefold())
    if not all(phrase in folded for phrase in phrases):
        return 0
    score = 4 * len(phrases)
    for word in _WORDS.findall(_PHRASES.sub(" ", query.casefold())):
        if word in folded:
            score += 2
        elif len(word) > _STEM and word[:_STEM] in folded:
            score += 1
        else:
            return 0
    return score


def _close(one: str, other: str) -> bool:
    """Whether two words differ by at most one letter."""
    if abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    for place, (left, right) in enumerate(zip(short, long, strict=False)):
        if left != right:
            if len(short) == len(long):
                return short[place + 1 :] == long[place + 1 :] or (
                    short[place : place + 2] == long[place : place + 2][::-1]
                    and short[place + 2 :] == long[place + 2 :]
                )
            return short[place:] == long[place + 1 :]
    return True
