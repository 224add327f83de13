"""From a path to the operation that it means.

What it is for: one walk over the words of a path. What it must not do: HTTP.
"""

from tolmach_mockservers.pachca.call import ROUTES, Route

__all__ = ["Node", "tree"]


class Node:
    """Hold what may follow in a path: fixed words before any value."""

    __slots__ = ("any", "routes", "words")

    def __init__(self) -> None:
        self.words: dict[str, Node] = {}
        self.any: Node | None = None
        self.routes: dict[str, tuple[Route, tuple[tuple[int, str], ...]]] = {}


def tree() -> Node:
    """Return the tree of every registered operation."""
    root = Node()
    for route in ROUTES.values():
        node = root
        names: list[tuple[int, str]] = []
        for place, word in enumerate(route.template.strip("/").split("/")):
            if word.startswith("{"):
                names.append((place, word[1:-1]))
                node.any = node.any or Node()
                node = node.any
            else:
                node = node.words.setdefault(word, Node())
        node.routes[route.method] = (route, tuple(names))
    return root
