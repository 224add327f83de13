"""System messages of the fake Pachca: made where asked for, told to nobody, never edited."""

from pachca_desk import Desk, received


async def test_a_chat_says_who_was_added_unless_it_is_silent(pachca: Desk) -> None:
    pachca.fake.patch_settings({"system_messages": True})
    room = await pachca.room("alice")
    await pachca.ok("alice", f"POST /chats/{room}/members", {"member_ids": [pachca.ids["bob"]]})
    quiet = {"member_ids": [pachca.ids["admin"]], "silent": True}
    await pachca.ok("alice", f"POST /chats/{room}/members", quiet)
    listed = await pachca.ok("bob", f"GET /messages?chat_id={room}")
    assert [(each["user_id"], "@bob" in each["content"]) for each in listed] == [(pachca.ids["alice"], True)]
    # Who is there already joins a second time without a word.
    await pachca.ok("alice", f"POST /chats/{room}/members", {"member_ids": [pachca.ids["bob"]]})
    assert await pachca.ok("bob", f"GET /messages?chat_id={room}") == listed


async def test_a_system_message_cannot_be_edited_by_anybody(pachca: Desk) -> None:
    pachca.fake.patch_settings({"system_messages": True})
    room = await pachca.room("alice")
    await pachca.ok("alice", f"POST /chats/{room}/members", {"member_ids": [pachca.ids["bob"]]})
    (said,) = await pachca.ok("alice", f"GET /messages?chat_id={room}")
    body = {"message": {"content": "x"}}
    assert await pachca.refused("alice", f"PUT /messages/{said['id']}", body) == (403, "base", "forbidden")
    assert (await pachca.call("bob", f"PUT /messages/{said['id']}", body)).status == 403


async def test_bots_hear_of_the_people_but_not_of_the_system_message(pachca: Desk) -> None:
    pachca.fake.patch_settings({"system_messages": True})
    room = await pachca.room("alice", "bot")
    async with received(pachca) as receiver:
        await pachca.ok("alice", f"POST /chats/{room}/members", {"member_ids": [pachca.ids["bob"]]})
        await pachca.say("alice", room, "after")
        assert (await receiver.next()).payload["type"] == "chat_member"
        assert (await receiver.next()).payload["content"] == "after"


async def test_chats_are_silent_unless_the_setting_says_otherwise(pachca: Desk) -> None:
    room = await pachca.room("alice")
    await pachca.ok("alice", f"POST /chats/{room}/members", {"member_ids": [pachca.ids["bob"]]})
    assert await pachca.ok("alice", f"GET /messages?chat_id={room}") == []
