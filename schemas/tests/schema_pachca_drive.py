"""Every operation of Pachca, called at least once, in the order in which a workspace would live through them.

What it is for: one walk over the whole API, with the schemas as the only judge. What it must not do: judge
behaviour; the fake's own tests do.
"""

from typing import cast

from schema_client import Json
from schema_pachca_bots import calls, form_without_address, forms, own_settings
from schema_pachca_scene import DAY, PNG, Scene

__all__ = ["drive"]


async def drive(scene: Scene) -> None:
    """Make every call."""
    await profile(scene)
    await users(scene)
    await tags_and_members(scene)
    await chats(scene)
    await messages(scene)
    await threads(scene)
    await previews_and_files(scene)
    await searches(scene)
    await tasks(scene)
    await drafts(scene)
    await forms(scene)
    await bots(scene)
    await company(scene)
    await oauth(scene)
    await calls(scene)
    await form_without_address(scene)
    await own_settings(scene)


async def profile(scene: Scene) -> None:
    """Show and change the caller."""
    me = scene.alice
    await me.data("GET /profile")
    await me.data("PUT /profile/avatar", {"image": PNG})
    await me.call("DELETE /profile/avatar", status=204)
    await me.call("GET /profile/status")
    away = {"emoji": "🎮", "title": "Занята", "is_away": True, "away_message": "Позже"}
    await me.data("PUT /profile/status", {"status": away})
    await me.data("PUT /profile/status", {"status": {"expires_at": "2030-01-01T10:00:00"}})
    await me.data("GET /profile/status")
    await me.call("DELETE /profile/status", status=204)


async def users(scene: Scene) -> None:
    """Invite, change and delete an employee."""
    admin = scene.admin
    await admin.call("GET /users", query={"limit": "2"})
    await admin.call("GET /users", query={"query": "alice"})
    new = {"email": "vera@example.org", "first_name": "Вера", "role": "user", "list_tags": ["Опора"]}
    who = (await admin.data("POST /users", {"user": new, "skip_email_notify": True}, status=201))["id"]
    await admin.data("GET /users/{id}", id=who)
    await admin.data("PUT /users/{id}", {"user": {"department": "Продажи"}}, id=who)
    await admin.data("PUT /users/{user_id}/avatar", {"image": PNG}, user_id=who)
    await admin.call("DELETE /users/{user_id}/avatar", status=204, user_id=who)
    status = {"status": {"emoji": "🌴", "title": "Отпуск"}}
    await admin.data("PUT /users/{user_id}/status", status, user_id=who)
    await admin.data("GET /users/{user_id}/status", user_id=who)
    await admin.call("DELETE /users/{user_id}/status", status=204, user_id=who)
    await admin.call("GET /users/{user_id}/status", user_id=who)
    for suspended in (True, False):
        await admin.data("PUT /users/{id}", {"user": {"suspended": suspended}}, id=who)
    await admin.call("DELETE /users/{id}", status=204, id=who)
    await admin.call("GET /users/{id}", status=404, id=who)
    await admin.call("GET /custom_properties", query={"entity_type": "User"})


async def tags_and_members(scene: Scene) -> None:
    """Make a tag and a chat, put people and tags into it."""
    admin = scene.admin
    tag = (await admin.data("POST /group_tags", {"group_tag": {"name": "Дизайн"}}, status=201))["id"]
    await admin.call("POST /group_tags", {"group_tag": {"name": "дизайн"}}, status=409)
    await admin.call("GET /group_tags", query={"names[]": ["Дизайн", "Опора"]})
    await admin.data("GET /group_tags/{id}", id=tag)
    await admin.data("PUT /group_tags/{id}", {"group_tag": {"name": "Дизайнеры"}}, id=tag)
    await admin.call("GET /group_tags/{id}/users", id=tag)
    made = {"chat": {"name": "Проба", "member_ids": [scene.alice_id, scene.bot_id]}}
    chat = (await admin.data("POST /chats", made, status=201))["id"]
    await admin.call("POST /chats/{id}/members", {"member_ids": [scene.bob_id]}, status=204, id=chat)
    await admin.call("GET /chats/{id}/members", query={"role": "member"}, id=chat)
    role = {"role": "admin"}
    await admin.call("PUT /chats/{id}/members/{user_id}", role, status=204, id=chat, user_id=scene.bob_id)
    await admin.call("DELETE /chats/{id}/members/{user_id}", status=204, id=chat, user_id=scene.bob_id)
    await admin.call("POST /chats/{id}/group_tags", {"group_tag_ids": [tag]}, status=204, id=chat)
    await admin.call("DELETE /chats/{id}/group_tags/{tag_id}", status=204, id=chat, tag_id=tag)
    await scene.alice.call("DELETE /chats/{id}/leave", status=204, id=chat)
    await admin.call("DELETE /group_tags/{id}", status=204, id=tag)


async def chats(scene: Scene) -> None:
    """Change a chat, archive it, export all of them."""
    admin = scene.admin
    await admin.call("GET /chats", query={"limit": "1", "sort": "last_message_at", "archived": "true"})
    chat = (await admin.data("POST /chats", {"chat": {"name": "Лента", "channel": True}}, status=201))["id"]
    await admin.data("GET /chats/{id}", id=chat)
    await admin.call("GET /chats/{id}", status=404, id=1)
    await admin.data("PUT /chats/{id}", {"chat": {"public": True}}, id=chat)
    await admin.data("PUT /chats/{id}/avatar", {"image": PNG}, id=chat)
    await admin.call("DELETE /chats/{id}/avatar", status=204, id=chat)
    await admin.call("PUT /chats/{id}/unread", status=204, id=scene.room)
    await admin.call("PUT /chats/{id}/archive", status=204, id=chat)
    await admin.call("PUT /chats/{id}/unarchive", status=204, id=chat)
    wanted = {"start_at": DAY, "end_at": DAY, "webhook_url": scene.receiver.url}
    prefer = {"Prefer": "return=representation"}
    export = (await admin.data("POST /chats/exports", wanted, status=202, headers=prefer))["id"]
    ready = await scene.receiver.wait("export", "ready")
    assert ready["export_id"] == export
    await admin.call("GET /chats/exports/{id}", status=302, id=export)
    await admin.call("POST /chats/exports", wanted, status=204)


async def messages(scene: Scene) -> None:
    """Send, read, change, pin and delete messages, and react to them."""
    alice, bot = scene.alice, scene.bot
    text = {"message": {"entity_id": scene.room, "content": "Привет, **все**"}}
    first = (await alice.data("POST /messages", text, status=201))["id"]
    answer = {
        "entity_id": scene.room,
        "content": "да",
        "parent_message_id": first,
        "display_name": "Помощник",
    }
    await bot.data("POST /messages", {"message": answer, "link_preview": True}, status=201)
    direct = {"message": {"entity_type": "user", "entity_id": scene.bob_id, "content": "секрет"}}
    await alice.data("POST /messages", direct, status=201)
    await alice.call("GET /messages", query={"chat_id": str(scene.room), "limit": "1", "order": "asc"})
    await alice.data("GET /messages/{id}", id=first)
    await alice.data("PUT /messages/{id}", {"message": {"content": "Привет!"}}, id=first)
    await bot.call("PUT /messages/{id}", {"message": {"content": "нет"}}, status=403, id=first)
    await alice.call("POST /messages/{id}/reactions", {"code": "👍"}, status=201, id=first)
    await bot.call("POST /messages/{id}/reactions", {"code": "👍"}, status=201, id=first)
    await bot.call("GET /messages/{id}/reactions", id=first)
    await alice.call("DELETE /messages/{id}/reactions", status=204, query={"code": "👍"}, id=first)
    await alice.call("POST /messages/{id}/pin", status=204, id=first)
    await alice.call("POST /messages/{id}/pin", status=409, id=first)
    await alice.call("DELETE /messages/{id}/pin", status=204, id=first)
    await alice.call("GET /messages/{id}/read_member_ids", id=first)
    await alice.call("DELETE /messages/{id}", status=204, id=first)
    await alice.data("GET /messages/{id}", id=first)


async def threads(scene: Scene) -> None:
    """Start threads with and without a message, and write into them."""
    text = {"message": {"entity_id": scene.room, "content": "тема"}}
    root = (await scene.alice.data("POST /messages", text, status=201))["id"]
    thread = await scene.bot.data("POST /messages/{id}/thread", status=201, id=root)
    inside = {"message": {"entity_type": "thread", "entity_id": thread["id"], "content": "внутри"}}
    written = (await scene.bot.data("POST /messages", inside, status=201))["id"]
    await scene.bot.call("POST /messages/{id}/thread", status=400, id=written)
    await scene.alice.data("POST /threads", status=201)
    await scene.alice.call("GET /threads", query={"last_message_at_after": "2020-01-01T00:00:00"})
    await scene.alice.data("GET /threads/{id}", id=thread["id"])


async def previews_and_files(scene: Scene) -> None:
    """Preview a link; upload, attach and read a file."""
    domains = {"webhook": {"unfurl_domains": ["example.org"]}}
    await scene.admin.data("PUT /bots/{id}", domains, id=scene.bot_id)
    text = {"message": {"entity_id": scene.room, "content": "https://example.org/a"}}
    linked = (await scene.alice.data("POST /messages", text, status=201))["id"]
    shared = await scene.receiver.wait("message", "link_shared")
    assert shared["message_id"] == linked
    preview = {"link_previews": {"https://example.org/a": {"title": "A", "description": "b"}}}
    await scene.bot.call("POST /messages/{id}/link_previews", preview, status=204, id=linked)
    grant = await scene.alice.call("POST /uploads", status=201)
    fields = {name: value for name, value in grant.items() if name != "direct_url"}
    key = str(grant["key"]).replace("${filename}", "точка.png")
    form: Json = {**fields, "key": key, "file": PNG}
    await scene.alice.call("POST /direct_url", form, status=204, url=str(grant["direct_url"]))
    attached = {
        "key": key,
        "name": "точка.png",
        "file_type": "image",
        "size": len(PNG),
        "width": 1,
        "height": 1,
    }
    sent = await scene.alice.data(
        "POST /messages", {"message": {"entity_id": scene.room, "files": [attached]}}, status=201
    )
    file = cast("list[Json]", sent["files"])[0]["id"]
    await scene.alice.call("GET /files/{id}", status=403, id=file)
    scene.fake.patch_settings({"perimeter": True})
    await scene.alice.call("GET /files/{id}", query={"target": "image"}, id=file)
    scene.fake.patch_settings({"perimeter": False})


async def searches(scene: Scene) -> None:
    """Search for what was made."""
    await scene.alice.call("GET /search/chats", query={"query": "general", "active": "true"})
    await scene.alice.call("GET /search/messages", query={"query": "тема", "chat_ids[]": [str(scene.room)]})
    await scene.alice.call("GET /search/users", query={"query": "bob", "company_roles[]": ["user", "admin"]})


async def tasks(scene: Scene) -> None:
    """Make a task, close it, delete it."""
    wanted = {"kind": "reminder", "content": "Отчёт", "due_at": "2030-01-01T23:59:59", "priority": 2}
    task = (await scene.alice.data("POST /tasks", {"task": wanted}, status=201))["id"]
    await scene.alice.call("GET /tasks", query={"status": "undone"})
    await scene.alice.data("GET /tasks/{id}", id=task)
    await scene.alice.data("PUT /tasks/{id}", {"task": {"status": "done"}}, id=task)
    await scene.alice.call("DELETE /tasks/{id}", status=204, id=task)


async def drafts(scene: Scene) -> None:
    """Keep a draft, schedule a message, throw both away."""
    where = {"entity_type": "discussion", "entity_id": scene.room, "content": "черновик"}
    draft = (await scene.alice.data("POST /drafts", {"draft": where}, status=201))["id"]
    await scene.alice.call("POST /drafts", {"draft": where}, status=409)
    weekly = {"interval": "weekly", "days": [1, 3]}
    schedule = {"start_date": "2030-01-01T10:00:00Z", "repetition": weekly}
    planned = {"draft": {**where, "schedule": schedule}}
    later = (await scene.alice.data("POST /drafts", planned, status=201))["id"]
    await scene.alice.call("GET /drafts", query={"type": "all"})
    await scene.alice.data("GET /drafts/{id}", id=later)
    await scene.alice.data("PUT /drafts/{id}", {"draft": {"content": "другое"}}, id=draft)
    await scene.alice.call("DELETE /drafts/{id}", status=204, id=draft)
    await scene.alice.call("DELETE /drafts/{id}", status=204, id=later)


async def bots(scene: Scene) -> None:
    """Make a bot with an OAuth client, change it, its tokens; delete it."""
    admin = scene.admin
    wanted = {
        "webhook": {"name": "Проба", "nickname": "proba_bot", "events": ["message_new"], "commands": ["/go"]},
        "oauth_client": {"redirect_uris": ["https://example.org/back"]},
    }
    bot = (await admin.data("POST /bots", wanted, status=201))["id"]
    await admin.call("GET /bots", query={"query": "Проба"})
    await admin.data("GET /bots/{id}", id=bot)
    await admin.data("PUT /bots/{id}", {"webhook": {"who_can_add": "anyone"}}, id=bot)
    await admin.data("PUT /bots/{id}/avatar", {"image": PNG}, id=bot)
    await admin.call("DELETE /bots/{id}/avatar", status=204, id=bot)
    await admin.data("POST /bots/{id}/recreate_token", id=bot)
    await admin.data("POST /bots/{id}/rotate_client_secret", id=bot)
    await admin.call("GET /bots/{id}/scopes", id=bot)
    token = (await admin.data("POST /bots/{id}/tokens", {"name": "второй"}, status=201, id=bot))["id"]
    await admin.call("GET /bots/{id}/tokens", id=bot)
    change = {"scopes": ["messages:read"]}
    await admin.data("PUT /bots/{id}/tokens/{token_id}", change, id=bot, token_id=token)
    await admin.data("POST /bots/{id}/tokens/{token_id}/reissue", id=bot, token_id=token)
    await admin.call("DELETE /bots/{id}/tokens/{token_id}", status=204, id=bot, token_id=token)
    await admin.call("DELETE /bots/{id}", status=204, id=bot)


async def company(scene: Scene) -> None:
    """What only the owner sees."""
    await scene.admin.call("GET /company/chats", query={"activity": "active"})
    await scene.admin.call("GET /company/bots")
    await scene.admin.call("GET /audit_events", query={"start_time": "2020-01-01T00:00:00Z", "limit": "50"})
    await scene.alice.call("GET /audit_events", status=403)


async def oauth(scene: Scene) -> None:
    """Change a code for a token, look at it, kill it."""
    back = "https://example.org/back"
    wanted = {"webhook": {"name": "Вход", "nickname": "login_bot"}, "oauth_client": {"redirect_uris": [back]}}
    bot = await scene.admin.data("POST /bots", wanted, status=201)
    client = cast("Json", bot["oauth_client"])["client_id"]
    secret = bot["client_secret"]
    code = scene.fake.authorize(scene.alice_id, str(client), back, None)["code"]
    known = {"client_id": client, "client_secret": secret}
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, **known}
    nobody = scene.admin.acting_with("")
    token = (await nobody.call("POST /oauth/token", form))["access_token"]
    await nobody.call("POST /oauth/token", form, status=400)
    granted = scene.admin.acting_with(str(token))
    await granted.data("GET /oauth/token/info")
    await granted.call("POST /oauth/revoke", {"token": token, **known})
    await granted.call("GET /oauth/token/info", status=401)
