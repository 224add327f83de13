"""Take secrets out of what the journal keeps.

What it is for: passwords and tokens never stand in a journal. What it must not do: touch what
goes over the wire.
"""

from typing import Final

__all__ = ["redacted"]

_SECRET: Final = frozenset(
    {"password", "pass", "digest", "resume", "token", "authToken", "currentPassword", "newPassword", "secret"}
)


def redacted(value: object) -> object:
    """Return a copy with every secret replaced by ``***``; the shape stays."""
    if isinstance(value, dict):
        return {
            str(name): "***" if name in _SECRET and item is not None else redacted(item)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [redacted(item) for item in value]
    return value
