"""What people say on the fake Rocket.Chat, over REST."""

from datetime import UTC, datetime
from typing import Any

import pytest


async def test_a_sent_message_is_answered_as_the_whole_document(rocket: Any) -> None:
    rocket.fakes.kernel.clock.freeze()
    message = await rocket.say(rocket.alice, "hello")
    now = datetime.fromtimestamp(rocket.fakes.kernel.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    assert message["ts"].startswith(now)
    assert message["ts"].endswith("Z")
    assert len(message.pop("_id")) == 17
    assert message.pop("ts") == message.pop("_updatedAt")
    assert message == {
        "rid": rocket.general,
        "msg": "hello",
        "u": {"_id": rocket.alice["id"], "username": "alice", "name": "Alice Carter"},
        "mentions": [],
        "channels": [],
        "urls": [],
    }


async def test_post_message_answers_channel_as_given_and_marks_the_message(rocket: Any) -> None:
    answer = await rocket.post("chat.postMessage", rocket.alice, channel="#general", text="  hi  ")
    assert answer["channel"] == "#general"
    assert isinstance(answer["ts"], int)
    message = answer["message"]
    assert (message["msg"], message["alias"], message["groupable"], message["parseUrls"]) == (
        "hi",
        "",
        False,
        True,
    )


@pytest.mark.parametrize("target", ["general", "#general", "rid"])
async def test_post_message_finds_a_room_by_id_and_name(rocket: Any, target: str) -> None:
    wanted = rocket.general if target == "rid" else target
    answer = await rocket.post("chat.postMessage", rocket.alice, channel=wanted, text="x")
    assert answer["message"]["rid"] == rocket.general


async def test_post_message_opens_a_direct_room_by_username_or_user_id(rocket: Any) -> None:
    by_name = await rocket.post("chat.postMessage", rocket.alice, channel="@bob", text="x")
    by_id = await rocket.post("chat.postMessage", rocket.alice, channel=rocket.bob["id"], text="x")
    assert by_name["message"]["rid"] == by_id["message"]["rid"]
    assert by_name["message"]["rid"] == "".join(sorted([rocket.alice["id"], rocket.bob["id"]]))


async def test_only_bots_may_borrow_a_name(rocket: Any) -> None:
    _, answer = await rocket.refusal(
        "chat.postMessage", rocket.alice, roomId=rocket.general, text="x", alias="Boss"
    )
    assert answer == {"success": False, "error": "Not enough permission"}
    answer = await rocket.post("chat.postMessage", rocket.bot, roomId=rocket.general, text="x", alias="Boss")
    assert answer["message"]["alias"] == "Boss"
    assert answer["message"]["u"]["username"] == "tolmach.bot"


async def test_a_client_id_in_use_posts_nothing_and_answers_without_a_message(rocket: Any) -> None:
    body = {"_id": "aaaaaaaaaaaaaaaaa", "rid": rocket.general, "msg": "once"}
    first = await rocket.post("chat.sendMessage", rocket.bot, message=body)
    assert first["message"]["_id"] == "aaaaaaaaaaaaaaaaa"
    ddp = await rocket.open(rocket.alice)
    await ddp.sub("stream-room-messages", "__my_messages__", False)
    assert await rocket.post("chat.sendMessage", rocket.bot, message=body) == {}
    await ddp.quiet()
    page = await rocket.get("channels.messages", rocket.alice, roomId=rocket.general)
    assert [each["msg"] for each in page["messages"]] == ["once"]


@pytest.mark.parametrize(
    ("text", "mentioned"),
    [
        ("@alice hello", ["alice"]),
        ("hello @alice, are you there?", ["alice"]),
        ("mail me at x@alice", []),
        ("@alicewonder", []),
        ("@Alice", []),
        ("(@alice)", []),
        # The server takes every character that a name may hold, the full stop too.
        ("ask @alice.", []),
        ("@bob @alice @bob", ["bob", "alice"]),
        ("@nobody", []),
        ("line\n@alice", ["alice"]),
    ],
)
async def test_mentions_are_whole_names_of_people_that_exist(
    rocket: Any, text: str, mentioned: list[str]
) -> None:
    message = await rocket.say(rocket.bot, text)
    assert [each["username"] for each in message["mentions"]] == mentioned
    assert all(each["type"] == "user" for each in message["mentions"])


async def test_all_and_here_stand_first_and_have_no_type(rocket: Any) -> None:
    message = await rocket.say(rocket.alice, "@bob @all @here #team")
    assert message["mentions"] == [
        {"_id": "all", "username": "all"},
        {"_id": "here", "username": "here"},
        {"_id": rocket.bob["id"], "username": "bob", "name": "Bob Dawson", "type": "user"},
    ]
    assert message["channels"] == [{"_id": rocket.team, "name": "team", "fname": "team"}]
    rocket.fake.patch_settings({"Message_MaxAll": 2})
    assert (await rocket.say(rocket.alice, "@all"))["mentions"] == []


async def test_size_is_counted_in_utf16_units(rocket: Any) -> None:
    await rocket.say(rocket.alice, "😀" * 2500)
    _, answer = await rocket.refusal(
        "chat.sendMessage", rocket.alice, message={"rid": rocket.general, "msg": "😀" * 2500 + "!"}
    )
    assert answer["errorType"] == "error-message-size-exceeded"
    _, answer = await rocket.refusal("chat.postMessage", rocket.alice, roomId=rocket.general, text="x" * 5001)
    assert answer == {"success": False, "error": "error-message-size-exceeded"}


async def test_a_reply_grows_its_root_and_never_nests(rocket: Any) -> None:
    root = await rocket.say(rocket.alice, "root")
    reply = await rocket.say(rocket.bot, "one", tmid=root["_id"])
    nested = await rocket.say(rocket.bob, "two @admin", rid=rocket.team, tmid=reply["_id"])
    assert (nested["tmid"], nested["rid"]) == (root["_id"], rocket.general)
    assert "tshow" not in nested
    grown = (await rocket.get("chat.getMessage", rocket.alice, msgId=root["_id"]))["message"]
    assert grown["tcount"] == 2
    assert grown["tlm"] == nested["ts"]
    assert grown["replies"] == [each["id"] for each in (rocket.alice, rocket.bot, rocket.bob, rocket.admin)]
    assert grown["ts"] == root["ts"]
    assert grown["_updatedAt"] > root["_updatedAt"]
    thread = await rocket.get("chat.getThreadMessages", rocket.alice, tmid=root["_id"])
    assert [each["msg"] for each in thread["messages"]] == ["one", "two @admin"]
    assert (thread["count"], thread["offset"], thread["total"]) == (2, 0, 2)
    listed = await rocket.get("chat.getThreadsList", rocket.alice, rid=rocket.general)
    assert [each["_id"] for each in listed["threads"]] == [root["_id"]]


async def test_tshow_needs_a_thread(rocket: Any) -> None:
    _, answer = await rocket.refusal(
        "chat.sendMessage", rocket.alice, message={"rid": rocket.general, "msg": "x", "tshow": True}
    )
    assert answer["errorType"] == "invalid-params"


async def test_an_edit_moves_marks_and_mentions_and_the_same_text_nothing(rocket: Any) -> None:
    sent = await rocket.say(rocket.alice, "hi")
    edit = {"roomId": rocket.general, "msgId": sent["_id"]}
    same = (await rocket.post("chat.update", rocket.alice, **edit, text="hi"))["message"]
    assert same == sent
    changed = (await rocket.post("chat.update", rocket.alice, **edit, text="hi @bob"))["message"]
    assert changed["editedBy"] == {"_id": rocket.alice["id"], "username": "alice"}
    assert changed["editedAt"] >= sent["ts"]
    assert changed["_updatedAt"] > sent["_updatedAt"]
    assert [each["username"] for each in changed["mentions"]] == ["bob"]
    _, answer = await rocket.refusal("chat.update", rocket.bob, **edit, text="mine")
    assert answer["errorType"] == "error-action-not-allowed"
    rocket.fake.patch_settings({"Message_AllowEditing_BlockEditInMinutes": 5})
    rocket.fakes.kernel.clock.advance(301)
    _, answer = await rocket.refusal("chat.update", rocket.alice, **edit, text="late")
    assert answer["errorType"] == "error-message-editing-blocked"


async def test_a_deleted_message_is_gone_and_one_with_replies_becomes_rm(rocket: Any) -> None:
    sent = await rocket.say(rocket.alice, "oops")
    answer = await rocket.post("chat.delete", rocket.alice, roomId=rocket.general, msgId=sent["_id"])
    assert answer["_id"] == sent["_id"]
    assert answer["ts"].isdigit()
    assert answer["message"] == {"_id": sent["_id"], "rid": rocket.general, "u": sent["u"]}
    assert (await rocket.raw("GET", "chat.getMessage", rocket.alice, msgId=sent["_id"]))[0] == 400
    root = await rocket.say(rocket.alice, "root")
    reply = await rocket.say(rocket.bot, "reply", tmid=root["_id"])
    await rocket.post("chat.delete", rocket.alice, roomId=rocket.general, msgId=root["_id"])
    kept = (await rocket.get("chat.getMessage", rocket.alice, msgId=root["_id"]))["message"]
    assert (kept["t"], kept["msg"]) == ("rm", "")
    _, answer = await rocket.refusal("chat.delete", rocket.bob, roomId=rocket.general, msgId=reply["_id"])
    assert answer["errorType"] == "error-action-not-allowed"


async def test_deleting_the_last_reply_takes_the_thread_fields_away(rocket: Any) -> None:
    root = await rocket.say(rocket.alice, "root")
    reply = await rocket.say(rocket.bot, "reply", tmid=root["_id"])
    await rocket.post("chat.delete", rocket.bot, roomId=rocket.general, msgId=reply["_id"])
    bare = (await rocket.get("chat.getMessage", rocket.alice, msgId=root["_id"]))["message"]
    assert not {"tcount", "tlm", "replies"} & set(bare)


async def test_reactions_toggle_by_username_and_vanish_when_empty(rocket: Any) -> None:
    sent = await rocket.say(rocket.alice, "x")

    async def reactions(person: Any, **body: Any) -> Any:
        assert await rocket.post("chat.react", person, messageId=sent["_id"], **body) == {}
        answer = await rocket.get("chat.getMessage", rocket.alice, msgId=sent["_id"])
        return answer["message"].get("reactions")

    assert await reactions(rocket.bot, emoji="eyes") == {":eyes:": {"usernames": ["tolmach.bot"]}}
    both = {":eyes:": {"usernames": ["tolmach.bot", "bob"]}}
    assert await reactions(rocket.bob, reaction=":eyes:", shouldReact=True) == both
    assert await reactions(rocket.bob, emoji="eyes", shouldReact=True) == both
    assert await reactions(rocket.bot, emoji="eyes") == {":eyes:": {"usernames": ["bob"]}}
    assert await reactions(rocket.bob, emoji="eyes", shouldReact=False) is None


async def test_taking_a_reaction_from_a_message_without_any_adds_it(rocket: Any) -> None:
    sent = await rocket.say(rocket.alice, "x")
    await rocket.post("chat.react", rocket.bot, messageId=sent["_id"], emoji="tada", shouldReact=False)
    found = (await rocket.get("chat.getMessage", rocket.alice, msgId=sent["_id"]))["message"]
    assert found["reactions"] == {":tada:": {"usernames": ["tolmach.bot"]}}
    # With a map there, the same wish does nothing.
    await rocket.post("chat.react", rocket.bot, messageId=sent["_id"], emoji="eyes", shouldReact=False)
    again = (await rocket.get("chat.getMessage", rocket.alice, msgId=sent["_id"]))["message"]
    assert again == found


async def test_glyphs_and_made_up_names_are_no_emoji_unless_custom(rocket: Any) -> None:
    sent = await rocket.say(rocket.alice, "x")
    for emoji in ("👍", "no_such_thing"):
        _, answer = await rocket.refusal("chat.react", rocket.bot, messageId=sent["_id"], emoji=emoji)
        assert answer["error"] == "Invalid emoji provided. [error-not-allowed]"
    rocket.fake.patch_settings({"EmojiCustom": "no_such_thing, other"})
    await rocket.post("chat.react", rocket.bot, messageId=sent["_id"], emoji=":no_such_thing:")


async def test_a_pin_answers_with_a_system_message_that_quotes(rocket: Any) -> None:
    sent = await rocket.say(rocket.alice, "keep this")
    _, answer = await rocket.refusal("chat.pinMessage", rocket.alice, messageId=sent["_id"])
    assert answer["errorType"] == "not-authorized"
    notice = (await rocket.post("chat.pinMessage", rocket.admin, messageId=sent["_id"]))["message"]
    assert (notice["t"], notice["msg"], notice["u"]["username"]) == ("message_pinned", "", "admin")
    assert notice["attachments"][0]["text"] == "keep this"
    assert notice["attachments"][0]["ts"] == sent["ts"]
    pinned = (await rocket.get("chat.getPinnedMessages", rocket.alice, roomId=rocket.general))["messages"]
    assert [each["_id"] for each in pinned] == [sent["_id"]]
    again = (await rocket.post("chat.pinMessage", rocket.admin, messageId=sent["_id"]))["message"]
    assert again["_id"] == sent["_id"]
    assert await rocket.post("chat.unPinMessage", rocket.admin, messageId=sent["_id"]) == {}
    found = (await rocket.get("chat.getMessage", rocket.alice, msgId=sent["_id"]))["message"]
    assert found["pinned"] is False
    assert found["pinnedBy"]["username"] == "admin"


async def test_sync_tells_what_changed_and_what_went(rocket: Any) -> None:
    rocket.fakes.kernel.clock.freeze()
    old = await rocket.say(rocket.alice, "old")
    gone = await rocket.say(rocket.alice, "gone")
    rocket.fakes.kernel.clock.advance(10)
    since = datetime.fromtimestamp(rocket.fakes.kernel.clock.now() - 1, UTC).isoformat()
    await rocket.post("chat.react", rocket.bob, messageId=old["_id"], emoji="eyes")
    await rocket.post("chat.delete", rocket.alice, roomId=rocket.general, msgId=gone["_id"])
    fresh = await rocket.say(rocket.bob, "fresh", tmid=old["_id"])
    result = (await rocket.get("chat.syncMessages", rocket.bot, roomId=rocket.general, lastUpdate=since))[
        "result"
    ]
    assert [each["_id"] for each in result["updated"]] == [fresh["_id"], old["_id"]]
    assert [each["_id"] for each in result["deleted"]] == [gone["_id"]]
    assert "cursor" not in result


async def test_sync_pages_by_cursor(rocket: Any) -> None:
    sent = [await rocket.say(rocket.alice, f"{number}") for number in range(5)]
    seen: list[str] = []
    cursor: str | None = "0"
    while cursor is not None:
        result = (
            await rocket.get(
                "chat.syncMessages", rocket.bot, roomId=rocket.general, type="UPDATED", next=cursor, count=2
            )
        )["result"]
        seen += [each["_id"] for each in result["updated"]]
        cursor = result["cursor"]["next"]
    assert seen == [each["_id"] for each in sent]
    empty = await rocket.get("chat.syncMessages", rocket.bot, roomId=rocket.general, type="UPDATED")
    assert empty["result"] == {"updated": [], "deleted": []}


@pytest.mark.parametrize(
    ("query", "error_type"),
    [
        ({}, "error-param-required"),
        ({"lastUpdate": "yesterday"}, "error-lastUpdate-param-invalid"),
        ({"type": "UPDATED", "next": "1", "previous": "2"}, "error-cursor-conflict"),
        ({"lastUpdate": "2026-01-01", "next": "1"}, "error-cursor-and-lastUpdate-conflict"),
    ],
)
async def test_sync_refuses_what_makes_no_sense(rocket: Any, query: dict[str, str], error_type: str) -> None:
    _, text, _ = await rocket.raw("GET", "chat.syncMessages", rocket.bot, roomId=rocket.general, **query)
    assert f'"errorType":"{error_type}"' in text
