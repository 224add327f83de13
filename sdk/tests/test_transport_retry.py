"""The retry decision, cell by cell."""

import pytest

from tolmach.transport.retry import GiveUp, Outcome, RetryPolicy, Safety, Wait, decide

NOT_REPEATED = {
    Safety.READ: {Outcome.NONSENSE, Outcome.REFUSED},
    Safety.WRITE: {Outcome.NO_ANSWER, Outcome.NONSENSE, Outcome.SERVER_FAILED, Outcome.REFUSED},
    Safety.KEYED: {Outcome.REFUSED},
    Safety.ONCE: set(Outcome),
}


@pytest.mark.parametrize("safety", Safety)
@pytest.mark.parametrize("outcome", Outcome)
def test_only_what_is_harmless_is_repeated(safety: Safety, outcome: Outcome) -> None:
    verdict = decide(1, outcome, safety)
    assert isinstance(verdict, GiveUp) == (outcome in NOT_REPEATED[safety])


@pytest.mark.parametrize("safety", Safety)
@pytest.mark.parametrize("outcome", Outcome)
def test_three_tries_are_the_end(safety: Safety, outcome: Outcome) -> None:
    assert isinstance(decide(3, outcome, safety), GiveUp)


def test_reads_wait_half_a_second_then_one() -> None:
    assert decide(1, Outcome.NO_ANSWER, Safety.READ) == Wait(0.5)
    assert decide(2, Outcome.SERVER_FAILED, Safety.READ) == Wait(1.0)


def test_the_backoff_ends_at_three_seconds() -> None:
    policy = RetryPolicy(tries=9)
    waits = [decide(attempt, Outcome.NO_ANSWER, Safety.READ, policy=policy) for attempt in range(1, 7)]
    assert waits == [Wait(0.5), Wait(1.0), Wait(2.0), Wait(3.0), Wait(3.0), Wait(3.0)]


def test_a_rate_limit_waits_as_long_as_the_server_says() -> None:
    assert decide(1, Outcome.RATE_LIMITED, Safety.WRITE, retry_after=2.0) == Wait(2.0)
    assert decide(2, Outcome.RATE_LIMITED, Safety.READ, retry_after=0.1) == Wait(0.1)


def test_a_rate_limit_without_a_figure_falls_back_to_the_backoff() -> None:
    assert decide(2, Outcome.RATE_LIMITED, Safety.WRITE) == Wait(1.0)


def test_a_wait_beyond_the_cap_is_an_error_at_once() -> None:
    assert decide(1, Outcome.RATE_LIMITED, Safety.WRITE, retry_after=60.0) == Wait(60.0)
    verdict = decide(1, Outcome.RATE_LIMITED, Safety.WRITE, retry_after=60.5)
    assert isinstance(verdict, GiveUp)
    assert "60 s" in verdict.reason


def test_a_failing_server_that_states_a_wait_is_given_it() -> None:
    assert decide(1, Outcome.SERVER_FAILED, Safety.READ, retry_after=5.0) == Wait(5.0)
    assert decide(1, Outcome.SERVER_FAILED, Safety.READ, retry_after=0.0) == Wait(0.5)
