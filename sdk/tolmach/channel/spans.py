"""Where code stands in a Markdown text.

What it is for: letting every rule about text leave code alone. What it must not do: render.
"""

import re
from collections.abc import Iterator

__all__ = ["segments", "without_code"]

_FENCE = re.compile(r"^ {0,3}(?P<mark>`{3,}|~{3,})(?P<info>[^\n]*)$")
_SPAN = re.compile(r"(?<!`)(?P<mark>`+)(?!`)(?:.+?)(?<!`)(?P=mark)(?!`)", re.DOTALL)


def segments(text: str) -> Iterator[tuple[bool, str]]:
    """Yield ``(is code, piece)``; the pieces joined are the text. An open fence runs to the end."""
    plain: list[str] = []
    code: list[str] = []
    mark = ""
    for line in text.splitlines(keepends=True):
        found = _FENCE.match(line.rstrip("\r\n"))
        if not mark:
            if found and not (found["mark"][0] == "`" and "`" in found["info"]):
                yield from _inline("".join(plain))
                plain, code, mark = [], [line], found["mark"]
            else:
                plain.append(line)
            continue
        code.append(line)
        if (
            found
            and found["mark"][0] == mark[0]
            and len(found["mark"]) >= len(mark)
            and not found["info"].strip()
        ):
            yield True, "".join(code)
            code, mark = [], ""
    if code:
        yield True, "".join(code)
    yield from _inline("".join(plain))


def _inline(text: str) -> Iterator[tuple[bool, str]]:
    at = 0
    for span in _SPAN.finditer(text):
        if span.start() > at:
            yield False, text[at : span.start()]
        yield True, span.group()
        at = span.end()
    if at < len(text):
        yield False, text[at:]


def without_code(text: str) -> str:
    """Return the text with all code replaced by one space each."""
    return "".join(" " if is_code else piece for is_code, piece in segments(text))
