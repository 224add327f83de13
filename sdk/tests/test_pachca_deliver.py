"""A send whose answer is lost: looked up, never doubled, or reported as unknown."""

import json

import pytest
from pachca_stub import MESSAGE, Answer, SteppingClock, Stub, stubbed
from pachca_world import world

from tolmach.errors import OutcomeUnknown, RateLimited
from tolmach.pachca import Pachca

ME = (
    '{"data":{"id":1,"token":"x","name":null,"user_id":12,"scopes":[],'
    '"created_at":"2025-01-15T10:30:00.000Z"}}'
)
SENT = Answer(201, f'{{"data":{MESSAGE}}}')


def chat(stub: Stub, *rounds: list[dict[str, object]]) -> None:
    stub.answer("GET /oauth/token/info", ME)
    stub.answer("GET /messages", *(json.dumps({"data": each}) for each in rounds))


def message(**changes: object) -> dict[str, object]:
    return {**json.loads(MESSAGE), **changes}


async def test_a_message_that_arrived_is_adopted_and_not_sent_again():
    async with stubbed() as (stub, pachca):
        stub.answer("POST /messages", Answer(cut=True))
        others = [message(id=3, user_id=13), message(id=2, content="Something else")]
        chat(stub, [*others, message()])
        assert (await pachca.messages.deliver("Hello", chat_id=334)).id == 194275
        assert len(stub.calls("POST /messages")) == 1


async def test_a_message_that_did_not_arrive_is_sent_again_after_two_looks():
    clock = SteppingClock()
    async with stubbed(clock) as (stub, pachca):
        stub.answer("POST /messages", Answer(502), SENT)
        chat(stub, [message(created_at="2025-05-15T14:29:00.000Z")])
        assert (await pachca.messages.deliver("Hello", chat_id=334)).id == 194275
        assert len(stub.calls("POST /messages")) == 2
        assert len(stub.calls("GET /messages")) == 2
        assert 2.0 in clock.slept


async def test_several_that_look_like_it_are_reported():
    async with stubbed() as (stub, pachca):
        stub.answer("POST /messages", Answer(cut=True))
        chat(stub, [message(id=1), message(id=2)])
        with pytest.raises(OutcomeUnknown, match="several"):
            await pachca.messages.deliver("Hello", chat_id=334)
        assert len(stub.calls("POST /messages")) == 1


async def test_looking_that_fails_is_reported():
    async with stubbed() as (stub, pachca):
        stub.answer("POST /messages", Answer(cut=True))
        chat(stub, [])
        stub.answer("GET /messages", Answer(429, "slow", "text/plain", {"Retry-After": "9999"}))
        with pytest.raises(OutcomeUnknown, match="looking failed") as caught:
            await pachca.messages.deliver("Hello", chat_id=334)
        assert not isinstance(caught.value, RateLimited)


def direct(chat_id: int, *members: int) -> dict[str, object]:
    return {
        "id": chat_id,
        "name": "Direct",
        "owner_id": 12,
        "member_ids": [12, *members],
        "created_at": "2025-05-15T14:00:00.000Z",
        "last_message_at": "2025-05-15T14:00:00.000Z",
        "channel": False,
        "archived": False,
        "personal": True,
        "public": False,
        "group_tag_ids": [],
        "meet_room_url": "https://meet.example",
        "avatar_url": None,
    }


async def test_the_chat_with_a_person_is_found_however_many_there_are():
    async with stubbed() as (stub, pachca):
        stub.answer("POST /messages", Answer(cut=True))
        more = {"paginate": {"next_page": "two", "has_next": True}}
        stub.answer(
            "GET /chats",
            json.dumps({"data": [direct(900, 8), direct(800)], "meta": more}),
            json.dumps({"data": [direct(700, 7)], "meta": {"paginate": {"has_next": False}}}),
        )
        chat(stub, [message(chat_id=700)])
        assert (await pachca.messages.deliver("Hello", user_id=7)).id == 194275
        assert "personal=true" in stub.calls("GET /chats")[0].query
        assert "cursor=two" in stub.calls("GET /chats")[1].query
        assert "chat_id=700" in stub.calls("GET /messages")[0].query
        assert len(stub.calls("POST /messages")) == 1


async def test_without_a_chat_with_the_person_nothing_was_sent():
    async with stubbed() as (stub, pachca):
        stub.answer("POST /messages", Answer(cut=True), SENT)
        chat(stub, [])
        stub.answer("GET /chats", json.dumps({"data": [direct(900, 8)]}))
        assert (await pachca.messages.deliver("Hello", user_id=7)).id == 194275
        assert len(stub.calls("POST /messages")) == 2
        assert len(stub.calls("GET /chats")) == 2


async def test_chats_that_cannot_be_listed_are_reported():
    async with stubbed() as (stub, pachca):
        stub.answer("POST /messages", Answer(cut=True))
        chat(stub, [])
        stub.answer("GET /chats", Answer(403, '{"error":"insufficient_scope"}'))
        with pytest.raises(OutcomeUnknown, match="looking failed"):
            await pachca.messages.deliver("Hello", user_id=7)
        assert len(stub.calls("POST /messages")) == 1


async def test_a_note_to_oneself_cannot_be_looked_up():
    async with stubbed() as (stub, pachca):
        stub.answer("POST /messages", Answer(cut=True))
        chat(stub, [])
        with pytest.raises(OutcomeUnknown, match="oneself"):
            await pachca.messages.deliver("Hello", user_id=12)


async def test_a_message_of_an_earlier_send_is_not_taken_for_this_one():
    async with stubbed() as (stub, pachca):
        stub.answer(
            "POST /messages", SENT, Answer(cut=True), Answer(201, f'{{"data":{json.dumps(message(id=7))}}}')
        )
        chat(stub, [message()])
        await pachca.messages.create(chat_id=334, content="Hello")
        assert (await pachca.messages.deliver("Hello", chat_id=334)).id == 7


async def test_a_mention_by_id_is_recognised_by_what_stands_around():
    async with stubbed() as (stub, pachca):
        stub.answer("POST /messages", Answer(cut=True))
        chat(stub, [message(content="Ask @anna.k, please")])
        sent = await pachca.messages.deliver("Ask <@185>, please ", chat_id=334)
        assert sent.content == "Ask @anna.k, please"


@pytest.mark.parametrize("fault", ["cut_before", "cut_after_commit"])
async def test_the_fake_has_exactly_one_message_whatever_is_cut(fault: str):
    async with world() as here:
        clock = SteppingClock(here.fakes.kernel.clock.now())
        bot: Pachca = await here.client("bot", clock)
        alice: Pachca = await here.client("alice")
        general = here.room("general")
        await here.fault("POST /messages", {"kind": fault})
        await bot.messages.deliver("exactly once", chat_id=general)
        found = [each.content async for each in alice.messages.list(general)]
        assert found.count("exactly once") == 1


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("fault", ["cut_before", "cut_after_commit"])
async def test_a_person_gets_exactly_one_message_whatever_is_cut(fault: str, before: bool):
    async with world() as here:
        clock = SteppingClock(here.fakes.kernel.clock.now())
        bot: Pachca = await here.client("bot", clock)
        alice: Pachca = await here.client("alice")
        for other in ("admin", "bob"):
            await bot.messages.create(user_id=here.id(other), content="another chat")
        if before:
            await alice.messages.create(user_id=here.id("bot"), content="hi")
        await here.fault("POST /messages", {"kind": fault})
        sent = await bot.messages.deliver("exactly once", user_id=here.id("alice"))
        found = [each.content async for each in alice.messages.list(sent.chat_id)]
        assert found.count("exactly once") == 1
