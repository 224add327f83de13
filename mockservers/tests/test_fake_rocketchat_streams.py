"""What a socket hears from the fake Rocket.Chat, and what it is refused."""

from typing import Any

import pytest

MINE = ("stream-room-messages", "__my_messages__", False)


async def test_a_message_arrives_whole_with_dates_as_ejson_and_a_hint_about_the_room(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    assert await ddp.sub(*MINE) == {"msg": "ready", "subs": ["s"]}
    sent = await rocket.say(rocket.alice, "привет @tolmach.bot")
    name, (message, hint) = await ddp.event()
    assert name == "__my_messages__"
    assert hint == {"roomParticipant": True, "roomType": "c", "roomName": "general"}
    assert set(message["ts"]) == {"$date"}
    assert message["ts"] == message["_updatedAt"]
    assert {**message, "ts": sent["ts"], "_updatedAt": sent["_updatedAt"]} == sent


async def test_public_rooms_not_joined_are_heard_too_and_private_ones_are_not(rocket: Any) -> None:
    carol = await rocket.person(username="carol")
    ddp = await rocket.open(carol)
    await ddp.sub(*MINE)
    await rocket.say(rocket.alice, "secret", rocket.team)
    await rocket.say(rocket.alice, "public")
    _, (message, hint) = await ddp.event()
    assert message["msg"] == "public"
    assert hint["roomParticipant"] is False


async def test_direct_rooms_have_no_name_in_the_hint(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    await ddp.sub(*MINE)
    rid = (await rocket.post("im.create", rocket.alice, username="tolmach.bot"))["room"]["_id"]
    await rocket.say(rocket.alice, "hi", rid)
    assert (await ddp.event())[1][1] == {"roomParticipant": True, "roomType": "d"}


async def test_every_change_sends_the_whole_document_again_with_a_later_mark(rocket: Any) -> None:
    rocket.fakes.kernel.clock.freeze()
    ddp = await rocket.open(rocket.bot)
    await ddp.sub("stream-room-messages", rocket.general, False)
    root = await rocket.say(rocket.alice, "a")
    changes = [(await ddp.event())[1][0]]
    await rocket.post("chat.react", rocket.bob, messageId=root["_id"], emoji="eyes")
    changes.append((await ddp.event())[1][0])
    await rocket.post("chat.update", rocket.alice, roomId=rocket.general, msgId=root["_id"], text="b")
    changes.append((await ddp.event())[1][0])
    await rocket.say(rocket.bob, "reply", tmid=root["_id"])
    assert (await ddp.event())[1][0]["msg"] == "reply"
    changes.append((await ddp.event())[1][0])
    assert {each["_id"] for each in changes} == {root["_id"]}
    assert len({each["ts"]["$date"] for each in changes}) == 1
    marks = [each["_updatedAt"]["$date"] for each in changes]
    assert marks == sorted(set(marks))
    assert changes[-1]["tcount"] == 1
    assert changes[-1]["editedBy"]["username"] == "alice"
    await ddp.quiet()


async def test_a_hard_delete_is_only_heard_on_the_rooms_notify_stream(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    await ddp.sub(*MINE, sub_id="a")
    await ddp.sub("stream-notify-room", f"{rocket.general}/deleteMessage", False, sub_id="b")
    sent = await rocket.say(rocket.alice, "oops")
    await ddp.event()
    await rocket.post("chat.delete", rocket.alice, roomId=rocket.general, msgId=sent["_id"])
    assert await ddp.event() == (f"{rocket.general}/deleteMessage", [{"_id": sent["_id"]}])
    await ddp.quiet()
    rocket.fake.patch_settings({"Message_ShowDeletedStatus": True})
    sent = await rocket.say(rocket.alice, "oops")
    await ddp.event()
    await rocket.post("chat.delete", rocket.alice, roomId=rocket.general, msgId=sent["_id"])
    assert (await ddp.event())[1][0]["t"] == "rm"
    await ddp.quiet()


async def test_a_pin_sends_the_notice_and_an_unpin_the_original(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    await ddp.sub(*MINE)
    sent = await rocket.say(rocket.alice, "keep")
    await ddp.event()
    await rocket.post("chat.pinMessage", rocket.admin, messageId=sent["_id"])
    notice = (await ddp.event())[1][0]
    assert (notice["t"], notice["attachments"][0]["text"]) == ("message_pinned", "keep")
    await ddp.quiet()
    await rocket.post("chat.unPinMessage", rocket.admin, messageId=sent["_id"])
    original = (await ddp.event())[1][0]
    assert (original["_id"], original["pinned"]) == (sent["_id"], False)


async def test_two_subscriptions_to_one_key_hear_everything_twice(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    await ddp.sub(*MINE, sub_id="a")
    await ddp.sub(*MINE, sub_id="b")
    await rocket.say(rocket.alice, "x")
    assert await ddp.event() == await ddp.event()
    await ddp.send(msg="unsub", id="a")
    assert await ddp.frame() == {"msg": "nosub", "id": "a"}
    await rocket.say(rocket.alice, "y")
    await ddp.event()
    await ddp.quiet()


async def test_being_added_and_removed_is_heard_in_order(rocket: Any) -> None:
    carol = await rocket.person(username="carol")
    ddp = await rocket.open(carol)
    await ddp.sub("stream-notify-user", f"{carol['id']}/subscriptions-changed", False, sub_id="a")
    await ddp.sub("stream-notify-user", f"{carol['id']}/rooms-changed", False, sub_id="b")
    await rocket.post("groups.invite", rocket.admin, roomId=rocket.team, userId=carol["id"])
    name, (action, sub) = await ddp.event()
    assert (name, action) == (f"{carol['id']}/subscriptions-changed", "inserted")
    assert (sub["rid"], sub["u"]["username"]) == (rocket.team, "carol")
    name, (action, room) = await ddp.event()
    assert (name, action, room["_id"]) == (f"{carol['id']}/rooms-changed", "inserted", rocket.team)
    assert (await ddp.event())[1][0] == "updated"
    await rocket.post("groups.kick", rocket.admin, roomId=rocket.team, userId=carol["id"])
    assert (await ddp.event())[1][0] == "updated"
    _, (action, gone) = await ddp.event()
    assert action == "removed"
    assert gone == {
        "_id": sub["_id"],
        "rid": rocket.team,
        "t": "p",
        "u": {"_id": carol["id"], "username": "carol", "name": carol["name"]},
    }
    await ddp.quiet()


async def test_whoever_is_removed_from_a_room_loses_its_stream_without_a_word(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    await ddp.sub("stream-room-messages", rocket.team, False)
    await rocket.post("groups.kick", rocket.admin, roomId=rocket.team, userId=rocket.bot["id"])
    assert (await ddp.event())[1][0]["t"] == "ru"
    await rocket.say(rocket.alice, "gone", rocket.team)
    await ddp.quiet()


async def test_a_rename_is_heard_three_times(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    await ddp.sub(*MINE, sub_id="a")
    await ddp.sub("stream-notify-user", f"{rocket.bot['id']}/subscriptions-changed", False, sub_id="b")
    await ddp.sub("stream-notify-user", f"{rocket.bot['id']}/rooms-changed", False, sub_id="c")
    await rocket.post("groups.rename", rocket.admin, roomId=rocket.team, name="crew")
    assert (await ddp.event())[1][1]["name"] == "crew"
    message = (await ddp.event())[1][0]
    assert (message["t"], message["msg"]) == ("r", "crew")
    action, room = (await ddp.event())[1]
    assert (action, room["name"], room["fname"]) == ("updated", "crew", "crew")


async def test_a_direct_message_raises_a_notification(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    await ddp.sub("stream-notify-user", f"{rocket.bot['id']}/notification", False)
    rid = (await rocket.post("im.create", rocket.alice, username="tolmach.bot"))["room"]["_id"]
    sent = await rocket.say(rocket.alice, "hi", rid)
    _, (note,) = await ddp.event()
    assert (note["title"], note["text"]) == ("alice", "hi")
    assert (note["payload"]["_id"], note["payload"]["rid"], note["payload"]["type"]) == (
        sent["_id"],
        rid,
        "d",
    )


async def test_a_refused_send_also_reaches_the_sender_as_an_ephemeral_notice(rocket: Any) -> None:
    carol = await rocket.person(username="carol")
    ddp = await rocket.open(carol)
    await ddp.sub("stream-notify-user", f"{carol['id']}/message", False)
    await rocket.refusal("chat.sendMessage", carol, message={"rid": rocket.team, "msg": "x"})
    _, (notice,) = await ddp.event()
    assert notice["u"] == {"_id": "rocket.cat", "username": "rocket.cat"}
    assert (notice["rid"], notice["private"], notice["groupable"]) == (rocket.team, True, False)


async def test_typing_reaches_the_others_only_under_the_right_name(rocket: Any) -> None:
    watcher, bot = await rocket.open(rocket.alice), await rocket.open(rocket.bot)
    key = f"{rocket.general}/user-activity"
    await watcher.sub("stream-notify-room", key, False)
    await bot.sub("stream-notify-room", key, False)
    await bot.call("stream-notify-room", key, "Tolmach Bot", ["user-typing"], {}, call_id="1")
    await watcher.quiet()
    await bot.call("stream-notify-room", key, "tolmach.bot", ["user-typing"], {"tmid": "root"}, call_id="2")
    assert await watcher.event() == (key, ["tolmach.bot", ["user-typing"], {"tmid": "root"}])
    await bot.call("stream-notify-room", key, "tolmach.bot", [], {}, call_id="3")
    assert await watcher.event() == (key, ["tolmach.bot", [], {}])
    await bot.quiet()
    rocket.fake.patch_settings({"UI_Use_Real_Name": True})
    await bot.call("stream-notify-room", key, "Tolmach Bot", ["user-typing"], {}, call_id="4")
    assert (await watcher.event())[1][0] == "Tolmach Bot"
    typed = [entry for entry in rocket.fakes.kernel.journal.search() if entry.kind == "typing"]
    assert [entry.detail["on"] for entry in typed] == [True, False, True]
    assert typed[0].thread_id == "root"


@pytest.mark.parametrize(
    ("name", "key", "error"),
    [
        ("stream-room-messages", "no-such-room", "not-allowed"),
        ("stream-room-messages", "", "invalid-event-name"),
        ("stream-notify-user", "somebody/message", "not-allowed"),
        ("stream-fly", "x", 404),
    ],
)
async def test_refused_subscriptions_answer_nosub(rocket: Any, name: str, key: str, error: object) -> None:
    ddp = await rocket.open(rocket.alice)
    frame = await ddp.sub(name, key, False)
    assert (frame["msg"], frame["id"], frame["error"]["error"]) == ("nosub", "s", error)
    assert frame["error"]["errorType"] == "Meteor.Error"
    if error == "not-allowed":
        assert frame["error"]["message"] == "[not-allowed]"
    if error == 404:
        assert frame["error"]["reason"] == "Subscription 'stream-fly' not found"


async def test_without_a_login_only_the_public_stream_is_open(rocket: Any) -> None:
    ddp = await rocket.open()
    assert (await ddp.sub("stream-notify-all", "public-settings-changed", False, sub_id="a"))[
        "msg"
    ] == "ready"
    assert (await ddp.sub(*MINE, sub_id="b"))["error"]["error"] == "not-allowed"
    logged = await ddp.sub("stream-notify-logged", "user-status", False, sub_id="c")
    assert logged["error"]["error"] == "not-allowed"


async def test_hidden_system_messages_are_stored_and_not_sent(rocket: Any) -> None:
    rocket.fake.patch_settings({"Hide_System_Messages": "uj,ul"})
    ddp = await rocket.open(rocket.bot)
    await ddp.sub(*MINE)
    carol = await rocket.person(username="carol")
    await rocket.post("channels.join", carol, roomId=rocket.general)
    await ddp.quiet()
    page = await rocket.get("channels.messages", rocket.alice, roomId=rocket.general)
    assert page["messages"][0]["t"] == "uj"
