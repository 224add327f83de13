"""How long to wait before the next socket.

What it is for: one pure function. What it must not do: sleep, or count the attempts.
"""

from typing import Protocol

__all__ = ["Randomness", "backoff"]

FIRST_SECONDS = 2.0
FACTOR = 1.8
CAP_SECONDS = 30.0
JITTER = 0.25


class Randomness(Protocol):
    """Be what ``random.Random`` is, as far as this file needs it."""

    def random(self) -> float:
        """Return a number from 0 up to, not including, 1."""
        ...


def backoff(attempt: int, rng: Randomness) -> float:
    """Return the seconds to wait before reconnect number ``attempt``, counted from 1 since success.

    Two seconds, times 1.8 each time, a quarter more or less, never over thirty.
    """
    # The exponent is bounded so that a server that is away for weeks does not overflow a float.
    wanted = FIRST_SECONDS * FACTOR ** min(max(attempt, 1) - 1, 16)
    jittered = min(wanted, CAP_SECONDS) * (1 - JITTER + 2 * JITTER * rng.random())
    return min(jittered, CAP_SECONDS)
