"""Messages, threads, reactions and pins of the fake Pachca."""

from pachca_desk import Desk


async def test_a_message_reads_back_as_it_was_answered(pachca: Desk) -> None:
    sent = await pachca.say("alice", pachca.general, f"hi <@{pachca.ids['bob']}>")
    assert sent["content"] == "hi @bob"
    assert sent["url"] == f"https://app.pachca.com/chats/{pachca.general}?message={sent['id']}"
    assert sent["changed_at"] == sent["created_at"]
    assert (sent["thread"], sent["buttons"], sent["files"], sent["deleted_at"]) == (None, None, [], None)
    assert "display_name" not in sent
    assert await pachca.ok("bob", f"GET /messages/{sent['id']}") == sent


async def test_a_direct_chat_names_the_other_side(pachca: Desk) -> None:
    sent = await pachca.say("alice", pachca.ids["bob"], entity_type="USER")
    assert (sent["entity_type"], sent["entity_id"]) == ("user", pachca.ids["bob"])
    seen = await pachca.ok("bob", f"GET /messages/{sent['id']}")
    assert (seen["entity_type"], seen["entity_id"]) == ("user", pachca.ids["alice"])
    chat = await pachca.ok("bob", f"GET /chats/{sent['chat_id']}")
    assert chat["personal"] is True
    assert (await pachca.call("admin", f"GET /chats/{sent['chat_id']}")).status == 403
    assert (await pachca.say("bob", pachca.ids["alice"], entity_type="user"))["chat_id"] == sent["chat_id"]


async def test_who_may_post_where(pachca: Desk) -> None:
    closed = await pachca.room("alice")
    assert await pachca.refused(
        "bob", "POST /messages", {"message": {"entity_id": closed, "content": "x"}}
    ) == (403, "base", "access_denied")
    open_ = await pachca.room("alice", public=True)
    assert await pachca.refused(
        "bob", "POST /messages", {"message": {"entity_id": open_, "content": "x"}}
    ) == (403, "entity_id", "not_authorized")
    channel = await pachca.room("alice", "bob", "bot", channel=True)
    body = {"message": {"entity_id": channel, "content": "x"}}
    assert (await pachca.call("bob", "POST /messages", body)).status == 403
    root = await pachca.say("bot", channel)
    thread = await pachca.ok("bob", f"POST /messages/{root['id']}/thread")
    await pachca.say("bob", thread["id"], entity_type="thread")
    await pachca.ok("alice", f"PUT /chats/{channel}/archive")
    assert (await pachca.call("bot", "POST /messages", body)).status == 403
    await pachca.say("bob", thread["chat_id"])


async def test_texts_have_a_limit_in_bytes_and_must_say_something(pachca: Desk) -> None:
    await pachca.say("alice", pachca.general, "я" * 20_000)
    long = {"message": {"entity_id": pachca.general, "content": "я" * 20_001}}
    assert await pachca.refused("alice", "POST /messages", long) == (422, "content", "too_long")
    empty = {"message": {"entity_id": pachca.general, "content": " "}}
    assert await pachca.refused("alice", "POST /messages", empty) == (422, "content", "blank")
    kind = {"message": {"entity_id": pachca.general, "content": "x", "entity_type": "room"}}
    assert await pachca.refused("alice", "POST /messages", kind) == (400, "entity_type", "invalid")


async def test_buttons_are_checked_and_belong_to_nobody_but_a_bot(pachca: Desk) -> None:
    def body(buttons: object) -> dict[str, object]:
        return {"message": {"entity_id": pachca.general, "content": "x", "buttons": buttons}}

    go = {"text": "Go", "data": "go"}
    for wrong, code in (
        ([[go] * 9], "too_long"),
        ([[go]] * 33, "too_long"),
        ([[go] * 8] * 13, "too_long"),
        ([[{"text": "Go"}]], "invalid"),
        ([[{**go, "url": "https://example.com"}]], "invalid"),
    ):
        assert (await pachca.refused("bot", "POST /messages", body(wrong)))[2] == code
    sent = await pachca.ok("bot", "POST /messages", body([[go]]))
    assert sent["buttons"] == [[go]]
    edited = await pachca.ok("bot", f"PUT /messages/{sent['id']}", {"message": {"buttons": []}})
    assert (edited["buttons"], edited["content"]) == (None, "x")
    name = {"message": {"entity_id": pachca.general, "content": "x", "display_name": "Boss"}}
    assert await pachca.refused("alice", "POST /messages", name) == (403, "display_name", "forbidden")


async def test_editing_is_for_authors(pachca: Desk) -> None:
    sent = await pachca.say("alice", pachca.general)
    body = {"message": {"content": "changed"}}
    assert (await pachca.refused("bob", f"PUT /messages/{sent['id']}", body))[2] == "not_authorized"
    edited = await pachca.ok("alice", f"PUT /messages/{sent['id']}", body)
    assert edited["content"] == "changed"
    assert edited["changed_at"] > edited["created_at"]


async def test_a_deleted_message_is_there_but_empty(pachca: Desk) -> None:
    sent = await pachca.say("alice", pachca.general, "secret")
    await pachca.ok("bob", f"POST /messages/{sent['id']}/reactions", {"code": "👍"})
    assert (await pachca.call("bob", f"DELETE /messages/{sent['id']}")).status == 403
    for _ in range(2):
        assert (await pachca.call("admin", f"DELETE /messages/{sent['id']}")).status == 204
    gone = await pachca.ok("bob", f"GET /messages/{sent['id']}")
    assert (gone["content"], gone["files"]) == ("", [])
    assert gone["deleted_at"] is not None
    assert await pachca.ok("bob", f"GET /messages?chat_id={pachca.general}") == []
    assert await pachca.ok("bob", f"GET /messages/{sent['id']}/reactions") == []
    for operation in (f"POST /messages/{sent['id']}/thread", f"POST /messages/{sent['id']}/reactions"):
        body = {"code": "👍"} if "reactions" in operation else None
        assert await pachca.refused("bob", operation, body) == (404, "id", "message_deleted")


async def test_a_quote_stays_in_its_chat(pachca: Desk) -> None:
    sent = await pachca.say("alice", pachca.general)
    quote = await pachca.say("bob", pachca.general, parent_message_id=sent["id"])
    assert quote["parent_message_id"] == sent["id"]
    elsewhere = {"message": {"entity_id": pachca.team, "content": "x", "parent_message_id": sent["id"]}}
    assert (await pachca.refused("bob", "POST /messages", elsewhere))[:2] == (422, "parent_message_id")


async def test_a_thread_is_started_once_and_not_inside_another(pachca: Desk) -> None:
    root = await pachca.say("alice", pachca.general)
    thread = await pachca.ok("bob", f"POST /messages/{root['id']}/thread")
    assert await pachca.ok("bot", f"POST /messages/{root['id']}/thread") == thread
    assert thread["chat_id"] > 2**31
    members = await pachca.ok("alice", f"GET /chats/{thread['chat_id']}/members")
    assert [each["nickname"] for each in members] == ["alice", "bob"]
    below = await pachca.say("alice", thread["id"], "@tolmach_bot look", entity_type="thread")
    assert (below["root_chat_id"], below["chat_id"]) == (pachca.general, thread["chat_id"])
    members = await pachca.ok("alice", f"GET /chats/{thread['chat_id']}/members?role=member")
    assert "tolmach_bot" in [each["nickname"] for each in members]
    inside = await pachca.refused("alice", f"POST /messages/{below['id']}/thread")
    assert inside == (400, "base", "thread_message")
    assert thread["chat_id"] not in [each["id"] for each in await pachca.ok("alice", "GET /chats")]


async def test_reactions_are_single_emoji_and_come_back_bare(pachca: Desk) -> None:
    sent = await pachca.say("alice", pachca.general)
    path = f"/messages/{sent['id']}/reactions"
    got = await pachca.call("bob", f"POST {path}", {"code": "👍🏽"})
    assert (got.status, sorted(got.body)) == (201, ["code", "created_at", "name", "user_id"])
    assert (await pachca.call("bob", f"POST {path}", {"code": "👍🏽"})).body == got.body
    for wrong in (":+1:", "ok", "👍👍", ""):
        assert await pachca.refused("bob", f"POST {path}", {"code": wrong}) == (422, "code", "wrong_emoji")
    for right in ("❤️", "🇷🇺", "👨‍👩‍👧", "1️⃣"):
        await pachca.ok("bob", f"POST {path}", {"code": right})
    assert await pachca.refused("alice", f"DELETE {path}?code=👍🏽") == (404, "code", "not_found")
    assert (await pachca.call("bob", f"DELETE {path}?code=👍🏽")).status == 204
    assert len(await pachca.ok("bob", f"GET {path}")) == 4


async def test_one_person_has_twenty_reactions_and_a_message_thirty_kinds(pachca: Desk) -> None:
    sent = await pachca.say("alice", pachca.general)
    path = f"POST /messages/{sent['id']}/reactions"
    faces = [chr(0x1F600 + number) for number in range(31)]
    for face in faces[:20]:
        await pachca.ok("alice", path, {"code": face})
    assert await pachca.refused("alice", path, {"code": faces[20]}) == (422, "base", "user_limit")
    for face in faces[20:30]:
        await pachca.ok("bob", path, {"code": face})
    assert await pachca.refused("bob", path, {"code": faces[30]}) == (422, "base", "unique_limit")


async def test_pins(pachca: Desk) -> None:
    sent = await pachca.say("alice", pachca.general)
    assert (await pachca.call("bob", f"POST /messages/{sent['id']}/pin")).status == 204
    assert await pachca.refused("bob", f"POST /messages/{sent['id']}/pin") == (409, "id", "already_exists")
    for _ in range(2):
        assert (await pachca.call("alice", f"DELETE /messages/{sent['id']}/pin")).status == 204
    direct = await pachca.say("alice", pachca.ids["bob"], entity_type="user")
    assert (await pachca.refused("alice", f"POST /messages/{direct['id']}/pin"))[0] == 422


async def test_readers_leave_out_the_author_and_the_caller(pachca: Desk) -> None:
    sent = await pachca.say("alice", pachca.general)
    for who in ("alice", "bob", "admin"):
        pachca.fake.read(pachca.ids[who], pachca.general)
    path = f"GET /messages/{sent['id']}/read_member_ids"
    assert await pachca.ok("bob", path) == [pachca.ids["admin"]]
    assert await pachca.ok("alice", path) == [pachca.ids["admin"], pachca.ids["bob"]]
    assert (await pachca.call("bob", f"PUT /chats/{pachca.general}/unread")).status == 204
    assert await pachca.ok("alice", path) == [pachca.ids["admin"]]


async def test_previews_need_allowed_links_of_the_message(pachca: Desk) -> None:
    fields = {"webhook": {"unfurl_domains": ["example.com"]}}
    await pachca.ok("admin", f"PUT /bots/{pachca.ids['bot']}", fields)
    sent = await pachca.say("alice", pachca.general, "see https://docs.example.com/a and https://other.org/b")
    path, page = f"POST /messages/{sent['id']}/link_previews", {"title": "A", "description": "about"}
    good = {"link_previews": {"https://docs.example.com/a": page}}
    assert (await pachca.call("bot", path, good)).status == 204
    assert (await pachca.refused("alice", path, good))[0] == 403
    for url in ("https://other.org/b", "https://docs.example.com/c"):
        assert (await pachca.refused("bot", path, {"link_previews": {url: page}}))[0] == 422


async def test_the_same_seed_and_stimuli_give_the_same_ids(pachca: Desk) -> None:
    first = [await pachca.say("alice", pachca.general), await pachca.ok("alice", "POST /threads")]
    pachca.fakes.reset()
    pachca.fake.patch_settings({"rate_limits": False})
    again = [await pachca.say("alice", pachca.general), await pachca.ok("alice", "POST /threads")]
    assert [each["id"] for each in first] == [each["id"] for each in again]
