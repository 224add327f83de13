"""Check request bodies and queries as the vendor's validator does, with its words.

What it is for: a closed shape per operation, compiled once, a few microseconds a request. What it
must not do: be a JSON Schema implementation; it knows what the operations here need.

A field's kind is written "string", "string+" (not empty), "boolean", "number", "array", "strings",
"object", "any" or "one:a|b"; a question mark at the end admits null. Values are coerced between
scalar types first, because the vendor's validator does.
"""

from collections.abc import Callable, Mapping
from typing import Final

__all__ = ["AnyOf", "Fields", "OneOf", "Shape"]

_Coerce = Callable[[object], object]


class _MismatchError(Exception):
    """Say what a value must be."""


def _string(value: object) -> object:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case None:
            return ""
        case _:
            raise _MismatchError("must be string")


def _filled(value: object) -> object:
    value = _string(value)
    if value == "":
        raise _MismatchError("must NOT have fewer than 1 characters")
    return value


def _boolean(value: object) -> object:
    if isinstance(value, bool):
        return value
    if value in ("true", 1):
        return True
    if value in ("false", 0, None):
        return False
    raise _MismatchError("must be boolean")


def _number(value: object) -> object:
    match value:
        case bool():
            return int(value)
        case int() | float():
            return value
        case str():
            try:
                number = float(value)
            except ValueError:
                raise _MismatchError("must be number") from None
            return int(number) if number.is_integer() else number
        case None:
            return 0
        case _:
            raise _MismatchError("must be number")


def _array(value: object) -> object:
    if isinstance(value, list):
        return value
    raise _MismatchError("must be array")


def _strings(value: object) -> object:
    if not isinstance(value, list):
        raise _MismatchError("must be array")
    return [_string(each) for each in value]


def _objects(value: object) -> object:
    if not isinstance(value, list):
        raise _MismatchError("must be array")
    for each in value:
        _object(each)
    return value


def _object(value: object) -> object:
    if isinstance(value, dict):
        return value
    raise _MismatchError("must be object")


def _string_or_strings(value: object) -> object:
    return _strings(value) if isinstance(value, list) else _string(value)


_KINDS: Final[Mapping[str, _Coerce]] = {
    "string": _string,
    "string+": _filled,
    "boolean": _boolean,
    "number": _number,
    "array": _array,
    "strings": _strings,
    "string|strings": _string_or_strings,
    "objects": _objects,
    "object": _object,
    "any": lambda value: value,
}


def _choice(words: str) -> _Coerce:
    choices = tuple(words.split("|"))

    def coerce(value: object) -> object:
        if value not in choices:
            raise _MismatchError("must be equal to one of the allowed values")
        return value

    return coerce


def _compile(kind: str) -> _Coerce:
    optional = kind.endswith("?")
    kind = kind.removesuffix("?")
    coerce = _choice(kind.removeprefix("one:")) if kind.startswith("one:") else _KINDS[kind]
    if not optional:
        return coerce
    return lambda value: None if value is None else coerce(value)


class Fields:
    """Describe one object: ``required`` names, and a kind for each field; more is refused unless open."""

    def __init__(self, kinds: Mapping[str, str], *, required: str = "", closed: bool = True) -> None:
        self.required = tuple(required.split())
        self.closed = closed
        self._kinds = {name: _compile(kind) for name, kind in kinds.items()}
        # Most requests hold plain strings, which need no coercion.
        self._plain = frozenset(
            name for name, kind in kinds.items() if kind.removesuffix("?") in {"string", "string|strings"}
        )

    @property
    def names(self) -> frozenset[str]:
        """Return the fields that may stand here."""
        return frozenset(self._kinds)

    def errors(self, given: dict[str, object]) -> list[str]:
        """Return what is wrong, in the validator's words; coerced values are put back."""
        for name in self.required:
            if name not in given:
                return [f"must have required property '{name}'"]
        kinds, plain = self._kinds, self._plain
        if self.closed:
            for name in given:
                if name not in kinds:
                    return ["must NOT have additional properties"]
        for name, value in given.items():
            if type(value) is str and name in plain:
                continue
            coerce = kinds.get(name)
            if coerce is not None:
                try:
                    given[name] = coerce(value)
                except _MismatchError as mismatch:
                    return [str(mismatch)]
        return []


class OneOf:
    """Describe an object that fits exactly one of several."""

    def __init__(self, *choices: Fields) -> None:
        self.choices = choices

    @property
    def names(self) -> frozenset[str]:
        """Return the fields that may stand in any of them."""
        return frozenset().union(*(each.names for each in self.choices))

    def errors(self, given: dict[str, object]) -> list[str]:
        """Return what is wrong with every choice."""
        found: list[str] = []
        fits = 0
        for choice in self.choices:
            errors = choice.errors(given)
            found += errors
            fits += not errors
        if fits == 1:
            return []
        return [*([] if fits else found), "must match exactly one schema in oneOf"]


class AnyOf(OneOf):
    """Describe an object that fits at least one of several."""

    def errors(self, given: dict[str, object]) -> list[str]:
        """Return what is wrong with every choice."""
        found: list[str] = []
        for choice in self.choices:
            errors = choice.errors(given)
            if not errors:
                return []
            found += errors
        return [*found, "must match a schema in anyOf"]


Shape = Fields | OneOf
