"""Bounded memories: windows, the loop guard, sessions, lanes."""

import asyncio

import pytest
from fake_platform import breathe

from tolmach.channel.dedupe import Window
from tolmach.channel.lanes import Lanes
from tolmach.channel.loopguard import LoopGuard, pair_key
from tolmach.channel.sessionbook import SessionBook
from tolmach.channel.settings import LoopGuardSettings
from tolmach.channel.turn import Line, ToolUse


def test_a_window_forgets_by_age_and_by_number() -> None:
    window = Window(ttl=10, cap=3)
    for number in range(4):
        window.add(f"k{number}", float(number))
    assert not window.has("k0", 3)
    assert window.has("k1", 3)
    assert not window.has("k1", 11)
    window.add("k9", 100)
    assert len(window) == 1


def test_a_window_without_age_forgets_by_number_only() -> None:
    window = Window(ttl=None, cap=2)
    for key in ("a", "b", "a", "c"):
        window.add(key, 0)
    assert [key for key in "abc" if window.has(key, 1e12)] == ["a", "c"]


def test_a_window_takes_over_what_is_not_too_old() -> None:
    window = Window(ttl=10, cap=5)
    window.load([("old", 0), ("new", 95)], now=100)
    assert not window.has("old", 100)
    assert window.has("new", 100)


def test_two_bots_are_stopped_after_their_budget_in_both_directions() -> None:
    guard, limits = LoopGuard(), LoopGuardSettings(max_events_per_window=4)
    key = pair_key("R", "uBot", "uOther")
    assert key == pair_key("R", "uOther", "uBot")
    for at in range(4):
        assert not guard.suppressed(key, at, limits)
        guard.count(key, at, limits)
    assert guard.suppressed(key, 4, limits)
    assert guard.suppressed(key, 62, limits)
    assert not guard.suppressed(key, 64, limits)
    assert not guard.suppressed(pair_key("R", "uBot", "uThird"), 4, limits)


def test_slow_talk_between_bots_is_no_loop() -> None:
    guard, limits = LoopGuard(), LoopGuardSettings(max_events_per_window=3)
    for at in range(0, 300, 30):
        assert not guard.suppressed("k", at, limits)
        guard.count("k", at, limits)


def test_the_guard_can_be_switched_off() -> None:
    guard, limits = LoopGuard(), LoopGuardSettings(max_events_per_window=1, enabled=False)
    guard.count("k", 0, limits)
    assert not guard.suppressed("k", 0, limits)


def test_a_transcript_is_bounded_and_never_begins_in_the_middle_of_tool_use() -> None:
    session = SessionBook(4).get("s")
    use = ToolUse("c", "message", "{}")
    session.add([Line("user", "1"), Line("assistant", "", (use,)), Line("tool", "ok", tool_use_id="c")])
    session.add([Line("assistant", "2"), Line("user", "3"), Line("assistant", "4")])
    assert [line.text for line in session.lines] == ["3", "4"]


def test_notes_are_given_once_and_bounded() -> None:
    session = SessionBook(10).get("s")
    session.notes.extend(str(number) for number in range(50))
    assert session.take_notes() == tuple(str(number) for number in range(30, 50))
    assert session.take_notes() == ()


def test_the_least_used_session_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tolmach.channel.sessionbook.SESSIONS", 2)
    book = SessionBook(10)
    book.get("a").model = "kept"
    book.get("b")
    book.get("a")
    book.get("c")
    assert book.known("b") is None
    assert book.get("a").model == "kept"
    assert len(book) == 2


async def test_a_lane_is_serial_and_lanes_are_parallel() -> None:
    order: list[str] = []
    gates = {name: asyncio.Event() for name in ("a1", "a2", "b1")}

    async def handle(item: str) -> None:
        order.append(f"start {item}")
        await gates[item].wait()
        order.append(f"end {item}")

    lanes = Lanes(handle)
    for key, item in (("a", "a1"), ("a", "a2"), ("b", "b1")):
        lanes.put(key, item)
    await breathe()
    assert order == ["start a1", "start b1"]
    assert (lanes.waiting("a"), lanes.running("a")) == (1, "a1")
    gates["b1"].set()
    gates["a1"].set()
    gates["a2"].set()
    await lanes.idle()
    assert order == ["start a1", "start b1", "end b1", "end a1", "start a2", "end a2"]
    assert lanes.busy() == []


async def test_a_failing_item_does_not_stop_its_lane(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[int] = []

    async def handle(item: int) -> None:
        seen.append(item)
        if item == 1:
            raise ValueError("broken")

    lanes = Lanes(handle)
    lanes.put("a", 1)
    lanes.put("a", 2)
    await lanes.idle()
    assert seen == [1, 2]
    assert "broken" in caplog.text


async def test_stopping_a_lane_aborts_what_runs_and_forgets_what_waits() -> None:
    seen: list[int] = []

    async def handle(item: int) -> None:
        seen.append(item)
        if item == 1:
            await asyncio.Event().wait()

    lanes = Lanes(handle)
    assert not lanes.stop("a")
    lanes.put("a", 1)
    lanes.put("a", 2)
    await breathe()
    assert lanes.stop("a")
    await lanes.idle()
    assert seen == [1]
    lanes.put("a", 3)
    await lanes.idle()
    assert seen == [1, 3]


async def test_the_oldest_waiting_item_can_be_shed_and_room_awaited() -> None:
    gate = asyncio.Event()

    async def handle(item: int) -> None:
        await gate.wait()

    lanes = Lanes(handle)
    for item in range(4):
        lanes.put("a", item)
    await breathe()
    assert lanes.shed("a") == 1
    assert lanes.shed("b") is None
    waiting = asyncio.create_task(lanes.room("a", 2))
    await breathe()
    assert not waiting.done()
    gate.set()
    await waiting
    await lanes.idle()


async def test_closing_aborts_everything() -> None:
    async def handle(item: int) -> None:
        await asyncio.Event().wait()

    lanes = Lanes(handle)
    lanes.put("a", 1)
    lanes.put("b", 2)
    await breathe()
    await lanes.aclose()
    assert lanes.busy() == []
