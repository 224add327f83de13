"""The limiter: learns from headers, holds back before the server has to."""

import pytest

from tolmach.transport.ratelimit import Limiter, Pace, read_pace, stated_wait

NOW = 1_700_000_000.0
DATE = "Tue, 14 Nov 2023 22:13:20 GMT"


def test_a_route_not_heard_of_is_free() -> None:
    limiter = Limiter()
    assert [limiter.wait("POST chat.sendMessage", NOW) for _ in range(50)] == [0.0] * 50


def test_calls_pass_until_the_stated_number_is_used_up() -> None:
    limiter = Limiter()
    limiter.learn("r", Pace(remaining=2, resets_in=30.0), NOW)
    assert [limiter.wait("r", NOW + 1) for _ in range(3)] == [0.0, 0.0, 29.0]


def test_routes_are_counted_apart() -> None:
    limiter = Limiter()
    limiter.learn("a", Pace(remaining=0, resets_in=30.0), NOW)
    assert limiter.wait("a", NOW) == 30.0
    assert limiter.wait("b", NOW) == 0.0


def test_a_new_window_frees_the_route() -> None:
    limiter = Limiter()
    limiter.learn("r", Pace(remaining=0, resets_in=30.0), NOW)
    assert limiter.wait("r", NOW + 30) == 0.0


def test_an_answer_that_was_overtaken_does_not_raise_the_count() -> None:
    limiter = Limiter()
    limiter.learn("r", Pace(remaining=1, resets_in=30.0), NOW)
    limiter.learn("r", Pace(remaining=5, resets_in=30.0), NOW)
    assert [limiter.wait("r", NOW) for _ in range(2)] == [0.0, 30.0]


def test_a_refusal_closes_the_route_for_everybody() -> None:
    limiter = Limiter()
    limiter.refused("r", 2.0, NOW)
    assert limiter.wait("r", NOW + 0.5) == 1.5
    assert limiter.wait("r", NOW + 2.0) == 0.0


def test_the_reset_is_in_milliseconds() -> None:
    pace = read_pace({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000012500"}, NOW)
    assert pace == Pace(remaining=0, resets_in=12.5)


def test_a_wrong_local_clock_is_mended_by_the_date_header() -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000012500", "Date": DATE}
    pace = read_pace(headers, NOW - 3600)
    assert pace is not None
    assert pace.resets_in == 12.5


def test_a_small_difference_is_not_mended_because_the_date_has_no_fractions() -> None:
    headers = {"X-RateLimit-Reset": "1700000012500", "Date": DATE}
    pace = read_pace(headers, NOW + 0.75)
    assert pace is not None
    assert pace.resets_in == 11.75


@pytest.mark.parametrize("junk", ["", "soon", "-1", "nan", "inf", "1e400"])
def test_junk_in_headers_is_no_pace(junk: str) -> None:
    pace = read_pace({"X-RateLimit-Reset": junk, "X-RateLimit-Remaining": junk, "Date": junk}, NOW)
    assert pace is None or (pace.remaining is None and pace.resets_in is None)


def test_no_headers_say_nothing() -> None:
    assert read_pace({"Content-Type": "application/json"}, NOW) is None


@pytest.mark.parametrize(
    ("pace", "in_body", "wait"),
    [
        (None, None, None),
        (None, 7.0, 7.0),
        (Pace(None, None, retry_after=2.0), None, 2.0),
        (Pace(0, 6.3), None, 6.3),
        (Pace(0, 6.3), 7.0, 7.0),
        (Pace(0, 0.0), 7.0, 7.0),
        (Pace(0, 90_000.0), 7.0, 7.0),
    ],
)
def test_the_wait_is_never_shorter_than_stated(
    pace: Pace | None, in_body: float | None, wait: float | None
) -> None:
    assert stated_wait(pace, in_body) == wait
