"""Turn the short notation of the ``source`` folders into JSON Schema 2020-12.

What it is for: schemas are written by hand and read by people, so an object is a YAML mapping of
its fields and a field's type is one short expression. What it must not do: read files, know a
platform, or leave an object open without a stated reason.

Fields: ``name: expression`` is required, ``name?: expression`` may be absent. Every object is closed.

Expressions are those of `expressions`. YAML's true, false and whole numbers mean exactly that value.

Directives, as keys of a mapping: ``$note`` describes; ``$type`` is an expression where a note is
wanted; ``$each`` a list of the shape; ``$map`` an object with any keys; ``$keys`` the regex of its
keys; ``$of`` any of the shapes; ``$tuple`` a list by position (last item ending in ``?`` in ``$rest``
may be absent); ``$like`` takes the fields of other shapes; ``$one`` exactly one of these fields,
``$some`` at least one of them; ``$cases`` a list of ``when``/``then`` pairs of fields; ``$open`` an
object that is open and why; ``$free`` any value and why; ``$raw`` keywords passed on as they are. A field
whose own name starts with a dollar is written with two.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from tolmach_schemas.expressions import SIMPLE, NotationError, Schema, read

__all__ = ["NotationError", "Rendering", "Schema", "Shapes", "references"]


_DIRECTIVES: Final = frozenset(
    f"${word}"
    for word in ("note", "type", "each", "map", "keys", "of", "tuple", "rest", "like", "one", "some", "cases")
) | {"$open", "$free", "$raw"}


@dataclass(frozen=True, slots=True)
class Rendering:
    """Choose how dates are written and where named shapes live.

    ``date`` is the schema of a date; ``prefix`` precedes a shape's name in ``$ref``.
    """

    date: Schema
    prefix: str = "#/$defs/"

    @classmethod
    def rest(cls, prefix: str = "#/$defs/") -> "Rendering":
        """Write dates as ISO 8601 text in UTC with milliseconds."""
        return cls(dict(SIMPLE["iso"]), prefix)

    @classmethod
    def ejson(cls, prefix: str = "#/$defs/") -> "Rendering":
        """Write dates as ``{"$date": milliseconds}``."""
        moment: Schema = {"$date": {"type": "integer"}}
        return cls(
            {
                "type": "object",
                "properties": moment,
                "required": ["$date"],
                "additionalProperties": False,
                "x-format": "date-time",
            },
            prefix,
        )


@dataclass(slots=True)
class Shapes:
    """Hold named shapes of the notation and compile them for one rendering."""

    sources: Mapping[str, object]
    rendering: Rendering
    _done: dict[str, Schema] = field(default_factory=dict[str, Schema])

    def named(self, name: str) -> Schema:
        """Return the schema of the shape called ``name``."""
        if name not in self._done:
            if name not in self.sources:
                raise NotationError(f"no shape is called {name}")
            self._done[name] = self.compile(self.sources[name], name)
        return self._done[name]

    def closure(self, *schemas: Schema) -> dict[str, Schema]:
        """Return every named shape that ``schemas`` reach, sorted by name."""
        found: dict[str, Schema] = {}
        waiting = [name for schema in schemas for name in references(schema, self.rendering.prefix)]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = self.named(name)
                waiting.extend(references(found[name], self.rendering.prefix))
        return dict(sorted(found.items()))

    def compile(self, shape: object, where: str) -> Schema:
        """Turn one shape into a schema; ``where`` names it in an error."""
        if isinstance(shape, str):
            return read(shape, where, self._atom)
        if isinstance(shape, bool | int):
            return {"const": shape}
        if isinstance(shape, dict):
            return self._mapping(cast("dict[object, object]", shape), where)
        raise NotationError(f"{where}: {shape!r} is no shape")

    def fields(self, name: str) -> dict[str, object]:
        """Return the fields that a shape writes down, with those it takes from others."""
        shape = self.sources.get(name)
        if not isinstance(shape, dict):
            raise NotationError(f"{name} has no fields to take")
        return self._own_fields(cast("dict[object, object]", shape), name)

    def _own_fields(self, shape: Mapping[object, object], where: str) -> dict[str, object]:
        own: dict[str, object] = {}
        for other in _names(shape.get("$like", ()), where):
            own.update(self.fields(other))
        for key, value in shape.items():
            if not isinstance(key, str):
                raise NotationError(f"{where}: quote the key {key!r}")
            if key in _DIRECTIVES:
                continue
            if key.startswith("$") and not key.startswith("$$"):
                raise NotationError(f"{where}: there is no directive {key}; a field is written ${key}")
            name = key.removeprefix("$") if key.startswith("$$") else key
            bare = name.removesuffix("?")
            own.pop(bare, None)
            own.pop(bare + "?", None)
            own[name] = value
        return own

    def _mapping(self, shape: Mapping[object, object], where: str) -> Schema:
        schema: Schema = {}
        note = shape.get("$note")
        if isinstance(note, str):
            schema["description"] = " ".join(note.split())
        schema.update(self._directive(shape, where))
        raw = shape.get("$raw")
        if isinstance(raw, dict):
            schema.update(cast("Schema", raw))
        return schema

    def _directive(self, shape: Mapping[object, object], where: str) -> Schema:
        if "$type" in shape:
            return self.compile(shape["$type"], where)
        if "$free" in shape:
            return {"x-open": str(shape["$free"])}
        if "$each" in shape:
            return {"type": "array", "items": self.compile(shape["$each"], f"{where}[]")}
        if "$tuple" in shape:
            return self._tuple(shape, where)
        if "$of" in shape:
            choices = cast("Sequence[object]", shape["$of"])
            return {"anyOf": [self.compile(one, f"{where}|{n}") for n, one in enumerate(choices)]}
        if "$map" in shape:
            mapped: Schema = {"type": "object", "additionalProperties": self.compile(shape["$map"], where)}
            if "$keys" in shape:
                mapped["propertyNames"] = {"pattern": shape["$keys"]}
            return mapped
        if shape and set(shape) <= {"$note", "$raw"}:
            return {}
        return self._object(shape, where)

    def _tuple(self, shape: Mapping[object, object], where: str) -> Schema:
        first = [
            self.compile(one, f"{where}[{n}]")
            for n, one in enumerate(cast("Sequence[object]", shape["$tuple"]))
        ]
        rest = [
            self.compile(one, f"{where}[{n}]")
            for n, one in enumerate(cast("Sequence[object]", shape.get("$rest", ())), len(first))
        ]
        schema: Schema = {"type": "array", "minItems": len(first), "maxItems": len(first) + len(rest)}
        if first or rest:
            schema["prefixItems"] = [*first, *rest]
        return schema

    def _object(self, shape: Mapping[object, object], where: str) -> Schema:
        schema = self._fields(self._own_fields(shape, where), where)
        schema["additionalProperties"] = False
        if "$open" in shape:
            schema["additionalProperties"] = True
            schema["x-open"] = str(shape["$open"])
        for directive, keyword in (("$one", "oneOf"), ("$some", "anyOf")):
            if directive in shape:
                schema[keyword] = [{"required": [name]} for name in _names(shape[directive], where)]
        if "$cases" in shape:
            schema["allOf"] = [
                self._case(cast("Mapping[str, object]", case), where)
                for case in cast("Sequence[object]", shape["$cases"])
            ]
        return schema

    def _case(self, case: Mapping[str, object], where: str) -> Schema:
        sides: list[Schema] = []
        for side in ("when", "then"):
            fields = cast("dict[object, object]", case[side])
            sides.append(self._fields(self._own_fields(fields, f"{where}.{side}"), where))
        return {"if": _untyped(sides[0]), "then": _untyped(sides[1])}

    def _fields(self, fields: Mapping[str, object], where: str) -> Schema:
        properties: Schema = {}
        for key, value in fields.items():
            bare = key.removesuffix("?")
            properties[bare] = self.compile(value, f"{where}.{bare}")
        schema: Schema = {"type": "object", "properties": properties}
        required = [key for key in fields if not key.endswith("?")]
        if required:
            schema["required"] = required
        return schema

    def _atom(self, word: str, where: str) -> Schema:
        if word == "date":
            return dict(self.rendering.date)
        if word not in self.sources:
            raise NotationError(f"{where}: neither a type nor a shape is called {word}")
        return {"$ref": self.rendering.prefix + word}


def references(schema: object, prefix: str) -> Iterator[str]:
    """Yield the names that ``schema`` refers to."""
    if isinstance(schema, dict):
        for key, value in cast("Schema", schema).items():
            if key == "$ref" and isinstance(value, str) and value.startswith(prefix):
                yield value.removeprefix(prefix)
            else:
                yield from references(value, prefix)
    elif isinstance(schema, list):
        for value in cast("list[object]", schema):
            yield from references(value, prefix)


def _untyped(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "type"}


def _names(value: object, where: str) -> list[str]:
    if isinstance(value, str):
        return value.split()
    if isinstance(value, (list, tuple)):
        return [str(one) for one in cast("Sequence[object]", value)]
    raise NotationError(f"{where}: {value!r} is no list of names")
