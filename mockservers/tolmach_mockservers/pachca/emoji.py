"""Whether a text is one emoji, and what it is called.

What it is for: reactions and statuses. What it must not do: know every emoji of the standard; it
reads Unicode's own blocks and names.
"""

import unicodedata

__all__ = ["emoji_name", "is_emoji"]

_JOINER = "\u200d"
_EXTRAS = frozenset({_JOINER, "\ufe0f", "\ufe0e", "\u20e3"})
_KNOWN = {
    "👍": "+1",
    "👎": "-1",
    "❤️": "heart",
    "❤": "heart",
    "✅": "white_check_mark",
    "👀": "eyes",
    "🎉": "tada",
}
_LONE = frozenset("©®™‼⁉ℹ〰〽㊗㊙")


def _is_base(char: str) -> bool:
    code = ord(char)
    return (
        0x1F000 <= code <= 0x1FAFF
        or 0x2190 <= code <= 0x21FF
        or 0x2300 <= code <= 0x27BF
        or 0x2900 <= code <= 0x297F
        or 0x2B00 <= code <= 0x2BFF
        or char in _LONE
    )


def is_emoji(text: str) -> bool:
    """Whether a text is exactly one emoji, with its modifiers."""
    if not text:
        return False
    if "\u20e3" in text:
        return text[0] in "0123456789#*" and set(text[1:]) <= {"\ufe0f", "\u20e3"}
    count, flags, joined = 0, 0, False
    for char in text:
        code = ord(char)
        if char in _EXTRAS or 0xE0020 <= code <= 0xE007F:
            joined = char == _JOINER
            continue
        if 0x1F3FB <= code <= 0x1F3FF and count:
            continue
        if not _is_base(char):
            return False
        flag = 0x1F1E6 <= code <= 0x1F1FF
        flags += flag
        if not joined and not (flag and flags == 2):
            count += 1
        joined = False
    return count == 1


def emoji_name(code: str) -> str:
    """Return the name under which a reaction is read."""
    if code in _KNOWN:
        return _KNOWN[code]
    first = next((char for char in code if char not in _EXTRAS), "")
    return unicodedata.name(first, "emoji").lower().replace(" ", "_").replace("-", "_")
