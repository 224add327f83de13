"""Logging in and out of the fake Rocket.Chat, and what a token's end does."""

import hashlib
from typing import Any

import pytest

from tolmach_mockservers.server import Fakes

LOGGED_OUT = {
    "isClientSafe": True,
    "error": 403,
    "reason": "You've been logged out by the server. Please log in again.",
    "message": "You've been logged out by the server. Please log in again. [403]",
    "errorType": "Meteor.Error",
}


@pytest.mark.parametrize("form", ["user", "username", "email", "user as email"])
async def test_a_password_logs_in_by_any_name(rocket: Any, form: str) -> None:
    name = "alice@example.com" if "email" in form else "alice"
    field = form.removesuffix(" as email")
    answer = await rocket.post("login", **{field: name}, password=rocket.alice["password"])
    assert answer["status"] == "success"
    data = answer["data"]
    assert data["userId"] == rocket.alice["id"]
    assert data["me"]["username"] == "alice"
    assert len(data["authToken"]) == 43
    who = {"id": data["userId"], "token": data["authToken"]}
    assert (await rocket.get("me", who))["_id"] == rocket.alice["id"]


async def test_a_resume_token_logs_in_and_stays_the_same(rocket: Any) -> None:
    answer = await rocket.post("login", resume=rocket.bot["token"])
    assert answer["data"]["authToken"] == rocket.bot["token"]


@pytest.mark.parametrize(
    "body", [{"user": "alice", "password": "wrong"}, {"user": "nobody", "password": "x"}]
)
async def test_a_refused_login_does_not_say_why(rocket: Any, body: dict[str, str]) -> None:
    status, text, _ = await rocket.raw("POST", "login", body=body)
    assert status == 401
    assert text == '{"success":false,"status":"error","error":"Unauthorized","message":"Unauthorized"}'


async def test_logout_kills_the_token_and_closes_its_sockets(rocket: Any) -> None:
    data = (await rocket.post("login", user="alice", password=rocket.alice["password"]))["data"]
    who = {"id": data["userId"], "token": data["authToken"]}
    ddp = await rocket.open(who)
    other = await rocket.open(rocket.alice)
    answer = await rocket.post("logout", who)
    assert answer == {"status": "success", "data": {"message": "You've been logged out!"}}
    await ddp.closed()
    await other.quiet()
    assert (await rocket.raw("GET", "me", who))[0] == 401


async def test_a_removed_pat_is_dead_for_rest_but_its_socket_lives_on(rocket: Any) -> None:
    ddp = await rocket.open(rocket.alice)
    assert (await ddp.sub("stream-room-messages", "__my_messages__", False))["msg"] == "ready"
    await rocket.post("users.removePersonalAccessToken", rocket.alice, tokenName="tolmach")
    assert (await rocket.raw("GET", "me", rocket.alice))[0] == 401
    sent = await rocket.say(rocket.bob, "still there?")
    name, (message, _) = await ddp.event()
    assert (name, message["_id"]) == ("__my_messages__", sent["_id"])
    late = await rocket.open()
    assert (await late.call("login", {"resume": rocket.alice["token"]}))["error"] == LOGGED_OUT


async def test_pats_are_listed_by_their_last_characters(rocket: Any) -> None:
    token = (await rocket.post("users.generatePersonalAccessToken", rocket.alice, tokenName="ci"))["token"]
    listed = (await rocket.get("users.getPersonalAccessTokens", rocket.alice))["tokens"]
    assert [each["name"] for each in listed] == ["tolmach", "ci"]
    assert listed[1]["lastTokenPart"] == token[-6:]
    assert listed[1]["bypassTwoFactor"] is False
    _, answer = await rocket.refusal("users.generatePersonalAccessToken", rocket.alice, tokenName="ci")
    assert answer["errorType"] == "error-token-already-exists"
    new = (await rocket.post("users.regeneratePersonalAccessToken", rocket.alice, tokenName="ci"))["token"]
    assert new != token
    assert (await rocket.raw("GET", "me", {"id": rocket.alice["id"], "token": token}))[0] == 401
    _, answer = await rocket.refusal("users.removePersonalAccessToken", rocket.alice, tokenName="no")
    assert answer["errorType"] == "error-token-does-not-exists"


async def test_login_tokens_end_after_ninety_days_and_pats_do_not(rocket: Any) -> None:
    data = (await rocket.post("login", user="bob", password=rocket.bob["password"]))["data"]
    who = {"id": data["userId"], "token": data["authToken"]}
    rocket.fakes.kernel.clock.advance(90 * 86_400 - 60)
    assert (await rocket.raw("GET", "me", who))[0] == 200
    rocket.fakes.kernel.clock.advance(61)
    assert (await rocket.raw("GET", "me", who))[0] == 401
    assert (await rocket.raw("GET", "me", rocket.bob))[0] == 200


async def test_ddp_login_by_token_publishes_the_user_before_the_result(rocket: Any) -> None:
    ddp = await rocket.open()
    await ddp.send(msg="method", method="login", id="1", params=[{"resume": rocket.bot["token"]}])
    frames = [await ddp.frame() for _ in range(3)]
    assert frames == [
        {
            "msg": "added",
            "collection": "users",
            "id": rocket.bot["id"],
            "fields": {
                "username": "tolmach.bot",
                "emails": [{"address": "tolmach.bot@example.com", "verified": True}],
            },
        },
        {"msg": "updated", "methods": ["1"]},
        {
            "msg": "result",
            "id": "1",
            "result": {
                "id": rocket.bot["id"],
                "token": rocket.bot["token"],
                "tokenExpires": {"$date": None},
                "type": "resume",
            },
        },
    ]


async def test_ddp_login_by_digest_makes_an_expiring_token(rocket: Any) -> None:
    rocket.fakes.kernel.clock.freeze()
    ddp = await rocket.open()
    digest = hashlib.sha256(rocket.bob["password"].encode()).hexdigest()
    result = (
        await ddp.call(
            "login", {"user": {"username": "bob"}, "password": {"digest": digest, "algorithm": "sha-256"}}
        )
    )["result"]
    now = int(rocket.fakes.kernel.clock.now() * 1000)
    assert result["type"] == "password"
    assert result["tokenExpires"] == {"$date": now + 90 * 86_400_000}
    wrong = await ddp.call("login", {"user": {"username": "bob"}, "password": "no"}, call_id="2")
    assert wrong["error"]["error"] == 403
    assert wrong["error"]["reason"] == "Incorrect password"


async def test_ddp_logout_refuses_the_subscriptions_and_keeps_the_socket(rocket: Any) -> None:
    ddp = await rocket.open(rocket.alice)
    await ddp.sub("stream-room-messages", rocket.general, False, sub_id="a")
    await ddp.send(msg="method", method="logout", id="9", params=[])
    assert await ddp.frame() == {"msg": "updated", "methods": ["9"]}
    assert await ddp.frame() == {"msg": "result", "id": "9"}
    nosub = await ddp.frame()
    assert (nosub["msg"], nosub["id"], nosub["error"]["error"]) == ("nosub", "a", "not-allowed")
    await rocket.say(rocket.bob, "hello")
    await ddp.quiet()
    assert (await rocket.raw("GET", "me", rocket.alice))[0] == 401


async def test_no_secret_stands_in_the_journal(rocket: Any) -> None:
    answer = await rocket.post("login", user="alice", password=rocket.alice["password"])
    made = await rocket.post("users.generatePersonalAccessToken", rocket.alice, tokenName="x")
    await rocket.open(rocket.bot)
    fakes: Fakes = rocket.fakes
    written = "".join(str(entry.render()) for entry in fakes.kernel.journal.search())
    secrets = (
        rocket.alice["password"],
        rocket.alice["token"],
        rocket.bot["token"],
        answer["data"]["authToken"],
        made["token"],
    )
    for secret in secrets:
        assert secret not in written
    assert "***" in written
