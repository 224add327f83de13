import asyncio
import json
from typing import Any

import aiohttp
import pytest

from tolmach_mockservers.server import Fakes


def _ask(text: str, **more: object) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": text}], **more}


async def _said(chat: Any, text: str, **more: object) -> str:
    answer = await chat.post("/chat/completions", _ask(text, **more))
    content = answer["choices"][0]["message"]["content"]
    assert isinstance(content, str)
    return content


async def _outcomes(control: Any, count: int = 1) -> list[str]:
    waited = await control.post(
        "/journal/wait", {"match": {"kind": "agent.answer"}, "count": count, "timeout": 10}
    )
    assert waited["matched"], waited
    return [entry["detail"]["outcome"] for entry in waited["entries"]]


async def test_the_kth_matching_request_gets_the_kth_answer_and_the_last_repeats(
    chat: Any, control: Any
) -> None:
    await control.post(
        "/agent/scripts", {"match": {"text": "nonce-1"}, "answers": [[{"say": "one"}], [{"say": "two"}]]}
    )
    assert [await _said(chat, "about nonce-1") for _ in range(3)] == ["one", "two", "two"]
    assert await _said(chat, "something else") == "Echo: something else"


async def test_the_newest_matching_script_wins_and_a_spent_one_does_not_match(
    chat: Any, control: Any
) -> None:
    await control.post("/agent/scripts", {"answers": [[{"say": "old"}]]})
    await control.post("/agent/scripts", {"answers": [[{"say": "new"}]], "times": 1})
    assert [await _said(chat, "x") for _ in range(2)] == ["new", "old"]
    await control.call("DELETE", "/agent/scripts")
    assert await _said(chat, "x") == "Echo: x"


async def test_scripts_match_user_and_model_exactly(chat: Any, control: Any) -> None:
    await control.post("/agent/scripts", {"match": {"user": "s1"}, "answers": [[{"say": "for s1"}]]})
    await control.post("/agent/scripts", {"match": {"model": "big"}, "answers": [[{"say": "big"}]]})
    assert await _said(chat, "x", user="s1") == "for s1"
    assert await _said(chat, "x", user="s11") == "Echo: x"
    assert await _said(chat, "x", model="big") == "big"


async def test_a_tool_call_and_its_result_take_two_answers_of_one_script(chat: Any, control: Any) -> None:
    call = {"tool_call": {"name": "message", "arguments": {"action": "react"}}}
    await control.post("/agent/scripts", {"match": {"text": "n7"}, "answers": [[call], [{"say": "done"}]]})
    first = (await chat.post("/chat/completions", _ask("n7")))["choices"][0]
    assert first["finish_reason"] == "tool_calls"
    assert first["message"]["content"] is None
    (made,) = first["message"]["tool_calls"]
    assert made["type"] == "function"
    assert made["function"]["name"] == "message"
    assert json.loads(made["function"]["arguments"]) == {"action": "react"}
    messages = [
        {"role": "user", "content": "n7"},
        {"role": "assistant", "content": None, "tool_calls": [made]},
        {"role": "tool", "tool_call_id": made["id"], "content": "ok"},
    ]
    second = await chat.post("/chat/completions", {"model": "m", "messages": messages})
    assert second["choices"][0]["message"]["content"] == "done"


async def _events(chat: Any, body: dict[str, Any]) -> list[Any]:
    async with chat.session.post(
        f"{chat.url}/chat/completions", json={**body, "stream": True}, headers=chat.headers
    ) as response:
        raw = (await response.read()).decode()
    data = [event.removeprefix("data: ") for event in raw.removesuffix("\n\n").split("\n\n")]
    return [event if event == "[DONE]" else json.loads(event) for event in data]


async def test_a_streamed_tool_call_sends_its_name_first_and_then_its_arguments(
    chat: Any, control: Any
) -> None:
    step = {"tool_call": {"name": "look", "arguments": "{broken"}}
    await control.post("/agent/scripts", {"answers": [[{"say": "Wait. "}, step]]})
    *chunks, done = await _events(chat, _ask("x"))
    assert done == "[DONE]"
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    head, arguments = deltas[2]["tool_calls"][0], deltas[3]["tool_calls"][0]
    assert deltas[1] == {"content": "Wait. "}
    assert head["index"] == arguments["index"] == 0
    assert head["function"] == {"name": "look", "arguments": ""}
    assert arguments["function"] == {"arguments": "{broken"}
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


async def test_pieces_come_apart_by_pauses_of_the_fakes_clock(
    agent_fakes: Fakes, chat: Any, control: Any
) -> None:
    await control.post("/clock/freeze")
    await control.post("/agent/scripts", {"answers": [[{"stream": ["a", "b"], "pause": 60}]]})
    async with chat.session.post(
        f"{chat.url}/chat/completions", json=_ask("x", stream=True), headers=chat.headers
    ) as response:
        seen = b""
        while b'"a"' not in seen:
            seen += await response.content.readany()
        assert b'"b"' not in seen
        await control.post("/clock/advance", {"seconds": 60})
        seen += await response.read()
    assert seen.index(b'"a"') < seen.index(b'"b"') < seen.index(b"[DONE]")


async def test_without_streaming_pieces_and_pauses_make_one_late_answer(chat: Any, control: Any) -> None:
    await control.post("/clock/freeze")
    await control.post("/agent/scripts", {"answers": [[{"delay": 30}, {"stream": ["a", "b"], "pause": 30}]]})
    asked = asyncio.create_task(_said(chat, "x"))
    await control.post("/journal/wait", {"match": {"kind": "agent.request"}})
    for _ in range(2):
        assert not asked.done()
        await control.post("/clock/advance", {"seconds": 30})
        await asyncio.sleep(0)
    assert await asked == "ab"


async def test_an_answer_waits_for_its_gate(chat: Any, control: Any) -> None:
    await control.post("/agent/scripts", {"answers": [[{"wait_for": "g 1"}, {"say": "at last"}]]})
    asked = asyncio.create_task(_said(chat, "x"))
    await control.post("/journal/wait", {"match": {"kind": "agent.request"}})
    assert not asked.done()
    await control.post("/agent/gates/g%201/open")
    assert await asked == "at last"
    assert await _said(chat, "an open gate stays open") == "at last"


async def test_a_failure_has_the_scripted_status_body_and_headers(chat: Any, control: Any) -> None:
    fail = {"fail": {"status": 503, "body": {"oops": 1}, "headers": {"Retry-After": "7"}}}
    await control.post("/agent/scripts", {"answers": [[fail]]})
    async with chat.session.post(
        f"{chat.url}/chat/completions", json=_ask("x"), headers=chat.headers
    ) as response:
        assert response.status == 503
        assert response.headers["Retry-After"] == "7"
        assert await response.json() == {"oops": 1}
    assert await _outcomes(control) == ["failed"]


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (500, "server_error", None),
        (503, "server_error", None),
        (429, "requests", "rate_limit_exceeded"),
        (401, "invalid_request_error", "invalid_api_key"),
        (418, "invalid_request_error", None),
    ],
)
async def test_a_failure_without_body_has_the_vendors(
    chat: Any, control: Any, status: int, kind: str, code: str | None
) -> None:
    await control.post("/agent/scripts", {"answers": [[{"fail": {"status": status}}]]})
    answered, body = await chat.call("POST", "/chat/completions", _ask("x"))
    assert answered == status
    assert (body["error"]["type"], body["error"]["code"]) == (kind, code)


async def test_a_failure_after_the_first_words_is_an_error_event_without_an_end_mark(
    chat: Any, control: Any
) -> None:
    await control.post("/agent/scripts", {"answers": [[{"say": "Well"}, {"fail": {"status": 500}}]]})
    events = await _events(chat, _ask("x"))
    assert events[1]["choices"][0]["delta"] == {"content": "Well"}
    assert events[-1]["error"]["type"] == "server_error"


@pytest.mark.parametrize("steps", [[{"cut": True}], [{"say": "half"}, {"cut": True}]])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_cut_answer_breaks_the_connection(
    chat: Any, control: Any, steps: list[object], stream: bool
) -> None:
    await control.post("/agent/scripts", {"answers": [steps]})
    with pytest.raises(aiohttp.ClientError):
        async with chat.session.post(
            f"{chat.url}/chat/completions", json=_ask("x", stream=stream), headers=chat.headers
        ) as response:
            await response.read()
    assert await _outcomes(control) == ["cut"]


async def test_an_answer_whose_reader_went_away_is_recorded_as_such(chat: Any, control: Any) -> None:
    await control.post("/agent/scripts", {"answers": [[{"say": "hm"}, {"hang": True}]]})
    asked = asyncio.create_task(_said(chat, "x"))
    await control.post("/journal/wait", {"match": {"kind": "agent.request"}})
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await _outcomes(control) == ["client_gone"]


async def test_raw_bytes_are_the_whole_answer(chat: Any, control: Any) -> None:
    await control.post("/agent/scripts", {"answers": [[{"raw": "data: {\n\n"}, {"raw": ": bye\n\n"}]]})
    for stream in (False, True):
        async with chat.session.post(
            f"{chat.url}/chat/completions", json=_ask("x", stream=stream), headers=chat.headers
        ) as response:
            assert response.status == 200
            assert await response.text() == "data: {\n\n: bye\n\n"


async def test_a_scripted_finish_reason_is_given(chat: Any, control: Any) -> None:
    await control.post("/agent/scripts", {"answers": [[{"say": "cut sh"}, {"finish": "length"}]]})
    answer = await chat.post("/chat/completions", _ask("x"))
    assert answer["choices"][0]["finish_reason"] == "length"


async def test_an_answer_without_steps_is_empty_but_complete(chat: Any, control: Any) -> None:
    await control.post("/agent/scripts", {"answers": [[]]})
    assert await _said(chat, "x") == ""
    *chunks, done = await _events(chat, _ask("x"))
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None, "stop"]
    assert done == "[DONE]"


@pytest.mark.parametrize(
    ("body", "field", "remedy"),
    [
        ({}, "answers", "a list"),
        ({"answers": []}, "answers", "at least one"),
        ({"answers": [{"say": "x"}]}, "answers[0]", "a list of steps"),
        ({"answers": [["x"]]}, "answers[0][0]", "an object"),
        ({"answers": [[{}]]}, "answers[0][0]", "exactly one of say, stream"),
        ({"answers": [[{"say": "a", "cut": True}]]}, "answers[0][0]", "exactly one of"),
        ({"answers": [[{"say": 1}]]}, "answers[0][0].say", "a string"),
        ({"answers": [[{"say": "a", "pause": 1}]]}, "answers[0][0].pause", 'only a "stream"'),
        ({"answers": [[{"stream": ["a", 1]}]]}, "answers[0][0].stream", "list of strings"),
        ({"answers": [[{"stream": ["a"], "pause": -1}]]}, "answers[0][0].pause", "0 or more"),
        ({"answers": [[{"cut": False}]]}, "answers[0][0].cut", "true is expected"),
        ({"answers": [[{"fail": {"status": 200}}]]}, "answers[0][0].fail.status", "400 to 599"),
        ({"answers": [[{"fail": {"headers": {"a": 1}}}]]}, "answers[0][0].fail.headers", "strings"),
        ({"answers": [[{"tool_call": {}}]]}, "answers[0][0].tool_call.name", "a string"),
        ({"answers": [[]], "times": 0}, "times", "1 or more"),
        ({"answers": [[]], "match": {"texts": "x"}}, "match.texts", "known are text, user, model"),
    ],
)
async def test_a_wrong_script_is_refused_by_field_and_remedy(
    control: Any, body: object, field: str, remedy: str
) -> None:
    answer = await control.refused("/agent/scripts", body)
    assert answer["field"] == field
    assert remedy in answer["error"]


@pytest.mark.parametrize(
    ("do", "status"),
    [({"kind": "status", "status": 502}, 502), ({"kind": "rate_limit", "wait": 1.5}, 429)],
)
async def test_a_fault_of_the_agent_strikes_the_next_request_only(
    chat: Any, control: Any, do: object, status: int
) -> None:
    await control.post("/faults", {"fake": "agent", "do": do})
    async with chat.session.post(
        f"{chat.url}/chat/completions", json=_ask("x"), headers=chat.headers
    ) as response:
        assert response.status == status
        if status == 429:
            assert response.headers["Retry-After"] == "1.5"
    assert await _said(chat, "x") == "Echo: x"


@pytest.mark.parametrize(("kind", "used"), [("cut_before", 0), ("cut_after_commit", 1)])
async def test_a_fault_that_cuts_does_so_before_or_after_the_answer_is_used_up(
    agent_fakes: Fakes, chat: Any, control: Any, kind: str, used: int
) -> None:
    await control.post("/agent/scripts", {"answers": [[{"say": "one"}], [{"say": "two"}]]})
    await control.post("/faults", {"fake": "agent", "do": {"kind": kind}})
    with pytest.raises(aiohttp.ClientError):
        await chat.call("POST", "/chat/completions", _ask("x"))
    assert await _said(chat, "x") == ["one", "two"][used]


async def test_a_delaying_fault_runs_on_the_fakes_clock(chat: Any, control: Any) -> None:
    await control.post("/clock/freeze")
    await control.post("/faults", {"fake": "agent", "do": {"kind": "delay", "seconds": 10}})
    asked = asyncio.create_task(_said(chat, "x"))
    await control.post("/journal/wait", {"match": {"kind": "fault"}})
    assert not asked.done()
    await control.post("/clock/advance", {"seconds": 10})
    assert await asked == "Echo: x"
