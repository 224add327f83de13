"""One call of the client and what must go out for it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pachca_stub import Answer

from tolmach.pachca import Listing, Pachca

MAY = datetime(2025, 5, 15, 14, 30, tzinfo=UTC)
EMPTY = Answer(204)


@dataclass(frozen=True)
class Case:
    """One call: what to do, what is answered, what must have been asked."""

    operation: str
    act: Callable[[Pachca], Awaitable[object] | Listing[object]]
    answer: Answer | str
    path: str
    sent: object = None
    query: str = ""


def case(
    operation: str,
    act: Callable[[Pachca], object],
    answer: Answer | str,
    path: str,
    sent: object = None,
    query: str = "",
) -> Case:
    return Case(operation, act, answer, path, sent, query)  # type: ignore[arg-type]
