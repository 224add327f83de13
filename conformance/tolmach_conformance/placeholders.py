"""Fill ``{name}`` in the texts of a manifest, and set values by dotted path.

What it is for: command lines, environments and configuration files of any subject. What it must not
do: I/O, or leave an unknown name unnoticed.
"""

import re
from collections.abc import Mapping, Sequence

__all__ = ["UnknownPlaceholderError", "fill", "remove_path", "set_path"]

_NAME = re.compile(r"\{([a-z][a-z_0-9.]*)\}")


class UnknownPlaceholderError(ValueError):
    """A text names something that the suite does not offer."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"{{{name}}} is not known here; known are {', '.join(sorted(known))}")


def fill(value: object, names: Mapping[str, str]) -> object:
    """Return ``value`` with all placeholders filled, at any depth.

    A text that is nothing but ``{port}`` stays a text; write numbers as numbers.
    """
    if isinstance(value, str):
        return _NAME.sub(lambda found: _known(found[1], names), value)
    if isinstance(value, Mapping):
        return {str(fill(str(key), names)): fill(inner, names) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [fill(inner, names) for inner in value]
    return value


def _known(name: str, names: Mapping[str, str]) -> str:
    if name not in names:
        raise UnknownPlaceholderError(name, list(names))
    return names[name]


def set_path(target: dict[str, object], path: str, value: object) -> None:
    """Set ``value`` at the dotted path, making objects on the way."""
    *parents, last = path.split(".")
    here = target
    for part in parents:
        inner = here.get(part)
        if not isinstance(inner, dict):
            inner = {}
            here[part] = inner
        here = inner
    here[last] = value


def remove_path(target: dict[str, object], path: str) -> None:
    """Remove what stands at the dotted path, if anything does."""
    *parents, last = path.split(".")
    here = target
    for part in parents:
        inner = here.get(part)
        if not isinstance(inner, dict):
            return
        here = inner
    here.pop(last, None)
