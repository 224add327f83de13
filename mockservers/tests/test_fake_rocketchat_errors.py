"""Refusals of the fake Rocket.Chat's REST API, byte for byte."""

from typing import Any

import pytest

NOT_LOGGED_IN = (
    '{"success":false,"error":"You must be logged in to do this.","status":"error",'
    '"message":"You must be logged in to do this."}'
)


async def test_no_token_is_401_with_four_fields(rocket: Any) -> None:
    status, text, headers = await rocket.raw("GET", "me")
    assert (status, text) == (401, NOT_LOGGED_IN)
    assert headers["Content-Type"] == "application/json"
    assert headers["Cache-Control"] == "no-store"


async def test_a_token_of_somebody_else_is_401(rocket: Any) -> None:
    mixed = {"token": rocket.alice["token"], "id": rocket.bob["id"]}
    assert (await rocket.raw("GET", "me", mixed))[:2] == (401, NOT_LOGGED_IN)


async def test_a_legacy_route_words_a_bad_body_with_the_code(rocket: Any) -> None:
    status, text, _ = await rocket.raw("POST", "chat.delete", rocket.alice, body={"msgId": "x"})
    assert status == 400
    assert text == (
        '{"success":false,"error":"must have required property \'roomId\' [invalid-params]",'
        '"errorType":"invalid-params"}'
    )


async def test_a_typed_route_words_a_bad_body_without_the_code(rocket: Any) -> None:
    status, text, _ = await rocket.raw("POST", "chat.update", rocket.alice, body={"msgId": "x"})
    assert status == 400
    assert text == (
        '{"success":false,"error":"must have required property \'roomId\'","errorType":"invalid-params"}'
    )


async def test_several_complaints_are_joined_by_newline_and_space(rocket: Any) -> None:
    _, answer = await rocket.refusal("chat.react", rocket.alice)
    assert answer["error"] == (
        "must have required property 'emoji'\n must have required property 'reaction'\n"
        " must match exactly one schema in oneOf [invalid-params]"
    )


async def test_an_unknown_field_is_refused_and_noted_as_a_violation(rocket: Any) -> None:
    status, answer = await rocket.refusal("chat.delete", rocket.alice, msgId="x", roomId="y", force=True)
    assert (status, answer["error"]) == (400, "must NOT have additional properties [invalid-params]")
    assert rocket.violations() == ["unknown field force in POST chat.delete"]


async def test_an_unknown_route_is_a_404_that_is_not_json(rocket: Any) -> None:
    status, text, headers = await rocket.raw("GET", "chat.fly", rocket.alice)
    assert (status, text) == (404, "404 Not Found")
    assert headers["Content-Type"].startswith("text/plain")
    assert rocket.violations() == ["unknown route GET /api/v1/chat.fly"]


async def test_unparsable_json_is_an_empty_body(rocket: Any) -> None:
    headers = {"X-Auth-Token": rocket.alice["token"], "X-User-Id": rocket.alice["id"]}
    async with rocket.session.post(
        f"{rocket.url}/api/v1/chat.sendMessage", data=b'{"message": {', headers=headers
    ) as response:
        assert response.status == 400
        assert (await response.json())["error"] == "must have required property 'message' [invalid-params]"


async def test_a_meteor_error_carries_code_suffix_type_and_details(rocket: Any) -> None:
    status, text, _ = await rocket.raw("POST", "channels.create", rocket.alice, body={"name": "general"})
    assert status == 400
    assert text == (
        '{"success":false,"error":"A channel with name \'general\' exists [error-duplicate-channel-name]",'
        '"errorType":"error-duplicate-channel-name",'
        '"details":{"function":"RocketChat.getValidRoomName","channel_name":"general"}}'
    )


async def test_a_meteor_error_without_reason_is_its_code_in_brackets(rocket: Any) -> None:
    _, answer = await rocket.refusal("chat.postMessage", rocket.alice, channel="#nowhere", text="x")
    assert answer == {"success": False, "error": "[invalid-channel]", "errorType": "invalid-channel"}


async def test_plain_failures_have_no_error_type(rocket: Any) -> None:
    _, answer = await rocket.refusal("chat.update", rocket.alice, roomId="r", msgId="m", text="t")
    assert answer == {"success": False, "error": 'No message found with the id of "m".'}
    root = await rocket.say(rocket.alice, "hi")
    _, answer = await rocket.refusal(
        "chat.update", rocket.alice, roomId=rocket.team, msgId=root["_id"], text="t"
    )
    assert answer == {
        "success": False,
        "error": "The room id provided does not match where the message is from.",
    }


async def test_a_message_that_is_not_there_or_not_ours_is_a_bare_failure(rocket: Any) -> None:
    carol = await rocket.person(username="carol")
    secret = await rocket.say(rocket.alice, "psst", rocket.team)
    for person, message_id in ((rocket.alice, "nope"), (carol, secret["_id"])):
        status, text, _ = await rocket.raw("GET", "chat.getMessage", person, msgId=message_id)
        assert (status, text) == (400, '{"success":false}')


async def test_rooms_info_swaps_text_and_code_when_access_is_missing(rocket: Any) -> None:
    carol = await rocket.person(username="carol")
    status, text, _ = await rocket.raw("GET", "rooms.info", carol, roomId=rocket.team)
    assert (status, text) == (400, '{"success":false,"error":"not-allowed","errorType":"Not Allowed"}')
    _, text, _ = await rocket.raw("GET", "rooms.info", carol, roomId="nope")
    assert '"errorType":"error-room-not-found"' in text


async def test_a_private_room_that_one_may_not_see_is_not_found(rocket: Any) -> None:
    carol = await rocket.person(username="carol")
    status, text, _ = await rocket.raw("GET", "groups.info", carol, roomId=rocket.team)
    assert status == 400
    assert '"errorType":"error-room-not-found"' in text


async def test_a_direct_room_of_others_is_forbidden(rocket: Any) -> None:
    room = (await rocket.post("im.create", rocket.alice, username="bob"))["room"]
    status, text, _ = await rocket.raw("GET", "im.history", rocket.bot, roomId=room["_id"])
    assert (status, text) == (403, '{"success":false,"error":"unauthorized"}')


async def test_system_messages_cannot_be_sent(rocket: Any) -> None:
    _, answer = await rocket.refusal(
        "chat.sendMessage", rocket.alice, message={"rid": rocket.general, "msg": "x", "t": "uj"}
    )
    assert answer == {"success": False, "error": "Cannot send system messages using 'chat.sendMessage'"}


@pytest.mark.parametrize(
    ("sort", "error_type"), [("nonsense", "error-invalid-sort"), ('{"ts":2}', "error-invalid-sort-value")]
)
async def test_sort_takes_only_one_and_minus_one(rocket: Any, sort: str, error_type: str) -> None:
    status, text, _ = await rocket.raw("GET", "channels.list", rocket.alice, sort=sort)
    assert status == 400
    assert f'"errorType":"{error_type}"' in text


async def test_lists_are_paged_and_capped(rocket: Any) -> None:
    for number in range(120):
        rocket.fake.say(rocket.alice["id"], rocket.general, f"m{number}")
    page = await rocket.get("channels.messages", rocket.alice, roomId=rocket.general)
    assert (page["count"], page["offset"], page["total"]) == (50, 0, 120)
    page = await rocket.get(
        "channels.messages", rocket.alice, roomId=rocket.general, count="150", offset="90"
    )
    assert (page["count"], page["offset"], page["total"]) == (30, 90, 120)
    page = await rocket.get("channels.messages", rocket.alice, roomId=rocket.general, count="150")
    assert page["count"] == 100
    page = await rocket.get("channels.messages", rocket.alice, roomId=rocket.general, count="0")
    assert page["count"] == 120
    assert page["messages"][0]["msg"] == "m119"


async def test_the_eleventh_call_in_a_minute_is_429(rocket: Any) -> None:
    rocket.fakes.kernel.clock.freeze()
    rocket.fake.patch_settings({"rate_limits": True})
    now = int(rocket.fakes.kernel.clock.now() * 1000)
    for left in range(9, -1, -1):
        status, _, headers = await rocket.raw("GET", "me", rocket.alice)
        assert (status, headers["X-RateLimit-Limit"]) == (200, "10")
        assert headers["X-RateLimit-Remaining"] == str(left)
        assert headers["X-RateLimit-Reset"] == str(now + 60_000)
    status, text, headers = await rocket.raw("GET", "me", rocket.alice)
    assert status == 429
    assert text == (
        '{"success":false,"error":"Error, too many requests. Please slow down. You must wait 60 seconds '
        'before trying this endpoint again. [error-too-many-requests]"}'
    )
    assert headers["X-RateLimit-Remaining"] == "0"
    assert "Retry-After" not in headers
    rocket.fakes.kernel.clock.advance(60)
    assert (await rocket.raw("GET", "me", rocket.alice))[0] == 200


async def test_limits_spare_other_routes_and_who_may_bypass_them(rocket: Any) -> None:
    rocket.fake.patch_settings({"rate_limits": True})
    for _ in range(12):
        status, _, headers = await rocket.raw("GET", "me", rocket.bot)
        assert status == 200
        assert "X-RateLimit-Limit" not in headers
    for _ in range(11):
        last = await rocket.raw("GET", "me", rocket.alice)
    assert last[0] == 429
    assert (await rocket.raw("GET", "rooms.get", rocket.alice))[0] == 200
    # Authentication comes first: a stranger uses nothing up.
    assert (await rocket.raw("GET", "rooms.get"))[0] == 401
