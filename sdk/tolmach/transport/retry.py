"""Whether a failed call may be repeated, and when.

What it is for: one pure decision after every failed attempt. What it must not do: sleep, read a
clock, or repeat a write whose fate is unknown.

================  =========  =========  ==============
what happened     read       write      write with key
================  =========  =========  ==============
nothing was sent  repeat     repeat     repeat
no answer         repeat     give up    repeat
nonsense answer   give up    give up    repeat
5xx               repeat     give up    repeat
429               repeat     repeat     repeat
other answer      give up    give up    give up
================  =========  =========  ==============

A write *with key* carries an id that makes the second one harmless, or its caller has looked and
found that the first did not happen. A call of safety ``ONCE`` is never repeated.
"""

from dataclasses import dataclass, field
from enum import Enum

__all__ = ["READS", "GiveUp", "Outcome", "RetryPolicy", "Safety", "Wait", "decide"]


class Safety(Enum):
    """Say what a second attempt could do."""

    READ = "read"
    WRITE = "write"
    KEYED = "write with key"
    ONCE = "once"


class Outcome(Enum):
    """Say how an attempt ended, success apart."""

    NOT_SENT = "nothing was sent"
    NO_ANSWER = "no answer"
    NONSENSE = "nonsense answer"
    SERVER_FAILED = "5xx"
    RATE_LIMITED = "429"
    REFUSED = "other answer"


_REPEATED: dict[Safety, frozenset[Outcome]] = {
    Safety.ONCE: frozenset(),
    Safety.READ: frozenset(
        {Outcome.NOT_SENT, Outcome.NO_ANSWER, Outcome.SERVER_FAILED, Outcome.RATE_LIMITED}
    ),
    Safety.WRITE: frozenset({Outcome.NOT_SENT, Outcome.RATE_LIMITED}),
    Safety.KEYED: frozenset(Outcome) - {Outcome.REFUSED},
}


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Say how often and how patiently; times in seconds."""

    tries: int = 3
    """Attempts in all, the first included."""
    first_wait: float = 0.5
    longest_backoff: float = 3.0
    cap: float = 60.0
    """A server that asks for a longer wait gets none: the error is raised at once."""
    jitter: float = 0.0
    """Part of a backoff that is added at random, so that many clients do not come back together."""

    def backoff(self, attempt: int) -> float:
        """Return the wait after attempt number ``attempt`` (from 1): 0.5, 1, 2, 3, 3, and so on."""
        return float(min(self.longest_backoff, self.first_wait * 2 ** (attempt - 1)))


READS = RetryPolicy()


@dataclass(frozen=True, slots=True)
class Wait:
    """Try again after ``seconds``; ``stated`` when the server named them."""

    seconds: float
    stated: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Raise the error; ``reason`` is for the log."""

    reason: str


def decide(
    attempt: int,
    outcome: Outcome,
    safety: Safety,
    *,
    retry_after: float | None = None,
    policy: RetryPolicy = READS,
) -> Wait | GiveUp:
    """Decide what follows attempt number ``attempt`` (from 1).

    ``retry_after`` is the wait that the server stated, in seconds from now; the wait is never shorter.
    """
    if outcome not in _REPEATED[safety]:
        return GiveUp(f"{outcome.value}: not repeated for a {safety.value}")
    if attempt >= policy.tries:
        return GiveUp(f"{attempt} tries")
    stated = max(0.0, retry_after or 0.0)
    if stated > policy.cap:
        return GiveUp(f"the server asks for {stated:.0f} s, the limit is {policy.cap:.0f} s")
    if outcome is Outcome.RATE_LIMITED and retry_after is not None:
        return Wait(stated, stated=True)
    return Wait(max(stated, policy.backoff(attempt)))
