"""Read bodies and queries as the vendor does: known fields only, its codes for what is wrong.

What it is for: a table of kinds per operation, compiled once. What it must not do: be a schema
language; rules check what goes beyond a single field.

A name ends with "!" when it is required and with "?" when null means something. Kinds: "str",
"str<=N", "int", "int A..B", "ints",
"ints A..B", "strs", "bool", "time", "date", "map", "any", "enum a|b"; a
dict is an object, a list of one dict is a list of objects.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, cast

from tolmach_mockservers.pachca.errors import ApiError, Item
from tolmach_mockservers.pachca.wire import parse_date, parse_time

__all__ = ["Shape", "Spec"]

Spec = Mapping[str, object]
_Read = Callable[[object], object]
_DIGITS: Final = re.compile(r"-?\d+")


class _WrongError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _text(most: int | None) -> _Read:
    def read(value: object) -> object:
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise _WrongError("invalid")
        if most is not None and len(value) > most:
            raise _WrongError("too_long")
        return value

    return read


def _whole(low: int | None, high: int | None) -> _Read:
    def read(value: object) -> object:
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise _WrongError("invalid")
        if (low is not None and value < low) or (high is not None and value > high):
            raise _WrongError("inclusion")
        return value

    return read


def _flag(value: object) -> object:
    if isinstance(value, bool):
        return value
    if value in ("true", "1", 1):
        return True
    if value in ("false", "0", 0):
        return False
    raise _WrongError("invalid")


def _time(value: object) -> object:
    at = parse_time(value) if isinstance(value, str) else None
    if at is None:
        raise _WrongError("invalid")
    return at


def _date(value: object) -> object:
    if not isinstance(value, str) or parse_date(value) is None:
        raise _WrongError("invalid")
    return value


def _several(read: _Read) -> _Read:
    def read_all(value: object) -> object:
        if isinstance(value, list):
            return [read(each) for each in cast("list[object]", value)]
        raise _WrongError("invalid")

    return read_all


def _choice(words: str) -> _Read:
    among = frozenset(words.split("|"))

    def read(value: object) -> object:
        if not isinstance(value, str) or value not in among:
            raise _WrongError("inclusion")
        return value

    return read


def _map(value: object) -> object:
    if not isinstance(value, dict):
        raise _WrongError("invalid")
    return value


def _reader(kind: str) -> _Read:
    name, _, rest = kind.partition(" ")
    if name.startswith("str<="):
        return _text(int(name[5:]))
    match name:
        case "str":
            return _text(None)
        case "int":
            low, _, high = rest.partition("..")
            return _whole(int(low) if low else None, int(high) if high else None)
        case "ints":
            low, _, high = rest.partition("..")
            return _several(_whole(int(low) if low else None, int(high) if high else None))
        case "strs":
            return _several(_text(None))
        case "bool":
            return _flag
        case "time":
            return _time
        case "date":
            return _date
        case "map":
            return _map
        case "any":
            return lambda value: value
        case "enum":
            return _choice(rest)
        case "enums":
            return _several(_choice(rest))
        case _:
            raise ValueError(kind)


class _Field:
    __slots__ = ("inner", "many", "name", "nullable", "read", "required")

    def __init__(self, name: str, kind: object) -> None:
        self.name = name.rstrip("!?")
        self.required = "!" in name
        self.nullable = "?" in name
        self.many = isinstance(kind, list)
        inner: object = cast("list[object]", kind)[0] if isinstance(kind, list) else kind
        self.inner = Shape(cast("Spec", inner)) if isinstance(inner, Mapping) else None
        self.read: _Read = _reader(inner) if isinstance(inner, str) else _map


class Shape:
    """Describe one object; ``lenient`` fields that cannot be read are dropped instead of refused."""

    def __init__(self, spec: Spec, *, lenient: str = "") -> None:
        self._fields = {field.name: field for field in (_Field(name, kind) for name, kind in spec.items())}
        self._required = [field for field in self._fields.values() if field.required]
        self._lenient = frozenset(lenient.split())

    def read(self, given: Mapping[str, object], unknown: list[str], at: str = "") -> dict[str, object]:
        """Return the known fields, converted; what is wrong is one `ApiError` with every item.

        Names of fields that the API does not have are appended to ``unknown``: it ignores them.
        """
        items: list[Item] = []
        read = self.read_into(given, unknown, items, at)
        if items:
            # A missing wrapper or parameter is a malformed request, the rest is validation.
            raise ApiError(400 if not at and any(each.code == "required" for each in items) else 422, *items)
        return read

    def read_into(
        self, given: Mapping[str, object], unknown: list[str], items: list[Item], at: str
    ) -> dict[str, object]:
        """Return the known fields; what is wrong is appended to ``items``."""
        read: dict[str, object] = {}
        fields = self._fields
        for name, value in given.items():
            field = fields.get(name)
            if field is None:
                unknown.append(f"{at}{name}")
                continue
            if value is None:
                if field.nullable:
                    read[name] = None
                continue
            if field.inner is None and not field.many:
                try:
                    read[name] = field.read(value)
                except _WrongError as error:
                    if name not in self._lenient:
                        items.append(Item(f"{at}{name}", error.code, value))
                continue
            read[name] = self._nested(field, value, unknown, items, f"{at}{name}")
        for field in self._required:
            if field.name not in read and not any(item.key == f"{at}{field.name}" for item in items):
                code = "required" if field.inner is not None and not at else "blank"
                items.append(Item(f"{at}{field.name}", code, given.get(field.name)))
        return read

    @staticmethod
    def _nested(field: _Field, value: object, unknown: list[str], items: list[Item], path: str) -> object:
        if not field.many:
            if not isinstance(value, dict):
                items.append(Item(path, "invalid", value))
                return {}
            assert field.inner is not None
            return field.inner.read_into(cast("dict[str, object]", value), unknown, items, f"{path}.")
        if not isinstance(value, list):
            items.append(Item(path, "invalid", value))
            return []
        if field.inner is None:
            return value
        each_read: list[object] = []
        for each in cast("list[object]", value):
            if not isinstance(each, dict):
                items.append(Item(path, "invalid", each))
                continue
            each_read.append(
                field.inner.read_into(cast("dict[str, object]", each), unknown, items, f"{path}.")
            )
        return each_read
