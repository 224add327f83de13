"""The pure server session: literal frames in and out, no socket and no clock."""

import json
from typing import Any

import pytest

from tolmach_mockservers.rocketchat.ddp_session import Call, Phase, ServerSession, Subscribe, Unsubscribe
from tolmach_mockservers.rocketchat.wire import Stamp

CONNECT = '{"msg":"connect","version":"1","support":["1","pre2","pre1"]}'


def _connected() -> ServerSession:
    session = ServerSession("abc", 0.0)
    session.receive(CONNECT, 0.0)
    session.frames_to_send()
    return session


def test_the_greeting_has_no_msg_and_connect_is_answered() -> None:
    session = ServerSession("abc", 0.0)
    assert session.frames_to_send() == ['{"server_id":"0"}']
    assert session.receive(CONNECT, 1.0) == []
    assert session.frames_to_send() == ['{"msg":"connected","session":"abc"}']
    assert session.frames_to_send() == []


@pytest.mark.parametrize(
    "frame",
    [
        '{"msg":"connect","version":"2","support":["2"]}',
        '{"msg":"connect","version":"1"}',
        '{"msg":"connect","version":"pre1","support":["1","pre1"]}',
    ],
)
def test_a_version_that_cannot_be_agreed_on_fails_and_closes(frame: str) -> None:
    session = ServerSession("abc", 0.0)
    session.frames_to_send()
    session.receive(frame, 0.0)
    assert session.frames_to_send() == ['{"msg":"failed","version":"1"}']
    assert session.phase is Phase.CLOSED
    assert session.next_deadline() is None
    assert session.receive(CONNECT, 0.0) == []


def test_nothing_goes_before_connect() -> None:
    session = ServerSession("abc", 0.0)
    session.frames_to_send()
    assert session.receive('{"msg":"ping"}', 0.0) == []
    assert session.frames_to_send() == [
        '{"msg":"error","reason":"Must connect first","offendingMessage":{"msg":"ping"}}'
    ]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("not json", "Parse error"),
        ("[1]", "Bad request"),
        ('{"msg":1}', "Bad request"),
        ('{"msg":"hello"}', "Bad request"),
        (CONNECT, "Already connected"),
        ('{"msg":"method","id":1,"method":"x"}', "Malformed method invocation"),
        ('{"msg":"method","id":"1","method":"x","params":{}}', "Malformed method invocation"),
        ('{"msg":"sub","id":"1"}', "Malformed subscription"),
    ],
)
def test_protocol_errors_are_answered_and_the_connection_stays(frame: str, reason: str) -> None:
    session = _connected()
    assert session.receive(frame, 0.0) == []
    (answer,) = session.frames_to_send()
    shown: dict[str, Any] = json.loads(answer)
    assert (shown["msg"], shown["reason"]) == ("error", reason)
    assert ("offendingMessage" in shown) is (reason != "Parse error")
    assert session.phase is Phase.CONNECTED


def test_requests_come_out_with_dates_read() -> None:
    session = _connected()
    assert session.receive('{"msg":"method","id":"1","method":"rooms/get","params":[{"$date":5}]}', 0.0) == [
        Call("1", "rooms/get", [Stamp(5)])
    ]
    assert session.receive('{"msg":"sub","id":"2","name":"n","params":["k",false]}', 0.0) == [
        Subscribe("2", "n", ["k", False])
    ]
    assert session.receive('{"msg":"unsub","id":"2"}', 0.0) == [Unsubscribe("2")]


def test_a_ping_is_answered_with_its_own_id() -> None:
    session = _connected()
    session.receive('{"msg":"ping","id":"a7"}', 0.0)
    session.receive('{"msg":"ping"}', 0.0)
    assert session.frames_to_send() == ['{"msg":"pong","id":"a7"}', '{"msg":"pong"}']


def test_silence_is_answered_by_a_ping_and_then_by_the_end() -> None:
    session = _connected()
    assert session.next_deadline() == 15.0
    session.on_deadline(14.9)
    assert session.frames_to_send() == []
    session.on_deadline(15.0)
    assert session.frames_to_send() == ['{"msg":"ping","id":"1"}']
    assert session.next_deadline() == 30.0
    session.on_deadline(30.0)
    assert session.phase is Phase.CLOSED


def test_any_frame_counts_as_a_sign_of_life() -> None:
    session = _connected()
    session.on_deadline(15.0)
    session.frames_to_send()
    session.receive('{"msg":"pong","id":"1"}', 20.0)
    assert session.frames_to_send() == []
    assert session.next_deadline() == 35.0
    session.on_deadline(30.0)
    assert session.phase is Phase.CONNECTED


def test_a_result_says_updated_first_and_leaves_out_undefined() -> None:
    session = _connected()
    session.result("4", {"at": Stamp(12)})
    session.result("5", has_value=False)
    session.failure("6", {"error": 404})
    assert session.frames_to_send() == [
        '{"msg":"updated","methods":["4"]}',
        '{"msg":"result","id":"4","result":{"at":{"$date":12}}}',
        '{"msg":"updated","methods":["5"]}',
        '{"msg":"result","id":"5"}',
        '{"msg":"updated","methods":["6"]}',
        '{"msg":"result","id":"6","error":{"error":404}}',
    ]


def test_a_binary_frame_ends_the_connection() -> None:
    session = _connected()
    session.refuse_binary()
    assert session.phase is Phase.CLOSED
