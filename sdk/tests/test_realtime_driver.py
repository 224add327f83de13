"""The websocket driver against a literal stub, on a clock moved by hand."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from realtime_ears import Ears, client
from realtime_stub import TOKEN, ManualClock, Stub, message, until

from tolmach.errors import (
    ApiError,
    ConnectFailed,
    LocalProtocolError,
    NotFound,
    OutcomeUnknown,
    RemoteProtocolError,
    TolmachError,
    Unauthorized,
)
from tolmach.rocketchat.events import MessageNew


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    async with Stub() as server:
        yield server


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def test_start_logs_in_and_listens(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        await rc.realtime.start()
        await rc.realtime.start()
        await until(lambda: len(stub.socket.subs()) == 3)
        assert stub.socket.subs() == [
            "stream-room-messages __my_messages__",
            "stream-notify-user uBot/subscriptions-changed",
            "stream-notify-room GENERAL/deleteMessage",
        ]
        state = rc.connection
        assert (state.connected, state.lifecycle, state.last_connected_at) == (True, "ready", 1000.0)
        assert len(stub.sockets) == 1
    await until(lambda: stub.live == [])


async def test_a_message_reaches_the_loop_with_its_room(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        ears = Ears(rc)
        await rc.realtime.start()
        await stub.socket.post(message("m1", 1000, "hi"))
        await until(lambda: ears.heard)
        (change,) = ears.heard
        assert isinstance(change, MessageNew)
        assert change.room is not None
        assert (change.message.text, change.room.kind, change.room.participant) == ("hi", "c", True)
        assert rc.connection.last_inbound_at == 1000.0
    await until(lambda: ears.ended)
    assert ears.error is None


async def test_a_dead_token_is_tried_twice_and_never_again(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        stub.refuse_login = {"error": 403, "reason": "You've been logged out by the server."}
        with pytest.raises(Unauthorized):
            await rc.realtime.start()
        assert len(stub.socket.methods("login")) == 2
        await until(lambda: stub.live == [])
        calls = list(stub.calls)
        await clock.advance(3600)
        assert len(stub.sockets) == 1
        assert stub.calls == calls
        assert rc.connection.lifecycle == "blocked"
        assert not rc.connection.connected
        with pytest.raises(Unauthorized):
            await anext(rc.changes())


async def test_a_refused_version_ends_the_account_with_its_own_error(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        stub.answer_connect = {"msg": "failed", "version": "2"}
        with pytest.raises(RemoteProtocolError, match="version 2"):
            await rc.realtime.start()


async def test_a_server_that_is_away_is_tried_again_with_growing_gaps(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        stub.closed_to = 7
        await rc.realtime.start()
        assert not rc.connection.connected
        assert rc.connection.lifecycle == "recovering"
        for attempt, gap in enumerate([2.0, 3.6, 6.48, 11.664, 20.9952, 30.0, 30.0], start=2):
            await until(lambda wanted=gap: wanted in clock.due())  # type: ignore[misc]
            assert stub.upgrades == attempt - 1
            await clock.advance(gap)
            await until(lambda wanted=attempt: stub.upgrades == wanted)  # type: ignore[misc]
        await until(lambda: rc.connection.connected)


async def test_a_server_that_never_answers_the_upgrade_is_left_after_fifteen_seconds(
    stub: Stub, clock: ManualClock
) -> None:
    async with client(stub, clock) as rc:
        stub.may_upgrade.clear()
        starting = asyncio.create_task(rc.realtime.start())
        await until(lambda: stub.upgrades == 1 and 15.0 in clock.due())
        await clock.advance(15.0)
        await starting
        assert rc.connection.last_error == "no websocket: TimeoutError"
        stub.may_upgrade.set()
        await until(lambda: 2.0 in clock.due())
        await clock.advance(2.0)
        await until(lambda: rc.connection.connected)


async def test_closing_in_the_middle_of_an_upgrade_leaves_nothing_behind(
    stub: Stub, clock: ManualClock
) -> None:
    async with client(stub, clock) as rc:
        stub.may_upgrade.clear()
        starting = asyncio.create_task(rc.realtime.start())
        await until(lambda: stub.upgrades == 1)
        await rc.realtime.aclose()
        await starting
    assert stub.live == []


async def test_twenty_drops_never_make_two_sockets(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        await rc.realtime.start()
        for drops in range(1, 21):
            await until(lambda: rc.connection.connected and stub.socket.logged_in)
            await until(lambda count=drops: stub.calls.count("rooms.get") == count)  # type: ignore[misc]
            await stub.drop(stub.socket)
            await until(lambda: not rc.connection.connected)
            await until(lambda: 2.0 in clock.due())
            await clock.advance(2.0)
            await until(lambda count=drops: len(stub.sockets) == count + 1)  # type: ignore[misc]
        assert stub.peak == 1


async def test_a_half_open_socket_is_found_and_replaced(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        await rc.realtime.start()
        stub.socket.deaf = True
        await until(lambda: 15.0 in clock.due())
        await clock.advance(15.0)
        await until(lambda: stub.socket.pings() == 1)
        assert rc.connection.connected
        await until(lambda: 15.0 in clock.due())
        await clock.advance(15.0)
        await until(lambda: not rc.connection.connected)
        assert rc.connection.last_disconnect_error == "no pong in time"
        assert rc.connection.last_disconnect_at == 1030.0
        await until(lambda: 2.0 in clock.due())
        await clock.advance(2.0)
        await until(lambda: rc.connection.connected)
        assert len(stub.live) == 1


async def test_a_quiet_room_keeps_its_socket(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        await rc.realtime.start()
        for pings in range(1, 11):
            await until(lambda: 15.0 in clock.due())
            await clock.advance(15.0)
            await until(lambda count=pings: stub.socket.pings() == count)  # type: ignore[misc]
        assert len(stub.sockets) == 1
        assert rc.connection.connected


async def test_the_probe_finds_a_deleted_token_that_still_streams(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        ears = Ears(rc)
        await rc.realtime.start()
        stub.token_dead = True
        await stub.socket.post(message("m1", 1000))
        await until(lambda: ears.heard)
        await clock.advance(240.0)
        await until(lambda: ears.ended)
        assert isinstance(ears.error, Unauthorized)
        await until(lambda: stub.live == [])
        assert rc.connection.lifecycle == "blocked"
        calls = list(stub.calls)
        await clock.advance(3600.0)
        assert stub.calls == calls
        assert len(stub.sockets) == 1


async def test_any_refused_rest_call_ends_the_account_at_once(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        ears = Ears(rc)
        await rc.realtime.start()
        stub.token_dead = True
        with pytest.raises(Unauthorized):
            await rc.rooms.info("GENERAL")
        await until(lambda: ears.ended)
        assert isinstance(ears.error, Unauthorized)
        await until(lambda: stub.live == [])


async def test_every_reconnect_is_followed_by_a_probe(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        await rc.realtime.start()
        assert stub.calls.count("me") == 1
        await stub.drop(stub.socket)
        await until(lambda: 2.0 in clock.due())
        await clock.advance(2.0)
        await until(lambda: stub.calls.count("me") == 2)
        assert rc.connection.connected


async def test_garbage_is_skipped_and_noted(
    stub: Stub, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with client(stub, clock) as rc:
        ears = Ears(rc)
        await rc.realtime.start()
        await stub.socket.send("this is not json")
        await stub.socket.wire.send_bytes(b"\x00\x01")
        await stub.socket.send('{"msg":"error","reason":"Bad request"}')
        stripped = message("m0", 900)
        del stripped["u"]
        await stub.socket.post(stripped)
        await stub.socket.event("stream-notify-room", "GENERAL/deleteMessage", "odd")
        await stub.socket.event("stream-notify-user", "uBot/subscriptions-changed", "odd", 7)
        await stub.socket.post(message("m1", 1000, "after the noise"))
        await until(lambda: ears.heard)
        assert ears.texts() == ["after the noise"]
        assert rc.connection.connected
        assert len(stub.sockets) == 1
        assert "Bad request" in rc.connection.last_error
    assert any("was skipped" in record.message for record in caplog.records)


async def test_a_frame_beyond_all_measure_costs_the_socket_and_nothing_else(
    stub: Stub, clock: ManualClock
) -> None:
    async with client(stub, clock) as rc:
        ears = Ears(rc)
        await rc.realtime.start()
        with suppress(ConnectionError):
            await stub.socket.send("x" * (9 * 1024 * 1024))
        await until(lambda: 2.0 in clock.due())
        await clock.advance(2.0)
        await until(lambda: len(stub.sockets) == 2 and rc.connection.connected)
        await stub.socket.post(message("m1", 1000, "still here"))
        await until(lambda: ears.texts() == ["still here"])


async def test_a_refused_room_stream_is_noted_and_the_rest_goes_on(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        stub.refuse_subs["GENERAL/deleteMessage"] = {"error": "not-allowed", "message": "[not-allowed]"}
        await rc.realtime.start()
        await until(lambda: "not-allowed" in rc.connection.last_error)
        assert rc.connection.connected


async def test_without_the_message_stream_nothing_is_called_connected_for_long(
    stub: Stub, clock: ManualClock
) -> None:
    async with client(stub, clock) as rc:
        stub.refuse_subs["__my_messages__"] = {"error": "not-allowed"}
        await rc.realtime.start()
        await until(lambda: not rc.connection.connected)
        assert "not-allowed" in rc.connection.last_error
        stub.refuse_subs.clear()
        await until(lambda: 2.0 in clock.due())
        await clock.advance(2.0)
        await until(lambda: rc.connection.connected)
        await until(lambda: "stream-room-messages __my_messages__" in stub.socket.subs())


async def test_a_method_returns_its_decoded_result(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        await rc.realtime.start()
        result = await rc.realtime.call("readMessages", ["GENERAL"])
        assert str(result) == "2025-10-09 08:53:20+00:00"
        assert stub.socket.methods("readMessages")[0]["params"] == ["GENERAL"]
        assert rc.connection.last_outbound_at == 1000.0


@pytest.mark.parametrize(("code", "error"), [(404, NotFound), ("error-strange", ApiError)])
async def test_a_refused_method_raises_by_its_code(
    stub: Stub, clock: ManualClock, code: object, error: type[ApiError]
) -> None:
    stub.answer_methods = False
    async with client(stub, clock) as rc:
        await rc.realtime.start()
        task = asyncio.create_task(rc.realtime.call("nonsense", []))
        await until(lambda: stub.socket.methods("nonsense"))
        identifier = stub.socket.methods("nonsense")[0]["id"]
        refusal = {"error": code, "reason": "no such thing"}
        await stub.socket.send({"msg": "result", "id": identifier, "error": refusal})
        with pytest.raises(error, match="nonsense: no such thing"):
            await task


async def test_a_method_without_an_answer_is_unknown_after_its_deadline(
    stub: Stub, clock: ManualClock
) -> None:
    stub.answer_methods = False
    async with client(stub, clock) as rc:
        await rc.realtime.start()
        task = asyncio.create_task(rc.realtime.call("x", [], seconds=5.0))
        await until(lambda: 5.0 in clock.due())
        await clock.advance(5.0)
        with pytest.raises(OutcomeUnknown):
            await task


async def test_a_method_cut_by_a_drop_is_unknown_and_one_without_a_socket_failed(
    stub: Stub, clock: ManualClock
) -> None:
    stub.answer_methods = False
    async with client(stub, clock) as rc:
        await rc.realtime.start()
        task = asyncio.create_task(rc.realtime.call("x", []))
        await until(lambda: stub.socket.methods("x"))
        await stub.drop(stub.socket)
        with pytest.raises(OutcomeUnknown):
            await task
        with pytest.raises(ConnectFailed):
            await rc.realtime.call("x", [])


@pytest.mark.parametrize(("real", "name"), [(False, "bot"), (True, "Botty")])
async def test_typing_uses_the_name_that_the_server_demands(
    stub: Stub, clock: ManualClock, real: bool, name: str
) -> None:
    stub.settings["UI_Use_Real_Name"] = real
    async with client(stub, clock) as rc:
        await rc.typing("GENERAL", on=True, thread="root1")
        await rc.typing("GENERAL", on=False)
        assert [frame["params"] for frame in stub.socket.methods("stream-notify-room")] == [
            ["GENERAL/user-activity", name, ["user-typing"], {"tmid": "root1"}],
            ["GENERAL/user-activity", name, []],
        ]


async def test_typing_while_the_socket_is_away_is_no_error(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        await rc.realtime.start()
        await stub.drop(stub.socket)
        await until(lambda: not rc.connection.connected)
        await rc.typing("GENERAL")


async def test_typing_that_the_server_refuses_is_no_error(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        await rc.realtime.start()
        stub.status["settings.public"] = 400
        await rc.typing("GENERAL")
        assert stub.socket.methods("stream-notify-room") == []


async def test_a_fault_of_this_package_is_loud(
    stub: Stub, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with client(stub, clock) as rc:
        await rc.realtime.start()
        monkeypatch.setattr(rc.realtime._intake, "take", lambda event: 1 / 0)
        changes = rc.realtime.changes()
        first = asyncio.ensure_future(anext(changes))
        await until(lambda: rc.realtime._feeds)
        await stub.socket.post(message("m1", 1000))
        with pytest.raises(TolmachError, match="ZeroDivisionError"):
            await first
        await until(lambda: stub.live == [])
        assert rc.connection.lifecycle == "blocked"
    assert "realtime failed" in caplog.text


async def test_closing_is_clean_and_final(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        ears = Ears(rc)
        await rc.realtime.start()
        realtime = rc.realtime
        await realtime.aclose()
        await realtime.aclose()
        await until(lambda: ears.ended and stub.live == [])
        assert not rc.connection.connected
        with pytest.raises(LocalProtocolError):
            await realtime.start()
        assert [change async for change in realtime.changes()] == []
        assert rc.http.on_unauthorized is None


async def test_what_came_before_the_first_loop_is_kept(stub: Stub, clock: ManualClock) -> None:
    async with client(stub, clock) as rc:
        await rc.realtime.start()
        await stub.socket.post(message("m1", 1000, "early"))
        await until(lambda: rc.connection.last_inbound_at)
        changes = rc.realtime.changes()
        change = await anext(changes)
        assert isinstance(change, MessageNew)
        assert change.message.text == "early"
        await changes.aclose()


async def test_two_loops_hear_the_same_and_one_that_left_holds_up_nobody(
    stub: Stub, clock: ManualClock
) -> None:
    async with client(stub, clock) as rc:
        await rc.realtime.start()
        first, second = Ears(rc), Ears(rc)
        await until(lambda: len(rc.realtime._feeds) == 2)
        await stub.socket.post(message("m1", 1000, "one"))
        await until(lambda: first.texts() == second.texts() == ["one"])
        await first.stop()
        await stub.socket.post(message("m2", 2000, "two"))
        await until(lambda: second.texts() == ["one", "two"])
        assert first.texts() == ["one"]


async def test_the_token_is_in_no_log_and_no_state(
    stub: Stub, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with client(stub, clock) as rc:
        await rc.realtime.start()
        await stub.drop(stub.socket)
        await until(lambda: 2.0 in clock.due())
        await clock.advance(2.0)
        await until(lambda: rc.connection.connected)
        stub.token_dead = True
        await clock.advance(240.0)
        await until(lambda: rc.connection.lifecycle == "blocked")
        assert TOKEN not in repr(rc.connection)
    assert TOKEN not in caplog.text
