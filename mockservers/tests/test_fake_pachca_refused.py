"""A refused call of the fake Pachca leaves nothing behind, and who may not ask is told so."""

from typing import Any

import pytest
from pachca_desk import Desk


@pytest.mark.parametrize(
    "extra",
    [
        {"promo": {"description": "x"}},
        {"oauth_client": {"redirect_uris": ["http://example.com"]}},
        {"oauth_client": {"scopes": ["users:create"]}},
        {"oauth_client": {}, "promo": {"published": True}},
        {"oauth_client": {}, "promo": {"description": "x", "promo_images": ["k"] * 6}},
    ],
    ids=["promo without OAuth", "plain redirect", "unassignable scope", "no description", "six images"],
)
async def test_a_refused_bot_is_not_there_and_a_refused_change_changes_nothing(
    pachca: Desk, extra: dict[str, Any]
) -> None:
    before = await pachca.ok("alice", "GET /bots")
    got = await pachca.call("alice", "POST /bots", {"webhook": {"name": "Fresh"}, **extra})
    assert got.status == 400
    assert await pachca.ok("alice", "GET /bots") == before
    made = await pachca.ok("alice", "POST /bots", {"webhook": {"name": "Old"}, "empty": True})
    change = {"webhook": {"name": "New"}, **extra}
    assert (await pachca.call("alice", f"PUT /bots/{made['id']}", change)).status == 400
    assert (await pachca.ok("alice", f"GET /bots/{made['id']}"))["name"] == "Old"


async def test_a_refused_message_makes_no_direct_chat(pachca: Desk) -> None:
    body = {"message": {"entity_type": "user", "entity_id": pachca.ids["bob"], "content": " "}}
    assert await pachca.refused("alice", "POST /messages", body) == (422, "content", "blank")
    assert await pachca.ok("alice", "GET /chats?personal=true") == []


async def test_looking_for_drafts_makes_no_direct_chat(pachca: Desk) -> None:
    path = f"GET /drafts?entity_type=user&entity_id={pachca.ids['bob']}"
    assert await pachca.ok("alice", path) == []
    assert await pachca.ok("alice", "GET /chats?personal=true") == []
    sent = await pachca.say("alice", pachca.ids["bob"], entity_type="user")
    draft = {"entity_type": "discussion", "entity_id": sent["chat_id"], "content": "later"}
    made = await pachca.ok("alice", "POST /drafts", {"draft": draft})
    assert [each["id"] for each in await pachca.ok("alice", path)] == [made["id"]]
    assert await pachca.ok("alice", "GET /drafts?entity_type=thread&entity_id=1") == []


async def test_a_refused_person_is_not_there(pachca: Desk) -> None:
    user = {"email": "new@example.com", "custom_properties": [{"id": 1, "value": "x"}]}
    assert (await pachca.refused("admin", "POST /users", {"user": user}))[2] == "not_found"
    people = await pachca.ok("admin", "GET /users")
    assert "new@example.com" not in [each["email"] for each in people]
    bob = f"/users/{pachca.ids['bob']}"
    change = {"user": {"title": "Chief", "custom_properties": [{"id": 1, "value": "x"}]}}
    assert (await pachca.call("admin", f"PUT {bob}", change)).status == 422
    assert (await pachca.ok("admin", f"GET {bob}"))["title"] is None


async def test_an_email_is_taken_whatever_its_case(pachca: Desk) -> None:
    body = {"user": {"email": "BOB@example.com"}}
    assert await pachca.refused("admin", "POST /users", body) == (409, "email", "already_exists")
    path = f"PUT /users/{pachca.ids['alice']}"
    assert (await pachca.call("admin", path, body)).status == 409
    own = {"user": {"email": "ALICE@example.com"}}
    assert (await pachca.ok("admin", path, own))["email"] == "ALICE@example.com"


@pytest.mark.parametrize(
    "operation",
    ["GET /webhooks/events", "DELETE /webhooks/events/01ABC", "POST /views/01ABC/submit_response"],
)
async def test_what_belongs_to_bots_is_403_for_people(pachca: Desk, operation: str) -> None:
    body = {"submit_id": "x"} if "views" in operation else None
    assert (await pachca.call("alice", operation, body)).status == 403
    assert (await pachca.call("bot", operation, body)).status in {200, 404}


@pytest.mark.parametrize("day", [-1, 7])
async def test_a_week_has_no_such_day(pachca: Desk, day: int) -> None:
    # In the past: the next time would be looked for until the end of the calendar.
    schedule = {
        "start_date": "2001-01-01T10:00:00Z",
        "repetition": {"interval": "weekly", "days": [day]},
    }
    draft = {"entity_type": "discussion", "entity_id": pachca.general, "content": "x", "schedule": schedule}
    assert await pachca.refused("alice", "POST /drafts", {"draft": draft}) == (
        422,
        "draft.schedule.repetition.days",
        "inclusion",
    )


async def test_a_week_has_seven_days(pachca: Desk) -> None:
    schedule = {
        "start_date": "2031-01-01T10:00:00Z",
        "repetition": {"interval": "weekly", "days": [0, 1, 2, 3, 4, 5, 6, 0]},
    }
    draft = {"entity_type": "discussion", "entity_id": pachca.general, "content": "x", "schedule": schedule}
    assert (await pachca.refused("alice", "POST /drafts", {"draft": draft}))[::2] == (422, "too_long")
    schedule["repetition"] = {"interval": "weekly", "days": [0, 1, 2, 3, 4, 5, 6]}
    await pachca.ok("alice", "POST /drafts", {"draft": draft})


async def test_an_audit_has_no_such_key(pachca: Desk) -> None:
    assert await pachca.refused("admin", "GET /audit_events?event_key=user_flew") == (
        400,
        "event_key",
        "inclusion",
    )


async def test_a_guest_changes_no_open_chat(pachca: Desk) -> None:
    pachca.add("visitor", kind="guest")
    room = await pachca.room("alice", "visitor", public=True)
    body = {"chat": {"name": "mine"}}
    assert (await pachca.call("visitor", f"PUT /chats/{room}", body)).status == 403
    assert (await pachca.ok("bob", f"PUT /chats/{room}", body))["name"] == "mine"
