"""The audit of the fake Pachca: what bots' tokens leave in it, and how long it is kept."""

from typing import Any

from pachca_desk import Desk

from tolmach_mockservers.pachca.calls import Given


async def about(pachca: Desk, key: str) -> list[dict[str, Any]]:
    events = await pachca.ok("admin", f"GET /audit_events?event_key={key}")
    return [each["details"] for each in events]


async def test_what_a_bot_may_do_from_now_on_is_written_down(pachca: Desk) -> None:
    made = await pachca.ok("alice", "POST /bots", {"webhook": {"name": "B", "scopes": ["profile:read"]}})
    await pachca.ok("alice", f"PUT /bots/{made['id']}", {"webhook": {"name": "C"}})
    assert await about(pachca, "bot_scopes_updated") == []
    await pachca.ok("alice", f"PUT /bots/{made['id']}", {"webhook": {"scopes": ["users:read"]}})
    both = {"bot_id": made["id"], "actor_id": pachca.ids["alice"]}
    assert await about(pachca, "bot_scopes_updated") == [
        {"added_scopes": ["users:read"], "removed_scopes": ["profile:read"], **both}
    ]


async def test_a_changed_token_is_written_down(pachca: Desk) -> None:
    made = await pachca.ok("alice", "POST /bots", {"webhook": {"name": "B"}, "empty": True})
    path = f"/bots/{made['id']}/tokens"
    token = await pachca.ok("alice", f"POST {path}", {"name": "one", "scopes": ["profile:read"]})
    await pachca.ok("alice", f"PUT {path}/{token['id']}", {"name": "two", "scopes": ["users:read"]})
    assert await about(pachca, "bot_token_updated") == [
        {
            "token_kind": "bot",
            "resource_owner_id": made["id"],
            "current_scopes": ["users:read"],
            "token_name": "two",
            "bot_id": made["id"],
        }
    ]


async def test_a_changed_oauth_client_is_written_down(pachca: Desk) -> None:
    made = await pachca.ok("alice", "POST /bots", {"webhook": {"name": "B"}, "empty": True})
    client = {"redirect_uris": ["https://example.com/back"], "scopes": ["profile:read"]}
    shown = await pachca.ok("alice", f"PUT /bots/{made['id']}", {"oauth_client": client})
    assert await about(pachca, "bot_oauth_client_updated") == [
        {
            "client_id": shown["oauth_client"]["client_id"],
            "changes": client,
            "bot_id": made["id"],
            "actor_id": pachca.ids["alice"],
        }
    ]


async def test_calls_are_written_down_from_beginning_to_recording(pachca: Desk) -> None:
    alice, bob = pachca.ids["alice"], pachca.ids["bob"]
    pachca.fake.call(Given(pachca.general, alice, (alice, bob), 90, True))
    place = {"chat_id": pachca.general, "started_message_id": None}
    assert await about(pachca, "video_call_started") == [place]
    assert await about(pachca, "video_call_finished") == [{**place, "duration": 90, "max_members_count": 2}]
    (ready,) = await about(pachca, "video_call_recording_ready")
    assert (ready["chat_id"], ready["duration"], ready["size"]) == (pachca.general, 90, 92_160)


async def test_a_tag_that_somebody_gets_or_loses_is_written_down(pachca: Desk) -> None:
    bob = pachca.ids["bob"]
    for names in (["one", "two"], ["two"], ["Two"]):
        await pachca.ok("admin", f"PUT /users/{bob}", {"user": {"list_tags": names}})
    by_admin = {"initiator_id": pachca.ids["admin"]}
    assert await about(pachca, "user_added_to_tag") == [by_admin, by_admin]
    assert await about(pachca, "user_removed_from_tag") == [by_admin]
    (event,) = await pachca.ok("admin", "GET /audit_events?event_key=user_removed_from_tag")
    (tag, _) = await pachca.ok("alice", "GET /group_tags")
    assert (event["entity_type"], event["entity_id"]) == ("GroupTag", str(tag["id"]))
    assert event["actor_id"] == str(bob)


async def test_tags_that_a_list_of_names_makes_are_written_down(pachca: Desk) -> None:
    person = f"PUT /users/{pachca.ids['bob']}"
    await pachca.ok("admin", person, {"user": {"list_tags": ["Fresh"]}})
    await pachca.ok("admin", person, {"user": {"list_tags": ["fresh"]}})
    assert await about(pachca, "tag_created") == [{"name": "Fresh"}]


async def test_events_are_kept_for_ninety_days(pachca: Desk) -> None:
    clock = pachca.fakes.kernel.clock
    clock.freeze()
    await pachca.ok("admin", "POST /group_tags", {"group_tag": {"name": "Old"}})
    clock.advance(90 * 86_400)
    assert await about(pachca, "tag_created") == [{"name": "Old"}]
    clock.advance(1)
    assert await about(pachca, "tag_created") == []
