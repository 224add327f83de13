"""Files, incoming webhooks, drafts, tasks, exports, bots and OAuth of the fake Pachca."""

import base64
import hashlib
import io
import zipfile
from typing import Any

import aiohttp
import pytest
from pachca_desk import Desk

from tolmach_mockservers.pachca.templates import TemplateError, render


async def upload(pachca: Desk, who: str, name: str, body: bytes, **changes: str) -> tuple[int, str]:
    grant = {**await pachca.ok(who, "POST /uploads"), **changes}
    url = grant.pop("direct_url")
    assert list(grant) == [
        "Content-Disposition",
        "acl",
        "policy",
        "x-amz-credential",
        "x-amz-algorithm",
        "x-amz-date",
        "x-amz-signature",
        "key",
    ]
    key = grant["key"].replace("${filename}", name)
    form = aiohttp.FormData()
    for field, value in {**grant, "key": key}.items():
        form.add_field(field, value)
    form.add_field("file", body, filename=name)
    async with pachca.session.post(url, data=form) as answer:
        return answer.status, key


async def test_a_file_goes_to_the_storage_and_comes_back_by_its_link(pachca: Desk) -> None:
    name = "отчёт 1.txt"
    status, key = await upload(pachca, "alice", name, b"figures")
    assert status == 204
    file = {"key": key, "name": name, "file_type": "file", "size": 7}
    sent = await pachca.say("alice", pachca.general, "", files=[file])
    async with pachca.session.get(sent["files"][0]["url"]) as answer:
        assert (answer.status, await answer.read()) == (200, b"figures")
        assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    assert (await pachca.refused("alice", f"GET /files/{sent['files'][0]['id']}"))[
        2
    ] == "confidential_download_denied"
    await pachca.ok("alice", f"DELETE /messages/{sent['id']}")
    async with pachca.session.get(sent["files"][0]["url"]) as answer:
        assert answer.status == 404


async def test_grants_are_signed_and_bound_to_their_owner(pachca: Desk) -> None:
    assert (await upload(pachca, "alice", "a.txt", b"x", acl="public-read"))[0] == 403
    _, key = await upload(pachca, "alice", "a.txt", b"x")

    async def code(who: str, **file: str) -> str:
        given = {"key": key, "name": "a.txt", "file_type": "file", **file}
        body = {"message": {"entity_id": pachca.general, "content": "", "files": [given]}}
        return (await pachca.refused(who, "POST /messages", body))[2]

    assert await code("bob") == "invalid"
    assert await code("alice", name="a.png") == "wrong_params"
    assert await code("alice", file_type="voice") == "blank"


async def test_behind_a_perimeter_links_need_the_token(pachca: Desk) -> None:
    _, key = await upload(pachca, "alice", "a.txt", b"figures")
    pachca.fake.patch_settings({"perimeter": True})
    file = {"key": key, "name": "a.txt", "file_type": "file"}
    sent = await pachca.say("alice", pachca.general, "", files=[file])
    url = sent["files"][0]["url"]
    assert url == f"{pachca.url}/files/{sent['files'][0]['id']}"
    async with pachca.session.get(url) as answer:
        assert answer.status == 401
    got = await pachca.call("bob", f"GET /files/{sent['files'][0]['id']}")
    assert (got.status, got.body) == (200, "figures")
    assert (await pachca.refused("bob", f"GET /files/{sent['files'][0]['id']}?target=film"))[:2] == (
        400,
        "target",
    )


async def test_an_incoming_webhook_posts_wherever_the_bot_is(pachca: Desk) -> None:
    bot = await pachca.ok("admin", f"GET /bots/{pachca.ids['bot']}")
    url = bot["webhook"]["url"]

    async def post(body: Any) -> tuple[int, str]:
        async with pachca.session.post(url, json=body) as answer:
            return answer.status, await answer.text()

    assert (await post({"message": "off"}))[0] == 404
    settings = {"kind": "simple", "challenge_key": "challenge"}
    await pachca.ok("admin", f"PUT /bots/{pachca.ids['bot']}", {"webhook": settings})
    assert await post({"challenge": "abc"}) == (200, "abc")
    assert await post({"message": "deployed"}) == (200, "")
    for chat in (pachca.general, pachca.team):
        (message,) = await pachca.ok("alice", f"GET /messages?chat_id={chat}")
        assert (message["content"], message["user_id"]) == ("deployed", pachca.ids["bot"])
    template = {"webhook": {"template": "{{ user.name }} is {% if ok %}well{% else %}ill{% endif %}"}}
    await pachca.ok("admin", f"PUT /bots/{pachca.ids['bot']}", template)
    await post({"user": {"name": "Ada"}, "ok": False})
    assert (await pachca.ok("alice", f"GET /messages?chat_id={pachca.team}"))[0]["content"] == "Ada is ill"
    shown = await pachca.ok("admin", f"GET /bots/{pachca.ids['bot']}")
    assert shown["webhook"]["last_request_body"] == '{"user": {"name": "Ada"}, "ok": false}'


@pytest.mark.parametrize(
    ("engine", "template", "text"),
    [
        ("liquid", "{% for i in items %}{{ i.n | upcase }};{% endfor %}", "A;B;"),
        ("liquid", '{% if s == "x" %}1{% elsif s contains "y" %}2{% endif %}', "2"),
        ("mustache", "{{#items}}{{n}},{{/items}}{{^none}}empty{{/none}}{{! note }}", "a,b,empty"),
        ("mustache", "{{{s}}}", "yy"),
    ],
)
def test_templates(engine: str, template: str, text: str) -> None:
    assert render(engine, template, {"items": [{"n": "a"}, {"n": "b"}], "s": "yy"}) == text


@pytest.mark.parametrize(
    ("engine", "template"), [("liquid", "{% if a %}"), ("liquid", "{{ a"), ("mustache", "{{#a}}")]
)
def test_a_template_that_cannot_be_read_is_an_error(engine: str, template: str) -> None:
    with pytest.raises(TemplateError):
        render(engine, template, {})


async def test_drafts_and_scheduled_messages(pachca: Desk) -> None:
    clock = pachca.fakes.kernel.clock
    clock.freeze(4102477200.0)  # 2100-01-01 09:00 UTC, a Friday
    base = {"entity_type": "discussion", "entity_id": pachca.general, "content": "stand-up"}
    schedule = {"start_date": "2100-01-01T10:00:00Z", "repetition": {"interval": "weekly", "days": [1, 5]}}
    made = await pachca.ok("alice", "POST /drafts", {"draft": {**base, "schedule": schedule}})
    assert made["next_send_at"] == "2100-01-01T10:00:00.000Z"
    clock.advance(3600)
    (sent,) = await pachca.ok("bob", f"GET /messages?chat_id={pachca.general}")
    assert (sent["content"], sent["user_id"]) == ("stand-up", pachca.ids["alice"])
    later = await pachca.ok("alice", f"GET /drafts/{made['id']}")
    assert later["next_send_at"] == "2100-01-04T10:00:00.000Z"
    change = {"draft": {"schedule": None}}
    refused = await pachca.refused("alice", f"PUT /drafts/{made['id']}", change)
    assert refused == (422, "schedule", "draft_type_change_forbidden")
    past = {**schedule, "start_date": "2099-01-01T10:00:00Z", "repetition": {"interval": "once"}}
    assert (await pachca.refused("alice", "POST /drafts", {"draft": {**base, "schedule": past}}))[2] == (
        "next_send_at_invalid"
    )
    assert await pachca.ok("alice", "GET /drafts") == []
    assert len(await pachca.ok("alice", "GET /drafts?type=scheduled")) == 1
    assert (await pachca.refused("alice", "GET /drafts?entity_type=user"))[1] == "entity_id"
    assert (await pachca.refused("bob", f"GET /drafts/{made['id']}"))[0] == 404
    assert (await pachca.call("bot", "POST /drafts", {"draft": base})).status == 403


async def test_tasks_belong_to_authors_and_performers(pachca: Desk) -> None:
    bob = pachca.ids["bob"]
    given = {
        "kind": "reminder",
        "due_at": "2030-01-02T23:59:59Z",
        "performer_ids": [bob, 5],
        "chat_id": pachca.team,
    }
    task = await pachca.ok("alice", "POST /tasks", {"task": given})
    assert (task["content"], task["all_day"], task["performer_ids"]) == ("Напоминание", True, [bob])
    path = f"/tasks/{task['id']}"
    assert (await pachca.refused("admin", f"PUT {path}", {"task": {"priority": 3}}))[0] == 403
    assert (await pachca.ok("bob", f"PUT {path}", {"task": {"status": "done"}}))["status"] == "done"
    assert (await pachca.ok("bob", f"PUT {path}", {"task": {"done_at": "never"}}))["status"] == "undone"
    assert await pachca.ok("admin", "GET /tasks") == []
    listed = await pachca.ok("admin", "GET /tasks", params={"chat_ids[]": str(pachca.team)})
    assert [each["id"] for each in listed] == [task["id"]]
    channel = await pachca.room("alice", channel=True)
    wrong = {"task": {"kind": "call", "chat_id": channel}}
    assert (await pachca.refused("alice", "POST /tasks", wrong))[:2] == (422, "chat_id")
    assert (await pachca.refused("alice", "POST /tasks", {"task": {"content": "x"}}))[1] == "task.kind"


async def test_an_export_is_one_at_a_time_and_a_zip(pachca: Desk) -> None:
    clock = pachca.fakes.kernel.clock
    await pachca.say("alice", pachca.general, "kept")
    day = (await pachca.say("alice", pachca.ids["bob"], "private", entity_type="user"))["created_at"][:10]
    clock.freeze()
    span = {"start_at": day, "end_at": day}
    assert (await pachca.call("admin", "POST /chats/exports", span)).status == 204
    assert (await pachca.refused("admin", "POST /chats/exports", span))[0] == 422
    clock.advance(2)
    prefer = {"Prefer": "return=representation"}
    got = await pachca.call("admin", "POST /chats/exports", span, headers=prefer)
    assert got.status == 202
    path = f"GET /chats/exports/{got.body['data']['id']}"
    assert (await pachca.refused("admin", path))[2] == "export_file_not_found"
    clock.advance(2)
    found = await pachca.call("admin", path)
    assert found.status == 302
    async with pachca.session.get(found.headers["Location"]) as answer:
        archive = zipfile.ZipFile(io.BytesIO(await answer.read()))
    folder = f"export_{got.body['data']['id']}"
    assert sorted(archive.namelist()) == [f"{folder}/{day}.json", f"{folder}/chats.json"]
    text = archive.read(f"{folder}/{day}.json").decode()
    assert "kept" in text
    assert "private" not in text
    long = {"start_at": "2025-01-01", "end_at": "2025-03-01"}
    assert (await pachca.refused("admin", "POST /chats/exports", long))[2] == "invalid_date_range"


async def test_a_bots_tokens(pachca: Desk) -> None:
    made = await pachca.ok("alice", "POST /bots", {"webhook": {"name": "Helper"}})
    pachca.tokens["helper"] = made["access_token"]
    assert (await pachca.ok("helper", "GET /profile"))["id"] == made["id"]
    fresh = await pachca.ok("helper", "POST /bot/recreate_token")
    assert (await pachca.call("helper", "GET /profile")).status == 401
    pachca.tokens["helper"] = fresh["access_token"]
    narrow = {"webhook": {"scopes": ["chats:read"]}}
    await pachca.ok("alice", f"PUT /bots/{made['id']}", narrow)
    assert (await pachca.call("helper", "GET /profile")).body["error"] == "insufficient_scope"
    wrong = {"webhook": {"scopes": ["users:delete"]}}
    assert (await pachca.refused("alice", f"PUT /bots/{made['id']}", wrong))[0] == 400
    assert (await pachca.refused("bob", f"GET /bots/{made['id']}"))[0] == 403
    assert "access_token" not in await pachca.ok(
        "alice", "POST /bots", {"webhook": {"name": "E"}, "empty": True}
    )
    nick = {"webhook": {"name": "X", "nickname": "x"}}
    assert (await pachca.refused("alice", "POST /bots", nick))[0] == 400


async def test_oauth_with_a_public_client_needs_its_verifier(pachca: Desk) -> None:
    back = "http://localhost:1234/back"
    client = {"confidential": False, "redirect_uris": ["http://localhost/back"], "scopes": ["profile:read"]}
    made = await pachca.ok("alice", "POST /bots", {"webhook": {"name": "App"}, "oauth_client": client})
    client_id = made["oauth_client"]["client_id"]
    verifier = "v" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    form = {"grant_type": "authorization_code", "redirect_uri": back, "client_id": client_id}

    async def exchange(**extra: str) -> Any:
        code: Any = pachca.fake.authorize(pachca.ids["bob"], client_id, back, challenge)["code"]
        async with pachca.session.post(
            f"{pachca.url}/oauth/token", data={**form, "code": code, **extra}
        ) as answer:
            return answer.status, await answer.json()

    assert (await exchange(code_verifier="w" * 43))[1]["error"] == "invalid_grant"
    assert (await exchange(grant_type="password"))[1]["error"] == "unsupported_grant_type"
    status, token = await exchange(code_verifier=verifier)
    assert status == 200
    assert sorted(token) == ["access_token", "created_at", "refresh_token", "scope", "token_type"]
    assert (token["scope"], token["token_type"], token["access_token"][:5]) == (
        "profile:read",
        "Bearer",
        "pato_",
    )
    pachca.tokens["granted"] = token["access_token"]
    assert (await pachca.ok("granted", "GET /profile"))["id"] == pachca.ids["bob"]
    shown = await pachca.ok("alice", f"GET /bots/{made['id']}")
    assert shown["authorized_users_count"] == 1
    await pachca.ok("alice", f"PUT /bots/{made['id']}", {"oauth_client": None})
    assert (await pachca.call("granted", "GET /profile")).status == 401


async def test_reading_the_audit_is_itself_written_down(pachca: Desk) -> None:
    chat = await pachca.room("alice")
    await pachca.ok("alice", f"PUT /chats/{chat}", {"chat": {"name": "other"}})
    (event,) = await pachca.ok("admin", f"GET /audit_events?event_key=chat_renamed&entity_id={chat}")
    assert event["details"] == {"old_name": "room", "new_name": "other"}
    assert (event["actor_id"], event["actor_type"]) == (str(pachca.ids["alice"]), "User")
    (newest,) = await pachca.ok("admin", "GET /audit_events?limit=1&start_time=yesterday")
    assert newest["event_key"] == "audit_events_accessed"
