"""Read a configuration file and remember on which line everything stands.

What it is for: YAML or JSON in, plain values and line numbers out. What it must not do: know a
setting. YAML is read by its 1.2 rules: ``off``, ``yes`` and ``12:30`` are words, not surprises.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tolmach.errors import ConfigError

if TYPE_CHECKING:
    from yaml.nodes import Node

__all__ = ["Document", "Step", "read_document"]

Step = str | int
INTEGER = re.compile(r"[-+]?[0-9]+")
# No exponent: an id such as 64e1234567 is a word.
NUMBER = re.compile(r"[-+]?[0-9]*\.[0-9]+")
WORDS: Mapping[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True)
class Document:
    """Hold the values of a file; ``lines`` maps the path of each key or item to its line, from 1."""

    name: str
    value: Mapping[str, object]
    lines: Mapping[tuple[Step, ...], int] = field(default_factory=dict[tuple[Step, ...], int])

    def where(self, path: tuple[Step, ...]) -> str:
        """Return ``bot.yaml:7`` for a path, or for the nearest part of it that stands in the file."""
        for length in range(len(path), 0, -1):
            if (line := self.lines.get(path[:length])) is not None:
                return f"{self.name}:{line}"
        return self.name


def read_document(file: Path) -> Document:
    """Read a file; ConfigError when it cannot be read or is neither YAML nor JSON."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(
            "there is no such file", where=str(file), remedy="Name one with --config FILE."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"cannot be read: {reason}", where=str(file)) from None
    value, lines = parse_json(file.name, text) if is_json(file, text) else parse_yaml(file.name, text)
    if value is None:
        raise ConfigError("is empty", where=file.name, remedy="Begin with  channels: ")
    if not isinstance(value, dict):
        raise ConfigError("must hold settings by name", where=file.name, remedy="Begin with  channels: ")
    return Document(file.name, cast("dict[str, object]", value), lines)


def is_json(file: Path, text: str) -> bool:
    """Tell JSON by the file's name, or by its first character."""
    return file.suffix == ".json" or text.lstrip().startswith("{")


def parse_json(name: str, text: str) -> tuple[object, dict[tuple[Step, ...], int]]:
    """Parse JSON; the line numbers come from reading it as YAML, of which it is nearly a part."""
    try:
        value = cast("object", json.loads(text))
    except json.JSONDecodeError as error:
        if not name.endswith(".json"):
            return parse_yaml(name, text)  # a YAML flow mapping may begin with a brace as well
        raise ConfigError(
            f"is not JSON: {error.msg.lower()}",
            where=f"{name}:{error.lineno}",
            remedy="Mend the syntax here.",
        ) from None
    try:
        # Tabs are white space in JSON, never part of a string, and an error in YAML.
        return value, parse_yaml(name, text.replace("\t", " "))[1]
    except (ConfigError, ImportError):
        return value, {}


def parse_yaml(name: str, text: str) -> tuple[object, dict[tuple[Step, ...], int]]:
    """Parse YAML into values and line numbers."""
    try:
        import yaml
    except ImportError:
        raise ConfigError(
            "reading YAML needs one more package", where=name, remedy="pip install 'tolmach[gateway]'"
        ) from None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ConfigError(
            f"is not YAML: {error.problem or 'syntax error'}",
            where=f"{name}{line}",
            remedy="Mend the syntax here.",
        ) from None
    except yaml.YAMLError:
        raise ConfigError("is not YAML: it holds characters that YAML forbids", where=name) from None
    if root is None:
        return None, {}
    reader = _Reader(name)
    try:
        return reader.value(root, ()), reader.lines
    except RecursionError:
        raise ConfigError("an alias refers to itself, or the nesting is too deep", where=name) from None


class _Reader:
    """Turn a tree of YAML nodes into values."""

    def __init__(self, name: str) -> None:
        self.lines: dict[tuple[Step, ...], int] = {}
        self._name = name

    def value(self, node: "Node", path: tuple[Step, ...]) -> object:
        from yaml.nodes import MappingNode, ScalarNode, SequenceNode

        if isinstance(node, ScalarNode):
            return scalar(str(node.value), plain=node.style is None)
        if isinstance(node, SequenceNode):
            return [
                self._item(child, (*path, index))
                for index, child in enumerate(cast("list[Node]", node.value))
            ]
        if not isinstance(node, MappingNode):
            return None
        found: dict[str, object] = {}
        for key_node, child in cast("list[tuple[Node, Node]]", node.value):
            if not isinstance(key_node, ScalarNode):
                raise ConfigError("a name must be one word", where=f"{self._name}:{line_of(key_node)}")
            key = str(key_node.value)
            if key in found:
                dotted = ".".join(str(step) for step in (*path, key))
                raise ConfigError(
                    "is written twice",
                    path=dotted,
                    where=f"{self._name}:{line_of(key_node)}",
                    remedy="Keep one.",
                )
            self.lines[*path, key] = line_of(key_node)
            found[key] = self.value(child, (*path, key))
        return found

    def _item(self, node: "Node", path: tuple[Step, ...]) -> object:
        self.lines[path] = line_of(node)
        return self.value(node, path)


def line_of(node: "Node") -> int:
    """Return a node's line, counted from 1."""
    return int(node.start_mark.line) + 1


def scalar(text: str, *, plain: bool) -> object:
    """Return the value of a YAML scalar by the core schema of YAML 1.2; a quoted one is text."""
    if not plain:
        return text
    if text in WORDS:
        return WORDS[text]
    # An id such as 007 must keep its zeros.
    if INTEGER.fullmatch(text) and (text.lstrip("+-") == "0" or not text.lstrip("+-").startswith("0")):
        return int(text)
    return float(text) if NUMBER.fullmatch(text) else text
