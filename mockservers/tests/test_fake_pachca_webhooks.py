"""Outgoing webhooks of the fake Pachca: who gets what, signatures, timeouts, retries, history."""

import asyncio
import hashlib
import hmac
from typing import Any

from aiohttp import web
from pachca_desk import Desk, Receiver


async def test_a_message_arrives_signed_over_its_raw_bytes(pachca: Desk, receiver: Receiver) -> None:
    sent = await pachca.say("alice", pachca.general, "привет 👋")
    got = await receiver.next()
    secret = pachca.ready["bot"]["webhook_secret"]
    assert got.signature == hmac.new(secret.encode(), got.raw, hashlib.sha256).hexdigest()
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"] == "Faraday v2.12.2"
    payload = got.payload
    assert abs(payload.pop("webhook_timestamp") - pachca.fakes.kernel.clock.now()) < 5
    assert payload == {
        "type": "message",
        "id": sent["id"],
        "event": "new",
        "entity_type": "discussion",
        "entity_id": pachca.general,
        "content": "привет 👋",
        "user_id": pachca.ids["alice"],
        "created_at": sent["created_at"],
        "changed_at": None,
        "url": sent["url"],
        "chat_id": pachca.general,
        "parent_message_id": None,
        "thread": None,
    }


async def test_edits_deletes_and_reactions_arrive_in_their_order(pachca: Desk, receiver: Receiver) -> None:
    sent = await pachca.say("alice", pachca.general, "one")
    await pachca.ok("alice", f"PUT /messages/{sent['id']}", {"message": {"content": "two"}})
    await pachca.ok("bob", f"POST /messages/{sent['id']}/reactions", {"code": "👀"})
    await pachca.ok("bob", f"DELETE /messages/{sent['id']}/reactions?code=👀")
    await pachca.ok("alice", f"DELETE /messages/{sent['id']}")
    seen: list[Any] = [(await receiver.next()).payload for _ in range(5)]
    assert [(each["type"], each["event"]) for each in seen] == [
        ("message", "new"),
        ("message", "update"),
        ("reaction", "new"),
        ("reaction", "delete"),
        ("message", "delete"),
    ]
    assert (seen[1]["content"], seen[4]["content"]) == ("two", "")
    assert (seen[2]["code"], seen[2]["name"]) == ("👀", "eyes")
    assert seen[1]["changed_at"] > seen[1]["created_at"]


async def test_a_direct_message_names_the_person_also_in_the_bots_own_echo(
    pachca: Desk, receiver: Receiver
) -> None:
    await pachca.say("alice", pachca.ids["bot"], "hi", entity_type="user")
    await pachca.say("bot", pachca.ids["alice"], "hello", entity_type="user")
    for _ in range(2):
        payload = (await receiver.next()).payload
        assert (payload["entity_type"], payload["entity_id"]) == ("user", pachca.ids["alice"])


async def test_thread_messages_name_the_thread(pachca: Desk, receiver: Receiver) -> None:
    root = await pachca.say("alice", pachca.general)
    thread = await pachca.ok("alice", f"POST /messages/{root['id']}/thread")
    await pachca.say("alice", thread["id"], "below", entity_type="thread")
    await receiver.next()
    payload = (await receiver.next()).payload
    assert payload["thread"] == {"message_id": root["id"], "message_chat_id": pachca.general}
    assert (payload["entity_id"], payload["chat_id"]) == (thread["id"], thread["chat_id"])


async def test_a_bot_hears_only_of_its_chats_and_of_what_its_trigger_lets_pass(
    pachca: Desk, receiver: Receiver
) -> None:
    bot = pachca.ids["bot"]
    await pachca.say("alice", await pachca.room("alice"), "elsewhere")
    settings = {"trigger_on": "commands", "commands": ["/go"], "ignore_self_messages": True}
    await pachca.ok("admin", f"PUT /bots/{bot}", {"webhook": settings})
    await pachca.say("alice", pachca.general, "no command")
    await pachca.say("bot", pachca.general, "/go myself")
    await pachca.say("alice", pachca.general, "/go there")
    assert (await receiver.next("message")).payload["content"] == "/go there"
    events = await pachca.ok("bot", "GET /webhooks/events")
    said = [each["payload"]["content"] for each in events if each["event_type"] == "message_new"]
    assert said == ["/go there"]


async def test_members_come_and_go(pachca: Desk, receiver: Receiver) -> None:
    bob, bot = pachca.ids["bob"], pachca.ids["bot"]
    chat = await pachca.room("alice", "bot")
    await pachca.ok("alice", f"POST /chats/{chat}/members", {"member_ids": [bob, bob]})
    await pachca.ok("bob", f"DELETE /chats/{chat}/leave")
    await pachca.ok("alice", f"DELETE /chats/{chat}/members/{bot}")
    seen = [(await receiver.next()).payload for _ in range(4)]
    assert [(each["event"], each["user_ids"]) for each in seen] == [
        ("add", [bot]),
        ("add", [bob]),
        ("remove", [bob]),
        ("remove", [bot]),
    ]
    assert len(seen[0]["created_at"]) == len("2025-05-15T14:30:00Z")
    created = await pachca.ok("admin", "POST /users", {"user": {"email": "new@example.com"}})
    company = (await receiver.next("company_member")).payload
    assert (company["event"], company["user_ids"]) == ("invite", [created["id"]])
    pachca.fake.read(created["id"], pachca.general)
    path = f"/users/{created['id']}"
    for suspended in (True, False):
        await pachca.ok("admin", f"PUT {path}", {"user": {"suspended": suspended}})
    await pachca.ok("admin", f"DELETE {path}")
    told = [(await receiver.next("company_member")).payload["event"] for _ in range(6)]
    assert told == ["confirm", "suspend", "update", "activate", "update", "delete"]


async def test_shared_links_reach_their_bot_without_membership(pachca: Desk, receiver: Receiver) -> None:
    fields = {"webhook": {"unfurl_domains": ["https://example.com"]}}
    await pachca.ok("admin", f"PUT /bots/{pachca.ids['bot']}", fields)
    sent = await pachca.say(
        "alice", pachca.ids["bob"], "https://docs.example.com/a https://x.org", entity_type="user"
    )
    payload = (await receiver.next("message")).payload
    assert (payload["event"], payload["message_id"], payload["entity_id"]) == (
        "link_shared",
        sent["id"],
        None,
    )
    assert payload["links"] == [{"url": "https://docs.example.com/a", "domain": "example.com", "skip": False}]


async def test_calls_are_told(pachca: Desk, receiver: Receiver) -> None:
    from tolmach_mockservers.pachca.calls import Given

    alice, bob = pachca.ids["alice"], pachca.ids["bob"]
    pachca.fake.call(Given(pachca.general, alice, (alice, bob), 90, recording=True))
    seen = [(await receiver.next("video_call")).payload for _ in range(3)]
    assert [each["event"] for each in seen] == ["started", "finished", "recording_ready"]
    assert seen[1]["duration"] == 90
    assert [each["user_id"] for each in seen[1]["members"]] == [alice, bob]


async def test_any_answer_is_final(pachca: Desk, receiver: Receiver) -> None:
    receiver.answer = lambda: web.Response(status=503)
    await pachca.say("alice", pachca.general, "lost on you")
    await pachca.say("alice", pachca.general, "next")
    entries = await pachca.attempts("message.new", 2)
    assert [(each.status, each.detail["attempt"], each.detail["outcome"]) for each in entries] == [
        (503, 1, "answered"),
        (503, 1, "answered"),
    ]
    assert entries[0].actor == str(pachca.ids["bot"])
    assert (entries[0].room_id, entries[0].text) == (str(pachca.general), "lost on you")


async def test_silence_is_final_after_five_seconds(pachca: Desk, receiver: Receiver) -> None:
    receiver.hold = asyncio.Event()
    pachca.fakes.kernel.clock.freeze()
    await pachca.say("alice", pachca.general, "slow")
    await receiver.next()
    pachca.fakes.kernel.clock.advance(4.9)
    pachca.fakes.kernel.clock.advance(0.1)
    (entry,) = await pachca.attempts("message.new", 1)
    assert (entry.status, entry.detail["outcome"], entry.detail["attempt"]) == (None, "timeout", 1)


async def test_a_click_may_take_thirty_seconds(pachca: Desk, receiver: Receiver) -> None:
    rows = [[{"text": "go", "data": "go"}]]
    message = await pachca.say("bot", pachca.general, buttons=rows)
    await receiver.next("message")
    receiver.hold = asyncio.Event()
    pachca.fakes.kernel.clock.freeze()
    pachca.fake.click(pachca.ids["alice"], message["id"], "go")
    await receiver.next("button")
    pachca.fakes.kernel.clock.advance(29.9)
    await pachca.ok("alice", "GET /profile")
    assert "button.click" not in [each["operation"] for each in pachca.fake.delivery.sent]
    pachca.fakes.kernel.clock.advance(0.1)
    (entry,) = await pachca.attempts("button.click", 1)
    assert (entry.status, entry.detail["outcome"], entry.detail["attempt"]) == (None, "timeout", 1)


async def test_only_a_connection_that_fails_is_tried_again_three_times(pachca: Desk) -> None:
    clock = pachca.fakes.kernel.clock
    pachca.fake.set_webhook(pachca.ids["bot"], "http://127.0.0.1:1/hook")
    clock.freeze()
    await pachca.say("alice", pachca.general, "anybody there?")
    for tries in range(1, 5):
        entries = await pachca.attempts("message.new", tries)
        assert entries[-1].detail["outcome"] == "unreachable"
        await asyncio.sleep(0)
        clock.advance(4.0)
    assert [each.detail["attempt"] for each in await pachca.attempts("message.new", 4)] == [1, 2, 3, 4]


async def test_a_receiver_that_comes_up_gets_the_event(pachca: Desk, receiver: Receiver) -> None:
    clock = pachca.fakes.kernel.clock
    clock.freeze()
    pachca.fault("message.new", "cut_before", direction="out")
    await pachca.say("alice", pachca.general, "knock knock")
    await pachca.attempts("message.new", 1)
    assert receiver.got.empty()
    clock.advance(1.0)
    assert (await receiver.next()).payload["content"] == "knock knock"


async def test_faults_lose_double_swap_and_strip_events(pachca: Desk, receiver: Receiver) -> None:
    for kind, extra in (("lose", {}), ("duplicate", {}), ("reorder", {}), ("strip", {"field": "url"})):
        pachca.fault("message.new", kind, direction="out", **extra)
    for text in ("lost", "twice", "second", "first"):
        await pachca.say("alice", pachca.general, text)
    said = [(await receiver.next()).payload for _ in range(4)]
    assert [each["content"] for each in said] == ["twice", "twice", "first", "second"]
    assert ["url" in each for each in said] == [True, True, False, True]


async def test_the_history_keeps_events_until_they_are_deleted(pachca: Desk) -> None:
    assert await pachca.ok("bot", "GET /webhooks/events") == []
    await pachca.say("alice", pachca.general, "for later")
    (event,) = await pachca.ok("bot", "GET /webhooks/events")
    assert (event["event_type"], event["payload"]["content"]) == ("message_new", "for later")
    assert len(event["id"]) == 26
    assert await pachca.ok("bot", "GET /webhooks/events") == [event]
    assert (await pachca.call("bot", f"DELETE /webhooks/events/{event['id']}")).status == 204
    assert await pachca.ok("bot", "GET /webhooks/events") == []
    assert (await pachca.refused("bot", f"DELETE /webhooks/events/{event['id']}"))[0] == 404
    assert (await pachca.refused("alice", "GET /webhooks/events"))[0] == 403


async def test_redelivery_and_invented_events_are_signed_anew(pachca: Desk, receiver: Receiver) -> None:
    sent = await pachca.say("alice", pachca.general, "again")
    first = await receiver.next()
    pachca.fakes.kernel.clock.advance(120)
    assert pachca.fake.redeliver(None, sent["id"], "new", 2) == {"sent": 2}
    again = [(await receiver.next()).payload for _ in range(2)]
    assert again[0] == again[1]
    assert again[0]["webhook_timestamp"] >= first.payload["webhook_timestamp"] + 120
    pachca.fake.send_event(pachca.ids["bot"], {"type": "parade", "event": "begin"})
    assert (await receiver.next("parade")).payload == {"type": "parade", "event": "begin"}


async def test_a_bot_sets_its_own_url_and_revoked_tokens_stop_no_webhook(
    pachca: Desk, receiver: Receiver
) -> None:
    for url, kept in (("", None), (receiver.url, receiver.url)):
        own = await pachca.ok("bot", "PUT /bot/webhook", {"webhook": {"outgoing_url": url}})
        assert own["webhook"]["outgoing_url"] == kept
    wrong = {"webhook": {"outgoing_url": "ftp://example.com"}}
    assert (await pachca.refused("bot", "PUT /bot/webhook", wrong))[2] == "invalid_webhook_url"
    assert pachca.fake.revoke_tokens(pachca.ids["bot"]) == 1
    assert (await pachca.call("bot", "GET /profile")).status == 401
    await pachca.say("alice", pachca.general, "still there?")
    assert (await receiver.next()).payload["content"] == "still there?"
