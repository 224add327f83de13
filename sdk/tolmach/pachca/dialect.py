"""How Pachca words a refusal.

What it is for: reading its error bodies, all of them: field errors, OAuth errors, plain text, XML, null
and nothing. What it must not do: decide by a text; status and code decide.

Source: https://dev.pachca.com
"""

import re
from collections.abc import Mapping
from typing import Final, cast

from tolmach.errors import (
    ApiError,
    Conflict,
    Expired,
    FieldProblem,
    Forbidden,
    Invalid,
    PaymentRequired,
    QuotaExceeded,
    ScopeMissing,
    Unauthorized,
)
from tolmach.transport.problem import Problem

__all__ = ["read_answer"]

_SCOPE: Final = re.compile(r'\bscope="([^"]*)"')
_TAG: Final = re.compile(r"<[^>]*>")
_LONGEST_TEXT: Final = 300

_BY_STATUS: Final[Mapping[int, type[ApiError]]] = {
    400: Invalid,
    402: PaymentRequired,
    409: Conflict,
    410: Expired,
    422: Invalid,
}
_BY_OAUTH_ERROR: Final[Mapping[str, type[ApiError]]] = {
    "invalid_token": Unauthorized,
    "insufficient_scope": ScopeMissing,
    "role_forbidden": Forbidden,
}


def read_answer(status: int, body: object, headers: Mapping[str, str]) -> Problem:
    """Read the body and headers of an error answer, whatever it is."""
    if isinstance(body, dict):
        said = cast("Mapping[str, object]", body)
        errors = said.get("errors")
        if isinstance(errors, list):
            return _field_errors(status, cast("list[object]", errors))
        if isinstance(said.get("error"), str):
            return _oauth_error(status, said, headers)
        return Problem(kind=_BY_STATUS.get(status))
    text = _TAG.sub(" ", body) if isinstance(body, str) else ""
    return Problem(" ".join(text.split())[:_LONGEST_TEXT], kind=_BY_STATUS.get(status))


def _field_errors(status: int, errors: list[object]) -> Problem:
    problems = tuple(
        _problem(cast("Mapping[str, object]", each)) for each in errors if isinstance(each, dict)
    )
    first = problems[0] if problems else FieldProblem()
    kind = _BY_STATUS.get(status)
    if status == 429 and first.code == "rate_limit":
        kind = QuotaExceeded
    return Problem(
        "; ".join(filter(None, map(_words, problems))),
        first.code,
        details=first.payload or {},
        kind=kind,
        problems=problems,
    )


def _oauth_error(status: int, said: Mapping[str, object], headers: Mapping[str, str]) -> Problem:
    code = _text(said.get("error"))
    kind = _BY_OAUTH_ERROR.get(code) if status in {401, 403} else None
    scopes = _SCOPE.search(headers.get("WWW-Authenticate", "")) if code == "insufficient_scope" else None
    return Problem(
        _text(said.get("error_description")) or code,
        code,
        kind=kind or _BY_STATUS.get(status),
        scopes=tuple(scopes[1].split()) if scopes else (),
    )


def _problem(error: Mapping[str, object]) -> FieldProblem:
    payload = error.get("payload")
    return FieldProblem(
        _text(error.get("key")),
        error.get("value"),
        _text(error.get("code")),
        _text(error.get("message")),
        cast("Mapping[str, object]", payload) if isinstance(payload, dict) else None,
    )


def _words(problem: FieldProblem) -> str:
    words = problem.message or problem.code
    return f"{problem.key}: {words}" if problem.key and words else words or problem.key


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
