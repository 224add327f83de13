r"""Read the one-line type expressions of the notation.

What it is for: ``str+``, ``'c' | 'p'``, ``Room[]``. What it must not do: know objects, or files.

``str``, ``str+`` (not empty), ``int``, ``count`` (not negative), ``num``, ``bool``, ``null``, ``iso`` (ISO
8601 text), ``'text'`` and whole numbers (exactly this), ``/regex/``, any other word (whatever the caller
makes of it: a named shape, or ``date``), ``A | B``, ``A[]``, ``map A`` (object with any keys), ``( … )``.
``A<1..50>``, either end optional, bounds a number, the length of a text or of a list. A default may end an
expression: ``bool = false``.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["SIMPLE", "NotationError", "Schema", "read"]

Schema = dict[str, object]

_KINDS: Final = ("list", "bounds", "mark", "text", "regex", "word", "number")
_TOKEN: Final = re.compile(
    r"\s*(?:(\[\])|<(\d*\.\.\d*)>|([|()=])|'([^']*)'|/((?:\\.|[^/\\])+)/"
    r"|([A-Za-z][A-Za-z0-9]*\+?)|(-?\d+))"
)
_BOUNDS: Final = {
    "string": ("minLength", "maxLength"),
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
    "array": ("minItems", "maxItems"),
}
_WORDS: Final[dict[str, object]] = {"true": True, "false": False, "null": None}
_ISO: Final = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"

SIMPLE: Final[dict[str, Schema]] = {
    "str": {"type": "string"},
    "str+": {"type": "string", "minLength": 1},
    "int": {"type": "integer"},
    "count": {"type": "integer", "minimum": 0},
    "num": {"type": "number"},
    "bool": {"type": "boolean"},
    "null": {"type": "null"},
    "iso": {"type": "string", "format": "date-time", "pattern": _ISO},
}


class NotationError(ValueError):
    """Say where a source file breaks the notation."""


def read(text: str, where: str, named: Callable[[str, str], Schema]) -> Schema:
    """Return the schema of an expression; ``named(word, where)`` makes that of any other word."""
    reader = _Reader(list(_tokens(text, where)), where, named)
    schema = reader.whole()
    if reader.tokens:
        raise NotationError(f"{where}: cannot read {text!r} to its end")
    return schema


@dataclass(slots=True)
class _Reader:
    tokens: list[tuple[str, str]]
    where: str
    named: Callable[[str, str], Schema]

    def whole(self) -> Schema:
        schema = self.union()
        if self.tokens[:1] != [("mark", "=")]:
            return schema
        del self.tokens[0]
        return {**schema, "default": self._literal()}

    def _literal(self) -> object:
        kind, text = self.tokens.pop(0) if self.tokens else ("", "")
        match kind:
            case "text":
                return text
            case "number":
                return int(text)
            case "word" if text in _WORDS:
                return _WORDS[text]
            case _:
                raise NotationError(f"{self.where}: {text!r} is no default")

    def union(self) -> Schema:
        choices = [self._postfix()]
        while self.tokens and self.tokens[0] == ("mark", "|"):
            del self.tokens[0]
            choices.append(self._postfix())
        return _joined(choices)

    def _postfix(self) -> Schema:
        if not self.tokens:
            raise NotationError(f"{self.where}: an expression is missing")
        kind, text = self.tokens.pop(0)
        schema: Schema
        if (kind, text) == ("mark", "("):
            schema = self.union()
            if not self.tokens or self.tokens.pop(0) != ("mark", ")"):
                raise NotationError(f"{self.where}: a bracket is not closed")
        elif (kind, text) == ("word", "map"):
            schema = {"type": "object", "additionalProperties": self._postfix()}
        else:
            schema = self._atom(kind, text)
        while self.tokens and self.tokens[0][0] in {"list", "bounds"}:
            kind, text = self.tokens.pop(0)
            schema = (
                {"type": "array", "items": schema} if kind == "list" else _bounded(schema, text, self.where)
            )
        return schema

    def _atom(self, kind: str, text: str) -> Schema:
        match kind:
            case "text":
                return {"const": text}
            case "number":
                return {"const": int(text)}
            case "regex":
                return {"type": "string", "pattern": text.replace("\\/", "/")}
            case "word":
                return dict(SIMPLE[text]) if text in SIMPLE else self.named(text, self.where)
            case _:
                raise NotationError(f"{self.where}: {text!r} is out of place")


def _tokens(text: str, where: str) -> Iterator[tuple[str, str]]:
    at = 0
    stripped = text.rstrip()
    while at < len(stripped):
        found = _TOKEN.match(stripped, at)
        if found is None:
            raise NotationError(f"{where}: cannot read {stripped[at:]!r}")
        for kind, part in zip(_KINDS, found.groups(), strict=True):
            if part is not None:
                yield kind, part
        at = found.end()


def _bounded(schema: Schema, bounds: str, where: str) -> Schema:
    keywords = _BOUNDS.get(str(schema.get("type")))
    if keywords is None:
        raise NotationError(f"{where}: only numbers, texts and lists have bounds")
    ends = zip(keywords, bounds.split(".."), strict=True)
    return {**schema, **{keyword: int(end) for keyword, end in ends if end}}


def _joined(choices: list[Schema]) -> Schema:
    """Write a union in its shortest form: one enum, one type with null, else ``anyOf``."""
    if len(choices) == 1:
        return choices[0]
    real = [choice for choice in choices if choice != {"type": "null"}]
    nullable = len(real) < len(choices)
    if all(set(choice) == {"const"} for choice in real):
        values = [choice["const"] for choice in real]
        return {"enum": [*values, None] if nullable else values}
    if nullable and len(real) == 1 and isinstance(real[0].get("type"), str) and "pattern" not in real[0]:
        return {**real[0], "type": [real[0]["type"], "null"]}
    return {"anyOf": choices}
