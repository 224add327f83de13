"""The pure session, driven by hand."""

import json

import pytest

from tolmach.rocketchat.ddp import Session
from tolmach.rocketchat.ddp_events import (
    BadFrame,
    CallDone,
    CallExpired,
    CallFailed,
    CallLost,
    Dropped,
    GaveUp,
    LoggedIn,
    SubscriptionEnded,
)
from tolmach.rocketchat.ddp_frames import Failure
from tolmach.rocketchat.ddp_table import State

DENIED = '{"msg":"result","id":"%s","error":{"error":403,"reason":"logged out"}}'
THROTTLED = (
    '{"msg":"%s","id":"%s",'
    '"error":{"error":"too-many-requests","reason":"wait","details":{"timeToReset":3000}}}'
)


def login_ids(session: Session) -> list[str]:
    frames = [json.loads(text) for text in session.frames_to_send()]
    return [frame["id"] for frame in frames if frame.get("method") == "login"]


def open_to_login(session: Session, now: float = 0.0) -> str:
    session.opened(now)
    session.receive('{"msg":"connected","session":"x"}', now)
    return login_ids(session)[-1]


def live(now: float = 0.0) -> Session:
    session = Session(lambda: {"resume": "secret-token"})
    relive(session, now)
    session.frames_to_send()
    return session


def relive(session: Session, now: float) -> None:
    login = open_to_login(session, now)
    events = session.receive(json.dumps({"msg": "result", "id": login, "result": {"id": "u1"}}), now)
    assert events == [LoggedIn("u1")]


def sent(session: Session) -> list[dict[str, object]]:
    return [json.loads(text) for text in session.frames_to_send()]


def test_connect_is_the_first_frame() -> None:
    session = Session(lambda: {"resume": "t"})
    assert session.frames_to_send() == []
    session.opened(0.0)
    assert sent(session) == [{"msg": "connect", "version": "1", "support": ["1", "pre2", "pre1"]}]


def test_wanted_subscriptions_are_sent_again_in_order_after_a_reconnect() -> None:
    session = live()
    ids = [session.subscribe("stream-a", [key], 0.0) for key in ("one", "two", "three")]
    session.unsubscribe(ids[1])
    session.frames_to_send()
    session.closed("gone", 1.0)
    assert session.state is State.OFFLINE
    relive(session, 5.0)
    assert [frame["params"] for frame in sent(session)] == [["one"], ["three"]]


def test_subscriptions_wanted_while_offline_are_sent_after_the_login() -> None:
    session = Session(lambda: {"resume": "t"})
    session.subscribe("stream-a", ["early"], 0.0)
    relive(session, 0.0)
    assert [frame["params"] for frame in sent(session)] == [["early"]]


def test_a_second_refusal_gives_up_even_on_another_socket() -> None:
    session = Session(lambda: {"resume": "t"})
    first = open_to_login(session)
    assert session.receive(DENIED % first, 0.0) == []
    session.closed("server closed", 0.1)
    second = open_to_login(session, 5.0)
    assert session.receive(DENIED % second, 5.0) == [GaveUp(Failure("403", "logged out"))]
    assert session.wants_close
    session.closed("closed", 5.1)
    assert session.state is State.DEAD


def test_a_success_forgives_an_earlier_refusal() -> None:
    session = Session(lambda: {"resume": "t"})
    session.receive(DENIED % open_to_login(session), 0.0)
    (retry,) = login_ids(session)
    session.receive(json.dumps({"msg": "result", "id": retry, "result": {"id": "u1"}}), 0.0)
    session.closed("gone", 1.0)
    login = open_to_login(session, 5.0)
    assert session.receive(DENIED % login, 5.0) == []
    assert session.state is State.LOGIN


@pytest.mark.parametrize("code", ["totp-required", "totp-invalid", "error-user-is-not-activated"])
def test_what_only_a_person_can_heal_is_not_tried_again(code: str) -> None:
    session = Session(lambda: {"resume": "t"})
    login = open_to_login(session)
    answer = json.dumps({"msg": "result", "id": login, "error": {"error": code, "message": "no"}})
    assert session.receive(answer, 0.0) == [GaveUp(Failure(code, "no"))]


def test_a_throttled_login_waits_as_long_as_the_server_says() -> None:
    session = Session(lambda: {"resume": "t"})
    login = open_to_login(session)
    session.receive(THROTTLED % ("result", login), 10.0)
    assert session.next_deadline() == 13.0
    session.on_deadline(12.9)
    assert login_ids(session) == []
    session.on_deadline(13.0)
    assert len(login_ids(session)) == 1


def test_another_login_failure_drops_the_socket_only() -> None:
    session = Session(lambda: {"resume": "t"})
    login = open_to_login(session)
    answer = json.dumps({"msg": "result", "id": login, "error": {"error": 500, "reason": "oops"}})
    assert session.receive(answer, 0.0) == [Dropped("login failed (oops)")]
    assert session.wants_close
    session.closed("closed", 0.0)
    assert session.state is State.OFFLINE


def test_a_login_answer_without_a_user_is_a_failure() -> None:
    session = Session(lambda: {"resume": "t"})
    login = open_to_login(session)
    events = session.receive(json.dumps({"msg": "result", "id": login, "result": [1]}), 0.0)
    assert events == [Dropped("login failed (the answer names no user)")]


def test_a_refused_version_gives_up() -> None:
    session = Session(lambda: {"resume": "t"})
    session.opened(0.0)
    (event,) = session.receive('{"msg":"failed","version":"2"}', 0.0)
    assert isinstance(event, GaveUp)
    assert event.failure.code == "version"


@pytest.mark.parametrize("connected", [False, True])
def test_a_server_that_never_answers_the_handshake_is_dropped(connected: bool) -> None:
    session = Session(lambda: {"resume": "t"})
    session.opened(0.0)
    if connected:
        session.receive('{"msg":"connected","session":"x"}', 1.0)
    due = session.next_deadline()
    assert due == (16.0 if connected else 15.0)
    assert session.on_deadline(due) == [Dropped("no answer in time")]


def test_a_quiet_socket_that_answers_pings_lives_for_ever() -> None:
    session = live()
    now = 0.0
    for _ in range(100):
        due = session.next_deadline()
        assert due is not None
        now = due
        assert session.on_deadline(now) == []
        (ping,) = sent(session)
        assert ping["msg"] == "ping"
        session.receive(json.dumps({"msg": "pong", "id": ping["id"]}), now + 1)
    assert session.state is State.LIVE
    assert now > 1500


def test_any_frame_counts_as_a_sign_of_life() -> None:
    session = live()
    session.on_deadline(15.0)
    session.receive('{"msg":"updated","methods":[]}', 29.0)
    assert session.next_deadline() == 44.0


def test_a_long_jump_of_the_clock_asks_before_it_drops() -> None:
    session = live()
    assert session.on_deadline(10_000.0) == []
    assert sent(session)[0]["msg"] == "ping"
    assert session.next_deadline() == 10_015.0


def test_a_deadline_that_comes_early_does_nothing() -> None:
    session = live()
    assert session.on_deadline(14.9) == []
    assert session.frames_to_send() == []


@pytest.mark.parametrize("order", [("result", "updated"), ("updated", "result"), ("result",)])
def test_result_and_updated_may_come_in_any_order(order: tuple[str, ...]) -> None:
    session = live()
    call = session.call("joinRoom", ["R1"], 0.0)
    frames = {
        "result": json.dumps({"msg": "result", "id": call, "result": {"ok": True}}),
        "updated": json.dumps({"msg": "updated", "methods": [call]}),
    }
    events = [event for name in order for event in session.receive(frames[name], 0.0)]
    assert events == [CallDone(call, {"ok": True})]


def test_a_result_without_a_value_is_a_success() -> None:
    session = live()
    call = session.call("stream-notify-room", [], 0.0)
    assert session.receive(json.dumps({"msg": "result", "id": call}), 0.0) == [CallDone(call, None)]


def test_a_second_result_changes_nothing() -> None:
    session = live()
    call = session.call("x", [], 0.0)
    answer = json.dumps({"msg": "result", "id": call, "result": 1})
    assert len(session.receive(answer, 0.0)) == 1
    assert session.receive(answer, 0.0) == []


def test_an_error_number_is_read_as_text() -> None:
    session = live()
    call = session.call("x", [], 0.0)
    answer = {"msg": "result", "id": call, "error": {"error": 404, "reason": "Method 'x' not found"}}
    failure = Failure("404", "Method 'x' not found")
    assert session.receive(json.dumps(answer), 0.0) == [CallFailed(call, "x", failure)]


@pytest.mark.parametrize("error", ["boom", 7, None, [], {}, {"error": None, "details": "odd"}])
def test_an_odd_error_still_is_a_failure(error: object) -> None:
    session = live()
    call = session.call("x", [], 0.0)
    (event,) = session.receive(json.dumps({"msg": "result", "id": call, "error": error}), 0.0)
    assert isinstance(event, CallFailed)


def test_a_call_without_an_answer_expires() -> None:
    session = live()
    call = session.call("x", [], 0.0, seconds=5.0)
    assert session.next_deadline() == 5.0
    assert session.on_deadline(5.0) == [CallExpired(call, "x", sent=True)]
    assert session.receive(json.dumps({"msg": "result", "id": call, "result": 1}), 6.0) == []


def test_a_closed_socket_loses_calls_and_says_which_were_sent() -> None:
    session = live()
    went = session.call("x", [], 0.0)
    for _ in range(8):
        session.call("x", [], 0.0)
    held = session.call("x", [], 0.0)
    lost = session.closed("gone", 1.0)
    assert CallLost(went, "x", True, "gone") in lost
    assert CallLost(held, "x", False, "gone") in lost


def test_a_call_made_offline_goes_out_after_the_login() -> None:
    session = Session(lambda: {"resume": "t"})
    call = session.call("x", [1], 0.0)
    relive(session, 1.0)
    assert sent(session) == [{"msg": "method", "method": "x", "id": call, "params": [1]}]


def test_a_call_that_never_went_out_expires_unsent() -> None:
    session = Session(lambda: {"resume": "t"})
    call = session.call("x", [], 0.0, seconds=1.0)
    assert session.on_deadline(1.0) == [CallExpired(call, "x", sent=False)]


def test_a_throttled_call_that_cannot_wait_fails() -> None:
    session = live()
    call = session.call("x", [], 0.0, seconds=2.0)
    (event,) = session.receive(THROTTLED % ("result", call), 0.0)
    assert isinstance(event, CallFailed)
    assert event.failure.retry_after == 3.0


def test_a_subscription_throttled_twice_in_one_breath_is_sent_once() -> None:
    session = live()
    sub = session.subscribe("stream-a", ["k"], 0.0)
    session.frames_to_send()
    session.receive(THROTTLED % ("nosub", sub), 0.0)
    session.receive(THROTTLED % ("nosub", sub), 0.0)
    session.on_deadline(3.0)
    assert len(sent(session)) == 1


def test_a_subscription_that_ends_is_reported_and_wanted_no_more() -> None:
    session = live()
    sub = session.subscribe("stream-a", ["k"], 0.0)
    event = session.receive(json.dumps({"msg": "nosub", "id": sub}), 0.0)
    assert event == [SubscriptionEnded(sub, "stream-a", ["k"], None)]
    assert session.subscriptions == ()


def test_an_unsubscribed_stream_that_still_waited_is_never_sent() -> None:
    session = live()
    ids = [session.subscribe("stream-a", [str(n)], 0.0) for n in range(40)]
    session.frames_to_send()
    session.unsubscribe(ids[-1])
    session.unsubscribe("unknown")
    session.on_deadline(40.0)
    assert [frame.get("params") for frame in sent(session) if frame["msg"] == "sub"] == [
        [str(n)] for n in range(28, 39)
    ]


def test_frames_between_two_sockets_are_ignored() -> None:
    session = live()
    session.closed("gone", 0.0)
    assert session.receive('{"msg":"ping"}', 0.0) == []
    assert session.frames_to_send() == []


def test_a_socket_that_is_being_dropped_is_not_listened_to() -> None:
    session = live()
    session.on_deadline(15.0)
    assert session.on_deadline(30.0) == [Dropped("no pong in time")]
    session.frames_to_send()
    assert session.receive('{"msg":"ping"}', 31.0) == []
    assert session.frames_to_send() == []


def test_the_token_shows_in_no_repr() -> None:
    session = live()
    assert "secret-token" not in repr(session)


def test_deep_nesting_is_a_bad_frame() -> None:
    session = live()
    (event,) = session.receive("[" * 100_000, 0.0)
    assert isinstance(event, BadFrame)
    assert len(event.excerpt) <= 80


def test_a_second_socket_without_the_end_of_the_first_is_refused() -> None:
    session = live()
    assert session.opened(1.0) == [BadFrame("out of turn", "socket open")]
    assert session.state is State.LIVE
