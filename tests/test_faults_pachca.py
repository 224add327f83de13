"""What the Pachca SDK promises under trouble, a few trials each; ``benchmarks/fault_runs.py`` runs many."""

from pathlib import Path

import pachca_trials as trials
import pytest
from gateway_trials import EACH, PEOPLE, gateway_killed
from pachca_stage import stage


async def test_a_delivered_message_is_never_lost_nor_doubled() -> None:
    async with stage(seed=1) as here:
        counts = await trials.sends(here, 60, deliver=True)
    assert (counts.lost, counts.doubled, counts.wrong) == (0, 0, 0)
    assert counts.done > counts.unknown > 0


async def test_a_message_is_not_sent_twice_without_a_look() -> None:
    async with stage(seed=2) as here:
        counts = await trials.sends(here, 60, deliver=False)
    assert (counts.lost, counts.doubled, counts.wrong) == (0, 0, 0)
    assert counts.unknown > 0


async def test_storage_that_fails_costs_no_file() -> None:
    async with stage(seed=3) as here:
        counts = await trials.uploads(here, 30)
    assert (counts.lost, counts.doubled, counts.wrong) == (0, 0, 0)
    assert counts.done > 0
    assert counts.refused > 0


@pytest.mark.parametrize("failures", [1, 2, 3])
async def test_a_receiver_that_is_back_within_the_tries_misses_nothing(failures: int) -> None:
    async with stage(seed=4) as here:
        counts = await trials.receiver_down(here, 2, failures=failures)
    assert (counts.done, counts.lost, counts.doubled) == (6, 0, 0)


async def test_a_receiver_that_is_back_later_misses_what_was_given_up() -> None:
    async with stage(seed=5) as here:
        counts = await trials.receiver_down(here, 2, failures=4)
    assert (counts.done, counts.lost, counts.doubled) == (4, 2, 0)


async def test_with_an_inbox_a_crash_loses_no_acknowledged_event(tmp_path: Path) -> None:
    async with stage(seed=6) as here:
        counts = await trials.receiver_crashes(here, 3, tmp_path)
    assert (counts.done, counts.lost, counts.doubled) == (9, 0, 0)


async def test_without_an_inbox_a_crash_loses_only_what_was_in_flight() -> None:
    async with stage(seed=7) as here:
        counts = await trials.receiver_crashes(here, 3, None)
    assert counts.doubled == 0
    assert counts.lost == counts.notes["in flight at the crashes"]


async def test_with_the_history_an_end_between_events_loses_nothing() -> None:
    async with stage(seed=8) as here:
        counts = await trials.history_crashes(here, 6, in_hand=False)
    assert (counts.done, counts.lost) == (30, 0)


async def test_with_the_history_an_end_in_the_middle_of_a_handler_loses_nothing() -> None:
    async with stage(seed=8) as here:
        counts = await trials.history_crashes(here, 6, in_hand=True)
    assert (counts.done, counts.lost) == (30, 0)


async def test_a_frequency_limit_costs_time_only() -> None:
    async with stage(seed=9) as here:
        counts = await trials.frequency_storm(here, 45)
    assert (counts.done, counts.lost, counts.doubled) == (45, 0, 0)
    assert counts.notes["answers 429"] > 0


async def test_a_daily_quota_is_asked_once_and_never_pushed() -> None:
    async with stage(seed=10) as here:
        counts = await trials.quota(here, 2)
    assert (counts.done, counts.refused, counts.wrong, counts.doubled) == (20, 10, 0, 0)
    assert counts.notes["answers 429"] == 2


async def test_a_revoked_token_is_said_at_once_and_not_tried_again() -> None:
    async with stage(seed=11) as here:
        counts = await trials.token_revoked(here, 3)
    assert (counts.lost, counts.doubled, counts.wrong) == (0, 0, 0)
    assert counts.refused > 0
    assert counts.notes["tries beyond one for a refused send"] == 0


async def test_a_poller_whose_token_is_revoked_says_so_and_loses_nothing() -> None:
    async with stage(seed=12) as here:
        counts = await trials.poller_revoked(here, 2)
    assert (counts.done, counts.lost) == (8, 0)
    assert counts.notes["pollers that said so"] == 2


async def test_a_killed_gateway_loses_no_message_and_answers_none_twice(tmp_path: Path) -> None:
    counts = await gateway_killed(tmp_path, 3, seed=7)
    assert counts.trials == 3 * EACH * len(PEOPLE)
    assert (counts.lost, counts.doubled) == (0, 0)
    assert counts.done > counts.unknown
