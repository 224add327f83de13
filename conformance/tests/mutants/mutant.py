"""A seeded defect of the bundled channel: which functions it wraps, how, and the rows that must notice.

What it is for: the vocabulary of the lists of defects, and putting one in. What it must not do: live in
the product, or import it; a target is a name that is looked up when the defect is put in.
"""

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, Final, TypeAlias

__all__ = ["PLATFORMS", "Function", "Mutant", "Wrap", "always", "mutant", "resolve", "then"]

PLATFORMS: Final = ("rocketchat", "pachca")

Function: TypeAlias = Callable[..., Any]
Wrap: TypeAlias = Callable[[Function], Function]
"""Take the original function and return the defective one."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One defect. ``targets`` are ``module:attribute`` with their wraps; ``rows`` is exactly what fails.

    ``why`` says why more than five rows notice; ``platform`` is the one on which the channel is judged.
    """

    name: str
    defect: str
    targets: Sequence[tuple[str, Wrap]]
    rows: Sequence[int]
    why: str = ""
    platform: str = "rocketchat"

    def apply(self, called: Callable[[], None]) -> None:
        """Put the defect in; ``called`` is called when the first wrapped function runs."""
        for index, (target, wrap) in enumerate(self.targets):
            _replace(target, wrap, called if index == 0 else lambda: None)


def mutant(
    name: str,
    defect: str,
    *targets: tuple[str, Wrap],
    rows: Sequence[int],
    why: str = "",
    platform: str = "rocketchat",
) -> Mutant:
    """Return a defect; the first target is the one that has to be reached."""
    return Mutant(name, defect, targets, rows, why, platform)


def always(value: object) -> Wrap:
    """Wrap a function into one that always answers ``value``."""
    return lambda _original: lambda *_args, **_kwargs: value


def then(change: Function) -> Wrap:
    """Wrap a function so that ``change`` makes another answer of its answer."""
    return lambda original: lambda *args, **kwargs: change(original(*args, **kwargs))


def resolve(target: str) -> tuple[Any, str, Any]:
    """Return the holder of a target, its last name there, and what stands there, undecorated.

    Raises ``AttributeError`` or ``KeyError`` when the product has no such thing any more.
    """
    module, _, attribute = target.partition(":")
    holder: Any = import_module(module)
    *path, last = attribute.split(".")
    for step in path:
        holder = getattr(holder, step)
    return holder, last, vars(holder)[last]


def _replace(target: str, wrap: Wrap, called: Callable[[], None]) -> None:
    holder, name, raw = resolve(target)
    decorator = type(raw) if isinstance(raw, staticmethod | classmethod) else None
    original: Function = raw.__func__ if decorator is not None else raw
    defective = _watched(wrap(original), original, called)
    setattr(holder, name, defective if decorator is None else decorator(defective))
    if isinstance(holder, ModuleType):
        # Whoever has taken the function by name has a reference of their own.
        for module, known in _holders(raw):
            setattr(module, known, defective)


def _holders(function: Function) -> Iterator[tuple[ModuleType, str]]:
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "tolmach":
            for attribute, value in list(vars(module).items()):
                if value is function:
                    yield module, attribute


def _watched(function: Function, original: Function, called: Callable[[], None]) -> Function:
    @functools.wraps(original)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        called()
        return function(*args, **kwargs)

    return wrapper
