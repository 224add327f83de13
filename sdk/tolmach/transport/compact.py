"""A root for models of which many are held at once.

What it is for: documents with the same fields share the set of their names; a set of 19 names takes 2 KB, two
thirds of a message. What it must not do: let a change of one document be seen in another.
"""

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

__all__ = ["CompactModel"]

_SHAPES: dict[frozenset[str], set[str]] = {}
"""Documents of one list nearly always have the same fields."""
_MOST_SHAPES = 512


class CompactModel(BaseModel):
    """Be a model whose ``model_fields_set`` is shared until the model is changed."""

    model_config = ConfigDict(defer_build=True)

    def model_post_init(self, context: object, /) -> None:
        """Share the set of the fields that came with every document of the same fields."""
        del context
        _set_fields(self, _shared(self.__pydantic_fields_set__))

    @property
    def model_fields_set(self) -> set[str]:
        """Return the names of the fields that came, as a set of the caller's own."""
        return set(self.__pydantic_fields_set__)

    if not TYPE_CHECKING:  # or a misspelt attribute would pass the type checkers

        def __setattr__(self, name, value):
            _set_fields(self, set(self.__pydantic_fields_set__))
            super().__setattr__(name, value)


def _shared(names: set[str]) -> set[str]:
    shape = frozenset(names)
    known = _SHAPES.get(shape)
    if known is None:
        if len(_SHAPES) >= _MOST_SHAPES:
            return names
        known = _SHAPES[shape] = set(shape)
    return known


def _set_fields(document: CompactModel, names: set[str]) -> None:
    object.__setattr__(document, "__pydantic_fields_set__", names)
