"""Put an agent's answer together from its documents.

What it is for: the parts of an answer as values, and the one place that knows what a chunk, a whole
completion or an error document means. What it must not do: perform I/O.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import cast

from pydantic import ValidationError

from tolmach.agent.models import (
    AgentError,
    Chunk,
    Completion,
    Delta,
    FunctionCall,
    ToolCall,
    ToolCallDelta,
)
from tolmach.errors import RateLimited, RemoteProtocolError, ServerFailed
from tolmach.transport.problem import Problem, error_for

__all__ = ["AnswerPart", "Assembly", "Called", "Ended", "Said"]


@dataclass(frozen=True, slots=True)
class Said:
    """Carry the next piece of text. A refusal is text as well: the person should read it."""

    text: str


@dataclass(frozen=True, slots=True)
class Called:
    """Carry one whole tool call."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class Ended:
    """Say that the answer is over.

    ``complete`` is False when the stream broke off after some text; ``reason`` is then what broke
    it, for the log, else the agent's ``finish_reason``.
    """

    reason: str
    complete: bool = True


AnswerPart = Said | Called | Ended


@dataclass(slots=True)
class _Pending:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list[str])


class Assembly:
    """Read documents one by one; remember what the end needs to know."""

    def __init__(self, call: str) -> None:
        self.text_seen = False
        self.finish_reason: str | None = None
        self._call = call
        self._calls: dict[str, _Pending] = {}
        self._last = ""

    def chunk(self, data: str) -> list[AnswerPart]:
        """Take one ``data:`` document of a stream and return the text in it."""
        document = self._document(data)
        try:
            chunk = Chunk.model_validate(document)
        except ValidationError as error:
            raise self._nonsense(error) from None
        parts: list[AnswerPart] = []
        for choice in chunk.choices[:1]:
            delta = choice.delta or choice.message
            if delta is not None:
                parts += self._take(delta)
            self.finish_reason = choice.finish_reason or self.finish_reason
        return parts

    def whole(self, body: str) -> list[AnswerPart]:
        """Take an answer that came in one piece and return its text."""
        document = self._document(body)
        try:
            choice = Completion.model_validate(document).choices[0]
        except ValidationError as error:
            raise self._nonsense(error) from None
        self.finish_reason = choice.finish_reason or "stop"
        return list(self._take(choice.message))

    def end(self) -> list[AnswerPart]:
        """Return the tool calls, now whole, and the end."""
        return [*self._finished_calls(), Ended(self.finish_reason or "stop")]

    def _document(self, data: str) -> object:
        try:
            document = cast("object", json.loads(data))
        except ValueError:
            raise RemoteProtocolError(
                "the answer is not JSON; is this a chat-completions endpoint?", call=self._call
            ) from None
        if isinstance(document, dict) and document.get("error") and not document.get("choices"):
            problem = problem_of(cast("object", document))
            kind = RateLimited if "rate_limit" in problem.code else ServerFailed
            raise error_for(200, replace(problem, kind=kind), call=self._call)
        return document

    def _nonsense(self, error: ValidationError) -> RemoteProtocolError:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the document"
        return RemoteProtocolError(
            f"the answer is no chat completion ({where}: {first['msg'].lower()})", call=self._call
        )

    def _take(self, delta: Delta) -> Iterator[AnswerPart]:
        for text in (delta.content, delta.refusal):
            if text:
                self.text_seen = True
                yield Said(text)
        for piece in delta.tool_calls:
            self._piece(piece)

    def _piece(self, piece: ToolCallDelta) -> None:
        # Without index and id a piece can only continue the call before it, unless it names a function.
        if piece.index is not None:
            key = f"index {piece.index}"
        elif piece.id:
            key = f"id {piece.id}"
        else:
            key = f"call {len(self._calls)}" if piece.function.name or not self._last else self._last
        pending = self._calls.setdefault(key, _Pending())
        self._last = key
        pending.id = pending.id or piece.id
        pending.name = pending.name or piece.function.name
        pending.arguments.append(piece.function.arguments)

    def _finished_calls(self) -> Iterator[Called]:
        for number, pending in enumerate(self._calls.values()):
            if not pending.name:
                continue
            function = FunctionCall(name=pending.name, arguments="".join(pending.arguments) or "{}")
            yield Called(ToolCall(id=pending.id or f"call_{number}", function=function))


def problem_of(document: object) -> Problem:
    """Return what an agent's error document says; nothing when it is none."""
    try:
        error = AgentError.model_validate(document)
    except ValidationError:
        return Problem()
    return Problem(error.reason[:300], error.code)
