"""The chat-completions documents: strict in what is sent, tolerant in what is read.

What it is for: the request that the gateway builds and the answers, chunks and errors that agents
give. What it must not do: perform I/O. Unknown fields of an agent are kept, never fatal.
Source: https://platform.openai.com/docs/api-reference/chat
"""

import json
from collections.abc import Mapping
from typing import Annotated, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = [
    "AgentError",
    "AgentModel",
    "ChatMessage",
    "ChatRequest",
    "Choice",
    "Chunk",
    "Completion",
    "Delta",
    "FunctionCall",
    "FunctionSpec",
    "StreamChoice",
    "ToolCall",
    "ToolCallDelta",
    "ToolSpec",
    "Usage",
]


class Sent(BaseModel):
    """Be what we send: closed, so that a misspelt field never leaves."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Read(BaseModel):
    """Be what an agent sends: open, so that a new field never breaks a bot."""

    model_config = ConfigDict(extra="allow", defer_build=True)


def flat_text(value: object) -> object:
    """Return the text of ``content``, which some agents send as a list of typed parts."""
    if not isinstance(value, list):
        return value
    parts = [part for part in cast("list[object]", value) if isinstance(part, Mapping)]
    texts = [cast("Mapping[str, object]", part).get("text") for part in parts]
    return "".join(text for text in texts if isinstance(text, str))


def json_text(value: object) -> object:
    """Return arguments as JSON text; some agents send the object itself, or null."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def none_to_list(value: object) -> object:
    """Return an empty list for null, which some agents send for an absent list."""
    return [] if value is None else value


def none_to_text(value: object) -> object:
    """Return an empty string for null, which agents send in deltas that carry nothing new."""
    return "" if value is None else value


Content = Annotated[str | None, BeforeValidator(flat_text)]


class FunctionCall(Sent):
    """Name the function that the agent asks for; ``arguments`` is JSON text, as it came."""

    name: str
    arguments: str


class ToolCall(Sent):
    """Hold one finished tool call, in the form in which it goes back to the agent."""

    id: str
    type: Literal["function"] = "function"
    function: FunctionCall


class ChatMessage(Sent):
    """Hold one message of a request."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str | None
    name: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None


class FunctionSpec(Sent):
    """Describe a function that the agent may ask for; ``parameters`` is a JSON Schema."""

    name: str
    description: str
    parameters: Mapping[str, object]


class ToolSpec(Sent):
    """Offer one tool."""

    type: Literal["function"] = "function"
    function: FunctionSpec


class ChatRequest(Sent):
    """Hold a chat-completions request; ``user`` is the session key."""

    model: str
    messages: list[ChatMessage]
    stream: bool
    user: str | None = None
    tools: list[ToolSpec] | None = None


class FunctionDelta(Read):
    """Hold a piece of a function call."""

    name: Annotated[str, BeforeValidator(none_to_text)] = ""
    arguments: Annotated[str, BeforeValidator(json_text)] = ""


class ToolCallDelta(Read):
    """Hold a piece of a tool call; pieces with one ``index`` belong together."""

    index: int | None = None
    id: Annotated[str, BeforeValidator(none_to_text)] = ""
    type: str | None = None
    function: FunctionDelta = Field(default_factory=FunctionDelta)


class Delta(Read):
    """Hold what a chunk, or a whole answer, adds."""

    role: str | None = None
    content: Content = None
    refusal: str | None = None
    tool_calls: Annotated[list[ToolCallDelta], BeforeValidator(none_to_list)] = Field(
        default_factory=list[ToolCallDelta]
    )


class Choice(Read):
    """Hold one alternative of a whole answer; only the first is used."""

    index: int | None = None
    message: Delta
    finish_reason: str | None = None


class StreamChoice(Read):
    """Hold one alternative of a chunk; some agents send ``message`` where ``delta`` belongs."""

    index: int | None = None
    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None


class Usage(Read):
    """Count tokens, where the agent does."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None


class Completion(Read):
    """Hold an answer that came in one piece."""

    id: str | None = None
    object: str | None = None
    created: int | None = None
    model: str | None = None
    choices: list[Choice] = Field(min_length=1)
    usage: Usage | None = None


class Chunk(Read):
    """Hold one ``data:`` document of a stream; the last one may carry usage and no choice."""

    id: str | None = None
    object: str | None = None
    created: int | None = None
    model: str | None = None
    choices: Annotated[list[StreamChoice], BeforeValidator(none_to_list)]
    usage: Usage | None = None


class ErrorDetail(Read):
    """Hold what an agent says of its failure."""

    message: Annotated[str, BeforeValidator(none_to_text)] = ""
    type: str | None = None
    code: str | int | None = None
    param: str | None = None


class AgentError(Read):
    """Hold an error body; some agents send bare text where the object belongs."""

    error: ErrorDetail | str

    @property
    def reason(self) -> str:
        """Return the agent's own words, for the log; they never go to a chat."""
        return self.error if isinstance(self.error, str) else self.error.message

    @property
    def code(self) -> str:
        """Return the machine code, an empty string when there is none."""
        if isinstance(self.error, str):
            return ""
        return str(self.error.code or self.error.type or "")


class AgentModel(Read):
    """Name a model that the agent offers."""

    id: str
    object: str | None = None
    created: int | None = None
    owned_by: str | None = None
