"""The realtime client rocketchat-async, unmodified, against the fake."""

from collections.abc import Iterator
from typing import Any

import pytest
from interop_environments import Driver

Ready = dict[str, Any]
pytestmark = pytest.mark.interop


@pytest.fixture
def alice(ready: Ready) -> Iterator[Driver]:
    person = ready["rocketchat"]["people"]["alice"]
    with Driver("rocketchat_async") as driver:
        driver.ask(call="start", args=[ready["rocketchat"]["ws"], person["username"], person["password"]])
        yield driver


@pytest.fixture
def bob(ready: Ready) -> Iterator[Driver]:
    person = ready["rocketchat"]["people"]["bob"]
    with Driver("rocketchat_async") as driver:
        driver.ask(call="resume", args=[ready["rocketchat"]["ws"], person["username"], person["token"]])
        yield driver


def test_it_lists_the_rooms_of_a_person(ready: Ready, alice: Driver) -> None:
    rooms = alice.ask(call="get_channels")
    assert [ready["rocketchat"]["rooms"]["general"]["id"], "c"] in rooms  # type: ignore[operator]
    assert [ready["rocketchat"]["rooms"]["team"]["id"], "p"] in rooms  # type: ignore[operator]


def test_it_sees_another_persons_messages_live(ready: Ready, alice: Driver, bob: Driver) -> None:
    room = ready["rocketchat"]["rooms"]["general"]["id"]
    alice.ask(call="subscribe", args=[room])
    alice.ask(call="get_channels")  # frames run in order: the subscription stands when this is answered
    bob.ask(call="send_message", args=["hello over the socket", room])
    kind, room_id, sender, message_id, thread, text, qualifier, unread, repeated = alice.ask(call="wait")  # type: ignore[misc]
    assert (kind, room_id, sender) == ("message", room, ready["rocketchat"]["people"]["bob"]["id"])
    assert (thread, text, qualifier, unread, repeated) == (None, "hello over the socket", None, False, False)

    alice.ask(call="send_message", args=["in the thread", room, message_id])
    first = alice.ask(call="wait")
    second = alice.ask(call="wait")
    by_text = {event[5]: event for event in (first, second)}  # type: ignore[index]
    assert by_text["in the thread"][4] == message_id
    assert by_text["hello over the socket"][8] is True, "the root comes again, now with replies"

    alice.ask(call="send_reaction", args=[message_id, ":thumbsup:"])
    again = alice.ask(call="wait")
    assert (again[3], again[8]) == (message_id, True)  # type: ignore[index]
    alice.ask(call="send_typing_event", args=[room])


def test_a_wrong_password_is_its_runtime_error(ready: Ready) -> None:
    with Driver("rocketchat_async") as driver:
        answer = driver.send(call="start", args=[ready["rocketchat"]["ws"], "alice", "wrong"])
    assert isinstance(answer["error"], dict)
    assert answer["error"]["type"] == "RuntimeError"
