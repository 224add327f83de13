"""Tags in which an agent says where its answer belongs.

What it is for: finding ``[[reply_to_current]]`` and ``[[reply_to:<id>]]`` and taking them out.
What it must not do: touch code, or judge whether an id exists.
"""

import re
from dataclasses import dataclass

from tolmach.channel import spans

__all__ = ["Tagged", "extract"]

_TAG = re.compile(
    r"[ \t]*\[\[\s*(?:reply_to_current|reply_to\s*:\s*(?P<id>[^\]\n]{1,256}?))\s*\]\][ \t]*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Tagged:
    """Hold a text without its tags. ``reply_to`` is the last id named, None when none was."""

    text: str
    current: bool = False
    reply_to: str | None = None


def extract(text: str) -> Tagged:
    """Return the text without tags, and what they said; letter case and inner spaces do not matter."""
    kept: list[str] = []
    current = False
    reply_to: str | None = None
    for is_code, piece in spans.segments(text):
        if is_code:
            kept.append(piece)
            continue
        for tag in _TAG.finditer(piece):
            if tag["id"] is None:
                current = True
            else:
                reply_to = tag["id"].strip()
        kept.append(_TAG.sub(_remainder, piece))
    if not current and reply_to is None:
        return Tagged(text)
    return Tagged("".join(kept).strip(), current, reply_to)


def _remainder(tag: re.Match[str]) -> str:
    between_words = tag.group()[0].isspace() and tag.group()[-1].isspace()
    return " " if between_words else ""
