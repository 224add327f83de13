"""Nonce words: how a turn, a post or a script is told to belong to one stimulus.

What it is for: unique words that survive any formatting and mean nothing. What it must not do: collide
within a world, also over several runs against one world.
"""

import random
import re
from collections.abc import Sequence
from typing import Final

__all__ = ["Nonces", "find_nonces"]

_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_WORD: Final = re.compile(rf"\bzq([{_ALPHABET}]{{8}})\b")


class Nonces:
    """Make nonce words from a seed; ``scope`` keeps two runs with one seed apart."""

    def __init__(self, seed: int, scope: str) -> None:
        self._rng = random.Random(f"{seed}/{scope}")

    def new(self) -> str:
        """Return a new word."""
        return "zq" + "".join(self._rng.choice(_ALPHABET) for _ in range(8))


def find_nonces(text: str) -> Sequence[str]:
    """Return the nonce words in a text, in order."""
    return [found[0] for found in _WORD.finditer(text)]
