"""Read the fields of a JSON object that a caller of the fakes' controls sent.

What it is for: every wrong field is refused with its path and what to write instead. What it
must not do: read bodies of a faked platform; those are judged by the platform's own rules.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from tolmach_mockservers.refusal import RefusalError

__all__ = ["Fields"]


class Fields:
    """Hold one object whose fields are all among ``known``; ``at`` is its own path ("" at the top)."""

    def __init__(self, given: object, known: Sequence[str], at: str = "") -> None:
        if not isinstance(given, dict):
            where = f"{at}: an object" if at else "an object"
            raise RefusalError(f"{where} with {', '.join(known)} is expected", field=at or None)
        self._given = cast("dict[str, object]", given)
        self._at = at
        for name in self._given:
            if name not in known:
                raise self.wrong(name, f"no such field; known are {', '.join(known)}")

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def path(self, name: str) -> str:
        """Return the full path of the field ``name``."""
        return f"{self._at}.{name}" if self._at else name

    def wrong(self, name: str, remedy: str) -> RefusalError:
        """Make the refusal of the field ``name``."""
        return RefusalError(f"{self.path(name)}: {remedy}", field=self.path(name))

    def get(self, name: str) -> object:
        """Return the field as it came, None when it is absent."""
        return self._given.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string; without ``default`` it is required."""
        value = self._given.get(name, default)
        if not isinstance(value, str):
            raise self.wrong(name, "a string is expected")
        return value

    def optional_text(self, name: str) -> str | None:
        """Return a string, or None when it is absent or null."""
        value = self._given.get(name)
        return None if value is None else self.text(name)

    def choice(self, name: str, among: Sequence[str], default: str | None = None) -> str:
        """Return one of ``among``."""
        value = self._given.get(name, default)
        if not isinstance(value, str) or value not in among:
            raise self.wrong(name, f'"{value}" is none of {", ".join(among)}')
        return value

    def seconds(self, name: str, default: float | None = None, *, most: float | None = None) -> float:
        """Return a number of seconds from 0 (to ``most``)."""
        value = _number(self._given.get(name, default))
        if not 0 <= value <= (float("inf") if most is None else most):
            limit = "or more" if most is None else f"to {most:g}"
            raise self.wrong(name, f"seconds are expected, 0 {limit}")
        return value

    def whole(self, name: str, default: int | None = None, *, least: int = 0) -> int:
        """Return a whole number from ``least``."""
        value = self._given.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self.wrong(name, f"a whole number of {least} or more is expected")
        return value

    def error_status(self, name: str) -> int:
        """Return an HTTP status from 400 to 599; 500 when it is absent."""
        value = self.whole(name, 500)
        if not 400 <= value <= 599:
            raise self.wrong(name, "a status from 400 to 599 is expected")
        return value

    def mark(self, name: str) -> None:
        """Take a field that can only be true."""
        if not self.flag(name):
            raise self.wrong(name, "true is expected, or leave the field out")

    def whole_or_always(self, name: str, default: int | None) -> int | None:
        """Return a whole number above 0, or None for "always"."""
        value = self._given.get(name, default)
        return None if value is None else self.whole(name, default, least=1)

    def chance(self, name: str) -> float:
        """Return a probability above 0 and up to 1; 1 when it is absent."""
        value = _number(self._given.get(name, 1.0))
        if not 0 < value <= 1:
            raise self.wrong(name, "a number above 0 and up to 1 is expected")
        return value

    def flag(self, name: str, default: bool | None = None) -> bool:
        """Return true or false."""
        value = self._given.get(name, default)
        if not isinstance(value, bool):
            raise self.wrong(name, "true or false is expected")
        return value

    def items(self, name: str) -> list[object]:
        """Return a list; it is required."""
        value = self._given.get(name)
        if not isinstance(value, list):
            raise self.wrong(name, "a list is expected")
        return cast("list[object]", value)

    def texts(self, name: str) -> list[str]:
        """Return a list of strings, empty when it is absent."""
        if name not in self._given:
            return []
        items = self.items(name)
        if not all(isinstance(item, str) for item in items):
            raise self.wrong(name, "a list of strings is expected")
        return cast("list[str]", items)

    def mapping(self, name: str) -> Mapping[str, object]:
        """Return an object with any fields, empty when it is absent."""
        value = self._given.get(name, {})
        if not isinstance(value, dict):
            raise self.wrong(name, "an object is expected")
        return cast("dict[str, object]", value)

    def inner(self, name: str, known: Sequence[str]) -> "Fields":
        """Return the object ``name``, empty when it is absent."""
        return Fields(self._given.get(name, {}), known, self.path(name))


def _number(value: object) -> float:
    """Return a number, or one that fails every comparison."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")
