"""Rooms, membership, people and the server itself on the fake Rocket.Chat, over REST."""

from typing import Any

import pytest


async def _kinds(rocket: Any, rid: str) -> list[tuple[str | None, str, str]]:
    """Return (system type, text, author) of a room's messages, oldest first."""
    page = await rocket.get("channels.messages", rocket.admin, roomId=rid)
    return [(each.get("t"), each["msg"], each["u"]["username"]) for each in reversed(page["messages"])]


async def test_creating_a_channel_makes_its_creator_owner_and_members_silent(rocket: Any) -> None:
    answer = await rocket.post("channels.create", rocket.alice, name="ops", members=["bob", "nobody"])
    room = answer["channel"]
    assert (room["t"], room["name"], room["fname"], room["usersCount"]) == ("c", "ops", "ops", 2)
    assert room["u"] == {"_id": rocket.alice["id"], "username": "alice", "name": "Alice Carter"}
    assert (room["ro"], room["default"], room["sysMes"], room["msgs"]) == (False, False, True, 0)
    own = (await rocket.get("subscriptions.getOne", rocket.alice, roomId=room["_id"]))["subscription"]
    assert own["roles"] == ["owner"]
    assert await rocket.get("subscriptions.getOne", rocket.admin, roomId=room["_id"]) == {
        "subscription": None
    }
    assert await _kinds(rocket, room["_id"]) == []


async def test_groups_answer_under_their_own_key(rocket: Any) -> None:
    room = (await rocket.post("groups.create", rocket.alice, name="secret", members=["bob"]))["group"]
    assert room["t"] == "p"
    names = [each["name"] for each in (await rocket.get("groups.list", rocket.bob))["groups"]]
    assert names == ["team", "secret"]
    assert (await rocket.get("groups.info", rocket.bob, roomName="secret"))["group"]["_id"] == room["_id"]


@pytest.mark.parametrize(
    ("name", "code"), [("no way", "invalid-room-name"), ("general", "duplicate-channel-name")]
)
async def test_bad_room_names_are_refused(rocket: Any, name: str, code: str) -> None:
    _, answer = await rocket.refusal("channels.create", rocket.alice, name=name)
    assert answer["errorType"] == f"error-{code}"


async def test_coming_and_going_leaves_system_messages(rocket: Any) -> None:
    rid = (await rocket.post("channels.create", rocket.alice, name="door"))["channel"]["_id"]
    joined = await rocket.post("channels.join", rocket.bob, roomId=rid)
    assert joined["channel"]["usersCount"] == 2
    await rocket.post("channels.invite", rocket.alice, roomId=rid, userId=rocket.bot["id"])
    await rocket.post("channels.invite", rocket.alice, roomId=rid, usernames=["admin"])
    await rocket.post("channels.kick", rocket.alice, roomId=rid, username="tolmach.bot")
    await rocket.post("rooms.leave", rocket.bob, roomId=rid)
    assert await _kinds(rocket, rid) == [
        ("uj", "bob", "bob"),
        ("au", "tolmach.bot", "alice"),
        ("au", "admin", "alice"),
        ("ru", "tolmach.bot", "alice"),
        ("ul", "bob", "bob"),
    ]
    member = {"roomId": rid, "username": "bob"}
    assert await rocket.get("rooms.isMember", rocket.alice, **member) == {"isMember": False}


async def test_only_stewards_invite_and_kick(rocket: Any) -> None:
    carol = await rocket.person(username="carol")
    _, answer = await rocket.refusal("channels.invite", rocket.bob, roomId=rocket.general, userId=carol["id"])
    assert answer["errorType"] == "error-not-allowed"
    _, answer = await rocket.refusal("groups.kick", rocket.bob, roomId=rocket.team, userId=rocket.bot["id"])
    assert answer["errorType"] == "error-not-allowed"
    _, answer = await rocket.refusal("channels.leave", rocket.admin, roomId=rocket.general)
    assert answer["errorType"] == "error-you-are-last-owner"


async def test_a_rename_changes_room_and_subscriptions_and_says_so(rocket: Any) -> None:
    answer = await rocket.post("channels.rename", rocket.admin, roomId=rocket.general, name="lobby")
    assert (answer["channel"]["name"], answer["channel"]["fname"]) == ("lobby", "lobby")
    assert await _kinds(rocket, rocket.general) == [("r", "lobby", "admin")]
    own = (await rocket.get("subscriptions.getOne", rocket.bob, roomId=rocket.general))["subscription"]
    assert own["name"] == "lobby"
    assert (await rocket.get("rooms.info", rocket.bob, roomName="lobby"))["room"]["_id"] == rocket.general
    assert (await rocket.raw("GET", "rooms.info", rocket.bob, roomName="general"))[0] == 400


async def test_topic_role_and_archive_leave_their_marks(rocket: Any) -> None:
    room = {"roomId": rocket.general}
    assert await rocket.post("channels.setTopic", rocket.admin, **room, topic="News") == {"topic": "News"}
    await rocket.post("channels.addModerator", rocket.admin, **room, userId=rocket.bob["id"])
    _, answer = await rocket.refusal("channels.addModerator", rocket.admin, **room, userId=rocket.bob["id"])
    assert answer["errorType"] == "error-user-already-moderator"
    moderators = (await rocket.get("channels.moderators", rocket.alice, **room))["moderators"]
    assert [each["username"] for each in moderators] == ["bob"]
    await rocket.post("channels.archive", rocket.admin, **room)
    assert await _kinds(rocket, rocket.general) == [
        ("room_changed_topic", "News", "admin"),
        ("subscription-role-added", "bob", "admin"),
        ("room-archived", "", "admin"),
    ]
    _, answer = await rocket.refusal(
        "chat.sendMessage", rocket.alice, message={"rid": rocket.general, "msg": "x"}
    )
    assert answer == {"success": False, "error": "room_is_archived"}
    _, answer = await rocket.refusal("channels.rename", rocket.admin, **room, name="x")
    assert answer["errorType"] == "error-room-archived"
    await rocket.post("channels.unarchive", rocket.admin, **room)
    await rocket.say(rocket.alice, "open again")


async def test_a_direct_room_is_created_lean_once_and_named_after_the_other(rocket: Any) -> None:
    first = (await rocket.post("im.create", rocket.alice, username="tolmach.bot"))["room"]
    rid = "".join(sorted([rocket.alice["id"], rocket.bot["id"]]))
    assert first == {
        "_id": rid,
        "rid": rid,
        "t": "d",
        "usernames": ["alice", "tolmach.bot"],
        "inserted": True,
    }
    again = (await rocket.post("dm.create", rocket.bot, username="alice"))["room"]
    assert again["_id"] == rid
    assert "inserted" not in again
    full = (await rocket.get("rooms.info", rocket.alice, roomId=rid))["room"]
    assert full["uids"] == sorted([rocket.alice["id"], rocket.bot["id"]])
    assert full["usersCount"] == 2
    assert "name" not in full
    own = (await rocket.get("subscriptions.getOne", rocket.bot, roomId=rid))["subscription"]
    assert (own["t"], own["name"], own["fname"]) == ("d", "alice", "Alice Carter")
    ims = (await rocket.get("im.list", rocket.alice))["ims"]
    assert [each["_id"] for each in ims] == [rid]


async def test_an_unknown_name_shortens_a_group_dm_and_alone_is_refused(rocket: Any) -> None:
    room = (await rocket.post("im.create", rocket.alice, usernames="bob,nobody,admin"))["room"]
    assert sorted(room["usernames"]) == ["admin", "alice", "bob"]
    assert len(room["_id"]) == 17
    same = (await rocket.post("im.create", rocket.bob, usernames="admin, alice"))["room"]
    assert same["_id"] == room["_id"]
    _, answer = await rocket.refusal("im.create", rocket.alice, username="nobody")
    assert answer["errorType"] == "error-invalid-user"
    assert answer["details"] == {"method": "createDirectMessage"}


async def test_history_is_bounded_by_times_and_shows_replies_unless_told(rocket: Any) -> None:
    rocket.fakes.kernel.clock.freeze()
    sent = [await rocket.say(rocket.alice, "a")]
    sent.append(await rocket.say(rocket.alice, "b", tmid=sent[0]["_id"]))
    sent.append(await rocket.say(rocket.alice, "c"))

    async def texts(**query: str) -> list[str]:
        answer = await rocket.get("channels.history", rocket.bob, roomId=rocket.general, **query)
        assert set(answer) == {"messages"}
        return [each["msg"] for each in answer["messages"]]

    assert await texts() == ["c", "b", "a"]
    assert await texts(showThreadMessages="false") == ["c", "a"]
    assert await texts(oldest=sent[0]["ts"]) == ["c", "b"]
    assert await texts(latest=sent[2]["ts"], oldest=sent[0]["ts"]) == ["b"]
    assert await texts(latest=sent[2]["ts"], oldest=sent[0]["ts"], inclusive="true") == ["c", "b", "a"]
    assert await texts(count="1", offset="1") == ["b"]


async def test_unread_counts_follow_mentions_and_reading(rocket: Any) -> None:
    async def counts(person: Any) -> tuple[int, int, bool]:
        answer = await rocket.get("subscriptions.getOne", person, roomId=rocket.general)
        own = answer["subscription"]
        return own["unread"], own["userMentions"], own["alert"]

    await rocket.say(rocket.alice, "hello @bob")
    assert await counts(rocket.bob) == (1, 1, True)
    assert await counts(rocket.bot) == (0, 0, True)
    assert await counts(rocket.alice) == (0, 0, False)
    await rocket.post("subscriptions.read", rocket.bob, rid=rocket.general)
    assert await counts(rocket.bob) == (0, 0, False)


async def test_what_moved_since_a_time_is_found_in_rooms_and_subscriptions(rocket: Any) -> None:
    rocket.fakes.kernel.clock.freeze()
    rocket.fakes.kernel.clock.advance(5)
    sent = await rocket.say(rocket.alice, "x")
    rocket.fakes.kernel.clock.advance(5)
    await rocket.post("groups.leave", rocket.bot, roomId=rocket.team)
    got = await rocket.get("rooms.get", rocket.bob, updatedSince=sent["ts"][:-5] + ".000Z")
    assert rocket.general in [each["_id"] for each in got["update"]]
    assert got["update"][0]["lastMessage"]["_id"] == sent["_id"]
    subs = await rocket.get("subscriptions.get", rocket.bot, updatedSince=sent["ts"])
    assert len(subs["remove"]) == 1
    everything = await rocket.get("subscriptions.get", rocket.bot)
    assert [each["rid"] for each in everything["update"]] == [rocket.general]
    assert everything["remove"] == []


async def test_users_info_hides_roles_and_address_from_others(rocket: Any) -> None:
    other = (await rocket.get("users.info", rocket.alice, username="tolmach.bot"))["user"]
    assert (other["type"], other["active"], other["canViewAllInfo"]) == ("bot", True, False)
    assert not {"roles", "emails"} & set(other)
    full = (await rocket.get("users.info", rocket.admin, userId=rocket.bot["id"]))["user"]
    assert full["roles"] == ["bot"]
    status, text, _ = await rocket.raw("GET", "users.info", rocket.alice, username="nobody")
    assert (status, text) == (400, '{"success":false,"error":"User not found."}')


async def test_a_person_changes_name_username_and_status(rocket: Any) -> None:
    before = await rocket.say(rocket.bob, "x")
    answer = await rocket.post(
        "users.updateOwnBasicInfo", rocket.bob, data={"name": "Robert", "username": "rob"}
    )
    assert (answer["user"]["name"], answer["user"]["username"]) == ("Robert", "rob")
    stored = (await rocket.get("chat.getMessage", rocket.alice, msgId=before["_id"]))["message"]
    assert stored["u"] == {"_id": rocket.bob["id"], "username": "rob", "name": "Bob Dawson"}
    assert (await rocket.say(rocket.bob, "y"))["u"]["name"] == "Robert"
    await rocket.post("users.setStatus", rocket.bob, status="busy", message="in a call")
    assert (await rocket.get("me", rocket.bob))["statusText"] == "in a call"
    _, wrong = await rocket.refusal("users.setStatus", rocket.bob, status="gone")
    assert wrong["errorType"] == "error-invalid-status"


async def test_info_and_public_settings_need_no_login(rocket: Any) -> None:
    async with rocket.session.get(f"{rocket.url}/api/info") as response:
        assert (await response.json())["version"] == "8.2"
    assert (await rocket.get("info"))["version"] == "8.2"
    rocket.fake.patch_settings({"Message_MaxAllowedSize": 300})
    answer = await rocket.get("settings.public", _id="Message_MaxAllowedSize,Threads_enabled,nonsense")
    assert answer == {
        "settings": [
            {"_id": "Message_MaxAllowedSize", "value": 300, "enterprise": False},
            {"_id": "Threads_enabled", "value": True, "enterprise": False},
        ],
        "count": 2,
        "offset": 0,
        "total": 2,
    }


async def test_methods_can_be_called_over_rest(rocket: Any) -> None:
    frame = '{"msg":"method","id":"7","method":"getRoomIdByNameOrId","params":["general"]}'
    answer = await rocket.post("method.call/getRoomIdByNameOrId", rocket.alice, message=frame)
    assert answer["message"] == f'{{"msg":"result","id":"7","result":"{rocket.general}"}}'
