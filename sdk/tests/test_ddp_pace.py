"""Subscriptions and calls stay under the server's limits."""

import json

from tolmach.rocketchat.ddp import Session
from tolmach.rocketchat.ddp_pace import Pace


def live() -> Session:
    session = Session(lambda: {"resume": "t"})
    session.opened(0.0)
    session.receive('{"msg":"connected","session":"x"}', 0.0)
    session.receive('{"msg":"result","id":"l1","result":{"id":"u1"}}', 0.0)
    session.frames_to_send()
    return session


def keys(session: Session) -> list[str]:
    frames = [json.loads(text) for text in session.frames_to_send()]
    return [frame["params"][0] for frame in frames if frame["msg"] != "ping"]


def run(session: Session, until: float) -> list[tuple[float, str]]:
    """Serve every deadline up to ``until`` with a peer that answers pings; return what went out, and when."""
    went: list[tuple[float, str]] = []
    now = 0.0
    while True:
        for text in session.frames_to_send():
            frame = json.loads(text)
            if frame["msg"] == "ping":
                session.receive('{"msg":"pong"}', now)
            else:
                went.append((now, frame["name"] if frame["msg"] == "sub" else frame["method"]))
        due = session.next_deadline()
        if due is None or due > until:
            return went
        now = due
        session.on_deadline(now)


def test_a_hundred_rooms_never_exceed_forty_requests_in_any_forty_seconds() -> None:
    session = live()
    for n in range(100):
        session.subscribe("stream-notify-room", [f"r{n}/deleteMessage"], 0.0)
    went = run(session, 600.0)
    assert len(went) == 100
    times = [at for at, _ in went]
    for at in times:
        assert sum(at <= other < at + 40.0 for other in times) <= 28


def test_typing_still_goes_out_while_subscriptions_wait() -> None:
    session = live()
    for n in range(60):
        session.subscribe("stream-notify-room", [f"r{n}/deleteMessage"], 0.0)
    assert len(session.frames_to_send()) == 28
    session.call("stream-notify-room", ["r1/user-activity"], 0.0)
    assert keys(session) == ["r1/user-activity"]


def test_names_do_not_hold_each_other_up() -> None:
    session = live()
    for n in range(40):
        session.subscribe("stream-notify-room", [f"r{n}"], 0.0)
    session.frames_to_send()
    session.subscribe("stream-room-messages", ["__my_messages__"], 0.0)
    assert keys(session) == ["__my_messages__"]


def test_an_urgent_subscription_and_a_hurried_one_pass_the_others() -> None:
    session = live()
    ids = [session.subscribe("stream-notify-room", [f"r{n}"], 0.0) for n in range(40)]
    session.frames_to_send()
    session.subscribe("stream-notify-room", ["urgent"], 0.0, urgent=True)
    session.hurry(ids[39], 0.0)
    session.hurry(ids[0], 0.0)
    session.hurry("unknown", 0.0)
    session.on_deadline(40.0)
    assert keys(session)[:3] == ["r39", "urgent", "r28"]


def test_plain_methods_stay_under_ten_in_ten_seconds() -> None:
    session = live()
    for _ in range(25):
        session.call("readMessages", ["r"], 0.0, seconds=100.0)
    times = [at for at, _ in run(session, 60.0)]
    assert len(times) == 25
    for at in times:
        assert sum(at <= other < at + 10.0 for other in times) < 10


def test_a_new_socket_starts_with_fresh_counters() -> None:
    session = live()
    for n in range(20):
        session.subscribe("stream-notify-room", [f"r{n}"], 0.0)
    session.frames_to_send()
    session.closed("gone", 1.0)
    session.opened(2.0)
    session.receive('{"msg":"connected","session":"x"}', 2.0)
    login = json.loads(session.frames_to_send()[-1])["id"]
    session.receive(json.dumps({"msg": "result", "id": login, "result": {"id": "u1"}}), 2.0)
    assert len(session.frames_to_send()) == 20


def test_a_pause_holds_one_name_until_it_is_over() -> None:
    pace = Pace()
    pace.pause("stream-a", 9.0)
    pace.pause("stream-a", 7.0)
    assert pace.free_at("stream-a", 1.0, sub=True) == 9.0
    assert pace.free_at("stream-b", 1.0, sub=True) == 1.0
    pace.forget()
    assert pace.free_at("stream-a", 1.0, sub=True) == 1.0
