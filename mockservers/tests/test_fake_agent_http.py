import json
from typing import Any

import pytest

from tolmach_mockservers.server import Fakes

HI = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


async def _stream(chat: Any, body: dict[str, Any]) -> list[Any]:
    """Return the parsed events of a streamed answer, the end mark as a text."""
    async with chat.session.post(
        f"{chat.url}/chat/completions", json={**body, "stream": True}, headers=chat.headers
    ) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        raw = (await response.read()).decode()
    assert raw.endswith("\n\n")
    data = [event.removeprefix("data: ") for event in raw.removesuffix("\n\n").split("\n\n")]
    return [event if event == "[DONE]" else json.loads(event) for event in data]


async def test_without_a_script_the_agent_echoes_the_last_user_message(chat: Any) -> None:
    body = {
        "model": "m",
        "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": "first"},
            {"role": "assistant", "content": "yes"},
            {"role": "user", "content": [{"type": "text", "text": "sec"}, {"type": "text", "text": "ond"}]},
        ],
    }
    answer = await chat.post("/chat/completions", body)
    assert answer["object"] == "chat.completion"
    assert answer["model"] == "m"
    choice = answer["choices"][0]
    assert choice["message"] == {"role": "assistant", "content": "Echo: sec\nond", "refusal": None}
    assert choice["finish_reason"] == "stop"
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 0


async def test_a_streamed_answer_has_role_content_finish_and_end(chat: Any) -> None:
    *chunks, done = await _stream(chat, HI)
    assert done == "[DONE]"
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert [chunk["choices"][0]["delta"] for chunk in chunks] == [
        {"role": "assistant", "content": "", "refusal": None},
        {"content": "Echo: hi"},
        {},
    ]
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None, None, "stop"]
    assert all("usage" not in chunk for chunk in chunks)


async def test_usage_comes_in_a_last_chunk_without_choices_when_it_is_asked_for(chat: Any) -> None:
    *chunks, last, _ = await _stream(chat, {**HI, "stream_options": {"include_usage": True}})
    assert [chunk["usage"] for chunk in chunks] == [None] * len(chunks)
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == 2


async def test_every_request_and_its_answer_stand_in_the_journal(
    agent_fakes: Fakes, chat: Any, control: Any
) -> None:
    headers = {**chat.headers, "X-Turn-Facts": "e30", "X-OCG-Target": "rocketchat:r1"}
    await chat.call("POST", "/chat/completions", HI, headers)
    asked, answered = (await control.get("/journal?kind=agent.request,agent.answer"))["entries"]
    assert (asked["kind"], asked["operation"], asked["text"]) == ("agent.request", "chat/completions", "hi")
    assert asked["detail"]["body"] == HI
    shown = asked["detail"]["headers"]
    assert shown["authorization"] == "Bearer ***"
    assert shown["x-turn-facts"] == "e30"
    assert shown["x-ocg-target"] == "rocketchat:r1"
    assert agent_fakes.ready["agent"]["key"] not in json.dumps(asked)
    assert (answered["kind"], answered["text"], answered["status"]) == ("agent.answer", "Echo: hi", 200)
    assert answered["detail"] == {"outcome": "done", "request_seq": asked["seq"]}


@pytest.mark.parametrize(
    ("body", "param", "code", "words"),
    [
        ([], None, None, "could not parse the JSON body"),
        ({"messages": HI["messages"]}, None, None, "must provide a model"),
        ({"model": "m"}, "messages", "missing_required_parameter", "'messages'"),
        ({"model": "m", "messages": []}, "messages", "empty_array", "empty array"),
        ({"model": "m", "messages": "hi"}, "messages", "invalid_type", "got a string"),
        ({"model": "m", "messages": ["hi"]}, "messages[0]", "invalid_type", "expected an object"),
        ({"model": "m", "messages": [{}]}, "messages[0].role", "missing_required_parameter", "role"),
        (
            {"model": "m", "messages": [{"role": "king"}]},
            "messages[0].role",
            "invalid_value",
            "Invalid value: 'king'",
        ),
        ({**HI, "stream": "yes"}, "stream", "invalid_type", "expected a boolean"),
        ({**HI, "stream_options": {}}, "stream_options", None, "only allowed when 'stream'"),
    ],
)
async def test_a_wrong_request_is_refused_as_the_vendor_does(
    chat: Any, body: object, param: str | None, code: str | None, words: str
) -> None:
    answer = await chat.refused("/chat/completions", body)
    error = answer["error"]
    assert error["type"] == "invalid_request_error"
    assert (error["param"], error["code"]) == (param, code)
    assert words in error["message"]


async def test_a_body_that_is_not_json_is_refused_and_still_recorded(chat: Any, control: Any) -> None:
    async with chat.session.post(f"{chat.url}/chat/completions", data=b"{", headers=chat.headers) as response:
        assert response.status == 400
    asked, answered = (await control.get("/journal"))["entries"]
    assert asked["detail"]["body"] == "{"
    assert answered["detail"]["outcome"] == "failed"


@pytest.mark.parametrize(
    ("headers", "code"),
    [({}, None), ({"Authorization": "Bearer sk-wrong-key-1234"}, "invalid_api_key")],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/chat/completions"), ("GET", "/models")])
async def test_a_wrong_key_is_401_and_is_not_repeated_in_full(
    chat: Any, method: str, path: str, headers: dict[str, str], code: str | None
) -> None:
    status, answer = await chat.call(method, path, HI, headers)
    assert status == 401
    assert answer["error"]["code"] == code
    assert "sk-wrong-key-1234" not in json.dumps(answer)


async def test_models_are_listed_and_described(agent_fakes: Fakes, chat: Any) -> None:
    listed = await chat.get("/models")
    assert listed["object"] == "list"
    name = agent_fakes.ready["agent"]["model"]
    assert listed["data"][0]["id"] == name
    assert await chat.get(f"/models/{name}") == listed["data"][0]
    status, answer = await chat.call("GET", "/models/gpt-17")
    assert (status, answer["error"]["code"]) == (404, "model_not_found")


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/embeddings", 404, "Invalid URL (GET /v1/embeddings)"),
        ("GET", "/chat/completions", 405, "Not allowed to GET"),
    ],
)
async def test_an_unknown_route_is_an_error_of_the_vendor_and_a_violation(
    chat: Any, control: Any, method: str, path: str, status: int, words: str
) -> None:
    answered, body = await chat.call(method, path)
    assert answered == status
    assert words in body["error"]["message"]
    violations = (await control.get("/violations"))["violations"]
    assert [entry["text"] for entry in violations] == [f"no such route: {method} /v1{path}"]


async def test_an_undocumented_field_is_answered_but_recorded_as_a_violation(chat: Any, control: Any) -> None:
    await chat.post("/chat/completions", {**HI, "sesion": "x"})
    (violation,) = (await control.get("/violations"))["violations"]
    assert violation["fake"] == "agent"
    assert "sesion" in violation["text"]


async def test_the_documented_exchange_has_no_violations(chat: Any, control: Any) -> None:
    await chat.post("/chat/completions", HI)
    await _stream(chat, HI)
    assert (await control.get("/violations"))["violations"] == []
