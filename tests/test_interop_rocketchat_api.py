"""The synchronous client rocketchat_API, unmodified, against the fake."""

from collections.abc import Iterator
from typing import Any

import pytest
from interop_environments import Driver

Ready = dict[str, Any]
pytestmark = pytest.mark.interop


@pytest.fixture
def alice(ready: Ready) -> Iterator[Driver]:
    person = ready["rocketchat"]["people"]["alice"]
    with Driver("rocketchat_api") as driver:
        driver.ask(
            server_url=ready["rocketchat"]["url"], user=person["username"], password=person["password"]
        )
        yield driver


@pytest.fixture
def bob(ready: Ready) -> Iterator[Driver]:
    person = ready["rocketchat"]["people"]["bob"]
    with Driver("rocketchat_api") as driver:
        driver.ask(server_url=ready["rocketchat"]["url"], user_id=person["id"], auth_token=person["token"])
        yield driver


def call(driver: Driver, method: str, *args: object, **kwargs: object) -> Any:
    return driver.ask(call=method, args=args, kwargs=kwargs)


def test_it_logs_in_with_a_password_and_with_a_token(ready: Ready, alice: Driver, bob: Driver) -> None:
    assert call(alice, "me")["username"] == ready["rocketchat"]["people"]["alice"]["username"]
    assert call(bob, "me")["_id"] == ready["rocketchat"]["people"]["bob"]["id"]


def test_it_is_refused_with_a_wrong_password(ready: Ready) -> None:
    with Driver("rocketchat_api") as driver:
        answer = driver.send(server_url=ready["rocketchat"]["url"], user="alice", password="wrong")
    assert "error" in answer
    assert answer["error"] == {"type": "RocketAuthenticationException", "text": ""}


def test_it_posts_threads_reacts_and_reads_back(ready: Ready, alice: Driver) -> None:
    room = ready["rocketchat"]["rooms"]["general"]["id"]
    posted = call(alice, "chat_post_message", "from a library nobody here wrote", room_id=room)
    assert posted["success"] is True
    assert posted["message"]["rid"] == room
    root = posted["message"]["_id"]

    reply = call(alice, "chat_send_message", {"rid": room, "msg": "in the thread", "tmid": root})["message"]
    assert reply["tmid"] == root
    assert call(alice, "chat_react", root, "thumbsup") == {"success": True}

    seen = call(alice, "chat_get_message", root)["message"]
    assert seen["reactions"][":thumbsup:"]["usernames"] == [seen["u"]["username"]]
    assert seen["tcount"] == 1
    assert [message["_id"] for message in call(alice, "chat_get_thread_messages", root)] == [reply["_id"]]
    history = call(alice, "channels_history", room_id=room, count=5)
    history = history["messages"] if isinstance(history, dict) else history
    assert root in [message["_id"] for message in history]


def test_it_edits_pins_and_deletes(alice: Driver) -> None:
    room = call(alice, "groups_create", "interop-pins")["group"]["_id"]  # pinning takes the owner of a room
    message = call(alice, "chat_post_message", "first", room_id=room)["message"]
    edited = call(alice, "chat_update", room, message["_id"], "second")["message"]
    assert edited["msg"] == "second"
    assert "editedAt" in edited
    assert call(alice, "chat_pin_message", message["_id"])["message"]["t"] == "message_pinned"
    assert call(alice, "chat_delete", room, message["_id"])["_id"] == message["_id"]
    gone = alice.send(call="chat_get_message", args=[message["_id"]])
    assert "error" in gone


def test_it_makes_a_room_invites_renames_and_lists_every_page(
    ready: Ready, alice: Driver, bob: Driver
) -> None:
    room = call(alice, "channels_create", "interop-room")["channel"]
    bob_id = ready["rocketchat"]["people"]["bob"]["id"]
    invited = call(alice, "channels_invite", room["_id"], bob_id)
    assert invited["channel"]["_id"] == room["_id"]
    members = call(alice, "channels_members", room_id=room["_id"])
    assert bob_id in [member["_id"] for member in members]
    renamed = call(alice, "channels_rename", room["_id"], "interop-renamed")
    assert renamed["channel"]["name"] == "interop-renamed"
    assert room["_id"] in [each["_id"] for each in call(bob, "channels_list", count=1)]


def test_it_gets_the_servers_errors_as_its_own_exceptions(alice: Driver) -> None:
    answer = alice.send(call="channels_info", kwargs={"room_id": "no-such-room"})
    assert isinstance(answer["error"], dict)
    assert answer["error"]["type"] == "RocketApiException"
    assert "error-room-not-found" in answer["error"]["text"]
