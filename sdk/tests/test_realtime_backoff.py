"""The gaps between sockets."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tolmach.rocketchat.backoff import backoff


class Fixed(Random):
    def __init__(self, value: float) -> None:
        super().__init__()
        self._value = value

    def random(self) -> float:
        return self._value


def test_without_jitter_the_gaps_grow_from_two_by_1_8_to_thirty() -> None:
    gaps = [round(backoff(attempt, Fixed(0.5)), 3) for attempt in range(1, 9)]
    assert gaps == [2.0, 3.6, 6.48, 11.664, 20.995, 30.0, 30.0, 30.0]


@given(st.integers(-5, 10**6), st.floats(0, 1, exclude_max=True))
def test_a_gap_is_never_over_thirty_nor_under_a_quarter_off(attempt: int, luck: float) -> None:
    wanted = min(2.0 * 1.8 ** min(max(attempt, 1) - 1, 50), 30.0)
    gap = backoff(attempt, Fixed(luck))
    assert wanted * 0.75 <= gap <= min(wanted * 1.25, 30.0)
