"""Message ids made here, so that a message can be sent twice without being there twice.

What it is for: ids in the server's own form. What it must not do: hold a source of randomness; it is
handed in, so that a test can foresee the id.
"""

from random import Random

__all__ = ["new_message_id"]

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz"
_LENGTH = 17


def new_message_id(random: Random) -> str:
    """Return 17 characters of the server's alphabet, which has no lookalikes."""
    return "".join(random.choices(_ALPHABET, k=_LENGTH))
