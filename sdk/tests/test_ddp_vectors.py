"""The session replays literal transcripts: what it sends and reports is what stands there."""

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import TypedDict, cast

import pytest

from tolmach.rocketchat.ddp import Session
from tolmach.rocketchat.ddp_events import SessionEvent, StreamEvent

VECTORS = sorted(
    path.name
    for path in files("tolmach_schemas").joinpath("vectors").iterdir()
    if path.name.startswith("ddp_")
)


class Line(TypedDict, total=False):
    note: str
    live: bool
    frame: dict[str, object]
    text: str
    at: float
    do: str
    event: str
    name: str
    method: str
    id: str
    user_id: str
    collection: str
    event_name: str
    params: list[object]


def lines_of(name: str) -> Iterator[tuple[str, Line]]:
    text = files("tolmach_schemas").joinpath("vectors", name).read_text("utf-8")
    for raw in text.splitlines():
        line = cast("dict[str, object]", json.loads(raw))
        yield str(line.get("from", "")), cast("Line", line)


def logged_in() -> Session:
    session = Session(lambda: {"resume": "tok-bot"})
    session.opened(0.0)
    session.receive('{"msg":"connected","session":"x"}', 0.0)
    session.receive('{"msg":"result","id":"l1","result":{"id":"uBot"}}', 0.0)
    session.frames_to_send()
    return session


@pytest.mark.parametrize("name", VECTORS)
def test_a_transcript_is_replayed_to_the_letter(name: str) -> None:
    transcript = lines_of(name)
    _, head = next(transcript)
    now = 0.0
    events: list[SessionEvent] = []
    sent: list[str] = []
    if head.get("live"):
        session = logged_in()
    else:
        session = Session(lambda: {"resume": "tok-bot"})
        events += session.opened(now)
    for side, line in transcript:
        sent += session.frames_to_send()
        if side == "client":
            assert json.loads(sent.pop(0)) == line["frame"]
        elif side == "server":
            events += session.receive(line["text"] if "text" in line else json.dumps(line["frame"]), now)
        elif "event" in line:
            check(events.pop(0), line)
        elif "at" in line:
            now = line["at"]
            due = session.next_deadline()
            assert due is not None
            assert due <= now
            events += session.on_deadline(now)
        elif line["do"] == "subscribe":
            session.subscribe(line["name"], line["params"], now)
        elif line["do"] == "unsubscribe":
            session.unsubscribe(line["id"])
        else:
            session.call(line["method"], line["params"], now)
    assert sent + session.frames_to_send() == []
    assert events == []


def check(event: SessionEvent, line: Line) -> None:
    assert type(event).__name__ == line["event"]
    for name in ("id", "user_id", "collection"):
        if name in line:
            assert getattr(event, name) == line[name]
    if isinstance(event, StreamEvent):
        assert event.event == line["event_name"]


def test_there_are_transcripts_of_both_servers() -> None:
    assert {"ddp_meteor_login.jsonl", "ddp_streamer_login.jsonl", "ddp_garbage.jsonl"} <= set(VECTORS)
