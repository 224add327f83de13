import json

from tolmach_mockservers.canonical import canonical
from tolmach_mockservers.clock import FakeClock
from tolmach_mockservers.journal import Journal


def _lines(journal: Journal) -> list[dict[str, object]]:
    return [json.loads(line) for line in canonical(journal).splitlines()]


async def test_real_times_and_ports_are_masked() -> None:
    journal = Journal(FakeClock())
    journal.record(
        fake="rocketchat",
        kind="http",
        detail={
            "url": "http://127.0.0.1:43187/api/v1/me",
            "ts": "2026-11-21T10:09:00.123Z",
            "date": {"$date": 1795255809091},
            "created": 1795255809,
            "at": 1795255809.5,
            "frame": '{"$date":1795255809091,"v":"2026-11-21T10:09:00.123Z"}',
            "count": 12345,
            "yes": True,
        },
    )
    assert _lines(journal)[0]["detail"] == {
        "url": "http://127.0.0.1:{port}/api/v1/me",
        "ts": "{time}",
        "date": {"$date": "{time}"},
        "created": "{time}",
        "at": "{time}",
        "frame": '{"$date":{time},"v":"{time}"}',
        "count": 12345,
        "yes": True,
    }


async def test_the_interleaving_of_lanes_does_not_show_but_the_order_inside_a_lane_does() -> None:
    def run(order: str) -> str:
        journal = Journal(FakeClock())
        texts = {"a": iter(["a1", "a2"]), "b": iter(["b1", "b2"])}
        for actor in order:
            journal.record(fake="rocketchat", kind="http", actor=actor, text=next(texts[actor]))
        return canonical(journal)

    assert run("aabb") == run("abab") == run("baab")
    other = Journal(FakeClock())
    for text in ("a2", "a1", "b1", "b2"):
        other.record(fake="rocketchat", kind="http", actor=text[0], text=text)
    assert canonical(other) != run("aabb")


async def test_heartbeats_are_left_out_because_they_follow_real_time() -> None:
    journal = Journal(FakeClock())
    journal.record(fake="rocketchat", kind="ddp.in", operation="ping")
    journal.record(fake="rocketchat", kind="ddp.out", operation="pong")
    journal.record(fake="rocketchat", kind="ddp.in", operation="login")
    assert [line["operation"] for line in _lines(journal)] == ["login"]


async def test_an_empty_journal_is_an_empty_text() -> None:
    assert canonical(Journal(FakeClock())) == ""
