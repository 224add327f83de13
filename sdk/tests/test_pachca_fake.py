"""Every operation against the fake, in a workspace with state and rules."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from pachca_world import World, world

from tolmach.errors import Conflict, Forbidden, NotFound, ScopeMissing, Unauthorized
from tolmach.pachca import Form, FormSubmitted, HistoryPoller, LinkShared, Pachca, data_button, parse_event
from tolmach.pachca.operations import OPERATIONS
from tolmach.pachca.resources.oauth import pkce
from tolmach.sync import Pachca as BlockingPachca

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
    "0000000b4944415478da6364f80f00010501012718e3660000000049454e44ae426082"
)


async def people_and_chats(here: World, admin: Pachca) -> None:
    me = await admin.profile.get()
    assert (me.id, me.bot) == (here.id("admin"), False)
    assert {each.id async for each in admin.users.list(page_size=2)} >= {here.id("alice"), here.id("bot")}
    carol = await admin.users.create("carol@example.com", first_name="Carol", list_tags=["ops"])
    assert (await admin.users.get(carol.id)).list_tags == ["ops"]
    assert (await admin.users.update(carol.id, title="Lead")).title == "Lead"
    with pytest.raises(Conflict) as caught:
        await admin.users.create("carol@example.com")
    assert caught.value.key == "email"
    assert await admin.users.status(carol.id) is None
    assert (await admin.users.set_status(carol.id, emoji="🎮", title="Busy")).emoji == "🎮"
    await admin.users.delete_status(carol.id)
    assert (await admin.users.set_avatar(carol.id, PNG)).startswith("http")
    await admin.users.delete_avatar(carol.id)
    assert await admin.profile.status() is None
    soon = datetime.now(UTC) + timedelta(hours=1)
    await admin.profile.set_status(emoji="🍵", title="Tea", expires_at=soon)
    status = await admin.profile.status()
    assert status is not None
    assert status.title == "Tea"
    await admin.profile.delete_status()
    await admin.profile.set_avatar(PNG)
    await admin.profile.delete_avatar()
    assert isinstance(await admin.custom_properties.list("User"), list)

    tag = await admin.tags.create("Design")
    assert [each.id async for each in admin.tags.list(names=["Design"])] == [tag.id]
    assert (await admin.tags.get(tag.id)).name == "Design"
    assert (await admin.tags.update(tag.id, "Art")).name == "Art"
    assert await admin.tags.users(tag.id).all() == []

    chat = await admin.chats.create("Plans", member_ids=[here.id("alice")], public=True)
    assert (await admin.chats.get(chat.id)).name == "Plans"
    assert (await admin.chats.update(chat.id, name="Plans 2")).name == "Plans 2"
    assert chat.id in {each.id async for each in admin.chats.list()}
    await admin.chats.set_avatar(chat.id, PNG)
    await admin.chats.delete_avatar(chat.id)
    await admin.members.add(chat.id, [here.id("bob")], silent=True)
    await admin.members.set_role(chat.id, here.id("bob"), "admin")
    assert [each.id async for each in admin.members.list(chat.id, role="admin")] == [here.id("bob")]
    await admin.members.remove(chat.id, here.id("bob"))
    await admin.members.add_tags(chat.id, [tag.id])
    await admin.members.remove_tag(chat.id, tag.id)
    alice = await here.client("alice")
    await alice.members.leave(chat.id)
    await admin.chats.archive(chat.id)
    await admin.chats.unarchive(chat.id)
    assert chat.id in {each.id async for each in admin.company.chats()}
    await admin.tags.delete(tag.id)
    await admin.users.delete(carol.id)
    with pytest.raises(NotFound):
        await admin.users.get(carol.id)


async def messages(here: World, alice: Pachca, bot: Pachca) -> None:
    general = here.room("general")
    sent = await bot.messages.create(
        chat_id=general, content="Pick **one**", buttons=[[data_button("Yes", "y")]], display_name="Oracle"
    )
    assert sent.display_name == "Oracle"
    read = await alice.messages.get(sent.id)
    assert read.buttons is not None
    assert read.buttons[0][0].data == "y"
    edited = await bot.messages.update(sent.id, content="Done", buttons=[])
    assert (edited.content, edited.buttons) == ("Done", None)
    assert sent.id in {each.id async for each in alice.messages.list(general, page_size=1)}
    await alice.messages.pin(sent.id)
    with pytest.raises(Conflict):
        await alice.messages.pin(sent.id)
    await alice.messages.unpin(sent.id)
    assert (await alice.reactions.add(sent.id, "👍")).user_id == here.id("alice")
    assert [each.code async for each in bot.reactions.list(sent.id)] == ["👍"]
    await alice.reactions.remove(sent.id, "👍")
    with pytest.raises(NotFound):
        await alice.reactions.remove(sent.id, "👍")
    thread = await alice.threads.open(sent.id)
    assert (await alice.threads.open(sent.id)).id == thread.id
    reply = await alice.messages.create(thread_id=thread.id, content="Why?")
    assert (reply.chat_id, reply.root_chat_id) == (thread.chat_id, general)
    assert (await alice.threads.get(thread.id)).message_id == sent.id
    assert thread.id in {each.id async for each in alice.threads.list()}
    assert (await alice.threads.create()).message_id is None
    direct = await bot.messages.create(user_id=here.id("alice"), content="psst")
    assert direct.entity_type == "user"
    await alice.chats.mark_unread(direct.chat_id)
    assert isinstance(await bot.messages.readers(sent.id).all(), list)
    await bot.messages.delete(sent.id)
    await bot.messages.delete(sent.id)
    assert (await alice.messages.get(sent.id)).deleted_at is not None
    assert await alice.search.messages("Why").all()
    assert await alice.search.chats("general").all() is not None
    assert await alice.search.users("bob").all()


async def files(here: World, bot: Pachca, tmp_path: Path) -> None:
    path = tmp_path / "Отчёт 1.png"
    path.write_bytes(PNG)
    report = await bot.uploads.file(path)
    assert (report.file_type, report.width, report.height) == ("image", 1, 1)
    message = await bot.messages.create(chat_id=here.room("general"), content="Report", files=[report])
    async with bot.files.open(message.files[0]) as download:
        assert download.name == "Отчёт 1.png"
        assert await download.read(limit=1000) == PNG
    assert (await bot.messages.update(message.id, content="Report 2", files=[])).files == []
    with pytest.raises(Forbidden, match="confidential_download_denied"):
        async with bot.files.download(message.files[0].id):
            pass
    here.fake.patch_settings({"perimeter": True})
    message = await bot.messages.create(
        chat_id=here.room("general"), content="Kept", files=[await bot.uploads.file(PNG, name="kept.png")]
    )
    assert message.files[0].url.endswith(f"/files/{message.files[0].id}")
    async with bot.files.open(message.files[0]) as download:
        assert await download.read(limit=1000) == PNG
    here.fake.patch_settings({"perimeter": False})


async def tasks_and_drafts(here: World, admin: Pachca) -> None:
    task = await admin.tasks.create("reminder", content="Call", priority=2)
    assert (await admin.tasks.get(task.id)).priority == 2
    assert (await admin.tasks.update(task.id, status="done")).status == "done"
    assert task.id in {each.id async for each in admin.tasks.list()}
    await admin.tasks.delete(task.id)
    general = here.room("general")
    draft = await admin.drafts.create(general, content="Soon")
    with pytest.raises(Conflict) as caught:
        await admin.drafts.create(general, content="Sooner")
    assert caught.value.details["draft_id"] == draft.id
    assert (await admin.drafts.update(draft.id, content="Later", parent_message_id=None)).content == "Later"
    assert (await admin.drafts.get(draft.id)).id == draft.id
    assert [each.id async for each in admin.drafts.list(kind="all")] == [draft.id]
    await admin.drafts.delete(draft.id)


async def bots(here: World, admin: Pachca) -> None:
    made = await admin.bots.create(
        "Helper",
        nickname="helper_bot",
        trigger_on="all_messages",
        events=["message_new"],
        oauth_client={"redirect_uris": ["https://a.example.com/back"]},
    )
    assert made.access_token
    assert (await admin.bots.get(made.id)).webhook.trigger_on == "all_messages"
    assert (await admin.bots.update(made.id, name="Aide")).webhook.name == "Aide"
    assert made.id in {each.id async for each in admin.bots.list()}
    assert made.id in {each.id async for each in admin.company.bots()}
    await admin.bots.set_avatar(made.id, PNG)
    await admin.bots.delete_avatar(made.id)
    assert (await admin.bots.scopes(made.id)).scopes
    token = await admin.bot_tokens.create(made.id, "ci", scopes=["messages:read", "profile:read"])
    assert (await admin.bot_tokens.update(made.id, token.id, name="cd")).name == "cd"
    assert token.id in {each.id async for each in admin.bot_tokens.list(made.id)}
    limited = await here.client_of(token.token)
    with pytest.raises(ScopeMissing) as caught:
        await limited.messages.create(chat_id=here.room("general"), content="x")
    assert caught.value.scopes == ("messages:create",)
    assert caught.value.granted is not None
    assert "messages:read" in caught.value.granted
    fresh = await admin.bot_tokens.reissue(made.id, token.id)
    with pytest.raises(Unauthorized):
        await limited.profile.get()
    assert fresh.token != token.token
    await admin.bot_tokens.delete(made.id, token.id)
    renewed = await admin.bots.recreate_token(made.id)
    own = await here.client_of(str(renewed.access_token))
    assert (await own.bot.set_webhook("")).id == made.id
    assert (await own.bot.recreate_token()).access_token
    assert made.oauth_client is not None
    await oauth(here, admin, made.id, made.oauth_client.client_id, str(made.client_secret))
    await admin.bots.delete(made.id)


async def previews(here: World, admin: Pachca) -> None:
    made = await admin.bots.create(
        "Peek",
        nickname="peek_bot",
        events=["message_link_shared"],
        trigger_on="unfurl",
        unfurl_domains=["example.com"],
        events_history_enabled=True,
    )
    peek = await here.client_of(str(made.access_token))
    alice = await here.client("alice")
    sent = await alice.messages.create(chat_id=here.room("general"), content="see https://a.example.com/x")
    [event] = [parse_event(each.payload) for each in await peek.webhooks.list().all()]
    assert isinstance(event, LinkShared)
    assert (event.message_id, event.links[0].url) == (sent.id, "https://a.example.com/x")
    await peek.messages.preview_links(sent.id, {event.links[0].url: {"title": "X", "description": "Y"}})


async def oauth(here: World, admin: Pachca, bot_id: int, client_id: str, secret: str) -> None:
    back = "https://a.example.com/back"
    secret = str((await admin.bots.rotate_client_secret(bot_id)).client_secret)
    proof = pkce()
    code = here.fake.authorize(here.id("alice"), client_id, back, proof.challenge)["code"]
    anybody = Pachca(None, api_base=here.url, insecure=True)
    async with anybody:
        granted = await anybody.oauth.exchange(
            str(code), back, client_id=client_id, client_secret=secret, code_verifier=proof.verifier
        )
        acting = await here.client_of(granted.access_token)
        assert (await acting.oauth.token_info()).user_id == here.id("alice")
        await anybody.oauth.revoke(granted.access_token, client_id=client_id, client_secret=secret)
    with pytest.raises(Unauthorized):
        await acting.oauth.token_info()


async def forms_and_history(here: World, admin: Pachca, bot: Pachca) -> None:
    sent = await bot.messages.create(
        chat_id=here.room("general"), content="https://a.example.com/x", buttons=[[data_button("Open", "o")]]
    )
    trigger = str(here.fake.click(here.id("alice"), sent.id, "o")["trigger_id"])
    await bot.views.open(trigger, Form("Order").input("what", "What").view(), callback_id="order")
    [shown] = cast("list[dict[str, object]]", here.fake.views()["views"])
    assert shown["callback_id"] == "order"
    submitting = asyncio.create_task(
        here.fake.submit(here.id("alice"), {"what": ""}, view_id=None, trigger_id=trigger)
    )
    poller = HistoryPoller(bot, interval=0.01)

    @poller.on(FormSubmitted)
    async def check(event: FormSubmitted) -> dict[str, str]:
        return {"what": "say something"}

    polling = asyncio.create_task(poller.run())
    shown_to_alice = await submitting
    assert shown_to_alice["errors"] == {"what": "say something"}
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    await bot.messages.create(chat_id=here.room("general"), content="another")
    alice = await here.client("alice")
    await alice.messages.create(chat_id=here.room("general"), content="one more")
    past = await bot.webhooks.list().all()
    assert past
    await bot.webhooks.delete(past[0].id)
    with pytest.raises(NotFound):
        await bot.webhooks.delete(past[0].id)


async def test_a_script_needs_no_await():
    async with world() as here:
        general, bot = here.room("general"), str(here.person("bot")["token"])

        def script() -> list[str]:
            with BlockingPachca(bot, api_base=here.url, insecure=True) as pachca:
                report = pachca.uploads.file(b"weekly", name="report.txt")
                sent = pachca.messages.create(chat_id=general, content="Weekly report", files=[report])
                with pachca.files.open(sent.files[0]) as download:
                    assert b"".join(download) == b"weekly"
                return [person.nickname for person in pachca.users.list(page_size=1)]

        assert set(await asyncio.to_thread(script)) >= {"alice", "bob"}


async def test_all_operations_work_against_the_fake(tmp_path: Path):
    async with world() as here:
        here.fake.patch_settings({"rate_limits": False})
        admin, alice, bot = [await here.client(name) for name in ("admin", "alice", "bot")]
        await people_and_chats(here, admin)
        await messages(here, alice, bot)
        await files(here, bot, tmp_path)
        await tasks_and_drafts(here, admin)
        await bots(here, admin)
        await previews(here, admin)
        await forms_and_history(here, admin, bot)
        export = await admin.exports.create(date(2026, 1, 1), date(2026, 1, 5))
        assert export is not None
        with pytest.raises(NotFound, match="export_file_not_found"):
            await admin.exports.link(export.id)
        here.fakes.kernel.clock.advance(60)
        assert (await admin.exports.link(export.id)).startswith("http")
        assert [each.event_key async for each in admin.audit.list()]
        assert set(OPERATIONS) - here.operations() == UNREACHED
        assert [entry.render() for entry in here.fakes.violations()] == []


UNREACHED = {
    # The storage's own route, which is no route of the API.
    "POST /direct_url",
}
