"""Templates of incoming webhooks: the part of Liquid and Mustache that notices are written in.

What it is for: values, conditions, loops. What it must not do: filters beyond the commonest, or
I/O. A template that cannot be read is a `TemplateError`, whose text is posted instead.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, cast

__all__ = ["TemplateError", "render"]

_LIQUID: Final = re.compile(r"\{%-?\s*(?P<tag>.*?)\s*-?%\}|\{\{-?\s*(?P<value>.*?)\s*-?\}\}", re.DOTALL)
_MUSTACHE: Final = re.compile(
    r"\{\{\{\s*(?P<raw>.*?)\s*\}\}\}|\{\{(?P<sign>[#^/!&]?)\s*(?P<name>.*?)\s*\}\}", re.DOTALL
)
_COMPARE: Final = re.compile(r"(\S+)\s*(==|!=|contains)\s*(.+)")


class TemplateError(Exception):
    """The template cannot be read."""


class _Reader:
    def __init__(self, template: str, pattern: re.Pattern[str]) -> None:
        self.pieces: list[str | re.Match[str]] = []
        at = 0
        for found in pattern.finditer(template):
            self.pieces.append(template[at : found.start()])
            self.pieces.append(found)
            at = found.end()
        self.pieces.append(template[at:])
        if any("{{" in each or "{%" in each for each in self.pieces if isinstance(each, str)):
            raise TemplateError("Template syntax error: tag was not properly terminated")
        self.at = 0

    def next(self) -> str | re.Match[str] | None:
        """Return the next piece, None at the end."""
        if self.at >= len(self.pieces):
            return None
        self.at += 1
        return self.pieces[self.at - 1]


def render(engine: str, template: str, data: object) -> str:
    """Return the text of a template."""
    if engine == "mustache":
        return _mustache(_Reader(template, _MUSTACHE), [data], None, show=True)
    text, _ = _liquid(_Reader(template, _LIQUID), [data], (), show=True)
    return text


def _lookup(path: str, scopes: Sequence[object]) -> object:
    path = path.strip()
    if path[:1] in {'"', "'"}:
        return path[1:-1]
    if re.fullmatch(r"-?\d+", path):
        return int(path)
    if path == ".":
        return scopes[-1]
    names = re.findall(r"[^.\[\]]+", path)
    for scope in reversed(scopes):
        found = _descend(scope, names)
        if found is not None:
            return found
    return None


def _descend(value: object, names: Sequence[str]) -> object:
    for name in names:
        if isinstance(value, Mapping):
            value = cast("Mapping[str, object]", value).get(name)
        elif isinstance(value, list):
            items = cast("list[object]", value)
            if name == "size":
                value = len(items)
            elif name in {"first", "last"}:
                value = (items[0] if name == "first" else items[-1]) if items else None
            else:
                value = items[int(name)] if name.isdecimal() and int(name) < len(items) else None
        else:
            return None
    return value


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _filtered(expression: str, scopes: Sequence[object]) -> str:
    path, *filters = expression.split("|")
    value = _lookup(path, scopes)
    for each in filters:
        name, _, argument = each.strip().partition(":")
        text = _shown(value)
        match name:
            case "upcase":
                value = text.upper()
            case "downcase":
                value = text.lower()
            case "capitalize":
                value = text.capitalize()
            case "strip":
                value = text.strip()
            case "size":
                value = len(cast("list[object]", value)) if isinstance(value, list) else len(text)
            case "default":
                value = value if text else _lookup(argument, scopes)
            case _:
                raise TemplateError(f"Liquid error: unknown filter {name}")
    return _shown(value)


def _holds(condition: str, scopes: Sequence[object]) -> bool:
    found = _COMPARE.fullmatch(condition)
    if found is None:
        value = _lookup(condition, scopes)
        return value is not None and value is not False
    left, right = _lookup(found[1], scopes), _lookup(found[3], scopes)
    match found[2]:
        case "==":
            return left == right
        case "!=":
            return left != right
        case _:
            return _shown(right) in _shown(left)


def _liquid(reader: _Reader, scopes: list[object], ends: tuple[str, ...], *, show: bool) -> tuple[str, str]:
    written: list[str] = []
    while (piece := reader.next()) is not None:
        if isinstance(piece, str):
            written.append(piece)
            continue
        if piece["value"] is not None:
            written.append(_filtered(piece["value"], scopes) if show else "")
            continue
        tag = piece["tag"]
        word, _, rest = tag.partition(" ")
        if word in ends:
            return "".join(written), tag
        match word:
            case "if" | "unless":
                done = False
                condition: str | None = rest
                while condition is not None:
                    holds = show and not done and (_holds(condition, scopes) != (word == "unless"))
                    text, end = _liquid(reader, scopes, ("elsif", "else", f"end{word}"), show=holds)
                    written.append(text if holds else "")
                    done = done or holds
                    name, _, condition = end.partition(" ")
                    if name == "else":
                        text, _ = _liquid(reader, scopes, (f"end{word}",), show=show and not done)
                        written.append(text if show and not done else "")
                    if name != "elsif":
                        condition = None
            case "for":
                name, _, path = rest.partition(" in ")
                items = _lookup(path, scopes)
                start = reader.at
                rows = cast("list[object]", items) if isinstance(items, list) and show else []
                for row in rows:
                    reader.at = start
                    text, _ = _liquid(reader, [*scopes, {name.strip(): row}], ("endfor",), show=True)
                    written.append(text)
                if not rows:
                    _liquid(reader, scopes, ("endfor",), show=False)
            case _:
                raise TemplateError(f"Liquid syntax error: Unknown tag '{word}'")
    if ends:
        raise TemplateError(f"Liquid syntax error: '{ends[-1].removeprefix('end')}' tag was never closed")
    return "".join(written), ""


def _mustache(reader: _Reader, scopes: list[object], end: str | None, *, show: bool) -> str:
    written: list[str] = []
    while (piece := reader.next()) is not None:
        if isinstance(piece, str):
            written.append(piece)
            continue
        name = piece["raw"] if piece["raw"] is not None else piece["name"]
        sign = piece["sign"] or ""
        if sign == "/":
            if name != end:
                raise TemplateError(f"Mustache syntax error: unexpected closing tag {name}")
            return "".join(written) if show else ""
        if sign == "!":
            continue
        if sign not in {"#", "^"}:
            written.append(_shown(_lookup(name, scopes)) if show else "")
            continue
        value = _lookup(name, scopes)
        truth = value not in (None, False, "", []) and show
        start = reader.at
        if sign == "^":
            written.append(_mustache(reader, scopes, name, show=show and not truth))
            continue
        rows = cast("list[object]", value) if isinstance(value, list) else [value]
        for row in rows if truth else []:
            reader.at = start
            written.append(_mustache(reader, [*scopes, row], name, show=True))
        if not truth:
            _mustache(reader, scopes, name, show=False)
    if end is not None:
        raise TemplateError(f"Mustache syntax error: section {end} was never closed")
    return "".join(written) if show else ""
