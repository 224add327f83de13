"""Tokens, scopes, roles and limits of the fake Pachca, byte for byte."""

from pachca_desk import Desk


async def test_no_token_is_401_in_oauths_shape(pachca: Desk) -> None:
    async with pachca.session.get(f"{pachca.url}/profile") as answer:
        assert answer.status == 401
        assert (
            await answer.text() == '{"error":"invalid_token","error_description":"Access token is missing"}'
        )
    got = await pachca.call("nobody's", "GET /profile")
    assert (got.status, got.body["error"]) == (401, "invalid_token")


async def test_a_missing_scope_is_named_in_the_header(pachca: Desk) -> None:
    got = await pachca.call("alice", "GET /audit_events")
    assert got.status == 403
    assert got.body == {
        "error": "insufficient_scope",
        "error_description": "Insufficient scope. Required: audit_events:read",
    }
    assert got.headers["WWW-Authenticate"] == (
        'Bearer error="insufficient_scope", error_description="Insufficient scope. Required: '
        'audit_events:read", scope="audit_events:read"'
    )


async def test_a_role_that_was_taken_away_forbids_what_the_token_still_opens(pachca: Desk) -> None:
    other = pachca.add("second", kind="admin")
    assert (await pachca.call("second", "DELETE /users/1")).status == 404
    await pachca.ok("admin", f"PUT /users/{other}", {"user": {"role": "user"}})
    got = await pachca.call("second", "DELETE /users/1")
    assert (got.status, got.body["error"]) == (403, "role_forbidden")


async def test_a_suspended_owner_makes_his_token_dead(pachca: Desk) -> None:
    await pachca.ok("admin", f"PUT /users/{pachca.ids['bob']}", {"user": {"suspended": True}})
    assert (await pachca.call("bob", "GET /profile")).status == 401
    general = await pachca.ok("alice", f"GET /chats/{pachca.general}")
    assert pachca.ids["bob"] not in general["member_ids"]


async def test_an_unpaid_workspace_and_a_smaller_plan(pachca: Desk) -> None:
    pachca.fake.patch_settings({"plan": "start"})
    assert await pachca.refused("admin", "GET /company/chats") == (403, "base", "access_denied")
    pachca.fake.patch_settings({"paid": False})
    assert await pachca.refused("alice", "GET /profile") == (402, "base", "payment_required")


async def test_too_many_writes_are_refused_in_plain_text(pachca: Desk) -> None:
    pachca.fakes.kernel.clock.freeze()
    pachca.fake.patch_settings({"rate_limits": True})
    for _ in range(4):
        await pachca.say("alice", pachca.general)
    got = await pachca.call(
        "alice", "POST /messages", {"message": {"entity_id": pachca.general, "content": "5"}}
    )
    assert (got.status, got.body) == (429, "Retry later\n")
    assert got.headers["Content-Type"] == "text/plain"
    assert got.headers["Retry-After"] == "1"
    await pachca.say("alice", pachca.team)
    pachca.fakes.kernel.clock.advance(1.0)
    await pachca.say("alice", pachca.general)


async def test_reads_and_history_have_windows_of_their_own(pachca: Desk) -> None:
    pachca.fakes.kernel.clock.freeze()
    pachca.fake.patch_settings({"rate_limits": True})
    for most, who, operation in (
        (10, "alice", f"GET /messages?chat_id={pachca.general}"),
        (5, "bot", "GET /webhooks/events"),
        (30, "admin", "GET /company/bots"),
        (50, "alice", "GET /profile"),
    ):
        answers = [(await pachca.call(who, operation)).status for _ in range(most + 1)]
        assert answers == [*[200] * most, 429], operation


async def test_the_daily_quota_doubles_its_pause_with_every_attempt(pachca: Desk) -> None:
    clock = pachca.fakes.kernel.clock
    clock.freeze()
    pachca.fake.patch_settings({"rate_limits": True, "daily_quota": 1})
    body = {"message": {"entity_id": pachca.general, "content": "x"}}
    assert (await pachca.call("bot", "POST /messages", body)).status == 201
    clock.advance(86_400 - 3600)
    waits: list[int] = []
    for _ in range(6):
        got = await pachca.call("bot", "POST /messages", body)
        assert got.body["errors"][0]["code"] == "rate_limit"
        waits.append(int(got.headers["Retry-After"]))
        clock.advance(1.0)
    hour = 3600
    assert waits == [hour, 2 * hour, 4 * hour, 8 * hour, 16 * hour, 24 * hour]
    clock.advance(24 * hour)
    assert (await pachca.call("bot", "POST /messages", body)).status == 201
    assert (await pachca.call("bot", "POST /messages", body)).headers["Retry-After"] == str(24 * hour)


async def test_a_multi_guest_sees_only_his_chats_and_no_personal_data(pachca: Desk) -> None:
    guest = pachca.add("guest", kind="guest")
    chat = await pachca.room("alice")
    await pachca.ok("alice", f"POST /chats/{chat}/members", {"member_ids": [guest]})
    seen = await pachca.ok("guest", "GET /users")
    assert [each["id"] for each in seen] == [pachca.ids["alice"], guest]
    assert seen[0]["email"] is None
    assert seen[1]["email"] == "guest@example.com"
    assert (await pachca.call("guest", f"GET /chats/{pachca.general}")).status == 403
    got = await pachca.call("guest", "POST /chats", {"chat": {"name": "x"}})
    assert got.body["error"] == "insufficient_scope"


async def test_token_info_masks_the_token(pachca: Desk) -> None:
    info = await pachca.ok("bot", "GET /oauth/token/info")
    value = pachca.tokens["bot"]
    assert info["token"] == f"{value[:8]}...{value[-4:]}"
    assert (info["name"], info["user_id"], info["expires_in"]) == (None, pachca.ids["bot"], None)
    assert "bot_self:webhook:write" in info["scopes"]


async def test_what_the_api_does_not_know_is_ignored_and_noted(pachca: Desk) -> None:
    await pachca.say("alice", pachca.general, colour="red")
    assert (await pachca.call("alice", "GET /fly/away")).status == 404
    assert pachca.violations() == [
        "unknown field message.colour in POST /messages",
        "unknown route GET /fly/away",
    ]


async def test_a_body_that_is_no_json_or_lacks_its_wrapper_is_malformed(pachca: Desk) -> None:
    broken = {"data": b"{", "headers": {"Content-Type": "application/json"}}
    assert await pachca.refused("alice", "POST /messages", **broken) == (400, "base", "invalid")
    assert await pachca.refused("alice", "POST /messages", {"content": "x"}) == (400, "message", "required")
    missing = {"message": {"content": "x"}}
    assert await pachca.refused("alice", "POST /messages", missing) == (422, "message.entity_id", "blank")
    assert await pachca.refused("alice", "GET /chats?limit=51") == (400, "limit", "inclusion")
    assert await pachca.refused("alice", "GET /chats?cursor=nonsense") == (400, "cursor", "invalid")
