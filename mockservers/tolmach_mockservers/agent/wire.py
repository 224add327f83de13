"""Documents of the OpenAI chat-completions protocol, as the fake agent sends them.

What it is for: completions, stream chunks, models and error bodies, with the names and order of
the vendor's. What it must not do: decide what is answered.

Source: https://platform.openai.com/docs/api-reference/chat
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["DONE", "Frame", "dump", "error", "event", "model", "usage"]

DONE: Final = b"data: [DONE]\n\n"
_FINGERPRINT: Final = "fp_tolmach"


def dump(value: object) -> str:
    """Return compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def event(value: object) -> bytes:
    """Return one server-sent event."""
    return f"data: {dump(value)}\n\n".encode()


def error(
    message: str, *, kind: str = "invalid_request_error", param: str | None = None, code: str | None = None
) -> dict[str, object]:
    """Return an error body."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def model(name: str, created: int) -> dict[str, object]:
    """Return a model document; ``created`` in Unix seconds."""
    return {"id": name, "object": "model", "created": created, "owned_by": "tolmach"}


def usage(prompt: int, said: int) -> dict[str, object]:
    """Return token counts, estimated from the number of characters: four a token."""
    prompt, said = prompt // 4 + 1, (said + 3) // 4
    return {"prompt_tokens": prompt, "completion_tokens": said, "total_tokens": prompt + said}


class Frame:
    """Make the documents of one answer: they share id, time and model."""

    def __init__(self, answer_id: str, created: int, model_name: str, *, with_usage: bool) -> None:
        self._common: dict[str, object] = {"created": created, "model": model_name}
        self._id = answer_id
        # All chunks of an answer but its delta are the same bytes: they are made once.
        head = {
            "id": answer_id,
            "object": "chat.completion.chunk",
            **self._common,
            "system_fingerprint": _FINGERPRINT,
        }
        self._head = f'data: {dump(head)[:-1]},"choices":['
        self._tail = ',"usage":null}\n\n' if with_usage else "}\n\n"

    def chunk(self, delta: Mapping[str, object], finish_reason: str | None = None) -> bytes:
        """Return the event of one delta."""
        finish = "null" if finish_reason is None else dump(finish_reason)
        choice = f'{{"index":0,"delta":{dump(delta)},"logprobs":null,"finish_reason":{finish}}}]'
        return f"{self._head}{choice}{self._tail}".encode()

    def usage_chunk(self, counted: Mapping[str, object]) -> bytes:
        """Return the last event of a stream that was asked for usage."""
        return f'{self._head}],"usage":{dump(counted)}}}\n\n'.encode()

    def completion(
        self,
        text: str | None,
        tool_calls: Sequence[Mapping[str, object]],
        finish_reason: str,
        counted: Mapping[str, object],
    ) -> dict[str, object]:
        """Return the answer of a request without streaming."""
        message: dict[str, object] = {"role": "assistant", "content": text, "refusal": None}
        if tool_calls:
            message["tool_calls"] = tool_calls
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason}
        return {
            "id": self._id,
            "object": "chat.completion",
            **self._common,
            "choices": [choice],
            "usage": counted,
            "system_fingerprint": _FINGERPRINT,
        }
