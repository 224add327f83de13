"""The package openai, unmodified, against the fake agent."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from interop_environments import Driver

Ready = dict[str, Any]
pytestmark = pytest.mark.interop


@pytest.fixture
def client(ready: Ready) -> Iterator[Driver]:
    with Driver("openai") as driver:
        driver.ask(base_url=ready["agent"]["url"], api_key=ready["agent"]["key"])
        yield driver


def script(ready: Ready, text: str, *steps: dict[str, object]) -> None:
    body = json.dumps({"match": {"text": text}, "answers": [list(steps)]}).encode()
    headers = {"Authorization": f"Bearer {ready['control']['token']}", "Content-Type": "application/json"}
    url = f"{ready['control']['url']}/agent/scripts"
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
        assert answer.status == 200


def ask(ready: Ready, text: str) -> dict[str, object]:
    return {"model": ready["agent"]["model"], "messages": [{"role": "user", "content": text}]}


def test_it_gets_a_plain_answer(ready: Ready, client: Driver) -> None:
    script(ready, "plain-1", {"say": "a plain answer"})
    answer: Any = client.ask(call="create", kwargs=ask(ready, "plain-1"))
    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"]["content"] == "a plain answer"
    assert answer["choices"][0]["finish_reason"] == "stop"


def test_it_gets_a_streamed_answer_in_the_scripted_pieces(ready: Ready, client: Driver) -> None:
    script(ready, "stream-1", {"stream": ["one ", "two ", "three"]})
    chunks: Any = client.ask(call="stream", kwargs=ask(ready, "stream-1"))
    pieces = [choice["delta"]["content"] for chunk in chunks for choice in chunk["choices"]]
    assert [piece for piece in pieces if piece] == ["one ", "two ", "three"]
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"


def test_it_gets_a_tool_call(ready: Ready, client: Driver) -> None:
    script(
        ready, "tool-1", {"tool_call": {"name": "message", "arguments": {"action": "react", "emoji": "eyes"}}}
    )
    answer: Any = client.ask(call="create", kwargs=ask(ready, "tool-1"))
    call = answer["choices"][0]["message"]["tool_calls"][0]
    assert call["function"]["name"] == "message"
    assert json.loads(call["function"]["arguments"]) == {"action": "react", "emoji": "eyes"}
    assert answer["choices"][0]["finish_reason"] == "tool_calls"


def test_it_gets_failures_as_its_own_exceptions(ready: Ready, client: Driver) -> None:
    script(ready, "fail-1", {"fail": {"status": 503}})
    assert client.send(call="create", kwargs=ask(ready, "fail-1"))["error"]["type"] == "InternalServerError"  # type: ignore[index]
    script(ready, "fail-2", {"fail": {"status": 429, "headers": {"Retry-After": "1"}}})
    assert client.send(call="create", kwargs=ask(ready, "fail-2"))["error"]["type"] == "RateLimitError"  # type: ignore[index]


def test_a_wrong_key_is_refused(ready: Ready) -> None:
    with Driver("openai") as driver:
        driver.ask(base_url=ready["agent"]["url"], api_key="sk-wrong")
        answer = driver.send(call="create", kwargs=ask(ready, "hi"))
    assert answer["error"]["type"] == "AuthenticationError"  # type: ignore[index]


def test_it_lists_the_models(ready: Ready, client: Driver) -> None:
    assert ready["agent"]["model"] in client.ask(call="models")  # type: ignore[operator]
