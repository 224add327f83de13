"""Chats, members, people, tags and statuses of the fake Pachca."""

from pachca_desk import Desk


async def test_creating_a_chat_drops_strangers_and_says_so(pachca: Desk) -> None:
    gone = pachca.add("gone")
    await pachca.ok("admin", f"DELETE /users/{gone}")
    given = {"name": "new", "member_ids": [gone, 5, pachca.ids["bob"]]}
    got = await pachca.call("alice", "POST /chats", {"chat": given})
    assert got.body["meta"] == {"not_found_member_ids": [gone, 5]}
    assert got.body["data"]["member_ids"] == [pachca.ids["alice"], pachca.ids["bob"]]
    assert got.body["data"]["owner_id"] == pachca.ids["alice"]
    assert await pachca.refused("alice", "POST /chats", {"chat": {"name": " "}}) == (422, "name", "blank")


async def test_bots_are_added_only_by_those_they_admit(pachca: Desk) -> None:
    own = await pachca.ok("bob", "POST /bots", {"webhook": {"name": "Shy"}})
    given = {"chat": {"name": "new", "member_ids": [own["id"]]}}
    got = await pachca.call("alice", "POST /chats", given)
    assert (got.status, got.body["errors"][0]["code"]) == (403, "bot_add_denied")
    assert got.body["errors"][0]["value"] == [own["id"]]
    chat = await pachca.room("alice")
    both = {"member_ids": [own["id"], 5]}
    got = await pachca.call("alice", f"POST /chats/{chat}/members", both)
    assert got.status == 404
    assert [each["code"] for each in got.body["errors"]] == ["not_found", "bot_add_denied"]
    await pachca.ok("bob", f"PUT /bots/{own['id']}", {"webhook": {"single_chat": True}})
    assert (await pachca.call("bob", "POST /chats", given)).status == 201
    assert (await pachca.refused("bob", "POST /chats", given))[2] == "single_chat_bot_occupied"


async def test_roles_on_joining_and_changing_them(pachca: Desk) -> None:
    chat = await pachca.room("alice", "admin", "bob", "bot", channel=True)
    for role, who in (("owner", "alice"), ("admin", "admin"), ("editor", "tolmach_bot"), ("member", "bob")):
        found = await pachca.ok("alice", f"GET /chats/{chat}/members?role={role}")
        assert [each["nickname"] for each in found] == [who]
    bob, path = pachca.ids["bob"], f"PUT /chats/{chat}/members"
    assert (await pachca.call("alice", f"{path}/{bob}", {"role": "editor"})).status == 204
    again = await pachca.refused("alice", f"{path}/{bob}", {"role": "editor"})
    assert again == (422, "role", "already_assigned")
    assert (await pachca.refused("alice", f"{path}/{pachca.ids['alice']}", {"role": "member"}))[
        2
    ] == "self_update"
    owner = await pachca.refused("admin", f"{path}/{pachca.ids['alice']}", {"role": "member"})
    assert owner[2] == "owner_protected"
    assert (await pachca.refused("bob", f"{path}/{pachca.ids['admin']}", {"role": "member"}))[0] == 403
    kicked = await pachca.refused("admin", f"DELETE /chats/{chat}/members/{pachca.ids['alice']}")
    assert kicked == (403, "user_id", "cannot_kick_owner")


async def test_a_linked_tag_holds_its_people(pachca: Desk) -> None:
    bob = pachca.ids["bob"]
    await pachca.ok("admin", f"PUT /users/{bob}", {"user": {"list_tags": ["crew"]}})
    (tag,) = await pachca.ok("alice", "GET /group_tags", params={"names[]": "CREW"})
    assert tag["users_count"] == 1
    chat = await pachca.room("alice")
    unknown = {"group_tag_ids": [tag["id"], 5]}
    assert (await pachca.refused("alice", f"POST /chats/{chat}/group_tags", unknown))[0] == 404
    await pachca.ok("alice", f"POST /chats/{chat}/group_tags", {"group_tag_ids": [tag["id"]]})
    assert (await pachca.call("alice", f"DELETE /chats/{chat}/members/{bob}")).status == 204
    assert (await pachca.refused("bob", f"DELETE /chats/{chat}/leave"))[0] == 403
    assert bob in (await pachca.ok("alice", f"GET /chats/{chat}"))["member_ids"]
    await pachca.ok("alice", f"DELETE /chats/{chat}/group_tags/{tag['id']}")
    assert bob not in (await pachca.ok("alice", f"GET /chats/{chat}"))["member_ids"]


async def test_people_of_a_tag_leave_after_the_answer_that_it_is_unlinked(pachca: Desk) -> None:
    bob, chat = pachca.ids["bob"], await pachca.room("alice")
    await pachca.ok("admin", f"PUT /users/{bob}", {"user": {"list_tags": ["crew"]}})
    (tag,) = await pachca.ok("alice", "GET /group_tags")
    link = {"group_tag_ids": [tag["id"]]}
    await pachca.ok("alice", f"POST /chats/{chat}/group_tags", link)
    clock = pachca.fakes.kernel.clock
    clock.freeze()
    await pachca.ok("alice", f"DELETE /chats/{chat}/group_tags/{tag['id']}")
    shown = await pachca.ok("alice", f"GET /chats/{chat}")
    assert (shown["group_tag_ids"], bob in shown["member_ids"]) == ([], True)
    clock.advance(0)
    assert bob not in (await pachca.ok("alice", f"GET /chats/{chat}"))["member_ids"]
    # Linked again before it happens, nobody leaves.
    await pachca.ok("alice", f"POST /chats/{chat}/group_tags", link)
    await pachca.ok("alice", f"DELETE /chats/{chat}/group_tags/{tag['id']}")
    await pachca.ok("alice", f"POST /chats/{chat}/group_tags", link)
    clock.advance(0)
    assert bob in (await pachca.ok("alice", f"GET /chats/{chat}"))["member_ids"]


async def test_a_chat_follows_the_people_of_its_tags(pachca: Desk) -> None:
    bob, chat = pachca.ids["bob"], await pachca.room("alice")
    given = {"group_tag": {"name": "crew"}}
    crew = await pachca.ok("admin", "POST /group_tags", given)
    ship = await pachca.ok("admin", "POST /group_tags", {"group_tag": {"name": "ship"}})
    await pachca.ok("alice", f"POST /chats/{chat}/group_tags", {"group_tag_ids": [crew["id"], ship["id"]]})

    async def tagged(*names: str) -> bool:
        await pachca.ok("admin", f"PUT /users/{bob}", {"user": {"list_tags": list(names)}})
        return bob in (await pachca.ok("alice", f"GET /chats/{chat}"))["member_ids"]

    assert await tagged("Crew")
    assert await tagged("ship")
    assert not await tagged("other")
    assert await tagged("crew", "ship")
    assert not await tagged()
    invited = {"email": "carol@example.com", "list_tags": ["crew"], "chat_ids": [chat]}
    carol = await pachca.ok("admin", "POST /users", {"user": invited})
    assert carol["id"] in (await pachca.ok("alice", f"GET /chats/{chat}"))["member_ids"]


async def test_lists_of_chats(pachca: Desk) -> None:
    mine = await pachca.room("alice")
    other = await pachca.room("bob", public=True)
    listed = [each["id"] for each in await pachca.ok("alice", "GET /chats")]
    assert listed == [mine, pachca.team, pachca.general]
    everything = [each["id"] for each in await pachca.ok("alice", "GET /chats?availability=public")]
    assert everything == [other, pachca.general]
    await pachca.say("alice", pachca.general)
    by_time = await pachca.ok("alice", "GET /chats?sort=last_message_at&limit=1")
    assert by_time[0]["id"] == pachca.general
    assert (await pachca.call("alice", f"PUT /chats/{mine}/archive")).status == 204
    assert (await pachca.refused("alice", f"PUT /chats/{mine}/archive"))[0] == 403
    assert mine not in [each["id"] for each in await pachca.ok("alice", "GET /chats")]
    assert mine in [each["id"] for each in await pachca.ok("alice", "GET /chats?archived=true")]
    assert (await pachca.call("alice", f"PUT /chats/{mine}/unarchive")).status == 204
    assert (await pachca.refused("alice", "GET /chats/1"))[0] == 404
    closed = await pachca.room("bob")
    assert await pachca.refused("alice", f"GET /chats/{closed}") == (403, "base", "access_denied")
    renamed = await pachca.ok("alice", f"PUT /chats/{other}", {"chat": {"name": "ours"}})
    assert renamed["name"] == "ours"


async def test_people_are_made_changed_and_removed(pachca: Desk) -> None:
    given = {"email": "carol@example.com", "nickname": "bob", "list_tags": ["a", "b"]}
    made = await pachca.ok("admin", "POST /users", {"user": given})
    assert made["nickname"].startswith("bob_")
    assert made["list_tags"] == ["a", "b"]
    taken = await pachca.refused("admin", "POST /users", {"user": given})
    assert taken == (409, "email", "already_exists")
    path = f"/users/{made['id']}"
    changed = await pachca.ok(
        "admin", f"PUT {path}", {"user": {"list_tags": "x", "role": "king", "title": "T"}}
    )
    assert (changed["list_tags"], changed["role"], changed["title"]) == (["a", "b"], "user", "T")
    assert (await pachca.refused("admin", f"PUT {path}", {"user": {"role": "guest"}}))[0] == 403
    nick = {"user": {"nickname": "robot"}}
    assert await pachca.refused("admin", f"PUT /users/{pachca.ids['bot']}", nick) == (
        422,
        "nickname",
        "invalid",
    )
    assert (await pachca.call("admin", f"DELETE {path}")).status == 204
    assert (await pachca.refused("admin", f"DELETE {path}"))[0] == 404
    assert (await pachca.refused("admin", f"DELETE /users/{pachca.ids['admin']}"))[0] == 403


async def test_personal_data_is_for_admins_and_oneself(pachca: Desk) -> None:
    path = f"GET /users/{pachca.ids['bob']}"
    seen = [(await pachca.ok(who, path))["email"] for who in ("admin", "bob", "alice", "bot")]
    assert seen == ["bob@example.com", "bob@example.com", None, None]
    pachca.fake.patch_settings({"personal_data": True})
    assert (await pachca.ok("bot", path))["email"] == "bob@example.com"


async def test_a_status_is_set_extended_and_removed(pachca: Desk) -> None:
    got = await pachca.call("alice", "GET /profile/status")
    assert (got.status, got.body) == (200, None)
    assert (await pachca.refused("alice", "PUT /profile/status", {"status": {"title": "x"}}))[2] == "blank"
    given = {"emoji": "🎮", "title": "Playing", "away_message": "later"}
    await pachca.ok("alice", "PUT /profile/status", {"status": given})
    later = {"status": {"expires_at": "2030-05-15T17:30:00+03:00"}}
    kept = await pachca.ok("alice", "PUT /profile/status", later)
    assert kept == {
        "emoji": "🎮",
        "title": "Playing",
        "expires_at": "2030-05-15T14:30:00.000Z",
        "is_away": False,
        "away_message": {"text": "later"},
    }
    wrong = {"status": {"emoji": "abc"}}
    assert (await pachca.refused("alice", "PUT /profile/status", wrong))[2] == "wrong_emoji"
    assert (await pachca.call("alice", "DELETE /profile/status")).status == 204


async def test_tags_have_names_of_their_own(pachca: Desk) -> None:
    async def refused(name: str) -> tuple[int, str, str]:
        return await pachca.refused("admin", "POST /group_tags", {"group_tag": {"name": name}})

    await pachca.ok("admin", "POST /group_tags", {"group_tag": {"name": "Design"}})
    assert await refused("dESIGN") == (409, "name", "already_exists")
    assert (await refused("here"))[2] == "use_of_system_words"
    assert (await refused("a@b"))[2] == "invalid"


async def test_avatars_are_put(pachca: Desk) -> None:
    import aiohttp

    def picture(body: bytes) -> aiohttp.FormData:
        form = aiohttp.FormData()
        form.add_field("image", body, filename="me.png", content_type="image/png")
        return form

    png = b"\x89PNG\r\n\x1a\n" + b"0" * 32
    shown = await pachca.ok("alice", "PUT /profile/avatar", data=picture(png))
    async with pachca.session.get(shown["image_url"]) as answer:
        assert (answer.content_type, await answer.read()) == ("image/png", png)
    wrong = await pachca.refused("alice", "PUT /profile/avatar", data=picture(b"text"))
    assert wrong == (422, "image", "invalid")
    assert (await pachca.call("alice", "POST /profile/avatar", data=picture(png))).status == 404
    assert (await pachca.call("alice", "DELETE /profile/avatar")).status == 204
    assert (await pachca.ok("alice", "GET /profile"))["image_url"] is None
