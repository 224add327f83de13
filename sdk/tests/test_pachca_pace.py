"""The limits of the API, kept before it says no."""

import pytest
from pachca_stub import MESSAGE, Answer, SteppingClock, stubbed

from tolmach.pachca.pace import CHAT, LIMITS, SEND, TokenPacer


def spend(pacer: TokenPacer, lane: str, now: float) -> int:
    count = 0
    while pacer.wait(lane, now) == 0:
        count += 1
        assert count <= 1000
    return count


@pytest.mark.parametrize(
    ("lane", "count"), [("read", 10), ("history", 5), ("company", 30), ("general", 50), ("send:334", 4)]
)
def test_each_class_has_its_own_count(lane: str, count: int):
    pacer = TokenPacer()
    assert spend(pacer, lane, 100.0) == count
    seconds = LIMITS[CHAT if lane.startswith(SEND) else lane][1]
    assert 0 < pacer.wait(lane, 100.0) <= seconds + 0.1
    assert spend(pacer, lane, 100.0 + seconds + 0.1) == count


def test_all_chats_together_have_thirty_in_five_seconds():
    pacer = TokenPacer()
    sent = sum(spend(pacer, f"send:{chat}", 100.0) for chat in range(10))
    assert sent == 30
    assert pacer.wait("send", 100.0) == pytest.approx(5.0, abs=0.1)


def test_new_messages_and_edits_of_a_chat_count_together():
    pacer = TokenPacer()
    assert spend(pacer, "send:334", 100.0) == 4
    assert pacer.wait("send:334", 100.0) > 0
    assert pacer.wait("send:335", 100.0) == 0


def test_a_refusal_closes_its_lane_for_everybody():
    pacer = TokenPacer()
    pacer.refused("read", 7.0, 100.0)
    assert pacer.wait("read", 101.0) == pytest.approx(6.0)
    assert pacer.wait("general", 101.0) == 0
    assert pacer.wait("read", 107.0) == 0


def test_a_wait_counts_nothing():
    pacer = TokenPacer({"read": (1, 1.0)})
    assert pacer.wait("read", 0.0) == 0
    for now in (0.1, 0.5, 0.9):
        assert pacer.wait("read", now) > 0
    assert pacer.wait("read", 1.1) == 0


async def test_a_burst_into_one_chat_is_spread_and_never_refused():
    clock = SteppingClock()
    async with stubbed(clock) as (stub, pachca):
        stub.answer("POST /messages", Answer(201, f'{{"data":{MESSAGE}}}'))
        stub.answer("PUT /messages/194275", f'{{"data":{MESSAGE}}}')
        began = clock.at
        for _ in range(6):
            await pachca.messages.create(chat_id=334, content="Hello")
            await pachca.messages.update(194275, content="Hello!")
        assert 2.0 <= clock.at - began < 2.2


async def test_what_was_listed_is_edited_at_the_pace_of_its_chat():
    clock = SteppingClock()
    async with stubbed(clock) as (stub, pachca):
        meta = '"meta":{"paginate":{"next_page":"a","prev_page":"b","has_next":false,"has_prev":false}}'
        records = ",".join(MESSAGE.replace("194275", str(number)) for number in range(1, 13))
        stub.answer("GET /messages", f'{{"data":[{records}],{meta}}}')
        for number in range(1, 13):
            stub.answer(f"DELETE /messages/{number}", Answer(204))
        listed = await pachca.messages.list(334).all()
        began = clock.at
        for message in listed:
            await pachca.messages.delete(message.id)
        assert 2.0 <= clock.at - began < 2.2
