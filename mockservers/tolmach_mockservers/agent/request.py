"""Read a chat-completions request as the vendor's server does.

What it is for: the refusals of a strict server, and what scripts match on. What it must not do:
answer, or be stricter than the vendor: a real agent accepts fields nobody here knows.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from tolmach_mockservers.agent.wire import error

__all__ = ["BadRequestError", "ChatRequest", "last_user_text", "parse_chat"]

_ROLES: Final = frozenset({"system", "developer", "user", "assistant", "tool", "function"})


class BadRequestError(Exception):
    """Refuse a request with ``status`` and the vendor's body."""

    def __init__(self, body: dict[str, object], status: int = 400) -> None:
        super().__init__(body)
        self.body = body
        self.status = status


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What the answer depends on; ``size`` is the number of characters of the request."""

    model: str
    stream: bool
    with_usage: bool
    user: str | None
    text: str
    size: int


def parse_chat(raw: bytes, body: object) -> ChatRequest:
    """Read a request, or raise `BadRequestError`."""
    if not isinstance(body, dict):
        raise BadRequestError(
            error(
                "We could not parse the JSON body of your request. (HINT: This likely means you aren't using "
                "your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was "
                "not valid JSON.)"
            )
        )
    given = cast("dict[str, object]", body)
    model = given.get("model")
    if not isinstance(model, str) or not model:
        raise BadRequestError(error("you must provide a model parameter"))
    _check_messages(given)
    stream = given.get("stream")
    if stream is not None and not isinstance(stream, bool):
        raise _wrong_type("stream", "a boolean", stream)
    options = given.get("stream_options")
    if options is not None and not stream:
        raise BadRequestError(
            error(
                "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                param="stream_options",
            )
        )
    user = given.get("user")
    return ChatRequest(
        model=model,
        stream=bool(stream),
        with_usage=isinstance(options, dict)
        and cast("dict[str, object]", options).get("include_usage") is True,
        user=user if isinstance(user, str) else None,
        text=last_user_text(given),
        size=len(raw),
    )


def last_user_text(body: object) -> str:
    """Return the text of the last message of role user, its text parts joined by line ends."""
    match body:
        case {"messages": [*messages]}:
            pass
        case _:
            return ""
    for message in reversed(cast("list[object]", messages)):
        match message:
            case {"role": "user", "content": str(text)}:
                return text
            case {"role": "user", "content": [*parts]}:
                return "\n".join(_part_text(part) for part in cast("list[object]", parts))
            case _:
                continue
    return ""


def _part_text(part: object) -> str:
    match part:
        case {"type": "text", "text": str(text)}:
            return text
        case _:
            return ""


def _check_messages(given: Mapping[str, object]) -> None:
    if "messages" not in given:
        raise BadRequestError(
            error(
                "Missing required parameter: 'messages'.", param="messages", code="missing_required_parameter"
            )
        )
    messages = given["messages"]
    if not isinstance(messages, list):
        raise _wrong_type("messages", "an array of objects", messages)
    if not messages:
        raise BadRequestError(
            error(
                "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty "
                "array instead.",
                param="messages",
                code="empty_array",
            )
        )
    for place, message in enumerate(cast("list[object]", messages)):
        if not isinstance(message, dict):
            raise _wrong_type(f"messages[{place}]", "an object", message)
        role = cast("dict[str, object]", message).get("role")
        if role is None:
            raise BadRequestError(
                error(
                    f"Missing required parameter: 'messages[{place}].role'.",
                    param=f"messages[{place}].role",
                    code="missing_required_parameter",
                )
            )
        if role not in _ROLES:
            raise BadRequestError(
                error(
                    f"Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', "
                    "'function', 'tool', and 'developer'.",
                    param=f"messages[{place}].role",
                    code="invalid_value",
                )
            )


def _wrong_type(param: str, expected: str, value: object) -> BadRequestError:
    names: dict[type, str] = {
        str: "a string",
        bool: "a boolean",
        int: "an integer",
        float: "a decimal",
        dict: "an object",
        list: "an array",
    }
    got = "null" if value is None else names.get(type(value), json.dumps(value))
    return BadRequestError(
        error(
            f"Invalid type for '{param}': expected {expected}, but got {got} instead.",
            param=param,
            code="invalid_type",
        )
    )
