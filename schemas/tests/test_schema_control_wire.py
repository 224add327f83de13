"""The control API's own shapes, the ready file, turn facts and the report."""

import pytest

from tolmach_schemas.validation import compile_document, compile_operation

Json = dict[str, object]


def asks(operation: str, body: object = None, **query: str) -> list[str]:
    return compile_operation(operation, "control").request(query, body)


@pytest.mark.parametrize(
    "do",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 400, "body": {"success": False}},
        {"kind": "rate_limit", "wait": 2.0},
        {"kind": "delay", "seconds": 0.5},
        {"kind": "cut_before"},
        {"kind": "cut_after_commit"},
        {"kind": "lose"},
        {"kind": "duplicate"},
        {"kind": "reorder"},
        {"kind": "garbage", "text": "{{{"},
        {"kind": "strip", "field": "u"},
    ],
)
def test_every_kind_of_fault(do: Json) -> None:
    rule = {"fake": "rocketchat", "on": {"operation": "stream-room-messages", "direction": "out"}, "do": do}
    assert asks("POST /faults", rule) == []
    assert asks("POST /faults", {**rule, "count": None, "skip": 1, "probability": 0.5}) == []


@pytest.mark.parametrize(
    "change",
    [
        {"do": {"kind": "explode"}},
        {"do": {"kind": "delay"}},
        {"do": {"kind": "lose", "seconds": 1}},
        {"do": {"kind": "status", "status": 200}},
        {"fake": "slack"},
        {"on": {"user": "bob"}},
        {"on": {"direction": "both"}},
        {"probability": 2},
        {"count": -0.5},
    ],
)
def test_a_wrong_fault(change: Json) -> None:
    assert asks("POST /faults", {"fake": "rocketchat", "do": {"kind": "lose"}, **change})


def test_a_wrong_fault_is_explained_by_its_kind() -> None:
    wrong = asks("POST /faults", {"fake": "agent", "do": {"kind": "delay", "secs": 1}})
    assert "body.do: Additional properties are not allowed ('secs' was unexpected)" in wrong
    assert 'body.do: "seconds" is a required property' in wrong


@pytest.mark.parametrize(
    "step",
    [
        {"say": "hi"},
        {"stream": ["a", "b"], "pause": 0.1},
        {"tool_call": {"name": "message", "arguments": {"action": "react"}}},
        {"wait_for": "gate"},
        {"fail": {"status": 500, "body": {}, "headers": {"retry-after": "1"}}},
        {"cut": True},
        {"hang": True},
        {"raw": "data: {"},
        {"finish": "length"},
        {"delay": 2},
    ],
)
def test_every_step_of_an_answer(step: Json) -> None:
    assert asks("POST /agent/scripts", {"match": {"text": "nonce"}, "answers": [[step]]}) == []


@pytest.mark.parametrize(
    "script",
    [
        {"answers": []},
        {"answers": [{"say": "hi"}]},
        {"answers": [[{"say": "hi", "pause": 1}]]},
        {"answers": [[{"shout": "hi"}]]},
        {"answers": [[]], "match": {"nonce": "x"}},
    ],
)
def test_a_wrong_script(script: Json) -> None:
    assert asks("POST /agent/scripts", script)


ENTRY: Json = {
    "seq": 3,
    "at": 1.5,
    "fake": "rocketchat",
    "kind": "http",
    "actor": "u1",
    "detail": {"method": "GET"},
}


@pytest.mark.parametrize(
    ("change", "fine"),
    [
        ({}, True),
        (
            {"actor": None, "room_id": "R", "thread_id": "M", "operation": "me", "status": 200, "text": "x"},
            True,
        ),
        ({"kind": "ddp"}, False),
        ({"fake": "ftp"}, False),
        ({"status": None}, False),
        ({"user": "bob"}, False),
    ],
)
def test_a_journal_entry(change: Json, fine: bool) -> None:
    body = {"entries": [{**ENTRY, **change}], "last": 3}
    assert (compile_operation("GET /journal", "control").response(200, body) == []) is fine


def test_waiting_has_bounds() -> None:
    assert (
        asks("POST /journal/wait", {"match": {"kind": "http,ddp.in"}, "after": 0, "count": 1, "timeout": 60})
        == []
    )
    assert asks("POST /journal/wait", {"timeout": 61})
    assert asks("POST /journal/wait", {"count": 0})
    assert asks("GET /journal", after="7", limit="10", kind="http") == []
    assert asks("GET /journal", after="seven")
    assert asks("GET /clock/wait", version="4", client="c1") == []
    assert asks("GET /clock/wait", version="4")


PERSON = {"id": "u", "username": "alice", "password": "p", "token": "t"}
READY: Json = {
    "version": 1,
    "control": {"url": "http://127.0.0.1:4000/control", "token": "t"},
    "rocketchat": {
        "url": "http://127.0.0.1:4001",
        "ws": "ws://127.0.0.1:4001/websocket",
        "people": {"admin": PERSON, "alice": PERSON},
        "bot": PERSON,
        "rooms": {"general": {"id": "r", "kind": "public"}},
    },
    "agent": {"url": "http://127.0.0.1:4002/v1", "key": "k", "model": "m"},
}


@pytest.mark.parametrize(
    ("change", "fine"),
    [
        ({}, True),
        ({"version": 2}, False),
        ({"control": {"url": "http://127.0.0.1:4000", "token": "t"}}, False),
        ({"control": {"url": "http://0.0.0.0:4000/control", "token": "t"}}, False),
        ({"agent": {"url": "http://127.0.0.1:4002/v1", "key": "k"}}, False),
        ({"pachca": {}}, False),
    ],
)
def test_the_ready_file(change: Json, fine: bool) -> None:
    assert (compile_document("ready.schema")({**READY, **change}) == []) is fine


FACTS: Json = {
    "session": "agent:main:rocketchat:direct:u1",
    "sender": "u1",
    "chat_type": "direct",
    "mentioned": False,
    "message_id": "m",
    "room_id": "r",
    "thread_id": None,
    "system_lines": [],
}


@pytest.mark.parametrize(
    ("change", "fine"),
    [
        ({}, True),
        ({"thread_id": "m", "mention_source": "explicit", "system_lines": ["Bob joined"]}, True),
        ({"chat_type": "dm"}, False),
        ({"mentioned": "yes"}, False),
        ({"text": "hi"}, False),
    ],
)
def test_turn_facts(change: Json, fine: bool) -> None:
    assert (compile_document("turn_facts.schema")({**FACTS, **change}) == []) is fine


STEP: Json = {"at": 0.1, "who": "alice", "what": "says", "text": "hi"}
SUMMARY: Json = {
    "levels": {"MUST": {"pass": 1}},
    "seeds": [1],
    "instances": 1,
    "known_gaps": [],
    "baseline": [],
    "notices": [],
    "harness_errors": [],
}
RESULT: Json = {
    "number": 1,
    "id": "inbound.dm.delivers-turn",
    "level": "MUST",
    "platform": "rocketchat",
    "subject": "bot",
    "verdict": "pass",
    "seconds": 0.2,
}


@pytest.mark.parametrize(
    ("change", "fine"),
    [
        ({}, True),
        ({"verdict": "not_observable", "reason": "no turn facts", "exchange": [STEP]}, True),
        ({"verdict": "skipped"}, False),
        ({"level": "must"}, False),
        ({"number": "1"}, False),
        ({"id": "Inbound DM"}, False),
        ({"passed": True}, False),
    ],
)
def test_a_result_of_the_report(change: Json, fine: bool) -> None:
    report = {
        "version": 1,
        "suite": "0.1.0",
        "subject": {"name": "bot", "version": "1"},
        "platform": "rocketchat",
        "started_at": "2026-03-01T10:00:00Z",
        "seconds": 9.5,
        "results": [{**RESULT, **change}],
        "summary": SUMMARY,
    }
    assert (compile_document("report.schema")(report) == []) is fine
