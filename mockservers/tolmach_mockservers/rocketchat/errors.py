"""What the fake Rocket.Chat refuses with, before any wire gives it a shape.

What it is for: rules raise these; `wire` turns them into REST bodies and DDP error objects. What
it must not do: know a status code, except `Answer`, which is REST's own.
"""

from collections.abc import Mapping

__all__ = ["Answer", "Forbidden", "MeteorError", "PlainError"]


class MeteorError(Exception):
    """Stand for the vendor's ``Meteor.Error(code, reason, details)``."""

    def __init__(
        self, code: str | int, reason: str | None = None, details: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(f"{reason} [{code}]" if reason else f"[{code}]")
        self.code = code
        self.reason = reason
        self.details = details

    @property
    def message(self) -> str:
        """Return the text with the code in brackets that Meteor appends."""
        return f"{self.reason} [{self.code}]" if self.reason else f"[{self.code}]"


class PlainError(Exception):
    """Stand for a plain JavaScript error or a ``failure(text)``; no text is the bare ``failure()``."""

    def __init__(self, text: str | None = None) -> None:
        super().__init__(text or "")
        self.text = text


class Forbidden(Exception):  # noqa: N818  (named after the vendor's own forbidden())
    """Stand for the vendor's ``forbidden()``: the caller may not see this."""


class Answer(Exception):  # noqa: N818  (an answer, not always an error of somebody)
    """Leave a REST handler with this status and body, whatever it was doing."""

    def __init__(self, status: int, body: Mapping[str, object]) -> None:
        super().__init__(str(status))
        self.status = status
        self.body = body
