"""Check what crosses a fake's wire against the written schemas.

What it is for: a fake fails closed: a request, an answer or a frame outside the schema is recorded
as a violation. What it must not do: run on the hot path of a fake that is not strict, change what
is sent, or reach the caller: a violation is a finding of the test, not of the platform.

Each operation is compiled when it is first seen; after that a check costs some microseconds.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Literal, Protocol

from tolmach_mockservers.kernel import Kernel

__all__ = ["Contract", "NoContract", "SchemaContract", "can_be_strict", "contract_for"]

Sender = Literal["client", "server"]
Query = Mapping[str, str | list[str]]


class Contract(Protocol):
    """Check the exchanges of one fake; findings go to the journal."""

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        actor: str | None = None,
    ) -> None:
        """Check a request; ``path`` is the template such as "/api/v1/chat.postMessage".

        A query name that may be given again and again (``names[]``) maps to the list of its texts; ``body``
        is parsed JSON, the fields of a form, or None.
        """
        ...

    def response(
        self, method: str, path: str, status: int, body: object, *, actor: str | None = None
    ) -> None:
        """Check an answer; ``body`` is parsed JSON, or text or bytes that are none, or None."""
        ...

    def frame(self, sender: Sender, frame: object, *, actor: str | None = None) -> None:
        """Check a realtime frame; ``frame`` is parsed JSON."""
        ...

    def webhook(self, operation: str, payload: object, *, actor: str | None = None) -> None:
        """Check what is posted to a bot; ``operation`` names it, such as "message.new"."""
        ...


class NoContract:
    """Check nothing."""

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        actor: str | None = None,
    ) -> None:
        """Accept any request."""

    def response(
        self, method: str, path: str, status: int, body: object, *, actor: str | None = None
    ) -> None:
        """Accept any answer."""

    def frame(self, sender: Sender, frame: object, *, actor: str | None = None) -> None:
        """Accept any frame."""

    def webhook(self, operation: str, payload: object, *, actor: str | None = None) -> None:
        """Accept any payload."""


class SchemaContract:
    """Check against the schemas of ``api``: "rocketchat", "pachca", "agent" or "control"."""

    def __init__(self, kernel: Kernel, api: str) -> None:
        from tolmach_schemas import validation

        self._kernel = kernel
        self._api = api
        self._compile = validation.compile_operation
        self._frames = validation.compile_frames
        self._documents = validation.compile_document

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        actor: str | None = None,
    ) -> None:
        """Record what is wrong with a request."""
        operation = f"{method} {path}"
        try:
            checks = self._compile(operation, self._api)
        except KeyError:
            self._found(operation, "request", ["no such operation is documented"], actor)
            return
        self._found(operation, "request", checks.request(query, body), actor)

    def response(
        self, method: str, path: str, status: int, body: object, *, actor: str | None = None
    ) -> None:
        """Record what is wrong with an answer."""
        operation = f"{method} {path}"
        try:
            checks = self._compile(operation, self._api)
        except KeyError:
            return
        self._found(operation, "response", checks.response(status, body), actor)

    def frame(self, sender: Sender, frame: object, *, actor: str | None = None) -> None:
        """Record what is wrong with a frame."""
        self._found("websocket", f"{sender} frame", self._frames(sender)(frame), actor)

    def webhook(self, operation: str, payload: object, *, actor: str | None = None) -> None:
        """Record what is wrong with a payload."""
        self._found(operation, "webhook", self._documents(f"{self._api}/webhooks/payload")(payload), actor)

    def _found(self, operation: str, what: str, wrong: list[str], actor: str | None) -> None:
        if wrong:
            # Rocket.Chat's operations are known by the last part of the path, Pachca's by method and path.
            known = operation if self._api == "pachca" else operation.rpartition("/")[2]
            self._kernel.violation(
                self._api,
                f"{operation}: {wrong[0]}",
                {"what": what, "wrong": wrong},
                operation=known,
                actor=actor,
            )


def can_be_strict() -> bool:
    """Whether the compiled validator is installed."""
    return find_spec("jsonschema_rs") is not None and find_spec("tolmach_schemas") is not None


def contract_for(kernel: Kernel, api: str) -> Contract:
    """Return the checks of one fake: real ones when the kernel is strict."""
    return SchemaContract(kernel, api) if kernel.strict else NoContract()
