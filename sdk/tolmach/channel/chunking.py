"""Cut an answer into parts that a platform takes.

What it is for: parts within two limits, cut where a reader would cut, with code fences closed and
reopened. What it must not do: change words; between two parts only whitespace is dropped.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

__all__ = ["Limits", "open_fence", "size", "split"]

Unit = Literal["utf16", "utf8"]

_FENCE = re.compile(r" {0,3}(?P<mark>`{3,10}|~{3,10})(?P<info>[^`\n]{0,40})")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,20}")
_SENTENCE = re.compile(r"[.!?…。！？]['\")\]»”]*[ \n]")
_PARAGRAPH = re.compile(r"\n[ \t]*\n+")
_SMALLEST_WITH_FENCES = 50
_EARLIEST = 0.25


def size(text: str, unit: Unit) -> int:
    """Return how long a text is: UTF-16 code units or UTF-8 bytes."""
    if unit == "utf8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(1 for character in text if character > "\uffff")


@dataclass(frozen=True, slots=True)
class Limits:
    """Hold the wanted limit in UTF-16 units and the platform's hard one in its own unit."""

    wanted: int
    hard: int
    unit: Unit = "utf16"

    def fits(self, text: str, reserve: int = 0) -> bool:
        """Tell whether a text with ``reserve`` more ASCII characters stays within both limits."""
        if self.unit == "utf16":
            return size(text, "utf16") + reserve <= min(self.wanted, self.hard)
        return size(text, "utf16") + reserve <= self.wanted and size(text, "utf8") + reserve <= self.hard


@dataclass(frozen=True, slots=True)
class Fence:
    """Hold an open code fence: its mark and how its first line is written again."""

    mark: str
    opening: str


def split(text: str, limits: Limits, mode: Literal["length", "newline"] = "length") -> list[str]:
    """Return the parts of a text, none empty; no part for a text of whitespace.

    Cuts are made, best first, between paragraphs, lines, sentences, words, graphemes. With
    ``newline`` the last blank line that fits is taken however short the part gets.
    """
    rest = text.strip("\n").rstrip()
    if not rest.strip():
        return []
    fences = min(limits.wanted, limits.hard) >= _SMALLEST_WITH_FENCES
    parts: list[str] = []
    while not limits.fits(rest):
        cut, resume = _cut(rest, limits, mode, fences=fences)
        head, tail = rest[:cut], rest[resume:]
        fence = open_fence(head) if fences else None
        if fence:
            head = f"{head.removesuffix(chr(10))}\n{fence.mark}"
            tail = f"{fence.opening}\n{tail}"
        if head.strip():
            parts.append(head)
        rest = tail
    if rest.strip() and not (parts and _only_fences(rest)):
        parts.append(rest)
    return parts


def open_fence(text: str) -> Fence | None:
    """Return the code fence that a text leaves open."""
    fence: Fence | None = None
    for line in text.split("\n"):
        found = _FENCE.fullmatch(line)
        if not found:
            continue
        mark, info = found["mark"], found["info"].strip()
        if fence is None:
            language = _LANGUAGE.match(info)
            fence = Fence(mark, mark + (language.group() if language else ""))
        elif mark[0] == fence.mark[0] and len(mark) >= len(fence.mark) and not info:
            fence = None
    return fence


def _cut(text: str, limits: Limits, mode: str, *, fences: bool) -> tuple[int, int]:
    """Return where the part ends and where the rest begins."""
    end = _longest(text, limits, 0)
    if fences:
        # A part cut inside a fence needs room for the closing line.
        reserve = 0
        fence = open_fence(text[:end])
        if fence:
            reserve = len(fence.mark) + 1
        end = _longest(text, limits, max(reserve, _worst_reserve(text[:end])))
    window = text[:end]
    inside = open_fence(window) if fences else None
    lowest = 0 if mode == "newline" else int(end * _EARLIEST)
    for found in reversed(list(_PARAGRAPH.finditer(text, 0, min(len(text), end + 2)))):
        if found.start() <= max(lowest, 0) or found.start() > end:
            continue
        if not (fences and open_fence(text[: found.start()])):
            return found.start(), found.end()
    line = window.rfind("\n") if text[end : end + 1] != "\n" else end
    if line > (0 if inside else int(end * _EARLIEST)) and _advances(text, line, fences=fences):
        return line, line + 1
    if not inside:
        sentences = [found.end() - 1 for found in _SENTENCE.finditer(text, 0, min(len(text), end + 1))]
        if sentences and sentences[-1] > int(end * _EARLIEST):
            return sentences[-1], sentences[-1] + 1
        space = end if text[end : end + 1] == " " else window.rfind(" ")
        if space > 0 and window[:space].strip():
            return space, space + 1
    hard = _grapheme(text, end)
    return hard, hard


def _longest(text: str, limits: Limits, reserve: int) -> int:
    low, high = 1, min(len(text), limits.wanted, limits.hard)
    while low < high:
        middle = (low + high + 1) // 2
        if limits.fits(text[:middle], reserve):
            low = middle
        else:
            high = middle - 1
    return low


def _worst_reserve(text: str) -> int:
    marks = [len(found["mark"]) for line in text.split("\n") if (found := _FENCE.fullmatch(line))]
    return max(marks, default=-1) + 1


def _advances(text: str, line: int, *, fences: bool) -> bool:
    """Tell whether cutting at this newline leaves less to do than there was.

    Right behind the opening line of a fence it would not: that line is written again.
    """
    if not fences:
        return True
    head = text[:line]
    fence = open_fence(head)
    return fence is None or (
        head.rpartition("\n")[2].strip() != "" and not _FENCE.fullmatch(head.rpartition("\n")[2])
    )


def _grapheme(text: str, end: int) -> int:
    """Return the last place at or before ``end`` that does not tear a visible character."""
    at = end
    while 0 < at < len(text) and end - at < 64 and _joined(text, at):
        at -= 1
    return at if at > 0 and end - at < 64 else end


def _joined(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if after in "\u200d\ufe0e\ufe0f\u20e3" or before == "\u200d" or (before, after) == ("\r", "\n"):
        return True
    if unicodedata.category(after) in {"Mn", "Me", "Mc"} or "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if _is_flag_half(before) and _is_flag_half(after):
        run = 0
        while at - 1 - run >= 0 and _is_flag_half(text[at - 1 - run]):
            run += 1
        return run % 2 == 1
    return "\u1160" <= after <= "\u11ff" or "\U000e0020" <= after <= "\U000e007f"


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _only_fences(text: str) -> bool:
    """Tell whether nothing but an opening and a closing line is left."""
    lines = [line for line in text.split("\n") if line.strip()]
    return len(lines) <= 2 and all(_FENCE.fullmatch(line) for line in lines)
