"""The difference between a field that is absent and one that is null.

What it is for: ``UNSET`` is the default of everything optional; None is sent as null where the API
takes null. What it must not do: stand in an answer.
"""

from enum import Enum
from typing import Final

__all__ = ["UNSET", "Unset", "given"]


class Unset(Enum):
    """Be the type of ``UNSET``."""

    UNSET = "unset"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""Leave the field out."""


def given(**fields: object) -> dict[str, object]:
    """Return the fields that are not UNSET."""
    return {name: value for name, value in fields.items() if value is not UNSET}
