"""Emoji characters and their names.

What it is for: the API wants the character in a reaction, people and agents write ``:+1:``. The table is
the ``emoji`` package's, loaded on first use. What it must not do: know custom emoji.
"""

from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import cast

from tolmach.errors import ConfigError

__all__ = ["glyph_of", "is_glyph", "name_of"]


def glyph_of(name: str) -> str | None:
    """Return the character of a name, with or without colons; None when there is none.

    Raises ConfigError when the extra is not installed.
    """
    return _by_name().get(name.strip(":").lower())


def name_of(glyph: str) -> str | None:
    """Return the name of a character, without colons; None when it has none."""
    entry = _entry(glyph)
    if entry is None:
        return None
    aliases = cast("list[str]", entry.get("alias", []))
    return (aliases[0] if aliases else str(entry["en"])).strip(":").lower()


def is_glyph(text: str) -> bool:
    """Tell whether a text is exactly one emoji, as a reaction needs it."""
    return _entry(text) is not None


def _entry(glyph: str) -> Mapping[str, object] | None:
    table = cast("Mapping[str, Mapping[str, object]]", _package().EMOJI_DATA)
    plain = glyph.replace("\ufe0f", "")
    return next((table[form] for form in (glyph, plain, plain + "\ufe0f") if form in table), None)


@cache
def _by_name() -> Mapping[str, str]:
    table = cast("Mapping[str, Mapping[str, object]]", _package().EMOJI_DATA)
    names: dict[str, str] = {}
    for glyph, entry in table.items():
        # Only the fully written form: the API knows one character by one spelling.
        if entry.get("status") == 2:
            for name in (str(entry["en"]), *cast("list[str]", entry.get("alias", []))):
                names.setdefault(name.strip(":").lower(), glyph)
    return names


def _package() -> ModuleType:
    try:
        import emoji
    except ImportError:
        raise ConfigError(
            "emoji names need the gateway extra", remedy="pip install 'tolmach[gateway]'"
        ) from None
    return emoji
