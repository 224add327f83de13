"""What the control API can do to the fake Rocket.Chat, and that the same seed gives the same world."""

from typing import Any

import aiohttp
import pytest

from tolmach_mockservers.canonical import canonical
from tolmach_mockservers.refusal import RefusalError
from tolmach_mockservers.server import Fakes

MINE = ("stream-room-messages", "__my_messages__", False)


async def test_the_world_has_people_with_working_credentials(rocket: Any) -> None:
    world = rocket.fake.world()
    assert [each["username"] for each in world["people"]] == ["admin", "alice", "bob", "tolmach.bot"]
    assert [each["kind"] for each in world["people"]] == ["admin", "human", "human", "bot"]
    for person in world["people"]:
        assert (await rocket.get("me", person))["username"] == person["username"]
    assert [(each["name"], each["kind"], len(each["members"])) for each in world["rooms"]] == [
        ("general", "public", 4),
        ("team", "private", 4),
    ]


async def test_people_without_names_get_one_from_the_seed(rocket: Any) -> None:
    one, two = rocket.fake.create_person(), rocket.fake.create_person(kind="bot", roles=["user", "bot"])
    assert " " in one["name"]
    assert one["username"] != two["username"]
    assert two["roles"] == ["user", "bot"]
    with pytest.raises(RefusalError) as refused:
        rocket.fake.create_person(username="alice")
    assert (refused.value.field, refused.value.status) == ("username", 409)


async def test_rooms_are_made_for_anybody(rocket: Any) -> None:
    room = rocket.fake.create_room(
        name="ops", kind="private", members=[rocket.bob["id"], rocket.bot["id"]], owner=rocket.bob["id"]
    )
    assert room["members"] == [rocket.bob["id"], rocket.bot["id"]]
    shown = (await rocket.get("groups.info", rocket.bot, roomId=room["id"]))["group"]
    assert shown["name"] == "ops"
    direct = rocket.fake.create_room(kind="direct", members=[rocket.bob["id"], rocket.bot["id"]])
    assert direct["kind"] == "direct"
    assert direct["id"] == "".join(sorted([rocket.bob["id"], rocket.bot["id"]]))
    with pytest.raises(RefusalError) as refused:
        rocket.fake.create_room(kind="public", members=["nobody"])
    assert refused.value.status == 404


async def test_acting_as_a_person_follows_the_rules_of_the_server(rocket: Any) -> None:
    sent = rocket.fake.say(rocket.alice["id"], rocket.general, "hi")["message_id"]
    rocket.fake.react(rocket.bob["id"], sent, "eyes")
    rocket.fake.react(rocket.bot["id"], sent, "eyes", add=False)
    rocket.fake.edit(rocket.alice["id"], sent, "hello")
    stored = (await rocket.get("chat.getMessage", rocket.alice, msgId=sent))["message"]
    assert (stored["msg"], stored["reactions"]) == ("hello", {":eyes:": {"usernames": ["bob"]}})
    with pytest.raises(RefusalError) as refused:
        rocket.fake.delete(rocket.bob["id"], sent)
    assert refused.value.status == 409
    rocket.fake.delete(rocket.alice["id"], sent)
    with pytest.raises(RefusalError) as refused:
        rocket.fake.edit(rocket.alice["id"], sent, "again")
    assert refused.value.status == 404


async def test_a_redelivered_message_is_the_same_document(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    await ddp.sub(*MINE, sub_id="a")
    await ddp.sub("stream-room-messages", rocket.general, False, sub_id="b")
    sent = await rocket.say(rocket.alice, "x")
    first = {name: args[0] for name, args in [await ddp.event(), await ddp.event()]}
    rocket.fake.redeliver(sent["_id"], times=2)
    for _ in range(2):
        assert {name: args[0] for name, args in [await ddp.event(), await ddp.event()]} == first
    await ddp.quiet()


async def test_raw_text_reaches_every_socket_of_a_person(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    rocket.fake.inject_frame(rocket.bot["id"], '{"msg":"changed","collection":5')
    assert (await ddp.socket.receive(timeout=5)).data == '{"msg":"changed","collection":5'


async def test_settings_are_checked_by_name_and_type(rocket: Any) -> None:
    all_of_them = rocket.fake.patch_settings({"Message_MaxAllowedSize": 10, "rate_limits": True})
    assert (all_of_them["Message_MaxAllowedSize"], all_of_them["rate_limits"]) == (10, True)
    for change in ({"Mesage_MaxAllowedSize": 1}, {"Message_MaxAllowedSize": "1"}, {"rate_limits": 1}):
        with pytest.raises(RefusalError) as refused:
            rocket.fake.patch_settings(change)
        assert refused.value.field == next(iter(change))


async def test_revoked_tokens_are_dead_while_the_socket_lives(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    assert rocket.fake.revoke_tokens(rocket.bot["id"]) == 1
    assert (await rocket.raw("GET", "me", rocket.bot))[0] == 401
    await ddp.quiet()


async def test_a_snapshot_brings_everything_back(rocket: Any) -> None:
    before = await rocket.say(rocket.alice, "before")
    kept = rocket.fakes.snapshot()
    after = await rocket.say(rocket.alice, "after")
    rocket.fake.edit(rocket.alice["id"], before["_id"], "changed")
    carol = await rocket.person(username="carol")
    rocket.fakes.restore(kept)
    page = await rocket.get("channels.messages", rocket.alice, roomId=rocket.general)
    assert [each["msg"] for each in page["messages"]] == ["before"]
    assert (await rocket.raw("GET", "me", carol))[0] == 401
    assert (await rocket.say(rocket.alice, "after"))["_id"] == after["_id"]


async def test_a_reset_gives_the_start_world_and_its_tokens_back(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    await ddp.sub(*MINE)
    await rocket.say(rocket.alice, "x")
    assert rocket.fake.sockets()["peak"] == {rocket.bot["id"]: 1}
    rocket.fakes.reset()
    assert rocket.fake.sockets() == {"sockets": [], "peak": {}}
    await ddp.closed()
    assert (await rocket.get("channels.messages", rocket.alice, roomId=rocket.general))["total"] == 0
    again = await rocket.open(rocket.bot)
    await again.quiet()


async def _story(seed: int) -> str:
    """Play the same calls one after the other and return the canonical journal."""
    async with Fakes(["rocketchat"], seed=seed) as fakes, aiohttp.ClientSession() as session:
        chat = fakes.ready["rocketchat"]
        alice, bot = chat["people"]["alice"], chat["bot"]
        rid = chat["rooms"]["general"]["id"]
        async with session.ws_connect(chat["ws"]) as socket:
            await socket.send_json({"msg": "connect", "version": "1", "support": ["1"]})
            await socket.send_json(
                {"msg": "method", "method": "login", "id": "1", "params": [{"resume": bot["token"]}]}
            )
            await socket.send_json({"msg": "sub", "id": "s", "name": MINE[0], "params": [*MINE[1:]]})
            while (await socket.receive_json(timeout=5)).get("msg") != "ready":
                pass
            headers = {"X-Auth-Token": alice["token"], "X-User-Id": alice["id"]}
            for text in ("one", "two @tolmach.bot"):
                body = {"message": {"rid": rid, "msg": text}}
                async with session.post(
                    f"{chat['url']}/api/v1/chat.sendMessage", json=body, headers=headers
                ) as answer:
                    assert answer.status == 200
                await socket.receive_json(timeout=5)
        return canonical(fakes.kernel.journal.search())


async def test_the_same_seed_and_story_give_the_same_journal_byte_for_byte() -> None:
    first, second, other = await _story(5), await _story(5), await _story(6)
    assert first == second
    assert first != other
    assert "two @tolmach.bot" in first


async def test_a_login_does_not_shift_the_ids_of_messages(rocket: Any) -> None:
    kept = rocket.fakes.snapshot()
    expected = (await rocket.say(rocket.alice, "x"))["_id"]
    rocket.fakes.restore(kept)
    await rocket.open(rocket.bot)
    await rocket.post("login", user="bob", password=rocket.bob["password"])
    assert (await rocket.say(rocket.alice, "x"))["_id"] == expected
