"""What of an agent's text never reaches a platform.

What it is for: taking out reasoning, tool-call markup and internal context, and knowing the token
for silence. What it must not do: touch code blocks; a person may have asked for such markup.
"""

import re

from tolmach.channel import spans

__all__ = ["SILENT_ANSWER", "clean", "is_silent"]

SILENT_ANSWER = "NO_REPLY"

_NAMES = (
    "think|thinking|thought|reasoning|reflection|antthinking|"
    "tool_call|tool_calls|tool_use|tool_result|function_call|function_calls|function_results|invoke|"
    "internal|internal_context|system-reminder|relevant-memories"
)
_ANY = re.IGNORECASE | re.DOTALL
_BLOCK = re.compile(
    rf"<(?:\w+:)?(?P<name>{_NAMES})\b[^<>]*(?<!/)>.*?</(?:\w+:)?(?P=name)\s*>", re.IGNORECASE | re.DOTALL
)
_OPEN = re.compile(rf"<(?:\w+:)?(?:{_NAMES})\b[^<>]*>.*\Z", _ANY)
_LONE = re.compile(rf"</?(?:\w+:)?(?:{_NAMES})\b[^<>]*>", re.IGNORECASE)
_BRACKETED = re.compile(r"\[TOOL_CALLS?\].*?(?:\[/TOOL_CALLS?\]|\n\n|\Z)", re.DOTALL)
_TOKENS = re.compile(r"<\|[a-z_]{1,40}\|>")


def clean(text: str) -> str:
    """Return what may be shown. A block that never ends hides everything after it."""
    guarded, codes = _hide_code(text)
    shown = guarded
    while (less := _BLOCK.sub("", shown)) != shown:
        shown = less
    shown = _OPEN.sub("", shown)
    shown = _BRACKETED.sub("", _LONE.sub("", shown))
    shown = _TOKENS.sub("", shown)
    if shown == guarded:
        return text
    for mark, code in codes.items():
        shown = shown.replace(mark, code)
    return shown.strip()


def is_silent(text: str) -> bool:
    """Tell whether the whole answer is the token that means: say nothing."""
    return text.strip().upper() == SILENT_ANSWER


def _hide_code(text: str) -> tuple[str, dict[str, str]]:
    pieces: list[str] = []
    codes: dict[str, str] = {}
    for is_code, piece in spans.segments(text):
        if is_code:
            mark = f"\x00{len(codes)}\x00"
            codes[mark] = piece
            pieces.append(mark)
        else:
            pieces.append(piece.replace("\x00", ""))
    return "".join(pieces), codes
