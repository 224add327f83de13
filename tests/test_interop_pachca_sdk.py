"""The package pachca-sdk 1.6.1 (the vendor's own), unmodified, against the fake Pachca and its storage.

Every operation that it can express is called, and its answer decoded by the package's own classes. Its
own bugs that show here, each with a test that names it: avatars go out as POST, a bare ``null`` crashes
it, plain-text refusals crash it, uploads lose the file's name, every write is repeated on a 5xx.
"""

import base64
import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from interop_environments import Driver

Ready = dict[str, Any]
pytestmark = pytest.mark.interop
PNG = {"bytes": base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 32).decode()}


def control(ready: Ready, method: str, path: str, body: object = None) -> Any:
    headers = {"Authorization": f"Bearer {ready['control']['token']}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(ready["control"]["url"] + path, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


class Sdk:
    """Call the package as somebody."""

    def __init__(self, driver: Driver, ready: Ready) -> None:
        self.driver = driver
        self.ready = ready["pachca"]
        self.control_ready = ready
        self.called: set[str] = set()
        for name, token in (
            *((name, each["token"]) for name, each in self.ready["people"].items()),
            ("bot", self.ready["bot"]["token"]),
        ):
            self.enter(name, token)

    def enter(self, name: str, token: str) -> None:
        self.driver.ask(client=name, base_url=self.ready["url"], token=token)

    def __call__(self, who: str, call: str, **args: Any) -> Any:
        self.called.add(call)
        return self.driver.ask(client=who, call=call, args=args)

    def refused(self, who: str, call: str, **args: Any) -> Any:
        return self.driver.send(client=who, call=call, args=args)["error"]

    def id(self, who: str) -> int:
        return int(self.ready["bot" if who == "bot" else "people"].get(who, self.ready["bot"])["id"])

    def room(self, **extra: object) -> dict[str, Any]:
        chat = {"name": "interop", "member_ids": [self.id("alice"), self.id("bot")], **extra}
        return dict(self("admin", "chats.create_chat", request={"chat": chat})["data"])

    def say(self, who: str, chat: int, text: str, **extra: object) -> dict[str, Any]:
        message = {"entity_id": chat, "content": text, **extra}
        return dict(self(who, "messages.create_message", request={"message": message}))


@pytest.fixture(scope="module")
def sdk(ready: Ready) -> Iterator[Sdk]:
    control(ready, "PATCH", "/pachca/settings", {"rate_limits": False})
    with Driver("pachca_sdk") as driver:
        yield Sdk(driver, ready)
    control(ready, "PATCH", "/pachca/settings", {"rate_limits": True})


def test_chats(sdk: Sdk) -> None:
    given = {"name": "one", "member_ids": [sdk.id("bot"), 1]}
    answer = sdk("admin", "chats.create_chat", request={"chat": given})
    assert answer["meta"] == {"not_found_member_ids": [1]}
    made = answer["data"]
    chat = made["id"]
    assert (made["name"], made["channel"], made["public"], made["archived"]) == ("one", False, False, False)
    assert made["member_ids"] == [sdk.id("admin"), sdk.id("bot")]
    assert sdk("admin", "chats.get_chat", id=chat)["id"] == chat
    renamed = sdk("admin", "chats.update_chat", id=chat, request={"chat": {"name": "two", "public": True}})
    assert (renamed["name"], renamed["public"]) == ("two", True)
    page = sdk("admin", "chats.list_chats", params={"limit": 1, "sort": "id", "order": "desc"})
    assert [each["id"] for each in page["data"]] == [chat]
    assert page["meta"]["paginate"]["has_next"] is True
    assert chat in {each["id"] for each in sdk("admin", "chats.list_chats_all")}
    assert sdk("admin", "chats.mark_chat_unread", id=chat, request={}) is None
    assert sdk("admin", "chats.delete_chat_avatar", id=chat) is None
    assert sdk("admin", "chats.archive_chat", id=chat) is None
    assert (
        sdk("admin", "chats.list_company_chats", params={"activity": "archived", "limit": 1})["data"][0]["id"]
        == chat
    )
    assert (
        sdk("admin", "chats.list_company_chats_all", params={"activity": "archived"})[0]["archived"] is True
    )
    assert sdk("admin", "chats.unarchive_chat", id=chat) is None


def test_members_and_tags_of_a_chat(sdk: Sdk) -> None:
    chat = sdk.room()["id"]
    tag = sdk("admin", "group_tags.create_tag", request={"group_tag": {"name": f"tag-{chat}"}})
    people = sdk("admin", "members.list_members", id=chat, params={"role": "owner"})["data"]
    assert [each["nickname"] for each in people] == ["admin"]
    assert sdk("admin", "members.add_members", id=chat, request={"member_ids": [sdk.id("bob")]}) is None
    assert sdk("admin", "members.update_member_role", id=chat, user_id=sdk.id("bob"), role="admin") is None
    assert sdk("admin", "members.add_tags", id=chat, group_tag_ids=[tag["id"]]) is None
    assert sdk("admin", "chats.get_chat", id=chat)["group_tag_ids"] == [tag["id"]]
    assert sdk("admin", "members.remove_tag", id=chat, tag_id=tag["id"]) is None
    assert sdk("bob", "members.leave_chat", id=chat) is None
    assert sdk("admin", "members.remove_member", id=chat, user_id=sdk.id("alice")) is None
    left = {each["id"] for each in sdk("admin", "members.list_members_all", id=chat)}
    assert left == {sdk.id("admin"), sdk.id("bot")}


def test_messages(sdk: Sdk) -> None:
    chat = sdk.room()["id"]
    sent = sdk.say("bot", chat, "hello", display_name="Robot", buttons=[[{"text": "Go", "data": "go"}]])
    assert (sent["content"], sent["display_name"], sent["chat_id"]) == ("hello", "Robot", chat)
    assert sent["buttons"] == [[{"text": "Go", "url": None, "data": "go"}]]
    edited = sdk("bot", "messages.update_message", id=sent["id"], request={"message": {"content": "hi"}})
    assert edited["content"] == "hi"
    assert edited["changed_at"] > edited["created_at"]
    quote = sdk.say("alice", chat, "what?", parent_message_id=sent["id"])
    assert quote["parent_message_id"] == sent["id"]
    assert sdk("alice", "messages.pin_message", id=sent["id"]) is None
    assert sdk.refused("alice", "messages.pin_message", id=sent["id"])["type"] == "ApiError"
    assert sdk("alice", "messages.unpin_message", id=sent["id"]) is None
    page = sdk("alice", "messages.list_chat_messages", params={"chat_id": chat, "limit": 1})
    assert [each["id"] for each in page["data"]] == [quote["id"]]
    every = sdk("alice", "messages.list_chat_messages_all", params={"chat_id": chat, "limit": 1})
    assert [each["id"] for each in every] == [quote["id"], sent["id"]]
    assert sdk("bot", "messages.delete_message", id=sent["id"]) is None
    gone = sdk("alice", "messages.get_message", id=sent["id"])
    assert (gone["content"], gone["files"], gone["buttons"]) == ("", [], None)
    assert gone["deleted_at"] is not None
    readers = sdk("alice", "read_members.list_read_members", id=quote["id"])
    assert readers["data"] == []


def test_threads(sdk: Sdk) -> None:
    chat = sdk.room()["id"]
    root = sdk.say("alice", chat, "root")
    thread = sdk("bot", "threads.create_thread", id=root["id"])
    assert (thread["message_id"], thread["message_chat_id"]) == (root["id"], chat)
    assert thread["chat_id"] > 2**31
    answer = sdk.say("bot", thread["id"], "in it", entity_type="thread")
    assert (answer["entity_type"], answer["entity_id"]) == ("thread", thread["id"])
    assert (answer["chat_id"], answer["root_chat_id"]) == (thread["chat_id"], chat)
    assert sdk("alice", "messages.get_message", id=root["id"])["thread"]["id"] == thread["id"]
    assert sdk("alice", "threads.get_thread", id=thread["id"])["updated_at"] >= thread["updated_at"]
    assert sdk("alice", "threads.list_threads", params={"limit": 1})["data"][0]["id"] == thread["id"]
    alone = sdk("alice", "threads.create_standalone_thread")
    assert (alone["message_id"], alone["message_chat_id"]) == (None, None)
    assert {thread["id"], alone["id"]} <= {each["id"] for each in sdk("alice", "threads.list_threads_all")}


def test_reactions(sdk: Sdk) -> None:
    message = sdk.say("alice", sdk.room()["id"], "react")["id"]
    added = sdk("bot", "reactions.add_reaction", id=message, request={"code": "👍"})
    assert (added["user_id"], added["code"]) == (sdk.id("bot"), "👍")
    assert added["name"]
    assert sdk("bot", "reactions.list_reactions", id=message)["data"] == [added]
    assert sdk("bot", "reactions.list_reactions_all", id=message) == [added]
    assert sdk("bot", "reactions.remove_reaction", id=message, params={"code": "👍"}) is None
    wrong = sdk.refused("bot", "reactions.add_reaction", id=message, request={"code": ":+1:"})
    assert wrong["detail"]["errors"][0]["code"] == "wrong_emoji"


def test_people(sdk: Sdk) -> None:
    given = {"email": f"carol-{sdk.id('bot')}@example.com", "first_name": "Carol", "list_tags": ["design"]}
    made = sdk("admin", "users.create_user", request={"user": given})
    assert (made["first_name"], made["invite_status"], made["list_tags"]) == ("Carol", "sent", ["design"])
    user = made["id"]
    title = sdk("admin", "users.update_user", id=user, request={"user": {"title": "Painter"}})["title"]
    assert title == "Painter"
    assert sdk("alice", "users.get_user", id=user)["email"] is None
    assert sdk("alice", "users.list_users", params={"limit": 2})["meta"]["paginate"]["has_next"] is True
    assert user in {each["id"] for each in sdk("alice", "users.list_users_all")}
    status = {"emoji": "🏝️", "title": "Away", "is_away": True, "away_message": "back soon"}
    set_ = sdk("admin", "users.update_user_status", user_id=user, request={"status": status})
    assert set_["away_message"] == {"text": "back soon"}
    assert sdk("alice", "users.get_user_status", user_id=user)["title"] == "Away"
    assert sdk("admin", "users.delete_user_status", user_id=user) is None
    assert sdk("admin", "users.delete_user_avatar", user_id=user) is None
    assert sdk("admin", "users.delete_user", id=user) is None
    assert sdk.refused("alice", "users.get_user", id=user)["detail"]["errors"][0]["code"] == "not_found"


def test_profile(sdk: Sdk) -> None:
    assert sdk("bot", "profile.get_profile")["bot"] is True
    assert sdk("bob", "profile.get_token_info")["user_id"] == sdk.id("bob")
    assert sdk("bob", "oauth.get_token_info")["user_id"] == sdk.id("bob")
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    given = {"emoji": "🎮", "title": "Busy", "expires_at": later}
    assert sdk("bob", "profile.update_status", request={"status": given})["title"] == "Busy"
    assert sdk("bob", "profile.get_status")["emoji"] == "🎮"
    assert sdk("bob", "profile.delete_status") is None
    assert sdk("bob", "profile.delete_profile_avatar") is None


def test_tags_and_properties(sdk: Sdk) -> None:
    name = f"people-{sdk.room()['id']}"
    tag = sdk("admin", "group_tags.create_tag", request={"group_tag": {"name": name}})["id"]
    assert sdk("bob", "group_tags.get_tag", id=tag)["users_count"] == 0
    renamed = sdk("admin", "group_tags.update_tag", id=tag, request={"group_tag": {"name": f"{name}!"}})
    assert renamed["name"] == f"{name}!"
    listed = sdk("bob", "group_tags.list_tags", params={"names": [f"{name}!"]})["data"]
    assert [each["id"] for each in listed] == [tag]
    assert tag in {each["id"] for each in sdk("bob", "group_tags.list_tags_all")}
    assert sdk("bob", "group_tags.get_tag_users", id=tag)["data"] == []
    assert sdk("bob", "group_tags.get_tag_users_all", id=tag) == []
    assert sdk("admin", "group_tags.delete_tag", id=tag) is None
    for call in ("common.list_properties", "custom_properties.list_properties"):
        found = sdk("bob", call, params={"entity_type": "User"})["data"]
        assert [(each["name"], each["data_type"]) for each in found] == [("City", "string")]


def test_tasks(sdk: Sdk) -> None:
    given = {"kind": "call", "due_at": "2030-01-02T10:00:30Z", "priority": 2}
    task = sdk("alice", "tasks.create_task", request={"task": given})
    assert (task["content"], task["performer_ids"]) == ("Позвонить контакту", [sdk.id("alice")])
    assert task["due_at"] == "2030-01-02T10:00:00+00:00"
    done = sdk("alice", "tasks.update_task", id=task["id"], request={"task": {"status": "done"}})
    assert done["status"] == "done"
    assert sdk("alice", "tasks.get_task", id=task["id"])["status"] == "done"
    found = sdk("alice", "tasks.list_tasks", params={"performer_ids": [sdk.id("alice")], "status": "done"})
    assert task["id"] in {each["id"] for each in found["data"]}
    assert task["id"] in {each["id"] for each in sdk("alice", "tasks.list_tasks_all")}
    assert sdk("alice", "tasks.delete_task", id=task["id"]) is None


def test_drafts(sdk: Sdk) -> None:
    chat = sdk.room()["id"]
    draft = {"entity_type": "discussion", "entity_id": chat, "content": "later"}
    made = sdk("alice", "drafts.create_draft", request={"draft": draft})
    assert (made["content"], made["schedule"]) == ("later", None)
    again = sdk.refused("alice", "drafts.create_draft", request={"draft": draft})
    assert again["detail"]["errors"][0]["payload"] == {"draft_id": made["id"]}
    weekly = {"start_date": "2031-01-06T09:00:00Z", "repetition": {"interval": "weekly", "days": [1, 3]}}
    planned = sdk("alice", "drafts.create_draft", request={"draft": {**draft, "schedule": weekly}})
    assert planned["schedule"]["repetition"]["days"] == [1, 3]
    assert planned["next_send_at"] == "2031-01-06T09:00:00+00:00"
    assert sdk("alice", "drafts.get_draft", id=made["id"])["id"] == made["id"]
    changed = sdk("alice", "drafts.update_draft", id=made["id"], request={"draft": {"content": "sooner"}})
    assert changed["content"] == "sooner"
    everything = sdk("alice", "drafts.list_drafts", params={"type": "all"})["data"]
    assert {made["id"], planned["id"]} <= {each["id"] for each in everything}
    assert sdk("alice", "drafts.list_drafts_all")
    for each in (made, planned):
        assert sdk("alice", "drafts.delete_draft", id=each["id"]) is None


def test_search(sdk: Sdk) -> None:
    chat = sdk.room(name="zeppelin hangar")["id"]
    message = sdk.say("alice", chat, "the airship landed")["id"]
    assert sdk("alice", "search.search_chats", params={"query": "zepelin"})["data"][0]["id"] == chat
    assert sdk("alice", "search.search_chats_all", params={"query": "zeppelin"})[0]["id"] == chat
    found = sdk("alice", "search.search_messages", params={"query": "airship", "chat_ids": [chat]})
    assert ([each["id"] for each in found["data"]], found["meta"]["total"]) == ([message], 1)
    assert sdk("alice", "search.search_messages_all", params={"query": "airship", "chat_ids": [chat]})
    people = sdk("alice", "search.search_users", params={"query": "Dawson", "company_roles": ["user"]})
    assert [each["id"] for each in people["data"]] == [sdk.id("bob")]
    assert sdk("alice", "search.search_users_all", params={"query": "Dawson"})


def test_bots_and_tokens(sdk: Sdk) -> None:
    wanted = {
        "webhook": {"name": "Helper", "events": ["message_new"], "trigger_on": "all_messages"},
        "oauth_client": {"redirect_uris": ["https://example.com/back"]},
    }
    made = sdk("alice", "bots.create_bot", request=wanted)
    bot = made["id"]
    assert made["nickname"].endswith("_bot")
    assert made["client_secret"]
    sdk.enter("helper", made["access_token"])
    assert sdk("helper", "profile.get_profile")["id"] == bot
    assert sdk("alice", "bots.get_bot", id=bot)["webhook"]["events"] == ["message_new"]
    update = {"webhook": {"name": "Helper 2", "who_can_add": "anyone"}}
    assert sdk("alice", "bots.update_bot", id=bot, request=update)["name"] == "Helper 2"
    assert bot in {each["id"] for each in sdk("alice", "bots.list_bots", params={"query": "Helper"})["data"]}
    assert bot in {each["id"] for each in sdk("alice", "bots.list_bots_all")}
    assert sdk("alice", "bots.get_bot_scopes", id=bot)["scopes"]
    assert sdk("admin", "bots.list_company_bots", params={"limit": 1})["data"][0]["id"] == bot
    company = {each["id"]: each for each in sdk("admin", "bots.list_company_bots_all")}
    assert company[bot]["webhook"]["events"] is None
    token = sdk(
        "alice", "bots.create_bot_token", id=bot, request={"name": "second", "scopes": ["chats:read"]}
    )
    assert (token["name"], token["scopes"]) == ("second", ["chats:read"])
    sdk.enter("narrow", token["token"])
    refused = sdk.refused("narrow", "profile.get_profile")
    assert (refused["type"], refused["detail"]["error"]) == ("OAuthError", "insufficient_scope")
    renamed = sdk("alice", "bots.update_bot_token", id=bot, token_id=token["id"], request={"name": "third"})
    assert renamed["name"] == "third"
    again = sdk("alice", "bots.reissue_bot_token", id=bot, token_id=token["id"])
    assert again["token"] != token["token"]
    assert [each["id"] for each in sdk("alice", "bots.list_bot_tokens", id=bot)["data"]][-1] == token["id"]
    assert len(sdk("alice", "bots.list_bot_tokens_all", id=bot)) == 2
    assert sdk("alice", "bots.delete_bot_token", id=bot, token_id=token["id"]) is None
    assert sdk("alice", "bots.rotate_bot_client_secret", id=bot)["client_secret"] != made["client_secret"]
    fresh = sdk("alice", "bots.recreate_bot_token", id=bot)["access_token"]
    assert sdk.refused("helper", "profile.get_profile")["detail"]["error"] == "invalid_token"
    sdk.enter("helper", fresh)
    own = sdk(
        "helper", "bots.self_update_bot_webhook", request={"webhook": {"outgoing_url": "https://x.example/h"}}
    )
    assert own["webhook"]["outgoing_url"] == "https://x.example/h"
    assert sdk("helper", "bots.self_recreate_bot_token")["access_token"] != fresh
    assert sdk("alice", "bots.delete_bot_avatar", id=bot) is None
    assert sdk("alice", "bots.delete_bot", id=bot) is None


def test_oauth(sdk: Sdk) -> None:
    wanted = {"webhook": {"name": "Agent"}, "oauth_client": {"redirect_uris": ["https://example.com/back"]}}
    made = sdk("alice", "bots.create_bot", request=wanted)
    client = {"client_id": made["oauth_client"]["client_id"], "client_secret": made["client_secret"]}
    agreed = {
        "user_id": sdk.id("bob"),
        "client_id": client["client_id"],
        "redirect_uri": "https://example.com/back",
    }
    code = control(sdk.control_ready, "POST", "/pachca/oauth/authorize", agreed)["code"]
    given = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "https://example.com/back",
        **client,
    }
    token = sdk("alice", "oauth.exchange_token", request=given)
    assert (token["token_type"], token["access_token"][:5]) == ("Bearer", "pato_")
    sdk.enter("granted", token["access_token"])
    assert sdk("granted", "oauth.get_token_info")["user_id"] == sdk.id("bob")
    assert sdk.refused("alice", "oauth.exchange_token", request=given)["detail"]["error"] == "invalid_grant"
    assert sdk("granted", "oauth.revoke_token", request={"token": token["access_token"]}) is None
    assert sdk.refused("granted", "oauth.get_token_info")["detail"]["error"] == "invalid_token"


def test_the_event_history_and_a_form_without_a_url(sdk: Sdk) -> None:
    for each in sdk("bot", "bots.get_webhook_events_all"):
        sdk("bot", "bots.delete_webhook_event", id=each["id"])
    chat = sdk.room()["id"]
    sent = sdk.say("bot", chat, "press", buttons=[[{"text": "Go", "data": "go"}]])
    click = {"user_id": sdk.id("alice"), "message_id": sent["id"], "data": "go"}
    trigger = control(sdk.control_ready, "POST", "/pachca/clicks", click)["trigger_id"]
    blocks = [{"type": "header", "text": "Hello"}, {"type": "input", "name": "city", "label": "City"}]
    form = {"type": "modal", "trigger_id": trigger, "view": {"title": "Form", "blocks": blocks}}
    assert sdk("bot", "views.open_view", request=form) is None
    assert (
        sdk.refused("bot", "views.open_view", request=form)["detail"]["errors"][0]["code"]
        == "trigger_expired"
    )
    page = sdk("bot", "bots.get_webhook_events", params={"limit": 10})["data"]
    assert [each["event_type"] for each in page][:2] == ["button_click", "message_new"]
    assert page[0]["payload"]["trigger_id"] == trigger
    polled: Any = sdk.driver.ask(client="bot", poll=3)
    assert {each["type"] for each in polled} == {"chat_member", "button", "message"}
    late = {"submit_id": "0", "errors": {"city": "unknown"}}
    opened = control(sdk.control_ready, "GET", "/pachca/forms")["views"][-1]["view_id"]
    expired = sdk.refused("bot", "views.submit_view_response", view_id=opened, request=late)
    assert expired["detail"]["errors"][0]["code"] == "submit_expired"


def test_link_previews(sdk: Sdk) -> None:
    sdk(
        "admin", "bots.update_bot", id=sdk.id("bot"), request={"webhook": {"unfurl_domains": ["example.com"]}}
    )
    message = sdk.say("alice", sdk.room()["id"], "see https://docs.example.com/a")["id"]
    preview = {"title": "A", "description": "about a"}
    given = {"link_previews": {"https://docs.example.com/a": preview}}
    assert sdk("bot", "messages.unfurl", id=message, request=given) is None
    assert sdk("bot", "link_previews.create_link_previews", id=message, request=given) is None
    elsewhere = {"link_previews": {"https://elsewhere.org/": preview}}
    assert sdk.refused("bot", "messages.unfurl", id=message, request=elsewhere)["type"] == "ApiError"


def test_exports_and_audit(sdk: Sdk) -> None:
    today = datetime.now(UTC).date().isoformat()
    span = {"start_at": today, "end_at": today}
    assert sdk("admin", "chats.request_export", request=span)["id"] > 0
    busy = sdk.refused("admin", "common.request_export", request=span)
    assert busy["type"] == "ApiError"
    for call in ("chats.download_export", "common.download_export"):
        unready = sdk.refused("admin", call, id=1)
        assert unready["detail"]["errors"][0]["code"] == "export_file_not_found"
    found = sdk("admin", "security.get_audit_events", params={"event_key": "chat_created", "limit": 1})
    assert found["data"][0]["event_key"] == "chat_created"
    assert sdk("admin", "security.get_audit_events_all", params={"event_key": "bot_deleted"}) is not None


def test_files_go_to_the_storage_under_the_name_that_the_package_gives_them(sdk: Sdk) -> None:
    chat = sdk.room()["id"]
    grant = sdk("alice", "files.get_upload_params")
    assert sdk("alice", "common.get_upload_params")["key"] != grant["key"]
    # Substituting the name beforehand goes around its bug: it names every part "upload".
    key = grant["key"].replace("${filename}", "notes.txt")
    form = {**{name: value for name, value in grant.items() if name != "direct_url"}, "key": key}
    upload = {**form, "file": {"bytes": base64.b64encode(b"some notes").decode()}}
    assert sdk("alice", "files.upload_file", direct_url=grant["direct_url"], request=upload) is None
    files = [{"key": key, "name": "notes.txt", "file_type": "file", "size": 10}]
    sent = sdk.say("alice", chat, "", files=files)
    assert [each["name"] for each in sent["files"]] == ["notes.txt"]
    with urllib.request.urlopen(sent["files"][0]["url"]) as answer:
        assert answer.read() == b"some notes"
    refused = sdk.refused("alice", "files.download_file", id=sent["files"][0]["id"])
    assert refused["detail"]["errors"][0]["code"] == "confidential_download_denied"
    control(sdk.control_ready, "PATCH", "/pachca/settings", {"perimeter": True})
    try:
        got = sdk("alice", "files.download_file", id=sent["files"][0]["id"])
    finally:
        control(sdk.control_ready, "PATCH", "/pachca/settings", {"perimeter": False})
    assert base64.b64decode(got["bytes"]) == b"some notes"


def test_own_bug_avatars_go_out_as_post(sdk: Sdk) -> None:
    chat, bot = sdk.room()["id"], sdk.id("bot")
    calls: list[tuple[str, dict[str, Any]]] = [
        ("profile.update_profile_avatar", {}),
        ("users.update_user_avatar", {"user_id": sdk.id("bob")}),
        ("chats.update_chat_avatar", {"id": chat}),
        ("bots.update_bot_avatar", {"id": bot}),
    ]
    for name, args in calls:
        assert sdk.refused("admin", name, image=PNG, **args)["type"] == "ApiError"
    control(sdk.control_ready, "PATCH", "/pachca/settings", {"post_avatars": True})
    try:
        for name, args in calls:
            assert sdk("admin", name, image=PNG, **args)["image_url"].endswith(".png")
    finally:
        control(sdk.control_ready, "PATCH", "/pachca/settings", {"post_avatars": False})


def test_own_bug_a_bare_null_crashes_it(sdk: Sdk) -> None:
    sdk("alice", "profile.delete_status")
    assert sdk.refused("alice", "profile.get_status")["type"] == "TypeError"


def test_own_bug_a_refusal_in_plain_text_crashes_it(sdk: Sdk) -> None:
    fault = {"fake": "pachca", "on": {"operation": "GET /profile"}, "do": {"kind": "rate_limit", "wait": 90}}
    control(sdk.control_ready, "POST", "/faults", fault)
    assert sdk.refused("alice", "profile.get_profile")["type"] == "JSONDecodeError"


def test_own_bug_a_post_is_repeated_after_a_5xx(sdk: Sdk) -> None:
    chat = sdk.room()["id"]
    after = control(sdk.control_ready, "GET", "/journal?limit=1")["last"]
    fault = {
        "fake": "pachca",
        "on": {"operation": "POST /messages", "text": "once"},
        "do": {"kind": "status", "status": 503},
    }
    control(sdk.control_ready, "POST", "/faults", fault)
    sdk.say("alice", chat, "once")
    query = f"/journal?after={after}&fake=pachca&kind=http&operation=POST%20/messages&text=once"
    tries = control(sdk.control_ready, "GET", query)["entries"]
    assert [each["status"] for each in tries] == [503, 201]


def test_own_bug_an_upload_without_a_name_of_its_own_lands_as_upload(sdk: Sdk) -> None:
    grant = sdk("alice", "files.get_upload_params")
    form = {name: value for name, value in grant.items() if name != "direct_url"}
    upload = {**form, "file": {"bytes": base64.b64encode(b"x").decode()}}
    assert sdk("alice", "common.upload_file", direct_url=grant["direct_url"], request=upload) is None
    stored = control(sdk.control_ready, "GET", "/journal?fake=s3&kind=http&operation=PostObject")["entries"]
    assert "/upload" in json.dumps(stored[-1])


def test_every_operation_that_the_package_has_is_called_here(sdk: Sdk) -> None:
    source = Path(__file__).read_text()
    polling = {"bots.poll_webhook_events", "bots.poll_webhook_payloads"}
    has: Any = sdk.driver.ask(client="bot", operations=True)
    assert len(has) > 100
    assert {each for each in has if f'"{each}"' not in source} - polling == set()
