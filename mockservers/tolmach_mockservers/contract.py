"""Check what crosses a fake's wire against the written schemas.

What it is for: a fake fails closed: a request or an answer outside the schema is recorded as a
violation. What it must not do: run on the hot path of a fake that is not strict, or change what
is sent.
"""

from typing import Protocol

__all__ = ["Contract", "NoContract"]


class Contract(Protocol):
    """Check the exchanges of one fake; findings go to the journal, never to the caller."""

    def request(
        self, method: str, path: str, *, query: object = None, body: object = None, actor: str | None = None
    ) -> None:
        """Check a request; ``path`` is the route's template such as "/api/v1/chat.postMessage"."""
        ...

    def response(
        self, method: str, path: str, status: int, body: object, *, actor: str | None = None
    ) -> None:
        """Check an answer."""
        ...


class NoContract:
    """Check nothing."""

    def request(
        self, method: str, path: str, *, query: object = None, body: object = None, actor: str | None = None
    ) -> None:
        """Accept any request."""

    def response(
        self, method: str, path: str, status: int, body: object, *, actor: str | None = None
    ) -> None:
        """Accept any answer."""
