"""The one error that a caller of the fakes' own controls gets for a bad request.

What it is for: say which field is wrong and what to write instead. What it must not do: stand
for an error of a faked platform; those have the platform's own bodies.
"""

__all__ = ["RefusalError"]


class RefusalError(Exception):
    """Refuse a control request.

    The message names the field and the remedy; ``status`` is the HTTP status of the control
    API's answer: 400 bad input, 404 no such thing, 409 not possible in this state.
    """

    def __init__(self, message: str, *, field: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.status = status
