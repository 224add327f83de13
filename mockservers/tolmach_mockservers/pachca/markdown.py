"""What becomes of Markdown that is sent through the API: some of it is not understood.

What it is for: headings, quotes and images as they read back. What it must not do: touch code, or
texts that people wrote in the application, which has quotes of its own.
Source: https://dev.pachca.com/guides/text-formatting
"""

import re
from typing import Final

__all__ = ["as_read_back"]

_HEADING: Final = re.compile(r"#{1,6}[ \t]+(\S.*?)[ \t]*#*[ \t]*")
_QUOTE: Final = re.compile(r"(?:>[ \t]?)+")
_CODE_OR_IMAGE: Final = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)|!(\[[^\]\n]*\]\([^()\s]+\))")
_SPECIAL: Final = re.compile(r"^[#>]|!\[", re.MULTILINE)


def as_read_back(content: str) -> str:
    """Return a text as it is shown: headings bold, quotes without their mark, images as links."""
    if not _SPECIAL.search(content):
        return content
    lines: list[str] = []
    fence = ""
    for line in content.split("\n"):
        mark = line.strip()[:3]
        if fence:
            fence = "" if mark == fence and not line.strip().strip("`") else fence
            lines.append(line)
        elif mark == "```":
            fence = mark
            lines.append(line)
        else:
            lines.append(_line(line))
    return "\n".join(lines)


def _line(line: str) -> str:
    line = line[found.end() :] if (found := _QUOTE.match(line)) else line
    line = _CODE_OR_IMAGE.sub(lambda found: found[2] or found[0], line)
    heading = _HEADING.fullmatch(line)
    if heading is None:
        return line
    text = heading[1]
    return text if text.startswith("**") and text.endswith("**") else f"**{text}**"
