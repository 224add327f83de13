"""Which rooms are asked after a loss, and from when."""

from datetime import UTC, datetime, timedelta

from tolmach.rocketchat.events import RoomHint
from tolmach.rocketchat.gapfill import Marks, Missed, plan, release_order
from tolmach.rocketchat.models.message import Message
from tolmach.rocketchat.models.room import Room, Subscription

START = datetime(2025, 10, 9, 8, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def room(identifier: str, last: float | None, moved: float = 0) -> Room:
    document: dict[str, object] = {"_id": identifier, "t": "c", "_updatedAt": at(moved)}
    return Room.model_validate(document if last is None else {**document, "lm": at(last)})


def joined(identifier: str, when: float) -> Subscription:
    return Subscription.model_validate(
        {"_id": f"s-{identifier}", "rid": identifier, "t": "c", "ts": at(when)}
    )


def asked(marks: Marks, rooms: list[Room], new: list[Subscription] | None = None) -> dict[str, float]:
    return {ask.room_id: (ask.since - START).total_seconds() for ask in plan(marks, rooms, new or [])}


def test_a_room_whose_last_message_moved_is_asked_one_second_early() -> None:
    marks = Marks()
    marks.stands("R1", at(100))
    marks.stands("R2", at(100))
    assert asked(marks, [room("R1", 160), room("R2", 100, moved=170)]) == {"R1": 99.0}


def test_a_room_that_says_nothing_of_its_last_message_is_asked() -> None:
    marks = Marks()
    marks.stands("R1", at(100))
    assert asked(marks, [room("R1", None)]) == {"R1": 99.0}


def test_the_rooms_active_last_are_asked_in_any_case() -> None:
    marks = Marks()
    for n in range(12):
        marks.saw(f"R{n}", at(n))
    assert list(asked(marks, [])) == [f"R{n}" for n in range(11, 3, -1)]


def test_a_room_never_seen_is_asked_from_the_last_thing_seen_anywhere() -> None:
    marks = Marks()
    marks.saw("R1", at(500))
    assert asked(marks, [room("NEW", 600)])["NEW"] == 499.0


def test_a_room_joined_in_the_gap_is_asked_from_joining() -> None:
    marks = Marks()
    marks.stands("R1", at(500))
    assert asked(marks, [room("NEW", 900)], [joined("NEW", 800)]) == {"NEW": 799.0}
    assert asked(marks, [], [joined("NEW", 800)]) == {"NEW": 799.0}


def test_an_account_that_never_saw_anything_asks_from_joining() -> None:
    assert asked(Marks(), [room("NEW", 900)], [joined("NEW", 800)]) == {"NEW": 799.0}
    assert asked(Marks(), [room("NEW", 900)]) == {}


def test_marks_never_go_back() -> None:
    marks = Marks()
    marks.stands("R1", at(100))
    marks.saw("R1", at(50))
    marks.heard(None)
    assert marks.of("R1") == at(100)
    assert marks.newest == at(100)


def test_what_was_held_and_what_was_fetched_are_released_oldest_first() -> None:
    def missed(identifier: str, moved: float) -> Missed:
        document = {
            "_id": identifier,
            "rid": "R",
            "msg": "",
            "u": {"_id": "u"},
            "ts": at(0),
            "_updatedAt": at(moved),
        }
        return Missed(Message.model_validate(document), RoomHint("c", "", participant=True))

    order = release_order([missed("c", 3), missed("a", 1), missed("b", 2), missed("a2", 1)])
    assert [item.message.id for item in order] == ["a", "a2", "b", "c"]
