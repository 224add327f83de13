from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tolmach_mockservers.server import Fakes

pytestmark = pytest.mark.usefixtures("fakes")


@pytest.fixture
async def fakes() -> AsyncIterator[Fakes]:
    async with Fakes(["rocketchat"], strict=True) as running:
        yield running


@pytest.fixture
def agent_fakes(fakes: Fakes) -> Fakes:
    """Let the shared ``control`` fixture speak to these fakes."""
    return fakes


@pytest.fixture
def people(fakes: Fakes) -> dict[str, str]:
    ready = fakes.ready["rocketchat"]
    return {name: person["id"] for name, person in ready["people"].items()} | {"bot": ready["bot"]["id"]}


@pytest.fixture
def general(fakes: Fakes) -> str:
    return fakes.ready["rocketchat"]["rooms"]["general"]["id"]


async def _rest(fakes: Fakes, session: aiohttp.ClientSession, who: str, path: str) -> tuple[int, Any]:
    ready = fakes.ready["rocketchat"]
    person = ready["bot"] if who == "bot" else ready["people"][who]
    headers = {"X-User-Id": person["id"], "X-Auth-Token": person["token"]}
    async with session.get(f"{ready['url']}/api/v1/{path}", headers=headers) as response:
        return response.status, await response.json()


async def test_the_start_world_is_listed(control: Any, fakes: Fakes) -> None:
    world = (await control.get("/world"))["rocketchat"]
    assert [person["username"] for person in world["people"]] == ["admin", "alice", "bob", "tolmach.bot"]
    assert [person["kind"] for person in world["people"]] == ["admin", "human", "human", "bot"]
    assert [(room["name"], room["kind"], len(room["members"])) for room in world["rooms"]] == [
        ("general", "public", 4),
        ("team", "private", 4),
    ]
    assert world["people"][3]["token"] == fakes.ready["rocketchat"]["bot"]["token"]


async def test_everybody_of_the_ready_file_can_log_in_with_their_token(
    fakes: Fakes, session: aiohttp.ClientSession
) -> None:
    for who in ("admin", "alice", "bob", "bot"):
        status, me = await _rest(fakes, session, who, "me")
        assert (status, me["success"]) == (200, True)


async def test_a_person_without_a_name_gets_one_from_the_seed(control: Any) -> None:
    made = await control.post("/rocketchat/people", {})
    assert made["name"]
    assert made["kind"] == "human"
    assert made["token"]
    assert made["username"] in {
        each["username"] for each in (await control.get("/world"))["rocketchat"]["people"]
    }


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"kind": "robot"}, 400, "kind"),
        ({"username": 3}, 400, "username"),
        ({"roles": "admin"}, 400, "roles"),
        ({"username": "alice"}, 409, "username"),
    ],
)
async def test_a_wrong_person_is_refused_by_field(
    control: Any, body: object, status: int, field: str
) -> None:
    answered, answer = await control.call("POST", "/rocketchat/people", body)
    assert (answered, answer["field"]) == (status, field)


async def test_a_room_is_made_with_its_members(control: Any, people: dict[str, str]) -> None:
    body = {"name": "ops", "kind": "private", "members": [people["alice"], people["bot"]]}
    made = await control.post("/rocketchat/rooms", body)
    assert (made["name"], made["kind"]) == ("ops", "private")
    assert sorted(made["members"]) == sorted(body["members"])
    body = {"kind": "direct", "members": [people["alice"], people["bob"]]}
    first = await control.post("/rocketchat/rooms", body)
    assert (await control.post("/rocketchat/rooms", body))["id"] == first["id"]


async def test_an_unknown_member_is_not_found(control: Any) -> None:
    status, answer = await control.call(
        "POST", "/rocketchat/rooms", {"kind": "public", "members": ["nobody"]}
    )
    assert (status, answer["field"]) == (404, "members")


async def test_a_person_says_edits_reacts_and_deletes_by_hand(
    control: Any, fakes: Fakes, session: aiohttp.ClientSession, people: dict[str, str], general: str
) -> None:
    alice = f"/rocketchat/people/{people['alice']}"
    said = (await control.post(f"{alice}/say", {"room_id": general, "text": "helo"}))["message_id"]
    await control.post(f"{alice}/edit", {"message_id": said, "text": "hello"})
    await control.post(f"{alice}/react", {"message_id": said, "emoji": ":eyes:", "add": True})
    _, read = await _rest(fakes, session, "bot", f"chat.getMessage?msgId={said}")
    assert read["message"]["msg"] == "hello"
    assert read["message"]["reactions"][":eyes:"]["usernames"] == ["alice"]
    await control.post(f"{alice}/delete", {"message_id": said})
    status, _ = await _rest(fakes, session, "bot", f"chat.getMessage?msgId={said}")
    assert status == 400


async def test_a_revoked_token_is_refused_by_the_server(
    control: Any, fakes: Fakes, session: aiohttp.ClientSession, people: dict[str, str]
) -> None:
    await control.post("/rocketchat/tokens/revoke", {"user_id": people["bot"]})
    assert (await _rest(fakes, session, "bot", "me"))[0] == 401
    await control.post("/reset")
    assert (await _rest(fakes, session, "bot", "me"))[0] == 200


async def test_a_snapshot_brings_rooms_and_ids_back(control: Any) -> None:
    snapshot = (await control.post("/snapshots"))["id"]
    first = await control.post("/rocketchat/people", {})
    await control.post(f"/snapshots/{snapshot}/restore")
    assert len((await control.get("/world"))["rocketchat"]["people"]) == 4
    assert await control.post("/rocketchat/people", {}) == first


async def test_settings_are_changed_by_the_servers_ids(control: Any) -> None:
    status, settings = await control.call("PATCH", "/rocketchat/settings", {"rate_limits": True})
    assert (status, settings["rate_limits"]) == (200, True)
    status, answer = await control.call("PATCH", "/rocketchat/settings", {"No_Such": 1})
    assert (status, answer["field"]) == (400, "No_Such")


async def test_the_same_seed_and_stimuli_write_the_same_journal() -> None:
    async def run() -> str:
        async with Fakes(["rocketchat"], seed=11) as fakes, aiohttp.ClientSession() as session:
            control = fakes.ready["control"]
            for who, path in (
                ("alice", "me"),
                ("bot", "rooms.get"),
                ("alice", "me"),
                ("bot", "users.info?username=ghost"),
            ):
                await _rest(fakes, session, who, path)
            chat = fakes.rocketchat
            assert chat is not None
            room = fakes.ready["rocketchat"]["rooms"]["general"]["id"]
            chat.say(fakes.ready["rocketchat"]["people"]["alice"]["id"], room, "hello")
            await _rest(fakes, session, "bot", f"channels.history?roomId={room}")
            headers = {"Authorization": f"Bearer {control['token']}"}
            async with session.get(f"{control['url']}/journal/canonical", headers=headers) as response:
                return await response.text()

    first = await run()
    assert first.count("\n") >= 5
    assert await run() == first
