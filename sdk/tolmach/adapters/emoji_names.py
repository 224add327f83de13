"""Glyphs and their names, as Rocket.Chat names them.

What it is for: the name of a glyph an agent wrote. What it must not do: know which emoji a server
has; custom ones are names already. The table is the ``emoji`` package's, loaded on first use.
"""

from collections.abc import Mapping
from typing import cast

from tolmach.errors import ConfigError

__all__ = ["glyph_name"]

_TONES = {chr(0x1F3FB + number): f"_tone{number + 1}" for number in range(5)}
_LETTERS = {chr(0x1F1E6 + number): chr(ord("a") + number) for number in range(26)}
_VARIATION = "\ufe0f"


def glyph_name(glyph: str) -> str | None:
    """Return the name of a glyph without colons, None when it has none.

    Raises ConfigError when the extra is not installed.
    """
    try:
        import emoji
    except ImportError:
        raise ConfigError("emoji need the gateway extra", remedy="pip install 'tolmach[gateway]'") from None
    if len(glyph) == 2 and all(character in _LETTERS for character in glyph):
        return "flag_" + "".join(_LETTERS[character] for character in glyph)
    tones = [_TONES[character] for character in glyph if character in _TONES]
    plain = "".join(character for character in glyph if character not in _TONES)
    for form in (plain, plain + _VARIATION, plain.replace(_VARIATION, "")):
        entry = cast("Mapping[str, object] | None", emoji.EMOJI_DATA.get(form))
        if entry is None:
            continue
        aliases = cast("list[str]", entry.get("alias", []))
        short = [name.strip(":") for name in (*aliases, str(entry["en"]).lower())]
        # Rocket.Chat's own names are words; the one without sign characters is the safer of the aliases.
        chosen = next((name for name in short if name[0].isalpha()), short[0])
        return chosen + (tones[0] if tones else "")
    return None
