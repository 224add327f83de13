"""Threads of the fake Pachca: who is in them, who reads their roots, where none can be begun."""

from pachca_desk import Desk


async def in_thread(pachca: Desk, thread: dict[str, int]) -> list[str]:
    members = await pachca.ok("alice", f"GET /chats/{thread['chat_id']}/members")
    return [each["nickname"] for each in members]


async def test_whom_the_root_names_is_in_its_thread(pachca: Desk) -> None:
    room = await pachca.room("alice")
    root = await pachca.say("alice", room, f"for <@{pachca.ids['bob']}> and @nobody")
    thread = await pachca.ok("alice", f"POST /messages/{root['id']}/thread")
    assert await in_thread(pachca, thread) == ["alice", "bob"]
    plain = await pachca.say("alice", room)
    other = await pachca.ok("alice", f"POST /messages/{plain['id']}/thread")
    assert await in_thread(pachca, other) == ["alice"]


async def test_a_thread_from_elsewhere_shows_its_root_and_nothing_else(pachca: Desk) -> None:
    room = await pachca.room("alice")
    root, aside = await pachca.say("alice", room), await pachca.say("alice", room)
    thread = await pachca.ok("alice", f"POST /messages/{root['id']}/thread")
    assert (await pachca.call("bob", f"GET /messages/{root['id']}")).status == 403
    await pachca.ok("alice", f"POST /chats/{thread['chat_id']}/members", {"member_ids": [pachca.ids["bob"]]})
    assert (await pachca.ok("bob", f"GET /messages/{root['id']}"))["content"] == "hello"
    assert (await pachca.call("bob", f"GET /messages/{aside['id']}")).status == 403
    assert (await pachca.call("bob", f"GET /messages?chat_id={room}")).status == 403
    await pachca.say("bob", thread["id"], entity_type="thread")


async def test_an_archived_chat_begins_no_thread_but_keeps_those_it_has(pachca: Desk) -> None:
    room = await pachca.room("alice", "bob")
    root, bare = await pachca.say("alice", room), await pachca.say("alice", room)
    thread = await pachca.ok("alice", f"POST /messages/{root['id']}/thread")
    await pachca.ok("alice", f"PUT /chats/{room}/archive")
    assert await pachca.refused("alice", f"POST /messages/{bare['id']}/thread") == (
        403,
        "base",
        "not_authorized",
    )
    assert await pachca.ok("bob", f"POST /messages/{root['id']}/thread") == thread
    await pachca.say("bob", thread["id"], entity_type="thread")
    assert (await pachca.call("bob", f"POST /messages/{bare['id']}/reactions", {"code": "👍"})).status == 201
