"""Which function hears of which event.

What it is for: one register, shared by the webhook receiver and the history poller. What it must not do:
know where an event came from.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar, cast

from tolmach.pachca.events import Event, FormSubmitted
from tolmach.pachca.models.document import Document

__all__ = ["FormErrors", "Handler", "Handlers"]

E = TypeVar("E", bound=Document)

FormErrors = Mapping[str, str]
"""What is wrong, by the name of the field; texts of at most 2000 characters."""

Handler = Callable[[E], Awaitable[object]]

LONGEST_ERROR = 2000


class Handlers:
    """Hold handlers by the class of event they are for; a base class hears its family."""

    def __init__(self) -> None:
        self._handlers: list[tuple[type[Document], Handler[Document]]] = []

    def on(self, kind: type[E]) -> Callable[[Handler[E]], Handler[E]]:
        """Register the decorated coroutine function for events of ``kind``; many may hear of one.

        A handler of ``FormSubmitted`` that returns ``{field: text}`` leaves the form open with those
        errors; every other answer closes it.
        """

        def register(handler: Handler[E]) -> Handler[E]:
            self._handlers.append((kind, cast("Handler[Document]", handler)))
            return handler

        return register

    async def handle(self, event: Event) -> FormErrors:
        """Let every handler of the event run, in the order of registering; return the errors of a form."""
        errors: dict[str, str] = {}
        for kind, handler in self._handlers:
            if isinstance(event, kind):
                answer = await handler(event)
                if isinstance(event, FormSubmitted) and isinstance(answer, Mapping):
                    said = cast("Mapping[object, object]", answer)
                    errors.update({str(name): str(text)[:LONGEST_ERROR] for name, text in said.items()})
        return errors
