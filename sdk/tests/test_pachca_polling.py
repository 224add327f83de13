"""The history: read, handled, deleted; nothing twice, nothing lost."""

import asyncio
import json
from contextlib import aclosing

import pytest
from pachca_stub import Answer, SteppingClock, Stub, stubbed

from tolmach.errors import Unauthorized
from tolmach.pachca import FormSubmitted, HistoryPoller, MessageNew


def record(number: int, **payload: object) -> dict[str, object]:
    message = {
        "type": "message",
        "id": number,
        "event": "new",
        "entity_type": "discussion",
        "entity_id": 334,
        "content": "Hi",
        "user_id": 12,
        "created_at": "2025-05-15T14:30:00.000Z",
        "url": "https://app.pachca.com",
        "chat_id": 334,
        "webhook_timestamp": 1_747_319_400,
    }
    return {
        "id": f"01K{number}",
        "event_type": "message_new",
        "payload": payload or message,
        "created_at": "2025-05-15T14:30:00.000Z",
    }


def history(stub: Stub, *rounds: list[dict[str, object]]) -> None:
    meta = {"paginate": {"next_page": "n", "prev_page": "p", "has_next": False, "has_prev": False}}
    stub.answer("GET /webhooks/events", *(json.dumps({"data": each, "meta": meta}) for each in rounds))


def deleted(stub: Stub) -> list[str]:
    return [one.path.rsplit("/", 1)[-1] for one in stub.asked if one.method == "DELETE"]


async def test_events_come_oldest_first_and_go_when_the_next_is_asked_for():
    async with stubbed() as (stub, pachca):
        history(stub, [record(2), record(1)], [record(3)], [])
        for number in (1, 2, 3):
            stub.answer(f"DELETE /webhooks/events/01K{number}", Answer(204))
        found = list[int]()
        async with aclosing(HistoryPoller(pachca).events()) as events:
            async for event in events:
                assert isinstance(event, MessageNew)
                found.append(event.id)
                assert deleted(stub) == [f"01K{number}" for number in found[:-1]]
                if len(found) == 3:
                    break
        assert found == [1, 2, 3]
        assert deleted(stub) == ["01K1", "01K2"]


async def test_an_event_that_cannot_be_deleted_is_not_handled_twice():
    async with stubbed() as (stub, pachca):
        history(stub, [record(1)], [record(1)], [record(2)])
        stub.answer("DELETE /webhooks/events/01K1", *[Answer(503)] * 4, Answer(204))
        found = list[object]()
        async with aclosing(HistoryPoller(pachca).events()) as events:
            async for event in events:
                found.append(event)
                if len(found) == 2:
                    break
        assert len(found) == 2
        assert deleted(stub) == ["01K1"] * 5


async def test_an_unreadable_history_is_waited_for_and_a_dead_token_is_not():
    clock = SteppingClock()
    async with stubbed(clock) as (stub, pachca):
        stub.answer("GET /webhooks/events", *[Answer(502)] * 8, Answer(401, '{"error":"invalid_token"}'))
        with pytest.raises(Unauthorized):
            await anext(HistoryPoller(pachca).events())
        assert len(stub.asked) == 9


async def test_a_form_is_answered_by_the_api_and_what_makes_no_sense_is_deleted():
    form = record(
        1,
        type="view",
        event="submit",
        callback_id=None,
        private_metadata=None,
        chat_id=None,
        user_id=2,
        view_id="v",
        submit_id="s",
        data={},
        webhook_timestamp=1,
    )
    async with stubbed() as (stub, pachca):
        history(stub, [record(2, type="message"), form], [])
        for number in (1, 2):
            stub.answer(f"DELETE /webhooks/events/01K{number}", Answer(204))
        stub.answer("POST /views/v/submit_response", '{"success":true}')
        poller = HistoryPoller(pachca)

        @poller.on(FormSubmitted)
        async def check(event: FormSubmitted) -> dict[str, str]:
            return {"what": "no"}

        running = asyncio.create_task(poller.run())
        await stub.until(lambda: len(deleted(stub)) == 2)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        answered = stub.calls("POST /views/v/submit_response")
        assert [json.loads(one.body) for one in answered] == [{"submit_id": "s", "errors": {"what": "no"}}]
        assert sorted(deleted(stub)) == ["01K1", "01K2"]


async def test_an_event_that_cannot_be_deleted_is_told_once_however_long_it_stays():
    async with stubbed() as (stub, pachca):
        day = 86_400.0
        history(stub, [record(1)], [record(1)], [record(2), record(1)])
        stub.answer("DELETE /webhooks/events/01K1", *([Answer(503)] * 12), Answer(204))
        poller = HistoryPoller(pachca, interval=2 * day)
        async with aclosing(poller.past()) as found:
            first = await anext(found)
            await poller.delete(first.id)
            second = await anext(found)
        assert (first.id, second.id) == ("01K1", "01K2")
        assert deleted(stub).count("01K1") > 4  # tried again when it was read again
