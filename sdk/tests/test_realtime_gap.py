"""What happens while no socket is there, and when the consumer is slow."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from realtime_ears import Ears, Middle, client
from realtime_stub import ManualClock, Stub, iso, message, until

from tolmach.errors import Unauthorized
from tolmach.rocketchat import RocketChat
from tolmach.rocketchat.events import (
    MessageDeleted,
    MessageEdited,
    MessageNew,
    SubscriptionAdded,
    SubscriptionRemoved,
)
from tolmach.rocketchat.realtime import Realtime


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    async with Stub() as server:
        yield server


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def lose(stub: Stub, rc: RocketChat) -> None:
    await stub.drop(stub.socket)
    await until(lambda: not rc.connection.connected)


async def come_back(stub: Stub, rc: RocketChat, clock: ManualClock) -> None:
    sockets = len(stub.sockets)
    await until(lambda: 2.0 in clock.due())
    await clock.advance(2.0)
    await until(lambda: len(stub.sockets) == sockets + 1 and rc.connection.connected)


async def test_the_first_connection_brings_nothing_old(stub: Stub, clock: ManualClock) -> None:
    stub.rooms = [stub.room("GENERAL", 5000)]
    stub.synced["GENERAL"] = [message("old", 4000, "old")]
    async with client(stub, clock) as rc:
        ears = Ears(rc)
        await rc.realtime.start()
        await stub.socket.post(message("m1", 6000, "live"))
        await until(lambda: ears.texts() == ["live"])
        assert "chat.syncMessages" not in stub.calls


async def test_messages_of_a_gap_come_once_and_in_order(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        ears = Ears(rc)
        await rc.realtime.start()
        first = message("m1", 1000, "before")
        await stub.socket.post(first)
        await until(lambda: ears.texts() == ["before"])
        await lose(stub, rc)
        stub.rooms = [stub.room("GENERAL", 9000)]
        stub.synced["GENERAL"] = [first, message("m2", 8000, "in the gap"), message("m3", 9000, "too")]
        stub.hold_sync.clear()
        await come_back(stub, rc, clock)
        await until(lambda: "chat.syncMessages" in stub.calls)
        await stub.socket.post(message("m4", 9500, "held back"))
        await stub.socket.post(message("m3", 9000, "too"))
        await until(lambda: len(rc.realtime._inbox) == 2)
        assert ears.texts() == ["before"]
        stub.hold_sync.set()
        await until(lambda: len(ears.texts()) == 4)
        await stub.socket.post(message("m5", 9900, "live again"))
        await until(lambda: len(ears.texts()) == 5)
        assert ears.texts() == ["before", "in the gap", "too", "held back", "live again"]


async def test_edits_and_deletions_of_a_gap_are_found_in_rooms_that_were_active(
    stub: Stub, clock: ManualClock
) -> None:
    async with client(stub, clock) as rc:
        ears = Ears(rc)
        await rc.realtime.start()
        await stub.socket.post(message("m1", 1000, "one"))
        await stub.socket.post(message("m2", 1100, "two"))
        await until(lambda: len(ears.heard) == 2)
        await lose(stub, rc)
        edit = message("m1", 1000, "ONE", editedAt={"$date": 1_760_000_005_000})
        stub.synced["GENERAL"] = [{**edit, "_updatedAt": {"$date": 1_760_000_005_000}}]
        stub.deleted["GENERAL"] = ["m2", "never-seen"]
        await come_back(stub, rc, clock)
        await until(lambda: len(ears.heard) == 4)
        edited, deleted = ears.heard[2:]
        assert isinstance(edited, MessageEdited)
        assert edited.message.text == "ONE"
        assert isinstance(deleted, MessageDeleted)
        assert deleted.previous is not None
        assert deleted.previous.text == "two"


async def test_a_room_joined_in_a_gap_is_found_and_followed(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        ears = Ears(rc)
        await rc.realtime.start()
        await stub.socket.post(message("m1", 1000, "before"))
        await until(lambda: ears.heard)
        await lose(stub, rc)
        stub.subscriptions.append(stub.membership("NEW", 7000, ts=iso(7000)))
        stub.rooms.append(stub.room("NEW", 8000))
        stub.synced["NEW"] = [
            message("old", 3000, "before we joined", rid="NEW"),
            message("n1", 8000, "welcome", rid="NEW"),
        ]
        await come_back(stub, rc, clock)
        await until(lambda: len(ears.heard) == 3)
        joined, news = ears.heard[1:]
        assert isinstance(joined, SubscriptionAdded)
        assert joined.room_id == "NEW"
        assert isinstance(news, MessageNew)
        assert (news.message.text, news.room and news.room.name) == ("welcome", "new")
        await until(lambda: "stream-notify-room NEW/deleteMessage" in stub.socket.subs())


async def test_a_room_joined_live_is_followed_until_it_is_left(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        ears = Ears(rc)
        await rc.realtime.start()
        key = "uBot/subscriptions-changed"
        await stub.socket.event("stream-notify-user", key, "inserted", stub.membership("NEW", 1))
        await until(lambda: "stream-notify-room NEW/deleteMessage" in stub.socket.subs())
        await stub.socket.event("stream-notify-user", key, "updated", stub.membership("NEW", 2))
        await stub.socket.post(message("n1", 1000, "hi", rid="NEW"))
        await until(lambda: "stream-notify-room NEW/deleteMessageBulk" in stub.socket.subs())
        await stub.socket.event("stream-notify-room", "NEW/deleteMessage", {"_id": "n1"})
        await stub.socket.event("stream-notify-user", key, "removed", {"_id": "sub-NEW", "rid": "NEW"})
        await until(lambda: sum(frame["msg"] == "unsub" for frame in stub.socket.heard) == 2)
        words = [type(change) for change in ears.heard]
        assert words == [SubscriptionAdded, MessageNew, MessageDeleted, SubscriptionRemoved]


async def test_subscriptions_are_sent_again_in_order(stub: Stub, clock: ManualClock) -> None:
    stub.subscriptions = [stub.membership(f"R{n}") for n in range(5)]
    async with client(stub, clock) as rc:
        await rc.realtime.start()
        await until(lambda: len(stub.socket.subs()) == 7)
        before = stub.socket.subs()
        await lose(stub, rc)
        await come_back(stub, rc, clock)
        await until(lambda: len(stub.socket.subs()) == 7)
        assert stub.socket.subs() == before


async def test_a_gap_that_cannot_be_filled_is_tried_again_and_loses_nothing(
    stub: Stub, clock: ManualClock
) -> None:
    async with client(stub, clock) as rc:
        ears = Ears(rc)
        await rc.realtime.start()
        await stub.socket.post(message("m1", 1000, "before"))
        await until(lambda: ears.heard)
        await lose(stub, rc)
        stub.rooms = [stub.room("GENERAL", 8000)]
        stub.synced["GENERAL"] = [message("m2", 8000, "in the gap"), message("m3", 8500, "live but early")]
        stub.status["subscriptions.get"] = 500
        sockets = len(stub.sockets)
        await until(lambda: 2.0 in clock.due())
        await clock.advance(2.0)
        await until(lambda: len(stub.sockets) == sockets + 1 and stub.socket.logged_in)
        await stub.socket.post(message("m3", 8500, "live but early"))
        while "could not be filled" not in rc.connection.last_error:
            await clock.advance(1.0)
        assert ears.texts() == ["before"]
        stub.status.clear()
        while len(ears.heard) < 3:
            await clock.advance(1.0)
        assert ears.texts() == ["before", "in the gap", "live but early"]


async def test_a_token_that_died_in_the_gap_ends_the_account(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        ears = Ears(rc)
        await rc.realtime.start()
        await until(lambda: ears.listening)
        await lose(stub, rc)
        stub.status["subscriptions.get"] = 401
        await until(lambda: 2.0 in clock.due())
        await clock.advance(2.0)
        await until(lambda: ears.ended)
        assert isinstance(ears.error, Unauthorized)
        await until(lambda: stub.live == [])


async def test_all_kinds_of_events_are_held_back_and_released(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        ears = Ears(rc)
        await rc.realtime.start()
        await stub.socket.post(message("m1", 1000, "one"))
        await stub.socket.post(message("m2", 1100, "two"))
        await until(lambda: len(ears.heard) == 2)
        await lose(stub, rc)
        stub.hold_sync.clear()
        await come_back(stub, rc, clock)
        await until(lambda: "chat.syncMessages" in stub.calls)
        everything = {"$gt": {"$date": 1_760_000_001_050}, "$lt": {"$date": 1_760_000_002_000}}
        socket = stub.socket
        await socket.event("stream-notify-room", "GENERAL/deleteMessage", {"_id": "m1"})
        await socket.event(
            "stream-notify-room", "GENERAL/deleteMessageBulk", {"rid": "GENERAL", "ts": everything}
        )
        await socket.event("stream-notify-room", "GENERAL/user-activity", "alice", ["user-typing"])
        await socket.event("stream-room-messages", "__my_messages__", {"_id": "broken"})
        await socket.event("stream-room-messages", "__my_messages__")
        await socket.event("stream-room-messages", "GENERAL", message("m3", 3000, "three"))
        await until(lambda: len(rc.realtime._inbox) == 6)
        stub.hold_sync.set()
        await until(lambda: len(ears.heard) == 5)
        assert [type(change) for change in ears.heard[2:]] == [MessageNew, MessageDeleted, MessageDeleted]
        await socket.event("stream-room-messages", "__my_messages__", "no document")
        await socket.event("stream-room-messages", "__my_messages__", {"rid": 7})
        await stub.socket.post(message("m4", 4000, "four"))
        await until(lambda: ears.texts()[-1:] == ["four"])
        assert rc.realtime._intake.malformed == 4


async def test_one_room_that_refuses_does_not_keep_the_others_waiting(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        ears = Ears(rc)
        await rc.realtime.start()
        await stub.socket.post(message("m1", 1000, "before"))
        await until(lambda: ears.heard)
        await lose(stub, rc)
        stub.rooms = [stub.room("GENERAL", 8000)]
        stub.status["chat.syncMessages"] = 400
        await come_back(stub, rc, clock)
        await until(lambda: "chat.syncMessages" in stub.calls)
        await stub.socket.post(message("m3", 9000, "live"))
        await until(lambda: ears.texts() == ["before", "live"])


async def test_a_socket_lost_before_it_served_leaves_the_gap_to_the_next(
    stub: Stub, clock: ManualClock
) -> None:
    async with client(stub, clock) as rc:
        ears = Ears(rc)
        await rc.realtime.start()
        await lose(stub, rc)
        stub.rooms = [stub.room("GENERAL", 8000)]
        stub.synced["GENERAL"] = [message("m2", 8000, "in the gap")]
        stub.refuse_login = {"error": 500, "reason": "Internal server error"}
        await until(lambda: 2.0 in clock.due())
        await clock.advance(2.0)
        await until(lambda: 3.6 in clock.due())
        stub.refuse_login = None
        await clock.advance(3.6)
        await until(lambda: ears.texts() == ["in the gap"])


async def test_a_slow_consumer_raises_an_alarm_and_misses_nothing(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        rc._realtime = Realtime(rc, rng=Middle(), inbox=20, feed=5)
        await rc.realtime.start()
        changes = rc.realtime.changes()
        first = asyncio.ensure_future(anext(changes))
        await until(lambda: rc.realtime._feeds)
        documents = [message(f"m{n}", 1000 + n, f"text {n}") for n in range(60)]
        for document in documents:
            if stub.socket.ended or not rc.connection.connected:
                break
            await stub.socket.post(document)
            await asyncio.sleep(0)
        await until(lambda: rc.connection.alarm)
        assert not rc.connection.connected
        assert "too slow" in rc.connection.last_disconnect_error
        stub.synced["GENERAL"] = documents
        stub.rooms = [stub.room("GENERAL", 1059)]
        await until(lambda: stub.live == [] and 2.0 in clock.due())
        await clock.advance(30.0)
        assert len(stub.sockets) == 1, "no new socket before the queue is half empty"
        texts: list[str] = []
        change = await first
        async with asyncio.timeout(5):
            while True:
                assert isinstance(change, MessageNew)
                texts.append(change.message.text)
                if len(texts) == 60:
                    break
                change = await anext(changes)
        assert texts == [f"text {n}" for n in range(60)]
        assert stub.peak == 1
        await changes.aclose()


async def test_what_nobody_reads_is_dropped_with_an_alarm(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        rc._realtime = Realtime(rc, rng=Middle(), feed=3)
        await rc.realtime.start()
        for n in range(5):
            await stub.socket.post(message(f"m{n}", 1000 + n, f"text {n}"))
        await until(lambda: "nobody reads" in rc.connection.alarm)
        ears = Ears(rc)
        await until(lambda: ears.texts() == ["text 2", "text 3", "text 4"])
        assert len(stub.sockets) == 1
