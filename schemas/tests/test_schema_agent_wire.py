"""Chat completions: the vendor's documents pass, close ones do not."""

import pytest

from tolmach_schemas.validation import compile_document, compile_operation

Json = dict[str, object]

CALL: Json = {
    "id": "c1",
    "type": "function",
    "function": {"name": "message", "arguments": '{"action":"react"}'},
}
TOOL: Json = {
    "type": "function",
    "function": {"name": "message", "description": "d", "parameters": {"type": "object"}},
}
REQUEST: Json = {
    "model": "m",
    "messages": [{"role": "user", "content": "hi"}],
    "stream": True,
    "user": "agent:main",
}
CHUNK: Json = {
    "id": "chatcmpl-1",
    "object": "chat.completion.chunk",
    "created": 1772398576,
    "model": "m",
    "choices": [{"index": 0, "delta": {"content": "He"}, "finish_reason": None}],
}
COMPLETION: Json = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1772398576,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"stream": None},
        {"tools": [TOOL], "tool_choice": "auto"},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]},
        {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "hi"},
                {"role": "assistant", "content": None, "tool_calls": [CALL]},
                {"role": "tool", "tool_call_id": "c1", "content": "done"},
            ]
        },
        {"stream_options": {"include_usage": True}, "temperature": 0.2, "max_completion_tokens": 100},
    ],
)
def test_a_request_passes(changes: Json) -> None:
    assert compile_operation("POST chat/completions", "agent").request(None, {**REQUEST, **changes}) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"messages": []},
        {"messages": [{"role": "bot", "content": "hi"}]},
        {"messages": [{"role": "user"}]},
        {"messages": [{"role": "user", "content": None}]},
        {"messages": [{"role": "tool", "content": "done"}]},
        {"messages": [{"role": "user", "content": "hi", "id": "M1"}]},
        {"tools": [{"type": "function", "function": {"name": "with space"}}]},
        {"stream": "true"},
        {"user": None},
        {"session": "agent:main"},
    ],
)
def test_a_near_miss_of_a_request_does_not(changes: Json) -> None:
    assert compile_operation("POST chat/completions", "agent").request(None, {**REQUEST, **changes})


def test_a_whole_answer() -> None:
    check = compile_operation("POST chat/completions", "agent").response
    assert check(200, COMPLETION) == []
    assert check(200, {**COMPLETION, "object": "chat.completion.chunk"})
    assert check(200, {**COMPLETION, "choices": [{"index": 0, "text": "Hello", "finish_reason": "stop"}]})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
        {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": "{"}}]},
                      "finish_reason": None}]},
    ],
)  # fmt: skip
def test_a_chunk_passes(changes: Json) -> None:
    assert compile_document("agent/openapi", "Chunk")({**CHUNK, **changes}) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"object": "chat.completion"},
        {"created": "now"},
        {"choices": [{"index": 0, "message": {"content": "He"}, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {"content": "He"}, "finish_reason": "done"}]},
        {"choices": [{"index": 0, "delta": {"content": "He"}}]},
    ],
)
def test_a_near_miss_of_a_chunk_does_not(changes: Json) -> None:
    assert compile_document("agent/openapi", "Chunk")({**CHUNK, **changes})


def test_an_error_is_an_object_with_four_fields() -> None:
    check = compile_operation("POST chat/completions", "agent").response
    body = {
        "error": {"message": "no", "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}
    }
    assert check(401, body) == []
    assert check(401, {"error": "no"})
    assert check(401, {"error": {"message": "no"}})


def test_models() -> None:
    model = {"id": "m", "object": "model", "created": 1, "owned_by": "us"}
    assert compile_operation("GET models", "agent").response(200, {"object": "list", "data": [model]}) == []
    assert compile_operation("GET models/{name}", "agent").response(200, {**model, "object": "thing"})
