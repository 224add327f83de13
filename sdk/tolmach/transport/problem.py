"""From an HTTP status to an exception: the one table.

What it is for: every error answer of every platform becomes an ``ApiError`` here. A platform says
how to read its error bodies (``Problem``); the table says what they mean. What it must not do: look
at a platform's texts, or let a secret through that a server echoes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tolmach.errors import (
    ApiError,
    FieldProblem,
    Forbidden,
    NotFound,
    RateLimited,
    ScopeMissing,
    ServerFailed,
    Unauthorized,
)
from tolmach.transport.redaction import redact

__all__ = ["AnswerReader", "Problem", "ProblemReader", "error_for", "plain_problem"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Hold what a platform's error body says; ``kind`` overrides what the status would mean."""

    message: str = ""
    code: str = ""
    retry_after: float | None = None
    """Seconds that the body itself asks to wait."""
    details: Mapping[str, object] = field(default_factory=dict[str, object])
    kind: type[ApiError] | None = None
    problems: tuple[FieldProblem, ...] = ()
    scopes: tuple[str, ...] = ()
    """Scopes that the call needs, where the answer names them."""


AnswerReader = Callable[[int, object, Mapping[str, str]], Problem]
"""Read an error answer whole: (status, body, headers) -> Problem."""

ProblemReader = Callable[[int, object], Problem]
"""Read an error body: (status, decoded JSON or the text when it is none) -> Problem."""

_BY_STATUS: Mapping[int, type[ApiError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    410: NotFound,
    429: RateLimited,
}

_PLAIN_WORDS: Mapping[int, str] = {
    400: "the request was refused",
    401: "the credential was refused",
    403: "not allowed",
    404: "not found",
    429: "too many requests",
}


def error_for(status: int, problem: Problem, *, call: str, retry_after: float | None = None) -> ApiError:
    """Return the exception for an error answer; ``status`` is 0 for a realtime method."""
    kind = problem.kind or _BY_STATUS.get(status) or (ServerFailed if status >= 500 else ApiError)
    message = problem.message or _PLAIN_WORDS.get(status) or "the server answered with an error"
    failure = kind(
        redact(message),
        status=status,
        code=problem.code,
        call=call,
        retry_after=retry_after if retry_after is not None else problem.retry_after,
        details=problem.details,
        problems=problem.problems,
    )
    if isinstance(failure, ScopeMissing):
        failure.scopes = problem.scopes
    return failure


def plain_problem(status: int, body: object) -> Problem:
    """Read an error body of which nothing is known."""
    del status, body
    return Problem()
