"""DDP methods, their limits and the heartbeat of the fake Rocket.Chat, over real sockets."""

from typing import Any

import aiohttp


async def test_send_message_answers_the_document_and_refuses_foreign_fields(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    sent = (await ddp.call("sendMessage", {"rid": rocket.general, "msg": "hi"}))["result"]
    assert (sent["msg"], sent["u"]["username"], set(sent["ts"])) == ("hi", "tolmach.bot", {"$date"})
    strict = await ddp.call("sendMessage", {"rid": rocket.general, "msg": "hi", "alias": "x"}, call_id="2")
    assert strict["error"] == {
        "isClientSafe": True,
        "error": 400,
        "reason": "Match failed",
        "message": "Match failed [400]",
        "errorType": "Meteor.Error",
    }


async def test_send_message_swallows_most_refusals(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    answer = await ddp.call("sendMessage", {"rid": "nowhere", "msg": "x"})
    assert answer == {"msg": "result", "id": "1"}
    carol = await rocket.person(username="carol")
    other = await rocket.open(carol)
    refused = await other.call("sendMessage", {"rid": rocket.team, "msg": "x"})
    assert refused["error"]["error"] == "error-not-allowed"


async def test_a_client_time_is_kept_replaced_or_refused_by_its_distance(rocket: Any) -> None:
    rocket.fakes.kernel.clock.freeze()
    now = int(rocket.fakes.kernel.clock.now() * 1000)
    ddp = await rocket.open(rocket.bot)

    async def sent(off: int, call_id: str) -> Any:
        message = {"rid": rocket.general, "msg": "x", "ts": {"$date": now + off}}
        return (await ddp.call("sendMessage", message, call_id=call_id)).get("result")

    assert (await sent(-5_000, "1"))["ts"] == {"$date": now - 5_000}
    assert (await sent(-30_000, "2"))["ts"] == {"$date": now}
    assert await sent(-61_000, "3") is None


async def test_reactions_edits_and_deletes_work_as_methods(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    sent = (await ddp.call("sendMessage", {"rid": rocket.general, "msg": "a"}))["result"]
    assert "error" not in await ddp.call("setReaction", ":eyes:", sent["_id"], call_id="2")
    edit = {"_id": sent["_id"], "rid": rocket.general, "msg": "b"}
    assert "error" not in await ddp.call("updateMessage", edit, call_id="3")
    stored = (await rocket.get("chat.getMessage", rocket.alice, msgId=sent["_id"]))["message"]
    assert (stored["msg"], list(stored["reactions"])) == ("b", [":eyes:"])
    assert "error" not in await ddp.call("deleteMessage", {"_id": sent["_id"]}, call_id="4")
    assert (await rocket.raw("GET", "chat.getMessage", rocket.alice, msgId=sent["_id"]))[0] == 400


async def test_rooms_and_history_can_be_read_as_methods(rocket: Any) -> None:
    await rocket.say(rocket.alice, "one")
    ddp = await rocket.open(rocket.bot)
    assert (await ddp.call("getRoomIdByNameOrId", "general"))["result"] == rocket.general
    rooms = (await ddp.call("rooms/get", call_id="2"))["result"]
    assert [each["name"] for each in rooms] == ["general", "team"]
    since = (await ddp.call("subscriptions/get", {"$date": 0}, call_id="3"))["result"]
    assert [each["rid"] for each in since["update"]] == [rocket.general, rocket.team]
    history = (await ddp.call("loadHistory", rocket.general, None, 10, None, call_id="4"))["result"]
    assert [each["msg"] for each in history["messages"]] == ["one"]
    direct = (await ddp.call("createDirectMessage", "alice", call_id="5"))["result"]
    assert direct["rid"] == "".join(sorted([rocket.alice["id"], rocket.bot["id"]]))


async def test_an_unknown_method_is_404_and_a_violation(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    answer = await ddp.call("canAccessRoom")
    assert answer["error"] == {
        "isClientSafe": True,
        "error": 404,
        "reason": "Method 'canAccessRoom' not found",
        "message": "Method 'canAccessRoom' not found [404]",
        "errorType": "Meteor.Error",
    }
    assert rocket.violations() == ["unknown method canAccessRoom"]


async def test_methods_need_a_login(rocket: Any) -> None:
    ddp = await rocket.open()
    answer = await ddp.call("sendMessage", {"rid": rocket.general, "msg": "x"})
    assert answer["error"]["error"] == "error-invalid-user"


async def test_the_eleventh_call_of_a_method_in_ten_seconds_is_one_too_many(rocket: Any) -> None:
    rocket.fakes.kernel.clock.freeze()
    rocket.fake.patch_settings({"rate_limits": True})
    ddp = await rocket.open(rocket.bot)
    for number in range(10):
        assert "error" not in await ddp.call("getRoomIdByNameOrId", "general", call_id=f"a{number}")
    refused = await ddp.call("getRoomIdByNameOrId", "general", call_id="b")
    text = "Error, too many requests. Please slow down. You must wait 10 seconds before trying again."
    assert refused["error"] == {
        "isClientSafe": True,
        "error": "too-many-requests",
        "reason": text,
        "message": f"{text} [too-many-requests]",
        "details": {"timeToReset": 10_000},
        "errorType": "Meteor.Error",
    }
    rocket.fakes.kernel.clock.advance(10)
    assert "error" not in await ddp.call("getRoomIdByNameOrId", "general", call_id="c")


async def test_subscriptions_to_one_stream_are_limited_to_forty(rocket: Any) -> None:
    rocket.fakes.kernel.clock.freeze()
    rocket.fake.patch_settings({"rate_limits": True})
    ddp = await rocket.open(rocket.bot)
    for number in range(40):
        frame = await ddp.sub("stream-room-messages", rocket.general, False, sub_id=f"{number}")
        assert frame["msg"] == "ready"
    refused = await ddp.sub("stream-room-messages", rocket.general, False, sub_id="one more")
    assert refused["msg"] == "nosub"
    assert refused["error"]["error"] == "too-many-requests"
    assert refused["error"]["details"] == {"timeToReset": 40_000}


async def test_a_silent_client_is_pinged_and_then_dropped(rocket: Any) -> None:
    clock = rocket.fakes.kernel.clock
    clock.freeze()
    ddp = await rocket.open(rocket.bot)
    clock.advance(15)
    assert await ddp.frame() == {"msg": "ping", "id": "1"}
    await ddp.send(msg="pong", id="1")
    await ddp.quiet()
    clock.advance(15)
    assert await ddp.frame() == {"msg": "ping", "id": "2"}
    clock.advance(15)
    await ddp.closed()
    assert rocket.fake.sockets()["sockets"] == []


async def test_garbage_gets_an_error_and_the_connection_stays(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    await ddp.socket.send_str("{nonsense")
    assert await ddp.frame() == {"msg": "error", "reason": "Parse error"}
    await ddp.quiet()


async def test_a_binary_frame_ends_the_connection(rocket: Any) -> None:
    ddp = await rocket.open()
    await ddp.socket.send_bytes(b"\x00")
    assert await ddp.frame() == {"msg": "error", "reason": "Bad request"}
    assert (await ddp.closed()).type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}


async def test_websocket_pings_are_answered(rocket: Any) -> None:
    socket = await rocket.session.ws_connect(rocket.ws, autoping=False)
    await socket.receive(timeout=5)
    await socket.ping(b"abc")
    message = await socket.receive(timeout=5)
    assert (message.type, message.data) == (aiohttp.WSMsgType.PONG, b"abc")
    await socket.close()
