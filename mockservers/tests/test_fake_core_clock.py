import asyncio
import time

import pytest

from tolmach_mockservers.clock import FakeClock


async def _woken(task: asyncio.Task[None]) -> bool:
    for _ in range(3):
        await asyncio.sleep(0)
    return task.done()


async def test_a_running_clock_starts_at_the_real_time() -> None:
    assert FakeClock().now() == pytest.approx(time.time(), abs=5)


async def test_a_frozen_clock_stands_still_until_it_is_advanced() -> None:
    clock = FakeClock(1000.0)
    clock.freeze(at=2000.0)
    assert clock.now() == 2000.0
    clock.advance(3600)
    assert clock.now() == 5600.0


async def test_a_sleeper_wakes_when_the_frozen_clock_has_moved_far_enough() -> None:
    clock = FakeClock()
    clock.freeze()
    sleeper = asyncio.create_task(clock.sleep(60))
    assert not await _woken(sleeper)
    clock.advance(59)
    assert not await _woken(sleeper)
    clock.advance(1)
    assert await _woken(sleeper)


async def test_a_sleeper_on_a_running_clock_wakes_early_when_time_is_advanced() -> None:
    clock = FakeClock()
    sleeper = asyncio.create_task(clock.sleep(3600))
    assert not await _woken(sleeper)
    clock.advance(3600)
    assert await _woken(sleeper)


async def test_a_short_sleep_ends_by_itself_on_a_running_clock() -> None:
    clock = FakeClock()
    async with asyncio.timeout(5):
        await clock.sleep(0.01)


async def test_no_time_to_sleep_returns_at_once_even_when_frozen() -> None:
    clock = FakeClock()
    clock.freeze()
    async with asyncio.timeout(5):
        await clock.sleep(0)
        await clock.sleep(-1)


async def test_calls_that_are_due_together_fire_in_order_of_their_time() -> None:
    clock = FakeClock()
    clock.freeze()
    fired: list[str] = []
    clock.call_later(2, lambda: fired.append("second"))
    clock.call_later(1, lambda: fired.append("first"))
    clock.call_later(2, lambda: fired.append("third"))
    clock.advance(10)
    assert fired == ["first", "second", "third"]


async def test_a_cancelled_call_does_not_fire() -> None:
    clock = FakeClock()
    clock.freeze()
    fired: list[str] = []
    timer = clock.call_later(1, lambda: fired.append("late"))
    timer.cancel()
    clock.advance(10)
    assert fired == []
    assert not timer.pending


async def test_time_runs_on_from_where_it_stood() -> None:
    clock = FakeClock()
    clock.freeze()
    clock.advance(86_400)
    stood = clock.now()
    clock.resume()
    assert stood <= clock.now() < stood + 5


async def test_the_clock_never_goes_back() -> None:
    clock = FakeClock(1000.0)
    with pytest.raises(ValueError, match="never goes back"):
        clock.freeze(at=10.0)
    with pytest.raises(ValueError, match="never goes back"):
        clock.advance(-1)


async def test_every_jump_has_a_new_version_and_wakes_who_waits_for_it() -> None:
    clock = FakeClock()
    waiting = asyncio.create_task(clock.wait(0, "subject"))
    assert not await _woken(waiting)
    clock.freeze()
    assert await _woken(waiting)
    assert clock.version == 1
    clock.advance(1)
    clock.resume()
    assert clock.version == 3


async def test_clients_have_caught_up_once_all_come_back_with_the_present_version() -> None:
    clock = FakeClock()
    polls = [asyncio.create_task(clock.wait(0, name)) for name in ("one", "two")]
    await asyncio.sleep(0)
    clock.advance(5)
    caught_up = asyncio.create_task(clock.caught_up())
    assert not await _woken(caught_up)
    polls.append(asyncio.create_task(clock.wait(1, "one")))
    assert not await _woken(caught_up)
    polls.append(asyncio.create_task(clock.wait(1, "two")))
    assert await _woken(caught_up)
    assert clock.clients() == 2
    clock.resume()
    await asyncio.gather(*polls)


async def test_a_client_that_goes_away_holds_nobody_up() -> None:
    clock = FakeClock()
    poll = asyncio.create_task(clock.wait(0, "crashed"))
    await asyncio.sleep(0)
    clock.advance(5)
    await poll
    caught_up = asyncio.create_task(clock.caught_up())
    assert not await _woken(caught_up)
    clock.forget("crashed")
    assert await _woken(caught_up)
    assert clock.clients() == 0


async def test_without_clients_everybody_has_caught_up() -> None:
    clock = FakeClock()
    clock.advance(5)
    await clock.caught_up()
