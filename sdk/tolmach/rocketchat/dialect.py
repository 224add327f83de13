"""How Rocket.Chat words a refusal.

What it is for: reading its error bodies into the common form. What it must not do: decide by a text.
Status and code decide; texts differ between versions.

Source: https://developer.rocket.chat/apidocs/api-errors
"""

import re
from collections.abc import Mapping
from typing import cast

from tolmach.errors import ApiError, Forbidden, NotFound, RateLimited
from tolmach.transport.problem import Problem

__all__ = ["read_problem", "refuses"]

_CODE_AT_END = re.compile(r"\s*\[([\w .-]+)\]$")
_SECONDS = re.compile(r"wait (\d+) seconds")

_BY_CODE: Mapping[str, type[ApiError]] = {
    "error-room-not-found": NotFound,
    "error-message-not-found": NotFound,
    "error-user-not-found": NotFound,
    "error-unauthorized": Forbidden,
    "error-not-allowed": Forbidden,
    "error-action-not-allowed": Forbidden,
    "error-not-authorized": Forbidden,
    "not-authorized": Forbidden,
    "not-allowed": Forbidden,
    # rooms.info without access: the server swaps the two arguments of its own error.
    "Not Allowed": Forbidden,
    "error-too-many-requests": RateLimited,
    "too-many-requests": RateLimited,
}
"""Codes that say more than their status. Version 9 answers a missing permission with 401: by its
code it stays what it is, and no account is stopped for it."""


def refuses(body: Mapping[str, object]) -> bool:
    """Tell whether an answer with status 200 is a refusal."""
    return body.get("success") is False


def read_problem(status: int, body: object) -> Problem:
    """Read the body of an error answer, whatever it is."""
    del status
    if not isinstance(body, dict):
        return Problem()
    said = cast("dict[str, object]", body)
    text = _text(said.get("error")) or _text(said.get("message"))
    return _problem(text, _text(said.get("errorType")), said.get("details"))


def _problem(text: str, code: str, details: object) -> Problem:
    at_end = _CODE_AT_END.search(text)
    if at_end is not None:
        text, code = text[: at_end.start()], code or at_end[1]
    told = cast("dict[str, object]", details) if isinstance(details, dict) else {}
    return Problem(
        message=text, code=code, retry_after=_wait(text, told), details=told, kind=_BY_CODE.get(code)
    )


def _wait(text: str, details: Mapping[str, object]) -> float | None:
    milliseconds = details.get("timeToReset")
    if isinstance(milliseconds, int | float) and not isinstance(milliseconds, bool):
        return max(0.0, milliseconds / 1000)
    stated = _SECONDS.search(text)
    return None if stated is None else float(stated[1])


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
