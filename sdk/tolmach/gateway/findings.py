"""Say in one sentence what is wrong with a setting, where it stands and what to write instead.

What it is for: turning pydantic's findings into BrokenConfigError. What it must not do: show the value of
a secret, or anything longer than a word.
"""

import json
import re
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Union, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError

from tolmach.errors import ConfigError
from tolmach.gateway.document import Document, Step

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["BrokenConfigError", "did_you_mean", "dotted", "explain", "unknown_key"]

SECRET_NAME = re.compile(r"pat(?!h)|token|password|secret|api_?key|auth", re.IGNORECASE)
EVERYBODY = {"everyone", "everybody", "all", "any", "anyone", "public", "*"}
WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "string_type": "must be text",
    "list_type": "must be a list, in square brackets",
    "tuple_type": "must be a list, in square brackets",
    "set_type": "must be a list, in square brackets",
    "frozen_set_type": "must be a list, in square brackets",
    "dict_type": "must hold settings by name",
    "mapping_type": "must hold settings by name",
    "model_type": "must hold settings by name",
    "model_attributes_type": "must hold settings by name",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "finite_number": "must be a finite number",
}
PATTERNS: Mapping[str, str] = {
    r"^/[^?#\s]*$": "must begin with / and hold no blank, no ? and no #",
    r"^[A-Za-z0-9_-]{1,64}$": "must be letters, digits, _ and -, 64 of them at most",
}
"""What the patterns of the settings want, in words."""


class BrokenConfigError(ConfigError):
    """Hold every finding of a configuration; its text is theirs, one after the other."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(first.problem, path=first.path, remedy=first.remedy, where=first.where)

    def __str__(self) -> str:
        """Return all findings, each on lines of its own."""
        return "\n".join(str(error) for error in self.errors)


def dotted(path: Iterable[Step]) -> str:
    """Return ``channels.rocketchat.allowFrom.0``."""
    return ".".join(str(step) for step in path)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Return the remedy for a word that is none of ``known``."""
    folded = {name.casefold().replace("_", ""): name for name in known}
    near = get_close_matches(word.casefold().replace("_", ""), list(folded), n=1, cutoff=0.6)
    if near:
        return f"Did you mean  {folded[near[0]]} ?"
    return f"Known here: {', '.join(known)}." if len(known) <= 12 else ""


def unknown_key(document: Document, path: tuple[Step, ...], known: Sequence[str]) -> ConfigError:
    """Return the finding for a key that means nothing where it stands."""
    remedy = did_you_mean(str(path[-1]), known) or "Remove it, or look for the name in the documentation."
    return ConfigError("is no setting", path=dotted(path), where=document.where(path), remedy=remedy)


def explain(
    error: ValidationError,
    document: Document,
    model: type[BaseModel],
    value: Mapping[str, object],
    place: Callable[[tuple[Step, ...]], tuple[Step, ...]],
) -> list[ConfigError]:
    """Return one finding per wrong setting of ``value``; ``place`` maps a path inside it to the file's."""
    found: dict[tuple[Step, ...], ConfigError] = {}
    for detail in error.errors(include_url=False):
        inner = real_path(detail["loc"], value, detail["type"])
        if detail["type"] == "value_error":
            inner = pointed_at(inner, value, detail["msg"])
        path = place(inner)
        if path in found:
            continue  # the branches of a union complain one by one
        if detail["type"] == "extra_forbidden":
            found[path] = unknown_key(document, path, keys_at(model, inner[:-1]))
            continue
        problem, remedy = words(detail, str(path[-1]) if path else "")
        found[path] = ConfigError(problem, path=dotted(path), where=document.where(path), remedy=remedy)
    return list(found.values())


def real_path(loc: tuple[Step, ...], value: object, kind: str) -> tuple[Step, ...]:
    """Return the part of pydantic's location that exists in the value: it also names union branches."""
    path: list[Step] = []
    for number, step in enumerate(loc):
        if isinstance(value, Mapping):
            inside = cast("Mapping[object, object]", value)
            if step not in inside:
                if kind == "missing" and number == len(loc) - 1:
                    path.append(step)
                continue
            value = inside[step]
        elif isinstance(value, list) and isinstance(step, int) and step < len(cast("list[object]", value)):
            value = cast("list[object]", value)[step]
        else:
            continue
        path.append(step)
    return tuple(path)


def pointed_at(path: tuple[Step, ...], value: object, message: str) -> tuple[Step, ...]:
    """Return the path of the setting that a block's validator names with its first word."""
    for step in path:
        value = cast("Mapping[Step, object]", value)[step]
    name = message.removeprefix("Value error, ").split()[0].rstrip(":")
    return (*path, name) if isinstance(value, Mapping) and name in value else path


def words(detail: "ErrorDetails", key: str) -> tuple[str, str]:
    """Return problem and remedy for one finding."""
    kind, context = detail["type"], detail.get("ctx", {})
    shown = show(detail.get("input"), key)
    if kind in {"literal_error", "enum"}:
        allowed = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        given = str(detail.get("input"))
        if "open" in allowed and given.casefold() in EVERYBODY:
            remedy = f'For everybody, write  {key}: open  and  allowFrom: ["*"].'
        else:
            near = get_close_matches(given.casefold(), allowed, n=1)
            remedy = (
                f"Did you mean  {near[0]} ?" if near else f"Write  {key}: {allowed[0]}  or another of them."
            )
        return f"{shown} is none of {', '.join(allowed)}.", remedy if allowed else ""
    limits = {"greater_than_equal": "ge", "greater_than": "gt", "less_than_equal": "le", "less_than": "lt"}
    if kind in limits:
        bound = context.get(limits[kind])
        phrase = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}[limits[kind]]
        return f"{shown} is out of range: it must be {phrase} {bound}", f"Write a number {phrase} {bound}."
    if kind == "string_pattern_mismatch":
        wanted = PATTERNS.get(str(context.get("pattern")), "is not written as it has to be")
        return f"{shown} {wanted}".strip(), ""
    if kind == "missing":
        return WORDS[kind], f"Add  {key}: … ."
    if kind in WORDS:
        return f"{WORDS[kind]}, not {shown}" if shown else WORDS[kind], ""
    problem = detail["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return sentences(problem)


def sentences(text: str) -> tuple[str, str]:
    """Split a validator's message: what stands before the first semicolon is the problem."""
    head, stop, tail = text.partition("; ")
    return (head, tail[:1].upper() + tail[1:].rstrip(".") + ".") if stop else (text.rstrip("."), "")


def show(value: object, key: str) -> str:
    """Return a value as it may be shown: short, and never one that stands under a secret's name."""
    if SECRET_NAME.search(key) or not isinstance(value, str | int | float | None):
        return ""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f'{text[:36]}…"'


def keys_at(model: type[BaseModel], path: Sequence[Step]) -> list[str]:
    """Return the names that may stand at ``path`` below a model, as they are written in a file."""
    place: object = model
    for step in path:
        place = below(place, step)
    found = [candidate for candidate in branches(place) if is_model(candidate)]
    return sorted(
        {
            field.alias or name
            for each in found
            for name, field in cast("type[BaseModel]", each).model_fields.items()
        }
    )


def below(annotation: object, step: Step) -> object:
    """Return the type that stands under ``step``."""
    for candidate in branches(annotation):
        if is_model(candidate):
            for name, field in cast("type[BaseModel]", candidate).model_fields.items():
                if step in {name, field.alias}:
                    return field.annotation
        elif get_origin(candidate) in {dict, list, tuple, Mapping, Sequence}:
            return get_args(candidate)[-1]
    return None


def branches(annotation: object) -> list[object]:
    """Return the members of a union, or the type itself."""
    if get_origin(annotation) in {Union, types.UnionType}:
        return [branch for member in get_args(annotation) for branch in branches(member)]
    return [annotation]


def is_model(annotation: object) -> bool:
    """Tell whether a type is a pydantic model."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
