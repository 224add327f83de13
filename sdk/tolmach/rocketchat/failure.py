"""From the error of a realtime method to the error tree.

What it is for: one table. What it must not do: quote parameters.
"""

from typing import Final

from tolmach.errors import ApiError, Forbidden, NotFound, RateLimited, ServerFailed
from tolmach.rocketchat.ddp_frames import Failure

__all__ = ["error_of"]

_BY_CODE: Final[dict[str, type[ApiError]]] = {
    "403": Forbidden,
    "404": NotFound,
    "500": ServerFailed,
    "error-invalid-room": NotFound,
    "error-not-allowed": Forbidden,
    "not-allowed": Forbidden,
    "not-authorized": Forbidden,
    "too-many-requests": RateLimited,
}


def error_of(failure: Failure, method: str) -> ApiError:
    """Return the error that a refused method raises; ``method`` names it."""
    kind = _BY_CODE.get(failure.code, ApiError)
    return kind(
        failure.reason or failure.code or "refused without a reason",
        status=0,
        code=failure.code,
        call=method,
        retry_after=failure.retry_after,
        details=failure.details,
    )
