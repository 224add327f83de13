"""Whatever a peer sends, and in whatever order, the session never raises and never lies."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tolmach.rocketchat.ddp import Session
from tolmach.rocketchat.ddp_table import State

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
MSG = st.sampled_from(
    [
        "connected",
        "failed",
        "ping",
        "pong",
        "result",
        "updated",
        "ready",
        "nosub",
        "changed",
        "added",
        "error",
        "?",
    ]
)
ERROR = st.fixed_dictionaries(
    {"error": st.sampled_from([403, 404, 500, "too-many-requests", "totp-required", "not-allowed"]) | JSON},
    optional={
        "reason": JSON,
        "details": st.fixed_dictionaries({"timeToReset": st.integers(-5, 60_000) | JSON}),
    },
)
ALMOST = st.fixed_dictionaries(
    {"msg": MSG},
    optional={
        "id": st.sampled_from(["l1", "l2", "s3", "c4", "p5"]) | JSON,
        "subs": st.lists(st.sampled_from(["s1", "s2", "s3"]) | JSON, max_size=3) | JSON,
        "result": st.fixed_dictionaries({"id": st.text() | JSON}) | JSON,
        "error": ERROR | JSON,
        "collection": st.sampled_from(["stream-room-messages", "users"]) | JSON,
        "fields": st.fixed_dictionaries({}, optional={"eventName": st.text() | JSON, "args": JSON}) | JSON,
    },
)


@given(st.text() | JSON.map(json.dumps) | ALMOST.map(json.dumps))
def test_no_text_makes_a_live_session_raise(text: str) -> None:
    session = Session(lambda: {"resume": "t"})
    session.opened(0.0)
    session.receive('{"msg":"connected","session":"x"}', 0.0)
    session.receive('{"msg":"result","id":"l1","result":{"id":"u1"}}', 0.0)
    session.receive(text, 1.0)
    session.on_deadline(2.0)
    for frame in session.frames_to_send():
        json.loads(frame)


class SessionMachine(RuleBasedStateMachine):
    """Drive a session as a careful driver and a careless peer would."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(lambda: {"resume": "t"})
        self.now = 0.0
        self.open = False
        self.calls: set[str] = set()
        self.ended: set[str] = set()
        self.last_login = ""

    def note(self, events: object) -> None:
        assert isinstance(events, list)
        for event in events:
            if type(event).__name__ in {"CallDone", "CallFailed", "CallLost", "CallExpired"}:
                assert event.id in self.calls, "an event for a call that was never made"
                assert event.id not in self.ended, "two ends for one call"
                self.ended.add(event.id)

    @rule()
    def open_socket(self) -> None:
        if not self.open and self.session.state is State.OFFLINE:
            self.open = True
            self.note(self.session.opened(self.now))

    @rule()
    def lose_socket(self) -> None:
        if self.open:
            self.open = False
            self.note(self.session.closed("lost", self.now))

    @rule(frame=ALMOST)
    def receive_almost(self, frame: dict[str, object]) -> None:
        if self.open:
            self.note(self.session.receive(json.dumps(frame), self.now))

    @rule(text=st.text())
    def receive_noise(self, text: str) -> None:
        if self.open:
            self.note(self.session.receive(text, self.now))

    @rule()
    def agree(self) -> None:
        if self.open:
            self.note(self.session.receive('{"msg":"connected","session":"x"}', self.now))

    @rule()
    def accept_login(self) -> None:
        if self.open and self.last_login:
            frame = {"msg": "result", "id": self.last_login, "result": {"id": "u1"}}
            self.note(self.session.receive(json.dumps(frame), self.now))

    @rule(seconds=st.floats(0.1, 60.0))
    def pass_time(self, seconds: float) -> None:
        until = self.now + seconds
        for _ in range(200):
            due = self.session.next_deadline()
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self.note(self.session.on_deadline(self.now))
        else:
            raise AssertionError("a deadline that is never over")
        self.now = until

    @rule(name=st.sampled_from(["stream-a", "stream-b", "plain"]))
    def call(self, name: str) -> None:
        self.calls.add(self.session.call(name, [], self.now))

    @rule(name=st.sampled_from(["stream-a", "stream-b"]))
    def subscribe(self, name: str) -> None:
        self.session.subscribe(name, ["k"], self.now)

    @rule(pick=st.integers(0, 10))
    def unsubscribe(self, pick: int) -> None:
        wanted = self.session.subscriptions
        if wanted:
            self.session.unsubscribe(wanted[pick % len(wanted)])

    @invariant()
    def frames_are_sound_and_only_live_sessions_ask(self) -> None:
        for text in self.session.frames_to_send():
            frame = json.loads(text)
            assert self.open, "a frame without a socket"
            if frame.get("method") == "login":
                self.last_login = frame["id"]
            elif frame["msg"] in {"sub", "method"}:
                assert self.session.state is not State.GREETING

    @invariant()
    def a_dropped_session_wants_its_socket_closed(self) -> None:
        assert self.session.wants_close == (self.session.state in {State.DROPPING, State.DEAD})


SessionMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestSessionMachine = SessionMachine.TestCase
