"""The fake delivers to our receiver, and its storage fails under our uploads."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pachca_stub import SteppingClock
from pachca_world import World, world

from tolmach.errors import Forbidden, StorageRefused
from tolmach.pachca import (
    ButtonPressed,
    ChatMemberAdded,
    Form,
    FormSubmitted,
    MessageDeleted,
    MessageEdited,
    MessageNew,
    Pachca,
    ReactionAdded,
    ReactionRemoved,
    Receiver,
    data_button,
)
from tolmach.pachca.models.document import Document


@asynccontextmanager
async def heard(here: World) -> AsyncIterator[tuple[Receiver, list[Document], Pachca]]:
    """Let the bot of the world hear of everything."""
    receiver = Receiver(str(here.person("bot")["webhook_secret"]), clock=here.fakes.kernel.clock)
    events: list[Document] = []

    @receiver.on(Document)
    async def note(event: Document) -> None:
        events.append(event)

    app = web.Application()
    app.router.add_post("/pachca", receiver)
    app.cleanup_ctx.append(receiver.lifespan)
    async with TestServer(app) as server:
        bot = await here.client("bot")
        await bot.bot.set_webhook(str(server.make_url("/pachca")))
        yield receiver, events, bot


async def settled(here: World, events: list[Document], count: int) -> None:
    """Wait for the fake's own record of what it delivered."""
    async with here.posting("/journal/wait") as post:
        found = await post({"match": {"kind": "webhook.out"}, "count": count, "timeout": 20})
        assert found["matched"], f"only {len(events)} came: {events}"


async def test_what_people_do_arrives_as_typed_events_in_order():
    async with world() as here, heard(here) as (receiver, events, _):
        alice = await here.client("alice")
        general = here.room("general")
        sent = await alice.messages.create(chat_id=general, content="Hello")
        await alice.messages.update(sent.id, content="Hello!")
        await alice.reactions.add(sent.id, "👍")
        await alice.reactions.remove(sent.id, "👍")
        await alice.messages.delete(sent.id)
        await settled(here, events, 5)
        await receiver.join()
        kinds = [type(event) for event in events]
        assert sorted(kinds, key=str) == sorted(
            [MessageNew, MessageEdited, ReactionAdded, ReactionRemoved, MessageDeleted], key=str
        )
        new = next(event for event in events if isinstance(event, MessageNew))
        assert (new.id, new.content, new.user_id, new.room_id) == (
            sent.id,
            "Hello",
            here.id("alice"),
            general,
        )
        carol = here.fake.create_person(kind="human")
        admin = await here.client("admin")
        await admin.members.add(general, [cast("int", carol["id"])])
        await settled(here, events, 6)
        await receiver.join()
        added = next(event for event in events if isinstance(event, ChatMemberAdded))
        assert added.user_ids == [carol["id"]]


async def test_a_click_opens_a_form_and_its_errors_reach_the_person():
    async with world() as here, heard(here) as (receiver, _, bot):

        @receiver.on(ButtonPressed)
        async def pressed(event: ButtonPressed) -> None:
            await bot.views.open(event.trigger_id, Form("Order").input("what", "What").view())

        @receiver.on(FormSubmitted)
        async def submitted(event: FormSubmitted) -> Mapping[str, str]:
            return {} if event.data["what"] else {"what": "Say what"}

        sent = await bot.messages.create(
            chat_id=here.room("general"), content="Order?", buttons=[[data_button("Order", "order")]]
        )
        trigger = str(here.fake.click(here.id("alice"), sent.id, "order")["trigger_id"])
        async with here.posting("/journal/wait") as post:
            match = {"kind": "http", "operation": "POST /views/open"}
            assert (await post({"match": match, "count": 1, "timeout": 20}))["matched"]
        wrong = await here.fake.submit(here.id("alice"), {"what": ""}, view_id=None, trigger_id=trigger)
        right = await here.fake.submit(here.id("alice"), {"what": "tea"}, view_id=None, trigger_id=trigger)
        assert (wrong["status"], wrong["errors"]) == (400, {"what": "Say what"})
        assert right["status"] == 200


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 503},
        {"kind": "cut_before"},
        {"kind": "cut_after_commit"},
    ],
)
async def test_an_upload_outlives_a_fault_of_storage(fault: Mapping[str, object]):
    async with world() as here:
        bot = await here.client("bot", SteppingClock(here.fakes.kernel.clock.now()))
        await here.fault("PostObject", fault, fake="s3")
        file = await bot.uploads.file(b"content" * 1000, name="f.txt")
        message = await bot.messages.create(chat_id=here.room("general"), content="f", files=[file])
        async with bot.files.open(message.files[0]) as download:
            assert await download.read(limit=10_000) == b"content" * 1000


async def test_a_refusal_of_storage_and_a_link_spoilt_are_told():
    async with world() as here:
        bot = await here.client("bot")
        grant = await bot.uploads.grant()
        grant.remember_order({**dict(grant.form(grant.key)), "x-amz-signature": "0" * 64})
        with pytest.raises(StorageRefused) as caught:
            await bot.uploads.store(grant, b"x", name="x")
        assert (caught.value.status, caught.value.code) == (403, "SignatureDoesNotMatch")
        file = await bot.uploads.file(b"x", name="x.txt")
        message = await bot.messages.create(chat_id=here.room("general"), content="f", files=[file])
        with pytest.raises(Forbidden):
            async with bot.files.open(message.files[0].url.replace("Signature=", "Signature=0")):
                pass
